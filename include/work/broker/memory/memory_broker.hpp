// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/broker/memory/store.hpp>
#include <work/build_config.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace work {

/// Jobs in this process: a thin shell over `memory_state`.
///
/// While no call is under way it holds no outstanding work. A call that is answered at once gives
/// way to others before it returns, as one over a network would.
///
/// \par Thread safety none: use it on the thread of its executor. Brokers that share a store may
///                    live on different threads.
class memory_broker final : public broker
{
public:
    memory_broker(boost::asio::any_io_executor executor, std::shared_ptr<memory_store> store)
        : executor_(std::move(executor)),
          store_(std::move(store))
    {}

    WORK_DECL task<enqueue_answer> enqueue(enqueue_request request) override;
    task<durable_answer> enqueue_durably(enqueue_request, std::optional<durability>) override
    {
        detail::refuse_durability();
        co_return durable_answer();
    }
    WORK_DECL task<exchange_answer> exchange(exchange_request request) override;
    WORK_DECL task<wait_answer> wait(
        std::string pool,
        std::vector<std::string> lists,
        std::chrono::milliseconds at_most,
        exchange_request on_wake
    ) override;
    WORK_DECL void wake() override;
    WORK_DECL task<void> wait_anew(std::string pool) override;
    WORK_DECL task<exchange_answer> peek(std::string pool, bool also_due) override;
    WORK_DECL task<exchange_answer> peek_at(std::vector<std::string> served, bool also_due)
        override;
    WORK_DECL task<void> leave(
        std::string pool,
        std::vector<std::string> lists,
        std::chrono::milliseconds deadline
    ) override;
    WORK_DECL task<outstanding_jobs> outstanding(std::vector<std::string> lists) override;
    WORK_DECL task<std::vector<admin_result>> act(admin_request request) override;
    WORK_DECL task<pause_result> pause(pause_request request) override;
    WORK_DECL task<limit_code> change_limit(limit_change change) override;
    WORK_DECL task<limits_answer> limits(limit_query query) override;
    WORK_DECL task<bound_code> change_bound(bound_change change) override;
    WORK_DECL task<bounds_answer> bounds(std::string queue) override;
    WORK_DECL task<limit_leaks> look_for_leaks(bool mend) override;
    WORK_DECL task<admin_code> order(std::string pool, told_order what) override;
    WORK_DECL task<admin_result> edit(edit_request request) override;
    WORK_DECL task<std::vector<admin_result>> follow(
        std::vector<std::string> ids,
        std::string follower
    ) override;
    WORK_DECL task<admin_code> restore(std::string id, std::string envelope) override;
    WORK_DECL task<found_jobs> look(look_request request) override;
    WORK_DECL task<job_record> job(std::string id) override;
    WORK_DECL task<std::vector<std::string>> logs(std::string id) override;
    WORK_DECL task<broker_counts> counts() override;
    WORK_DECL task<std::vector<pause_info>> pauses() override;
    WORK_DECL task<std::vector<pool_status>> pools() override;
    WORK_DECL task<worker_record> worker(std::string pool) override;
    WORK_DECL task<void> keep_worker(worker_change change) override;
    WORK_DECL task<void> forget_worker(std::string pool) override;
    WORK_DECL task<bool> keep_operation(operation_change change) override;
    WORK_DECL task<std::vector<operation_note>> operations() override;
    WORK_DECL task<admin_code> stop_operation(std::string id) override;
    WORK_DECL task<void> write_audit(std::string line) override;
    WORK_DECL task<track_answer> track(track_request request) override;
    WORK_DECL task<std::vector<std::string>> read_audit(audit_range range) override;
    WORK_DECL task<std::vector<held_claim>> held(std::vector<held_request> claims) override;
    WORK_DECL task<std::vector<job_state>> states(std::vector<std::string> ids) override;
    WORK_DECL task<detail::text_pairs> given(std::string id) override;
    WORK_DECL task<flow_record> flow(std::string id) override;
    WORK_DECL task<flow_list> flows(std::int64_t from, int count) override;
    WORK_DECL task<std::vector<cron_record>> crons() override;
    WORK_DECL task<cron_details> cron(std::string name) override;
    WORK_DECL task<due_crons> ask_due_crons(std::size_t most) override;
    WORK_DECL task<cron_answer> change_cron(cron_change change) override;
    WORK_DECL task<cron_answer> fire_cron(cron_fire fire) override;
    WORK_DECL task<void> write_history(history_write what) override;
    WORK_DECL task<std::vector<std::string>> forget_lists(std::vector<std::string> lists) override;
    WORK_DECL task<history_lists> histories() override;
    WORK_DECL task<std::vector<history_cell>> read_history(history_request request) override;
    WORK_DECL task<void> publish(std::string channel, std::string text) override;
    WORK_DECL task<void> subscribe(
        std::string channel,
        std::function<void(std::string_view)> receive,
        std::function<void()> listening
    ) override;
    WORK_DECL void end_subscriptions() override;
    WORK_DECL void end_subscription(std::string_view channel) override;
    WORK_DECL std::unique_ptr<lease_port> make_lease_port(
        boost::asio::any_io_executor executor,
        std::chrono::milliseconds lease
    ) override;
    WORK_DECL task<broker_info> info(bool clients) override;
    WORK_DECL std::int64_t now_ms() const noexcept override;
    WORK_DECL task<std::int64_t> ask_now_ms() override;
    WORK_DECL std::string describe() const override;
    WORK_DECL void close() override;

    std::shared_ptr<memory_store> const& store() const noexcept { return store_; }

private:
    using waiters = std::list<std::shared_ptr<detail::memory_waiter>>;
    using listeners = std::list<std::shared_ptr<detail::memory_listener>>;

    WORK_DECL void check_open() const;
    template <typename Transition>
    auto apply(Transition transition);

    boost::asio::any_io_executor executor_;
    std::shared_ptr<memory_store> store_;
    std::shared_ptr<waiters> const waiters_ = std::make_shared<waiters>();
    std::shared_ptr<listeners> const listeners_ = std::make_shared<listeners>();
    bool closed_ = false;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/broker/memory/ask_limits.ipp>
#include <work/broker/memory/memory_broker.ipp>
#include <work/broker/memory/read_flows.ipp>
#include <work/broker/memory/subscriptions.ipp>
#include <work/broker/memory/tracking.ipp>
#endif
