// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/operation.hpp>
#include <work/values/decode_record.hpp>
#include <work/values/encode.hpp>

#include <string>
#include <string_view>

namespace work {

WORK_DECL kept_job_filter kept_job_filter::of(job_filter const& filter)
{
    kept_job_filter kept;
    for (job_state const state : detail::states_in_order) {
        if (filter.states.contains(state))
            kept.states.push_back(state);
    }
    kept.queue = filter.queue;
    kept.name = filter.name;
    kept.pool = filter.pool;
    kept.tag = filter.tag;
    kept.failure = filter.failure;
    kept.message = filter.message;
    kept.args = filter.args;
    kept.since_ms = filter.since_ms;
    kept.until_ms = filter.until_ms;
    kept.min_attempt = filter.min_attempt;
    return kept;
}

WORK_DECL job_filter kept_job_filter::view() const
{
    job_filter filter;
    for (job_state const state : states)
        filter.states = filter.states | job_states{state};
    filter.queue = queue;
    filter.name = name;
    filter.pool = pool;
    filter.tag = tag;
    filter.failure = failure;
    filter.message = message;
    filter.args = args;
    filter.since_ms = since_ms;
    filter.until_ms = until_ms;
    filter.min_attempt = min_attempt;
    return filter;
}

WORK_DECL std::string kept_job_filter::text() const
{
    std::string words;
    auto const add = [&words](std::string_view what, std::string_view value) {
        if (!value.empty())
            words.append(words.empty() ? "" : ", ").append(what).append(value);
    };
    add("queue ", queue);
    add("name ", name);
    add("pool ", pool);
    add("tag ", tag);
    add("failure ", failure);
    add("message with ", message);
    add("arguments with ", args);
    if (since_ms > 0)
        add("since ms ", std::to_string(since_ms));
    if (until_ms > 0)
        add("until ms ", std::to_string(until_ms));
    if (min_attempt > 0)
        add("failed attempts from ", std::to_string(min_attempt));
    // At the end: where a line is cut, what was asked for stays.
    std::string named;
    for (job_state const state : states)
        named.append(named.empty() ? "" : " or ").append(to_string(state));
    add("", named);
    return words.empty() ? "all" : words;
}

WORK_DECL std::string kept_job_filter::asked_json() const
{
    std::string out;
    std::string_view before = "{";
    auto const add = [&](std::string_view key, auto const& value, bool asked) {
        if (!asked)
            return;
        out.append(before).append("\"").append(key).append("\":");
        append_json(out, value);
        before = ",";
    };
    add("states", states, !states.empty());
    add("queue", queue, !queue.empty());
    add("name", name, !name.empty());
    add("pool", pool, !pool.empty());
    add("tag", tag, !tag.empty());
    add("failure", failure, !failure.empty());
    add("message", message, !message.empty());
    add("args", args, !args.empty());
    add("since_ms", since_ms, since_ms != 0);
    add("until_ms", until_ms, until_ms != 0);
    add("min_attempt", min_attempt, min_attempt != 0);
    return out.empty() ? "{}" : out + "}";
}

// States in which an action answers `already` or `active` are left out.
WORK_DECL job_states states_acted_on(admin_action action, job_states asked)
{
    using enum job_state;
    job_states sensible = states_for(action);
    switch (action) {
    case admin_action::requeue: sensible = {scheduled, retry, dead, set_aside}; break;
    case admin_action::kill:
        sensible = {waiting, scheduled, pending, suspect, active, retry};
        break;
    case admin_action::move: sensible = {waiting, scheduled, pending, retry, dead}; break;
    default: break;
    }
    if (asked.empty())
        return sensible;
    std::string words;
    for (job_state const state : detail::states_in_order) {
        if (!sensible.contains(state))
            continue;
        words.append(words.empty() ? "" : ", ").append(to_string(state));
    }
    for (job_state const state : detail::states_in_order) {
        if (asked.contains(state) && !sensible.contains(state))
            throw error(
                errc::invalid_option,
                "states names " + std::string(to_string(state)) + ", and " +
                    std::string(to_string(action)) + " is for jobs that are " + words
            );
    }
    return asked;
}

namespace detail {

WORK_DECL parsed<operation_info> decode_operation(std::string_view text)
{
    return decode_record<operation_info>(text, "operation");
}

}  // namespace detail
}  // namespace work
