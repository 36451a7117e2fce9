// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client/client_core.hpp>
#include <work/inspector.hpp>
#include <work/values/check_option.hpp>
#include <work/values/name.hpp>

#include <algorithm>
#include <utility>

namespace work {

WORK_DECL inspector::inspector(client& of) : core_(of.core()) {}

namespace detail {

inline task<job_info> look_up(std::shared_ptr<broker> at, std::string id)
{
    std::string asked = id;
    job_record const record = co_await at->job(std::move(asked));
    co_return read_record(std::move(id), record);
}

/// One page: looks through the states one after the other, as far as it may.
class job_search
{
public:
    static task<job_page> run(std::shared_ptr<broker> at, std::shared_ptr<kept_filter const> asked)
    {
        job_search search(std::move(at), std::move(asked));
        for (job_state const state : states_in_order) {
            if (search.filter_.states.empty() || search.filter_.states.contains(state))
                co_await search.look_through(state);
        }
        co_return std::move(search.found_);
    }

private:
    job_search(std::shared_ptr<broker> at, std::shared_ptr<kept_filter const> asked)
        : at_(std::move(at)),
          asked_(std::move(asked)),
          filter_(asked_->filter),
          how_(asked_->how)
    {
        validate(filter_, how_);
        if (!how_.cursor.empty())
            from_ = open_cursor(filter_, how_.cursor);
    }

    std::int64_t left() const { return how_.scan - found_.scanned; }

    task<void> look_through(job_state state)
    {
        bool const goes_on = from_.state == state;
        bool const before = from_.state != job_state::unknown && !goes_on;
        bool const over = !found_.next.empty() || left() <= 0;
        look_request request;
        request.state = state;
        request.queue = filter_.queue;
        request.name = filter_.name;
        if (goes_on)
            request.cursor = std::exchange(from_, {}).cursor;
        if (over && found_.next.empty())
            found_.next = seal_cursor(filter_, state, {});
        bool first = true;
        for (bool more = true; more;) {
            request.count = before || over ? 0 : static_cast<int>(std::min(at_once, left()));
            look_request asked = request;
            found_jobs const some = co_await at_->look(std::move(asked));
            if (std::exchange(first, false))
                found_.of = found_.of < 0 || some.of < 0 ? -1 : found_.of + some.of;
            take(state, some);
            request.cursor = some.next;
            more = some.more && found_.next.empty();
            if (more && left() <= 0) {
                found_.next = seal_cursor(filter_, state, some.next);
                more = false;
            }
        }
    }
    void take(job_state state, found_jobs const& some)
    {
        found_.now_ms = some.now_ms;
        found_.skipped = found_.skipped || some.skipped;
        found_.scanned += some.scanned;
        for (found_job const& one : some.jobs) {
            job_row row = make_row(state, one);
            if (!matches(filter_, row, one))
                continue;
            found_.jobs.push_back(std::move(row));
            if (static_cast<int>(found_.jobs.size()) == how_.limit) {
                found_.next = seal_cursor(filter_, state, one.cursor);
                return;
            }
        }
    }

    static constexpr std::int64_t at_once = 100;

