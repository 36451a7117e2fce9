// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/records.hpp>
#include <work/error.hpp>
#include <work/job_page.hpp>
#include <work/values/check_option.hpp>
#include <work/values/envelope.hpp>
#include <work/values/name.hpp>
#include <work/values/stored_options.hpp>
#include <work/values/text.hpp>

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <utility>

namespace work::detail {

inline constexpr std::size_t shown_args = 256;
inline constexpr std::size_t shown_message = 256;
inline constexpr std::size_t max_filter_text = 128;

WORK_DECL kept_filter::kept_filter(job_filter const& asked, page const& which)
    : filter(asked),
      how(which)
{
    std::string_view* const texts[] = {
        &filter.queue,
        &filter.name,
        &filter.pool,
        &filter.tag,
        &filter.failure,
        &filter.message,
        &filter.args,
        &how.cursor
    };
    std::size_t size = 0;
    for (std::string_view const* const text : texts)
        size += text->size();
    texts_.reserve(size);
    for (std::string_view* const text : texts) {
        std::size_t const at = texts_.size();
        texts_.append(*text);
        *text = std::string_view(texts_).substr(at);
    }
}

WORK_DECL job_row make_row(job_state state, found_job const& found)
{
    job_row row;
    row.id = found.id;
    row.state = state;
    row.when_ms = found.when_ms;
    row.fence = found.claim;
    row.pool = found.pool;
    if (!found.failure.empty()) {
        auto failure = decode_failure(found.failure);
        if (failure) {
            failure->message = mended_utf8(failure->message, shown_message);
            row.failure = std::move(*failure);
        }
    }
    if (!found.kept.empty()) {
        if (auto ended = decode_ending(found.kept))
            row.ended = std::move(ended->ending);
    }
    auto const envelope = decode_envelope(found.envelope);
    if (!envelope) {
        row.unreadable = envelope.error();
        if (auto const header = read_header(found.envelope);
            header && unsupported_envelope(found.envelope)) {
            queue_info list = queue_of_list(std::string(header->list));
            row.name = std::move(list.name);
            row.queue = std::move(list.queue);
            row.created_ms = header->created;
        }
        return row;
    }
    queue_info list = queue_of_list(std::string(envelope->list));
    row.name = std::move(list.name);
    row.queue = std::move(list.queue);
    row.created_ms = envelope->created_ms;
    row.failed_attempts = envelope->attempts;
    row.priority = envelope->priority;
    row.args = mended_utf8(envelope->args, shown_args);
    row.args_bytes = std::max(envelope->cut_from, static_cast<std::int64_t>(envelope->args.size()));
    if (!envelope->options.empty()) {
        if (auto options = decode_options(envelope->options))
            row.tags = std::move(options->tags);
    }
    return row;
}

inline std::int64_t in_state_since(job_row const& row)
{
    switch (row.state) {
    case job_state::dead:
    case job_state::completed:
    case job_state::cancelled:
    case job_state::set_aside: return row.when_ms;
    case job_state::retry: return row.failure ? row.failure->at_ms : row.created_ms;
    default: return row.created_ms;
    }
}

WORK_DECL bool matches(job_filter const& filter, job_row const& row, found_job const& found)
{
    auto const is = [](std::string_view asked, std::string_view there) {
        return asked.empty() || asked == there;
    };
    auto const holds = [](std::string_view text, std::string_view part) {
        return part.empty() || text.find(part) != text.npos;
    };
    std::int64_t const since = in_state_since(row);
    if (!is(filter.queue, row.queue) || !is(filter.name, row.name) || !is(filter.pool, row.pool) ||
        row.failed_attempts < filter.min_attempt || since < filter.since_ms ||
        (filter.until_ms > 0 && since >= filter.until_ms))
        return false;
    if (!filter.tag.empty() &&
        std::find(row.tags.begin(), row.tags.end(), filter.tag) == row.tags.end())
        return false;
    if (!filter.failure.empty() && (!row.failure || row.failure->type != filter.failure))
        return false;
    if (!filter.message.empty()) {
        auto const failure = decode_failure(found.failure);
        if (!failure || !holds(failure->message, filter.message))
            return false;
    }
    if (filter.args.empty())
        return true;
    auto const envelope = decode_envelope(found.envelope);
    return envelope && holds(envelope->args, filter.args);
}

// So that a page of one filter is not taken for one of another.
inline std::string filter_mark(job_filter const& filter)
{
    std::string text;
    for (job_state const state : states_in_order)
        text += filter.states.contains(state) ? '1' : '0';
    for (std::string_view const* const part :
         {&filter.queue,
          &filter.name,
          &filter.pool,
          &filter.tag,
          &filter.failure,
          &filter.message,
          &filter.args})
        text.append("\n").append(*part);
    for (std::int64_t const number : {filter.since_ms, filter.until_ms})
        text.append("\n").append(std::to_string(number));
    text.append("\n").append(std::to_string(filter.min_attempt));
    std::uint32_t sum = 2166136261u;
    for (char const c : text)
        sum = (sum ^ static_cast<unsigned char>(c)) * 16777619u;
    char mark[12];
    std::snprintf(mark, sizeof mark, "%08x", sum);
    return mark;
}

WORK_DECL std::string seal_cursor(
    job_filter const& filter,
    job_state state,
    std::string const& cursor
)
{
    return encode_name(filter_mark(filter) + "." + std::string(to_string(state)) + "." + cursor);
}

WORK_DECL opened_cursor open_cursor(job_filter const& filter, std::string_view sealed)
{
    opened_cursor opened;
    std::string text;
    try {
        text = decode_name(sealed);
    } catch (error const&) {
        text.clear();
    }
    std::string const mark = filter_mark(filter) + ".";
    std::size_t const dot = text.find('.', std::min(mark.size(), text.size()));
    if (!text.starts_with(mark) || dot == text.npos)
        throw error(
            errc::invalid_option,
            "cursor " + quote(sealed) + ": of another filter, or none; begin again without one"
        );
    opened.state = state_named(std::string_view(text).substr(mark.size(), dot - mark.size()));
    opened.cursor = text.substr(dot + 1);
    return opened;
}

WORK_DECL void validate(job_filter const& filter, page const& how)
{
    check_integer("limit", how.limit, 1, 500);
    check_integer("scan", how.scan, 1, 100'000);
    check_integer("min_attempt", filter.min_attempt, 0, max_envelope_attempts);
    if (!filter.queue.empty())
        validate_name("queue", filter.queue);
    if (!filter.name.empty())
        validate_name("name", filter.name);
    std::pair<char const*, std::string_view> const texts[] = {
        {"pool", filter.pool},
        {"tag", filter.tag},
        {"failure", filter.failure},
        {"message", filter.message},
        {"args", filter.args}
    };
    for (auto const& [what, text] : texts)
        if (text.size() > max_filter_text)
            throw error(
                errc::invalid_option,
                std::string(what) + " to be looked for has " + std::to_string(text.size()) +
                    " bytes, it may have " + std::to_string(max_filter_text)
            );
}

}  // namespace work::detail
