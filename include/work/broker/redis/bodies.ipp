// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/redis/bodies.hpp>
#include <work/error.hpp>
#include <work/values/envelope_parts.hpp>
#include <work/values/id.hpp>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <memory>
#include <utility>

namespace work::redis_codec {
namespace detail {

// What the views in an answer point into, when some of its jobs got their bodies later.
struct joined_answer
{
    std::shared_ptr<void const> first;
    std::vector<std::string> envelopes;
};

inline std::string bodies_key(std::string_view prefix, std::string_view id)
{
    auto const segment = id_segment(id);
    return std::string(prefix).append("bodies:").append(segment.data(), segment.size());
}

}  // namespace detail

WORK_DECL std::vector<std::size_t> jobs_without_body(exchange_answer const& answer)
{
    std::vector<std::size_t> indexes;
    for (std::size_t i = 0; i != answer.jobs.size(); ++i) {
        if (has_body_apart(answer.jobs[i].envelope))
            indexes.push_back(i);
    }
    return indexes;
}

WORK_DECL redis::command read_bodies(
    std::string_view prefix,
    exchange_answer const& answer,
    std::vector<std::size_t> const& indexes
)
{
    redis::command reads;
    for (std::size_t const i : indexes)
        reads.push("HGET", detail::bodies_key(prefix, answer.jobs[i].id), answer.jobs[i].id);
    return reads;
}

WORK_DECL void attach_bodies(
    exchange_answer& answer,
    std::vector<std::size_t> const& indexes,
    std::vector<redis::reply> const& bodies
)
{
    auto joined = std::make_shared<detail::joined_answer>();
    joined->first = answer.bytes;
    joined->envelopes.reserve(indexes.size());
    for (std::size_t at = 0; at != indexes.size() && at != bodies.size(); ++at) {
        redis::reply const& body = bodies[at];
        if (body.is_null() || body.is_error())
            continue;
        claimed_job& job = answer.jobs[indexes[at]];
        joined->envelopes.push_back(whole_envelope(job.envelope, body.text()));
        job.envelope = joined->envelopes.back();
    }
    answer.bytes = std::move(joined);
}

WORK_DECL task<void> attach_bodies(
    redis::connection& connection,
    std::string_view prefix,
    exchange_answer& answer,
    std::vector<std::size_t> indexes
)
{
    redis::call_options options;
    options.deadline = std::chrono::seconds(60);
    for (;;) {
        redis::command reads = read_bodies(prefix, answer, indexes);
        try {
            auto const bodies = co_await connection.execute_all(std::move(reads), options);
            attach_bodies(answer, indexes, bodies);
            co_return;
        } catch (error const& failure) {
            if (failure.code() == errc::closed)
                throw;
        }
        boost::asio::steady_timer pause(connection.get_executor(), std::chrono::milliseconds(200));
        boost::system::error_code ignored;
        auto token = boost::asio::redirect_error(boost::asio::use_awaitable, ignored);
        co_await pause.async_wait(token);
    }
}

WORK_DECL bool lacks_body(job_record const& record)
{
    return record.kept.empty() && has_body_apart(record.envelope) &&
           stored_bytes_of(record.envelope) <= max_carried_bytes;
}

WORK_DECL redis::command read_body(std::string_view prefix, std::string_view id)
{
    redis::command read;
    read.push("HGET", detail::bodies_key(prefix, id), id);
    return read;
}

WORK_DECL void attach_body(job_record& record, redis::reply const& body)
{
    if (!body.is_null() && !body.is_error())
        record.envelope = whole_envelope(record.envelope, body.text());
}

}  // namespace work::redis_codec
