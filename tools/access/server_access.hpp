// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/operation.hpp>

#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/by_server.hpp"
#include "access/received.hpp"

namespace work::tool {

/// `access` through a work server: what it answers, read back into what an inspector gives.
class server_access final : public access
{
public:
    server_access(http_client& at, server_greeting as) : at_(at), greeting_(std::move(as)) {}

    boost::asio::any_io_executor executor() override { return at_.executor(); }
    std::string describe() override { return at_.where().text(); }
    std::string who() override { return greeting_.user; }
    std::string trouble() override { return {}; }
    // Each takes a connection, of which a server gives one address no more than 256.
    std::size_t at_once() override { return 8; }
    void close() override { at_.close(); }
    task<std::int64_t> now_ms() override;
    task<void> check() override;

    task<job_info> job(std::string id) override;
    task<job_log> logs(std::string id) override;
    task<explanation> explain(std::string id) override;
    task<job_page> find(job_filter filter, page how) override;
    task<job_count> count(admin_action action, job_filter filter) override;
    task<failure_groups> failures(failure_query how) override;
    task<broker_counts> counts() override;
    task<job_stats> stats(stats_query what) override;
    task<all_named_stats> name_stats(std::chrono::milliseconds range) override;
    task<std::vector<pool_info>> pools() override;
    task<broker_info> broker() override;
    task<diagnosis> doctor(doctor_options how) override;
    task<std::vector<operation_info>> operations() override;
    task<audit_page> audit(std::int64_t from, int count) override;

    task<pause_result> pause(pause_kind kind, std::string name, pause_options how) override;
    task<admin_code> resume(pause_kind kind, std::string name, std::string by) override;
    task<queue_removal> remove_queue(std::string queue, std::string by) override;
    task<admin_code> order(std::string pool, told_order what, std::string by) override;
    task<std::vector<admin_result>> act(
        admin_action action,
        std::vector<std::string> ids,
        std::string queue,
        admin_options how
    ) override;
    task<admin_result> edit(std::string id, job_change change) override;
    task<operation_info> act_on_all(admin_action action, job_filter filter, operation_options how)
        override;
    task<admin_code> stop_operation(std::string id) override;
    task<std::vector<admin_result>> track(std::vector<std::string> ids, std::string by) override;
    task<std::vector<admin_code>> untrack(std::vector<std::string> ids, std::string by) override;
    task<std::vector<tracked_job>> tracked() override;
    task<stored_jobs> enqueue(std::vector<described_new_job> jobs, std::optional<durability> how)
        override;

    task<flow_page> flows(std::int64_t from, int count) override;
    task<flow_details> flow(std::string id) override;
    task<flow_cancel> cancel_flow(std::string id, admin_options how) override;
    task<web::stored_flow> start_flow(web::described_flow what, std::string text) override;

    task<std::vector<cron_entry>> crons() override;
    task<std::optional<known_cron>> cron(std::string name) override;
    task<cron_put> put_cron(
        std::string name,
        std::string spec,
        described_new_job job,
        cron_options how
    ) override;
    task<admin_code> act_on_cron(std::string name, cron_act what, std::string by) override;
    task<std::string> run_cron(std::string name, std::string by) override;

    task<std::vector<limit_state>> limits() override;
    task<std::optional<limit_state>> limit(std::string name) override;
    task<web::put_limit> put_limit(std::string name, web::described_limit what, std::string by)
        override;
    task<bool> remove_limit(std::string name, std::string by) override;

    task<std::vector<bound_state>> bounds() override;
    task<std::optional<bound_state>> bound(std::string queue) override;
    task<web::put_bound> put_bound(std::string queue, web::described_bound what, std::string by)
        override;
    task<bool> remove_bound(std::string queue, std::string by) override;

private:
    task<http_reply> get(std::string target);
    task<http_reply> post(std::string target, std::string body);
    /// One that must be good, or 404 where that is an answer.
    task<http_reply> ask(http_request request, bool may_be_missing = false);
    /// All of a list that is given by pages: the last of them, with the rows of all.
    template <typename Page, typename Row>
    task<Page> whole(std::string path, std::vector<Row> Page::* rows)
    {
        Page all;
        do {
            query asked(path);
            asked.add("limit", "500").add_said("cursor", all.next.value_or(""));
            std::string target = asked.text();
            http_reply const reply = co_await get(std::move(target));
            Page page = received<Page>(reply, at_.where());
            std::vector<Row> before = std::move(all.*rows);
            std::move((page.*rows).begin(), (page.*rows).end(), std::back_inserter(before));
            all = std::move(page);
            all.*rows = std::move(before);
        } while (all.next);
        co_return all;
    }
    task<void> add_queues(broker_counts& to);
    task<operation_info> follow(operation_info begun, operation_watch* watch);
    task<void> store_part(std::string target, std::string lines, stored_jobs& into);

    http_client& at_;
    server_greeting greeting_;
};

}  // namespace work::tool
