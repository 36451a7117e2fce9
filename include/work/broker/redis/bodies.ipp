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

// What they point into, when some of its records were read after it.
struct read_answer
{
    std::shared_ptr<void const> first;
    std::vector<redis::reply> records;
};

inline std::string key_of(std::string_view prefix, std::string_view kind, std::string_view id)
{
    auto const segment = id_segment(id);
    return std::string(prefix).append(kind).append(segment.data(), segment.size());
}

}  // namespace detail

WORK_DECL std::vector<std::size_t> jobs_without_record(exchange_answer const& answer)
{
    std::vector<std::size_t> indexes;
    for (std::size_t i = 0; i != answer.jobs.size(); ++i) {
        if (answer.jobs[i].envelope.starts_with('='))
            indexes.push_back(i);
    }
    return indexes;
}

WORK_DECL redis::command read_records(
    std::string_view prefix,
    exchange_answer const& answer,
    std::vector<std::size_t> const& indexes
)
{
    redis::command reads;
    auto const segment = [&](std::size_t at) { return id_segment(answer.jobs[indexes[at]].id); };
    for (std::size_t from = 0; from != indexes.size();) {
        std::size_t to = from + 1;
        while (to != indexes.size() && segment(to) == segment(from))
            ++to;
        reads.begin(2 + to - from)
            .arg("HMGET")
            .arg(detail::key_of(prefix, "jobs:", answer.jobs[indexes[from]].id));
        for (; from != to; ++from)
            reads.arg(answer.jobs[indexes[from]].id);
    }
    return reads;
}

WORK_DECL void attach_records(
    exchange_answer& answer,
    std::vector<std::size_t> const& indexes,
    std::vector<redis::reply> records
)
{
    auto read = std::make_shared<detail::read_answer>();
    read->first = std::move(answer.bytes);
    read->records = std::move(records);
    auto index = indexes.begin();
    for (redis::reply const& some : read->records) {
        if (some.is_error())
            break;
        for (redis::value const one : some.root()) {
            if (index == indexes.end())
                break;
            answer.jobs[*index++].envelope = one.is_null() ? std::string_view() : one.text();
        }
    }
    for (; index != indexes.end(); ++index)
        answer.jobs[*index].envelope = {};
    answer.bytes = std::move(read);
}

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
        reads.push("HGET", detail::key_of(prefix, "bodies:", answer.jobs[i].id), answer.jobs[i].id);
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

// What was claimed is there to be read, as soon as the server can be reached.
WORK_DECL task<std::vector<redis::reply>> read_until_answered(
    redis::connection& connection,
    redis::command reads
)
{
    redis::call_options options;
    options.deadline = std::chrono::seconds(60);
    for (;;) {
        redis::command now = reads;
        try {
            std::vector<redis::reply> answered =
                co_await connection.execute_all(std::move(now), options);
            co_return answered;
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

WORK_DECL task<void> attach_missing(
    redis::connection& of_records,
    redis::connection& of_bodies,
    std::string_view prefix,
    exchange_answer& answer
)
{
    std::vector<std::size_t> const unread = jobs_without_record(answer);
    if (!unread.empty()) {
        redis::command reads = read_records(prefix, answer, unread);
        auto records = co_await read_until_answered(of_records, std::move(reads));
        attach_records(answer, unread, std::move(records));
    }
    std::vector<std::size_t> const large = jobs_without_body(answer);
    if (!large.empty()) {
        redis::command reads = read_bodies(prefix, answer, large);
        auto const bodies = co_await read_until_answered(of_bodies, std::move(reads));
        attach_bodies(answer, large, bodies);
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
    read.push("HGET", detail::key_of(prefix, "bodies:", id), id);
    return read;
}

WORK_DECL void attach_body(job_record& record, redis::reply const& body)
{
    if (!body.is_null() && !body.is_error())
        record.envelope = whole_envelope(record.envelope, body.text());
}

}  // namespace work::redis_codec
