// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work {

/// Passes every call on to another lease port. Derive from it, as from `forwarding_broker`.
class forwarding_lease_port : public lease_port
{
public:
    explicit forwarding_lease_port(std::unique_ptr<lease_port> to) : to_(std::move(to)) {}

    task<exchange_answer> exchange(exchange_request request) override
    {
        return to_->exchange(std::move(request));
    }
    task<bool> heartbeat(std::string pool, std::string status, std::chrono::milliseconds shown_for)
        override
    {
        return to_->heartbeat(std::move(pool), std::move(status), shown_for);
    }
    task<bool> heartbeat_together(shared_status all, std::chrono::milliseconds shown_for) override
    {
        return to_->heartbeat_together(std::move(all), shown_for);
    }
    task<void> leave(
        std::string pool,
        std::vector<std::string> lists,
        std::chrono::milliseconds deadline
    ) override
    {
        return to_->leave(std::move(pool), std::move(lists), deadline);
    }
    void close() override { to_->close(); }

protected:
    lease_port& to() const noexcept { return *to_; }

private:
    std::unique_ptr<lease_port> to_;
};

/// Passes every call on to another broker. Derive from it and override what is to be counted,
/// delayed, refused or answered otherwise; give the result to a `client`.
///
///     struct flaky : work::forwarding_broker
///     {
///         using forwarding_broker::forwarding_broker;
///         work::task<work::enqueue_answer> enqueue(work::enqueue_request request) override
///         {
///             if (++calls % 10 == 0)
///                 throw work::error(work::errc::unavailable, "the tenth enqueue fails");
///             return forwarding_broker::enqueue(std::move(request));
///         }
///         int calls = 0;
///     };
///
/// The heartbeat of a pool has a way in of its own: override `make_lease_port` too where renewals
/// and status are to be seen, with a `forwarding_lease_port`.
///
/// \par Thread safety as the broker it passes on to
class forwarding_broker : public broker
{
public:
    explicit forwarding_broker(std::shared_ptr<broker> to) : to_(std::move(to)) {}

