// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/envelope.hpp>
#include <work/values/name.hpp>
#include <work/values/new_job.hpp>
#include <work/values/stored_options.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace work {
namespace detail {

// The past is now.
inline std::int64_t due_ms(std::chrono::milliseconds delay)
{
    return std::max<std::int64_t>(delay.count(), 0);
}

// The broker counts whole ms, and no job is early.
inline std::int64_t due_ms(std::chrono::system_clock::time_point time)
{
    return due_ms(std::chrono::ceil<std::chrono::milliseconds>(time.time_since_epoch()));
}

inline void refuse_second_time(new_job const& job)
{
    if (job.delay_ms > 0 || job.at_ms > 0)
        throw error(
            errc::invalid_option,
            job.name() + " is told twice when to run: leave all but one of enqueue_in, enqueue_at, "
                         "enqueue_options::in and enqueue_options::at away"
        );
}

WORK_DECL new_job begin_job(std::string_view name, enqueue_options const& options)
{
    validate_name("job name", name);
    options.validate();
    new_job job;
    job.id = options.id;
    job.chosen_id = !options.id.empty();
    job.list = list_id(options.queue, name);
    job.priority = options.priority;
    job.stamp = options.expires_in.has_value() || options.deadline.has_value();
    job.at_ms = due_ms(options.at);
    job.delay_ms = due_ms(options.in);
    std::string const stored = encode_options(options);
    envelope_view e;
    e.flags = (job.chosen_id ? envelope_flags::chosen_id : 0u) |
              (job.priority != 0 ? envelope_flags::priority : 0u) |
              (job.stamp ? envelope_flags::expires : 0u);
    e.list = job.list;
    e.priority = job.priority;
    e.options = stored;
    job.envelope.reserve(envelope_size(e) + 64);
    append_envelope(job.envelope, e);
    return job;
}

WORK_DECL new_job begin_jobs(std::string_view name, enqueue_options const& options)
{
    if (!options.id.empty())
        throw error(
            errc::invalid_option,
            "the id " + std::string(options.id) + " can't be given to more than one job of " +
                std::string(name) + "; leave enqueue_options::id empty"
        );
    return begin_job(name, options);
}

WORK_DECL new_job due(new_job job, std::chrono::milliseconds delay)
{
    refuse_second_time(job);
    job.delay_ms = due_ms(delay);
    return job;
}

WORK_DECL new_job due(new_job job, std::chrono::system_clock::time_point time)
{
    refuse_second_time(job);
    job.at_ms = due_ms(time);
    return job;
}

WORK_DECL mixed_lists::mixed_lists(std::vector<new_job> const& jobs)
{
    for (new_job const& job : jobs)
        if (!job.plain())
            lists_.push_back(job.list);
    std::sort(lists_.begin(), lists_.end());
    lists_.erase(std::unique(lists_.begin(), lists_.end()), lists_.end());
}

WORK_DECL bool mixed_lists::has(new_job const& job) const noexcept
{
    return !lists_.empty() && std::binary_search(lists_.begin(), lists_.end(), job.list);
}

}  // namespace detail

WORK_DECL std::string new_job::name() const
{
    return parse_list_id(list).name;
}

WORK_DECL std::string new_job::queue() const
{
    return parse_list_id(list).queue;
}

// What follows the second line.
WORK_DECL std::string_view new_job::arguments() const noexcept
{
    std::string_view const body = body_of(envelope);
    auto const line = body.find('\n');
    return line == std::string_view::npos ? std::string_view() : body.substr(line + 1);
}

WORK_DECL new_job& new_job::with(enqueue_options const& options) &
{
    new_job other = detail::begin_job(name(), options);
    other.envelope.append(arguments());
    other.type = type;
    return *this = std::move(other);
}

}  // namespace work