    std::shared_ptr<broker> at_;
    std::shared_ptr<kept_filter const> asked_;
    job_filter const& filter_;
    page const& how_;
    opened_cursor from_;
    job_page found_;
};

inline admin_request make_request(
    admin_action action,
    std::vector<std::string> ids,
    admin_options const& options
)
{
    admin_request request;
    request.action = action;
    request.ids = std::move(ids);
    request.only = options.only;
    request.seen_ms = options.seen_ms;
    request.reason = options.reason;
    request.by = options.by;
    return request;
}

inline task<std::vector<pool_info>> look_up_pools(std::shared_ptr<broker> at)
{
    std::vector<pool_status> const shown = co_await at->pools();
    std::vector<pool_info> pools;
    for (pool_status const& one : shown) {
        auto read = decode_pool_info(one.status);
        pool_info info;
        if (read)
            info = std::move(*read);
        else
            info.trouble = "its status can't be read: " + read.error();
        info.pool = one.pool;
        pools.push_back(std::move(info));
    }
    std::sort(pools.begin(), pools.end(), [](pool_info const& a, pool_info const& b) {
        return a.pool < b.pool;
    });
    co_return pools;
}

/// How many jobs of its list are taken before a pending one, as `explanation::ahead`.
inline task<std::int64_t> count_ahead(std::shared_ptr<broker> at, job_info const& job)
{
    look_request request;
    request.state = job_state::pending;
    request.queue = job.queue;
    request.name = job.name;
    std::int64_t ahead = 0;
    for (bool more = true; more && ahead < explanation::places_looked_at;) {
        look_request asked = request;
        found_jobs const some = co_await at->look(std::move(asked));
        for (found_job const& one : some.jobs) {
            if (one.id == job.id)
                co_return ahead;
            ++ahead;
        }
        request.cursor = some.next;
        more = some.more;
    }
    co_return ahead < explanation::places_looked_at ? -1 : ahead;
}

inline task<job_log> look_up_log(std::shared_ptr<broker> at, std::string id)
{
    std::string of = id;
    std::vector<std::string> const lines = co_await at->logs(std::move(of));
    co_return read_job_log(std::move(id), lines);
}

inline task<explanation> explain(std::shared_ptr<broker> at, std::string id)
{
    job_info const job = co_await look_up(at, std::move(id));
    std::vector<pause_info> paused;
    std::vector<pool_info> pools;
    std::int64_t ahead = -1;
    bool const pending = job.state == job_state::pending;
    if (pending || job.state == job_state::suspect || job.state == job_state::scheduled ||
        job.state == job_state::retry) {
        broker_counts counts = co_await at->counts();
        paused = std::move(counts.paused);
        pools = co_await look_up_pools(at);
        if (pending)
            ahead = co_await count_ahead(at, job);
    }
    co_return explain_job(job, paused, pools, ahead);
}

}  // namespace detail

WORK_DECL task<job_info> inspector::job(std::string id)
{
    return core_->here(detail::look_up(core_->broker, std::move(id)));
}

WORK_DECL task<job_log> inspector::logs(std::string id)
{
    return core_->here(detail::look_up_log(core_->broker, std::move(id)));
}

WORK_DECL task<explanation> inspector::explain(std::string id)
{
    return core_->here(detail::explain(core_->broker, std::move(id)));
}

WORK_DECL task<job_page> inspector::find(job_filter filter, page how)
{
    auto asked = std::make_shared<detail::kept_filter const>(filter, how);
    return core_->here(detail::job_search::run(core_->broker, std::move(asked)));
}

WORK_DECL task<broker_counts> inspector::counts()
{
    return core_->here(core_->broker->counts());
}

WORK_DECL task<std::vector<pool_info>> inspector::pools()
{
    return core_->here(detail::look_up_pools(core_->broker));
}

WORK_DECL task<std::vector<admin_result>> inspector::act(
    admin_action action,
    std::vector<std::string> ids,
    admin_options options
)
{
    return core_->here(core_->broker->act(detail::make_request(action, std::move(ids), options)));
}

WORK_DECL task<std::vector<admin_result>> inspector::cancel(
    std::vector<std::string> ids,
    admin_options options
)
{
    return act(admin_action::cancel, std::move(ids), options);
}

WORK_DECL task<std::vector<admin_result>> inspector::requeue(
    std::vector<std::string> ids,
    admin_options options
)
{
    return act(admin_action::requeue, std::move(ids), options);
}

WORK_DECL task<std::vector<admin_result>> inspector::kill(
    std::vector<std::string> ids,
    admin_options options
)
{
    return act(admin_action::kill, std::move(ids), options);
}

WORK_DECL task<std::vector<admin_result>> inspector::remove(
    std::vector<std::string> ids,
    admin_options options
)
{
    return act(admin_action::remove, std::move(ids), options);
}

WORK_DECL task<std::vector<admin_result>> inspector::move(
    std::vector<std::string> ids,
    std::string queue,
    admin_options options
)
{
    if (!queue.empty())
        validate_name("queue", queue);
    admin_request request = detail::make_request(admin_action::move, std::move(ids), options);
    request.queue = std::move(queue);
    return core_->here(core_->broker->act(std::move(request)));
}

WORK_DECL task<admin_code> inspector::restore(std::string id, std::string envelope)
{
    return core_->here(core_->broker->restore(std::move(id), std::move(envelope)));
}

WORK_DECL task<pause_result> inspector::pause(
    pause_kind kind,
    std::string name,
    pause_options options
)
{
    validate_name(kind == pause_kind::queue ? "queue" : "name", name);
    detail::check_duration(
        "lasting",
        options.lasting,
        std::chrono::milliseconds(0),
        std::chrono::hours(24 * 365)
    );
    pause_request request;
    request.kind = kind;
    request.name = std::move(name);
    request.for_ms = options.lasting.count();
    request.reason = options.reason;
    request.by = options.by;
    return core_->here(core_->broker->pause(std::move(request)));
}

namespace detail {

inline task<admin_code> resume(std::shared_ptr<client_core> core, pause_request request)
{
    pause_result const result = co_await core->broker->pause(std::move(request));
    co_return result.code;
}

}  // namespace detail

WORK_DECL task<admin_code> inspector::resume(pause_kind kind, std::string name)
{
    validate_name(kind == pause_kind::queue ? "queue" : "name", name);
    pause_request request;
    request.kind = kind;
    request.name = std::move(name);
    request.pause = false;
    return core_->here(detail::resume(core_, std::move(request)));
}

WORK_DECL task<admin_code> inspector::order(std::string pool, pool_order what)
{
    if (pool.empty() || pool.size() > 128)
        throw error(
            errc::invalid_option,
            "pool is " + detail::quote(pool) + ": it is no pool's id"
        );
    return core_->here(core_->broker->order(std::move(pool), what));
}

WORK_DECL task<std::vector<std::string>> inspector::strays()
{
    return core_->here(core_->broker->strays());
}

WORK_DECL task<std::vector<admin_code>> inspector::take_back(std::vector<std::string> ids)
{
    return core_->here(core_->broker->take_back(std::move(ids)));
}

}  // namespace work