    task<enqueue_answer> enqueue(enqueue_request request) override
    {
        return to_->enqueue(std::move(request));
    }
    task<durable_answer> enqueue_durably(enqueue_request request, std::optional<durability> how)
        override
    {
        return to_->enqueue_durably(std::move(request), how);
    }
    task<exchange_answer> exchange(exchange_request request) override
    {
        return to_->exchange(std::move(request));
    }
    task<wait_answer> wait(
        std::string pool,
        std::vector<std::string> served,
        std::chrono::milliseconds at_most,
        exchange_request on_wake
    ) override
    {
        return to_->wait(std::move(pool), std::move(served), at_most, std::move(on_wake));
    }
    void wake() override { to_->wake(); }
    task<void> wait_anew(std::string pool) override { return to_->wait_anew(std::move(pool)); }
    task<exchange_answer> peek(std::string pool, bool also_due) override
    {
        return to_->peek(std::move(pool), also_due);
    }
    task<exchange_answer> peek_at(std::vector<std::string> served, bool also_due) override
    {
        return to_->peek_at(std::move(served), also_due);
    }
    task<void> leave(
        std::string pool,
        std::vector<std::string> served,
        std::chrono::milliseconds deadline
    ) override
    {
        return to_->leave(std::move(pool), std::move(served), deadline);
    }
    task<outstanding_jobs> outstanding(std::vector<std::string> served) override
    {
        return to_->outstanding(std::move(served));
    }
    task<std::vector<admin_result>> act(admin_request request) override
    {
        return to_->act(std::move(request));
    }
    task<pause_result> pause(pause_request request) override
    {
        return to_->pause(std::move(request));
    }
    task<limit_code> change_limit(limit_change change) override
    {
        return to_->change_limit(std::move(change));
    }
    task<limits_answer> limits(limit_query query) override { return to_->limits(std::move(query)); }
    task<bound_code> change_bound(bound_change change) override
    {
        return to_->change_bound(std::move(change));
    }
    task<bounds_answer> bounds(std::string queue) override { return to_->bounds(std::move(queue)); }
    task<limit_leaks> look_for_leaks(bool mend) override { return to_->look_for_leaks(mend); }
    task<admin_code> order(std::string pool, told_order what) override
    {
        return to_->order(std::move(pool), what);
    }
    task<admin_result> edit(edit_request request) override { return to_->edit(std::move(request)); }
    task<std::vector<admin_result>> follow(std::vector<std::string> ids, std::string follower)
        override
    {
        return to_->follow(std::move(ids), std::move(follower));
    }
    task<admin_code> restore(std::string id, std::string envelope) override
    {
        return to_->restore(std::move(id), std::move(envelope));
    }
    task<std::vector<std::string>> forget_lists(std::vector<std::string> lists) override
    {
        return to_->forget_lists(std::move(lists));
    }
    task<std::vector<std::string>> strays() override { return to_->strays(); }
    task<std::vector<admin_code>> take_back(std::vector<std::string> ids) override
    {
        return to_->take_back(std::move(ids));
    }
    task<std::vector<std::string>> logs(std::string id) override
    {
        return to_->logs(std::move(id));
    }
    task<found_jobs> look(look_request request) override { return to_->look(std::move(request)); }
    task<job_record> job(std::string id) override { return to_->job(std::move(id)); }
    task<broker_counts> counts() override { return to_->counts(); }
    task<std::vector<pause_info>> pauses() override { return to_->pauses(); }
    task<std::vector<pool_status>> pools() override { return to_->pools(); }
    task<worker_record> worker(std::string pool) override { return to_->worker(std::move(pool)); }
    task<void> keep_worker(worker_change change) override
    {
        return to_->keep_worker(std::move(change));
    }
    task<void> forget_worker(std::string pool) override
    {
        return to_->forget_worker(std::move(pool));
    }
    task<std::vector<held_claim>> held(std::vector<held_request> claims) override
    {
        return to_->held(std::move(claims));
    }
    task<bool> keep_operation(operation_change change) override
    {
        return to_->keep_operation(std::move(change));
    }
    task<std::vector<operation_note>> operations() override { return to_->operations(); }
    task<admin_code> stop_operation(std::string id) override
    {
        return to_->stop_operation(std::move(id));
    }
    task<void> write_audit(std::string line) override { return to_->write_audit(std::move(line)); }
    task<std::vector<std::string>> read_audit(audit_range range) override
    {
        return to_->read_audit(range);
    }
    task<track_answer> track(track_request request) override
    {
        return to_->track(std::move(request));
    }
    task<std::vector<job_state>> states(std::vector<std::string> ids) override
    {
        return to_->states(std::move(ids));
    }
    task<detail::text_pairs> given(std::string id) override { return to_->given(std::move(id)); }
    task<flow_record> flow(std::string id) override { return to_->flow(std::move(id)); }
    task<flow_list> flows(std::int64_t from, int count) override { return to_->flows(from, count); }
    task<std::vector<cron_record>> crons() override { return to_->crons(); }
    task<cron_details> cron(std::string name) override { return to_->cron(std::move(name)); }
    task<due_crons> ask_due_crons(std::size_t most) override { return to_->ask_due_crons(most); }
    task<cron_answer> change_cron(cron_change change) override
    {
        return to_->change_cron(std::move(change));
    }
    task<cron_answer> fire_cron(cron_fire fire) override { return to_->fire_cron(std::move(fire)); }
    task<void> write_history(history_write what) override
    {
        return to_->write_history(std::move(what));
    }
    task<history_lists> histories() override { return to_->histories(); }
    task<std::vector<history_cell>> read_history(history_request request) override
    {
        return to_->read_history(std::move(request));
    }
    task<void> publish(std::string channel, std::string text) override
    {
        return to_->publish(std::move(channel), std::move(text));
    }
    task<void> subscribe(
        std::string channel,
        std::function<void(std::string_view)> receive,
        std::function<void()> listening
    ) override
    {
        return to_->subscribe(std::move(channel), std::move(receive), std::move(listening));
    }
    void end_subscriptions() override { to_->end_subscriptions(); }
    void end_subscription(std::string_view channel) override { to_->end_subscription(channel); }
    std::unique_ptr<lease_port> make_lease_port(
        boost::asio::any_io_executor executor,
        std::chrono::milliseconds lease
    ) override
    {
        return to_->make_lease_port(std::move(executor), lease);
    }
    task<void> check() override { return to_->check(); }
    task<broker_info> info(bool clients) override { return to_->info(clients); }
    std::vector<broker_link> links() const override { return to_->links(); }
    std::int64_t now_ms() const noexcept override { return to_->now_ms(); }
    task<std::int64_t> ask_now_ms() override { return to_->ask_now_ms(); }
    std::string trouble() const override { return to_->trouble(); }
    bool ailing() const override { return to_->ailing(); }
    std::string describe() const override { return to_->describe(); }
    void close() override { to_->close(); }

protected:
    broker& to() const noexcept { return *to_; }

private:
    std::shared_ptr<broker> to_;
};

}  // namespace work
