// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/printable.hpp>
#include <work/values/decode_record.hpp>
#include <work/values/encode.hpp>
#include <work/values/pool_info.hpp>
#include <work/values/text.hpp>

#include <algorithm>
#include <utility>

namespace work {

WORK_DECL void pool_info::runs(std::vector<running_jobs> now)
{
    auto const older = [](auto const& one, std::optional<oldest_job> const& than) {
        return one.since_ms != 0 && (!than || one.since_ms < than->since_ms);
    };
    oldest.reset();
    stalled = 0;
    for (running_jobs const& one : now) {
        stalled += one.stalled;
        if (older(one, oldest))
            oldest = oldest_job{one.oldest, one.name, one.since_ms};
    }
    std::stable_sort(now.begin(), now.end(), [](running_jobs const& a, running_jobs const& b) {
        return a.jobs > b.jobs;
    });
    in_flight = std::move(now);
    if (in_flight.size() <= running_jobs::most_names)
        return;
    running_jobs rest;
    std::optional<oldest_job> first;
    auto const beyond = in_flight.begin() + running_jobs::most_names;
    for (auto one = beyond; one != in_flight.end(); ++one) {
        rest.jobs += one->jobs;
        rest.stalled += one->stalled;
        if (older(*one, first))
            first = oldest_job{one->oldest, "", one->since_ms};
    }
    if (first) {
        rest.oldest = first->id;
        rest.since_ms = first->since_ms;
    }
    in_flight.erase(beyond, in_flight.end());
    in_flight.push_back(std::move(rest));
}

WORK_DECL std::string describe(blocked_thread const& what)
{
    std::string const name = what.name.empty() ? "" : " (" + printable(what.name, 128) + ")";
    if (!what.job.empty())
        return "in job " + printable(what.job, 128) + name;
    return "in one of " + std::to_string(what.jobs) + " jobs" + name +
           " that had waited for something before";
}

WORK_DECL std::string encode_pool_info(pool_info what)
{
    for (std::string* const text : {&what.name, &what.host, &what.trouble, &what.language})
        *text = detail::sanitized_utf8(*text, 4096);
    for (running_jobs& one : what.in_flight)
        for (std::string* const text : {&one.name, &one.oldest})
            *text = detail::sanitized_utf8(*text, 512);
    if (what.oldest)
        for (std::string* const text : {&what.oldest->name, &what.oldest->id})
            *text = detail::sanitized_utf8(*text, 512);
    if (what.blocked)
        for (std::string* const text : {&what.blocked->name, &what.blocked->job})
            *text = detail::sanitized_utf8(*text, 512);
    return to_json(what);
}

WORK_DECL parsed<pool_info> decode_pool_info(std::string_view text)
{
    return detail::decode_record<pool_info>(text, "pool");
}

WORK_DECL std::string encode_event(finished_event const& what)
{
    return to_json(what);
}

WORK_DECL parsed<finished_event> decode_finished_event(std::string_view text)
{
    auto read = detail::decode_record<finished_event>(text, "event");
    if (read && read->event != finished_event().event)
        return parsed<finished_event>::failed("it is the event " + printable(read->event));
    return read;
}

}  // namespace work
