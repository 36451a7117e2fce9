// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_clock.hpp>
#include <work/enqueuer.hpp>
#include <work/error.hpp>
#include <work/pool/client_core.hpp>
#include <work/pool/producer.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/decode_report.hpp>
#include <work/values/envelope.hpp>
#include <work/values/name.hpp>
#include <work/values/stored_options.hpp>
#include <work/values/time.hpp>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <mutex>
#include <utility>

namespace work {
namespace detail {

inline void check_payload(
    std::string_view name,
    std::string_view args,
    client_options const& options
)
{
    if (args.size() <= options.max_payload)
        return;
    throw error(
        errc::payload_too_large,
        std::string(name) + ": its arguments are " + std::to_string(args.size()) +
            " bytes, the limit is " + std::to_string(options.max_payload) +
            "; store them elsewhere and pass a reference, or raise "
            "client_options::max_payload"
    );
}

// The time as the broker counts; never before it.
inline std::int64_t due_at_ms(due when)
{
    return std::chrono::ceil<std::chrono::milliseconds>(when.at.time_since_epoch()).count();
}

inline void check_due(std::string_view name, due when, std::int64_t now)
{
    std::int64_t const most = furthest_due.count();
    std::int64_t const at = due_at_ms(when);
    if (when.in.count() <= most && at <= now + most)
        return;
    // What no date can say is shown as the last one that can be written.
    std::int64_t const longest = std::numeric_limits<std::int64_t>::max() - now;
    std::int64_t const shown = at > 0 ? at : now + std::min(when.in.count(), longest);
    throw error(
        errc::invalid_option,
        std::string(name) + " can't be due at " + format_rfc3339(shown) +
            ", which is more than 10 years away"
    );
}

inline enqueue_record make_record(
    client_core& core,
    std::string_view list,
    std::string_view options,
    std::string_view args,
    enqueue_options const& given,
    due when
)
{
    std::int64_t now = core.broker->now_ms();
    enqueue_record r;
    if (now == 0) {
        now = wall_ms();
        r.undated_ms = steady_ms();
    }
    r.chosen_id = !given.id.empty();
    r.id = r.chosen_id ? std::string(given.id) : core.next_id(now).str();
    r.list = list;
    r.priority = given.priority;
    r.stamp = given.expires_in.has_value() || given.deadline.has_value();
    // The past is now.
    r.at_ms = std::max<std::int64_t>(due_at_ms(when), 0);
    r.delay_ms = std::max<std::int64_t>(when.in.count(), 0);
    envelope_view e;
    e.flags = (r.chosen_id ? envelope_flags::chosen_id : 0u) |
              (r.priority != 0 ? envelope_flags::priority : 0u) |
              (r.stamp ? envelope_flags::expires : 0u);
    e.created_ms = now;
    e.list = list;
    e.priority = r.priority;
    e.options = options;
    e.args = args;
    r.envelope.reserve(envelope_size(e));
    append_envelope(r.envelope, e);
    return r;
}

struct push_to_producer
{
    template <typename Handler>
    void operator()(Handler handler, std::shared_ptr<producer> to, enqueue_record record) const
    {
        to->push(std::move(record), producer::handler(std::move(handler)));
    }
};

inline task<job_handle> push_record(std::shared_ptr<client_core> core, enqueue_record record)
{
    std::string id = record.id;
    enqueue_code const code = co_await boost::asio::async_initiate<
        boost::asio::use_awaitable_t<> const,
        void(std::exception_ptr, enqueue_code)>(
        push_to_producer(),
        boost::asio::use_awaitable,
        core->producer,
        std::move(record)
    );
    co_return job_handle(std::move(id), code == enqueue_code::duplicate);
}

/// Collects the answers of one bulk; ends with the last of them. The answers come on the caller's
/// executor, which may be one of many threads.
struct bulk_join
{
    void arrived(std::size_t i, std::exception_ptr const& why, enqueue_code code)
    {
        if (why) {
            std::lock_guard const lock(mutex);
            if (!failure)
                failure = why;
        }
        if (code == enqueue_code::duplicate)
            handles[i] = job_handle(handles[i].id(), true);
        if (left.fetch_sub(1) == 1)
            std::move(done)(failure, enqueue_code::stored);
    }

