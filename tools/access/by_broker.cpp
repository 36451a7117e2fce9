// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "access/by_broker.hpp"

#include <work/broker/broker.hpp>
#include <work/enqueuer.hpp>
#include <work/error.hpp>

#include <utility>

#include "user.hpp"

namespace work::tool {
namespace {

/// How many jobs are counted before a number becomes "more than".
constexpr std::int64_t counted_at_most = 1'000'000;

class broker_access final : public access
{
public:
    explicit broker_access(client& at) : at_(at), with_(at), store_(at) {}

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
    task<admin_code> order(std::string pool, pool_order what, std::string by) override
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
    task<stored_jobs> enqueue(std::vector<described_new_job> jobs) override
    {
        std::vector<new_job> all;
        all.reserve(jobs.size());
        for (described_new_job& one : jobs)
            all.push_back(std::move(one.job));
        stored_jobs stored;
        try {
            stored.handles = co_await store_.enqueue(std::move(all));
        } catch (error const&) {
            stored.failure = std::current_exception();
        }
        co_return stored;
    }

private:
    client& at_;
    inspector with_;
    enqueuer store_;
};

}  // namespace

std::unique_ptr<access> access_by_broker(client& at)
{
    return std::make_unique<broker_access>(at);
}

}  // namespace work::tool
