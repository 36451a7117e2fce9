// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "access/by_broker.hpp"

#include <work/broker/broker.hpp>
#include <work/cron.hpp>
#include <work/enqueuer.hpp>
#include <work/error.hpp>
#include <work/flow.hpp>
#include <work/web/problem.hpp>

#include <optional>
#include <utility>

#include "user.hpp"

namespace work::tool {
namespace {

/// How many jobs are counted before a number becomes "more than".
constexpr std::int64_t counted_at_most = 1'000'000;

class broker_access final : public access
{
public:
    explicit broker_access(client& at)
        : at_(at),
          with_(at),
          store_(at),
          crons_(at),
          limits_(at),
          bounds_(at)
    {}

    boost::asio::any_io_executor executor() override { return at_.executor(); }
    std::string describe() override
    {
        std::string const broker = at_.broker()->describe();
        return broker.substr(0, broker.find(" namespace "));
    }
    std::string who() override { return user(); }
    std::string trouble() override { return at_.broker()->trouble(); }
    // In one pipeline, on the client's connection.
    std::size_t at_once() override { return 256; }
    void close() override { at_.close(); }
    task<std::int64_t> now_ms() override { return at_.broker()->ask_now_ms(); }
    task<void> check() override { return at_.check(); }

    task<job_info> job(std::string id) override { return with_.job(std::move(id)); }
    task<job_log> logs(std::string id) override { return with_.logs(std::move(id)); }
    task<explanation> explain(std::string id) override { return with_.explain(std::move(id)); }
    task<job_page> find(job_filter filter, page how) override { return with_.find(filter, how); }
    task<job_count> count(admin_action, job_filter filter) override
    {
        return with_.count(filter, counted_at_most);
    }
    task<failure_groups> failures(failure_query how) override { return with_.failures(how); }
    task<broker_counts> counts() override { return with_.counts(); }
    task<job_stats> stats(stats_query what) override { return with_.stats(what); }
    task<all_named_stats> name_stats(std::chrono::milliseconds range) override
    {
        return with_.name_stats(range, 1'000);
    }
    task<std::vector<pool_info>> pools() override { return with_.pools(); }
    task<broker_info> broker() override { return with_.broker(); }
    task<diagnosis> doctor(doctor_options how) override
    {
        how.by = user();
        return with_.doctor(std::move(how));
    }
    task<std::vector<operation_info>> operations() override { return with_.operations(); }
    task<audit_page> audit(std::int64_t from, int count) override
    {
        return with_.audit(from, count);
    }

    task<pause_result> pause(pause_kind kind, std::string name, pause_options how) override
    {
        return with_.pause(kind, std::move(name), how);
    }
    task<admin_code> resume(pause_kind kind, std::string name, std::string by) override
    {
        return with_.resume(kind, std::move(name), by);
    }
    task<queue_removal> remove_queue(std::string queue, std::string by) override
    {
        return with_.remove_queue(std::move(queue), by);
    }
    task<admin_code> order(std::string pool, told_order what, std::string by) override
    {
        return with_.order(std::move(pool), what, by);
    }
    task<std::vector<admin_result>> act(
        admin_action action,
        std::vector<std::string> ids,
        std::string queue,
        admin_options how
    ) override
    {
        switch (action) {
        case admin_action::requeue: return with_.requeue(std::move(ids), how);
        case admin_action::kill: return with_.kill(std::move(ids), how);
        case admin_action::remove: return with_.remove(std::move(ids), how);
        case admin_action::move: return with_.move(std::move(ids), std::move(queue), how);
        case admin_action::cancel: break;
        }
        return with_.cancel(std::move(ids), how);
    }
    task<admin_result> edit(std::string id, job_change change) override
    {
        return with_.edit(std::move(id), change);
    }
    task<operation_info> act_on_all(admin_action action, job_filter filter, operation_options how)
        override
    {
        return with_.act_on_all(action, filter, how);
    }
    task<admin_code> stop_operation(std::string id) override
    {
        return with_.stop_operation(std::move(id));
    }
    task<std::vector<admin_result>> track(std::vector<std::string> ids, std::string by) override
    {
        return with_.track(std::move(ids), by);
    }
    task<std::vector<admin_code>> untrack(std::vector<std::string> ids, std::string by) override
    {
        return with_.untrack(std::move(ids), by);
    }
    task<std::vector<tracked_job>> tracked() override { return with_.tracked(); }
    task<stored_jobs> enqueue(std::vector<described_new_job> jobs, std::optional<durability> how)
        override
    {
        std::vector<new_job> all;
        all.reserve(jobs.size());
        for (described_new_job& one : jobs)
            all.push_back(std::move(one.job));
        stored_jobs stored;
        try {
            if (how) {
                durable_jobs safe = co_await store_.enqueue_durably(std::move(all), *how);
                stored.heard(safe);
                stored.handles = std::move(safe.jobs);
            } else {
                stored.handles = co_await store_.enqueue(std::move(all));
            }
        } catch (error const&) {
            stored.failure = std::current_exception();
        }
        co_return stored;
    }

    task<flow_page> flows(std::int64_t from, int count) override
    {
        return with_.flows(from, count);
    }
    task<flow_details> flow(std::string id) override { return with_.flow(std::move(id)); }
    task<flow_cancel> cancel_flow(std::string id, admin_options how) override
    {
        return with_.cancel_flow(std::move(id), how);
    }
    task<web::stored_flow> start_flow(web::described_flow what, std::string) override
    {
        work::flow into(at_, what.name);
        web::stored_flow stored;
        try {
            stored = co_await web::start_described(std::move(what), std::move(into));
        } catch (web::problem const& fault) {
            throw error(errc::invalid_option, fault.what());
        }
        stored.now_ms = co_await at_.broker()->ask_now_ms();
        co_return stored;
    }

    task<std::vector<cron_entry>> crons() override { return crons_.list(); }
    task<std::optional<known_cron>> cron(std::string name) override
    {
        std::optional<known_cron> found;
        std::string asked = name;
        std::optional<cron_entry> entry = co_await crons_.get(std::move(asked));
        if (!entry)
            co_return found;
        found.emplace();
        found->entry = std::move(*entry);
        found->history = co_await crons_.history(std::move(name));
        co_return found;
    }
    task<cron_put> put_cron(
        std::string name,
        std::string spec,
        described_new_job job,
        cron_options how
    ) override
    {
        return crons_.put(std::move(name), std::move(spec), std::move(job.job), how);
    }
    task<admin_code> act_on_cron(std::string name, cron_act what, std::string by) override
    {
        if (what == cron_act::remove) {
            bool const went = co_await crons_.remove(std::move(name), std::move(by));
            if (went)
                co_return admin_code::done;
            co_return admin_code::gone;
        }
        bool const known = co_await is_cron(name);
        if (!known)
            co_return admin_code::gone;
        admin_code code = admin_code::done;
        if (what == cron_act::pause)
            code = co_await crons_.pause(std::move(name), std::move(by));
        else
            code = co_await crons_.resume(std::move(name), std::move(by));
        co_return code;
    }
    task<std::string> run_cron(std::string name, std::string by) override
    {
        std::string id;
        bool const known = co_await is_cron(name);
        if (known)
            id = co_await crons_.trigger(std::move(name), std::move(by));
        co_return id;
    }

    task<std::vector<limit_state>> limits() override { return limits_.list(); }
    task<std::optional<limit_state>> limit(std::string name) override
    {
        return limits_.get(std::move(name));
    }
    task<web::put_limit> put_limit(std::string name, web::described_limit what, std::string by)
        override
    {
        return web::put_described(limits_, std::move(name), std::move(what), std::move(by));
    }
    task<bool> remove_limit(std::string name, std::string by) override
    {
        return limits_.remove(std::move(name), std::move(by));
    }

    task<std::vector<bound_state>> bounds() override { return bounds_.list(); }
    task<std::optional<bound_state>> bound(std::string queue) override
    {
        return bounds_.get(std::move(queue));
    }
    task<web::put_bound> put_bound(std::string queue, web::described_bound what, std::string by)
        override
    {
        return web::put_described_bound(bounds_, std::move(queue), std::move(what), std::move(by));
    }
    task<bool> remove_bound(std::string queue, std::string by) override
    {
        return bounds_.remove(std::move(queue), std::move(by));
    }

private:
    task<bool> is_cron(std::string name)
    {
        std::optional<cron_entry> const entry = co_await crons_.get(std::move(name));
        co_return entry.has_value();
    }

    client& at_;
    inspector with_;
    enqueuer store_;
    work::cron crons_;
    work::limits limits_;
    work::bounds bounds_;
};

}  // namespace

std::unique_ptr<access> access_by_broker(client& at)
{
    return std::make_unique<broker_access>(at);
}

}  // namespace work::tool