    producer::handler done;
    std::vector<job_handle> handles;
    std::vector<enqueue_record> records;
    std::mutex mutex;
    std::exception_ptr failure;
    std::atomic<std::size_t> left{0};
};

struct push_all_to_producer
{
    template <typename Handler>
    void operator()(
        Handler handler,
        std::shared_ptr<producer> to,
        std::shared_ptr<bulk_join> join
    ) const
    {
        // The last answer may come, and end the caller, before the last push has returned.
        std::size_t const count = join->records.size();
        join->left = count;
        producer::handler(std::move(handler)).swap(join->done);  // assignment recurses in 1.81
        auto const executor = boost::asio::get_associated_executor(join->done);
        for (std::size_t i = 0; i != count; ++i) {
            auto arrived = [join, i](std::exception_ptr failure, enqueue_code code) {
                join->arrived(i, failure, code);
            };
            to->push(
                std::move(join->records[i]),
                producer::handler(boost::asio::bind_executor(executor, std::move(arrived)))
            );
        }
    }
};

}  // namespace detail

WORK_DECL enqueuer::enqueuer(client& to) : core_(to.core()) {}

WORK_DECL task<job_handle> enqueuer::push(
    std::string_view name,
    std::string args,
    enqueue_options const& options,
    detail::due when
)
{
    validate_name("job name", name);
    options.validate();
    detail::check_payload(name, args, core_->options);
    std::int64_t const now = core_->broker->now_ms();
    detail::check_due(name, when, now != 0 ? now : wall_ms());
    return detail::push_record(
        core_,
        detail::make_record(
            *core_,
            list_id(options.queue, name),
            encode_options(options),
            args,
            options,
            when
        )
    );
}

WORK_DECL void enqueuer::own(detail::job_identity const& job) const
{
    core_->names.claim(job);
}

// What can't be read is refused here: no worker could ever run it.
WORK_DECL void enqueuer::check_json(std::string_view name, std::string_view json) const
{
    validate_name("job name", name);
    detail::check_payload(name, json, core_->options);
    args_parser parser;
    auto const& value = parser.parse(json, name);
    if (json.empty() || !(value.is_array() || value.is_object()))
        throw error(
            errc::invalid_arguments,
            std::string(name) + ": arguments must be a JSON array or object, found " +
                (json.empty() ? std::string("no text") : detail::describe_json(value))
        );
}

WORK_DECL void enqueuer::bulk_deleter::operator()(std::vector<detail::enqueue_record>* records
) const
{
    delete records;
}

WORK_DECL enqueuer::bulk enqueuer::start_bulk(std::string_view name, enqueue_options const& options)
{
    validate_name("job name", name);
    options.validate();
    if (!options.id.empty())
        throw error(
            errc::invalid_option,
            "enqueue_bulk can't give the id " + std::string(options.id) +
                " to more than one job; leave enqueue_options::id empty"
        );
    bulk all;
    all.records.reset(new std::vector<detail::enqueue_record>());
    all.name = name;
    all.list = list_id(options.queue, name);
    all.options = encode_options(options);
    all.given = options;
    return all;
}

WORK_DECL void enqueuer::add(bulk& to, std::string args)
{
    detail::check_payload(to.name, args, core_->options);
    to.records->push_back(
        detail::make_record(*core_, to.list, to.options, args, to.given, detail::due())
    );
}

WORK_DECL task<std::vector<job_handle>> enqueuer::push_bulk(
    std::shared_ptr<detail::client_core> core,
    bulk all
)
{
    auto const join = std::make_shared<detail::bulk_join>();
    if (all.records->empty())
        co_return join->handles;
    join->records.swap(*all.records);
    join->handles.reserve(join->records.size());
    for (detail::enqueue_record const& record : join->records)
        join->handles.emplace_back(record.id, false);
    co_await boost::asio::async_initiate<
        boost::asio::use_awaitable_t<> const,
        void(std::exception_ptr, enqueue_code)>(
        detail::push_all_to_producer(),
        boost::asio::use_awaitable,
        core->producer,
        join
    );
    co_return std::move(join->handles);
}

}  // namespace work
