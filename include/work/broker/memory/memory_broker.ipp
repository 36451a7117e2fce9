// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/memory_broker.hpp>
#include <work/error.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include <atomic>
#include <utility>

namespace work {
namespace detail {

/// The heartbeat's way in: the same store, from another thread.
class memory_port final : public lease_port
{
public:
    explicit memory_port(std::shared_ptr<memory_store> store) : store_(std::move(store)) {}

    task<exchange_answer> exchange(exchange_request request) override
    {
        check_open();
        co_return store_->apply([&](memory_state& state, std::int64_t us) {
            return state.exchange(request, us);
        });
    }
    task<bool> heartbeat(std::string pool, std::string status, std::chrono::milliseconds shown_for)
        override
    {
        check_open();
        co_return store_->apply([&](memory_state& state, std::int64_t us) {
            return state.heartbeat(pool, status, us, shown_for.count());
        });
    }
    task<bool> heartbeat_together(shared_status all, std::chrono::milliseconds shown_for) override
    {
        check_open();
        co_return store_->apply([&](memory_state& state, std::int64_t us) {
            return state.heartbeat_together(all, us, shown_for.count());
        });
    }
    task<void> leave(std::string pool, std::vector<std::string> lists, std::chrono::milliseconds)
        override
    {
        check_open();
        store_->apply([&](memory_state& state, std::int64_t us) { state.leave(pool, lists, us); });
        co_return;
    }
    void close() override { closed_ = true; }

private:
    void check_open() const
    {
        if (closed_)
            throw error(errc::closed);
    }

    std::shared_ptr<memory_store> store_;
    std::atomic<bool> closed_{false};
};

// Takes what waits off its lists, however the coroutine ends, and though the broker be gone.
template <typename Item, auto End>
class listed
{
public:
    using items = std::list<std::shared_ptr<Item>>;

    listed(
        std::shared_ptr<items> list,
        std::shared_ptr<memory_store> store,
        std::shared_ptr<Item> item
    )
        : list_(std::move(list)),
          store_(std::move(store)),
          item_(std::move(item))
    {
        list_->push_back(item_);
    }
    listed(listed const&) = delete;
    listed& operator=(listed const&) = delete;
    ~listed()
    {
        list_->remove(item_);
        (*store_.*End)(item_);
    }

private:
    std::shared_ptr<items> list_;
    std::shared_ptr<memory_store> store_;
    std::shared_ptr<Item> item_;
};
using listed_waiter = listed<memory_waiter, &memory_store::end_wait>;
using listed_listener = listed<memory_listener, &memory_store::unsubscribe>;

// Gives way to others, as a call over a network would.
inline task<void> take_turns()
{
    co_await boost::asio::post(boost::asio::use_awaitable);
}

}  // namespace detail

WORK_DECL void memory_broker::check_open() const
{
    if (closed_)
        throw error(errc::closed);
}

template <typename Transition>
auto memory_broker::apply(Transition transition)
{
    check_open();
    return store_->apply(transition);
}

WORK_DECL task<enqueue_answer> memory_broker::enqueue(enqueue_request request)
{
    auto answer =
        apply([&](memory_state& state, std::int64_t us) { return state.enqueue(request, us); });
    detail::give_back(answer, request.jobs);
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<exchange_answer> memory_broker::exchange(exchange_request request)
{
    auto answer =
        apply([&](memory_state& state, std::int64_t us) { return state.exchange(request, us); });
    co_await detail::take_turns();
    co_return answer;
}

// There is no journey to spare, so a claim on wake is left to the exchange that follows a wakeup.
WORK_DECL task<wait_answer> memory_broker::wait(
    std::string pool,
    std::vector<std::string> lists,
    std::chrono::milliseconds at_most,
    exchange_request
)
{
    check_open();
    wait_answer answer;
    auto const waiter = std::make_shared<detail::memory_waiter>(executor_);
    waiter->pool = pool;
    waiter->keys.insert(lists.begin(), lists.end());
    waiter->keys.insert(std::move(pool));
    waiter->sleep.expires_after(at_most);
    detail::listed_waiter const in_list(waiters_, store_, waiter);
    if (store_->take_wakeup_or_wait(waiter)) {
        co_await detail::take_turns();
        answer.woken = true;
        answer.of = waiter->of;
        co_return answer;
    }
    boost::system::error_code interrupted;
    auto token = boost::asio::redirect_error(boost::asio::use_awaitable, interrupted);
    co_await waiter->sleep.async_wait(token);
    answer.woken = store_->end_wait(waiter);
    answer.of = waiter->of;
    check_open();
    co_return answer;
}

WORK_DECL void memory_broker::wake()
{
    for (auto const& waiter : *waiters_)
        waiter->sleep.expires_at(std::chrono::steady_clock::time_point::min());
}

WORK_DECL task<void> memory_broker::wait_anew(std::string pool)
{
    apply([&](memory_state& state, std::int64_t) { state.give_wakeup(pool); });
    co_return;
}

WORK_DECL task<exchange_answer> memory_broker::peek_at(std::vector<std::string> served, bool)
{
    auto answer =
        apply([&](memory_state& state, std::int64_t us) { return state.peek_at(served, us); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<exchange_answer> memory_broker::peek(std::string pool, bool)
{
    auto answer = apply([&](memory_state& state, std::int64_t us) { return state.peek(pool, us); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<void> memory_broker::leave(
    std::string pool,
    std::vector<std::string> lists,
    std::chrono::milliseconds
)
{
    apply([&](memory_state& state, std::int64_t us) { state.leave(pool, lists, us); });
    co_await detail::take_turns();
}

WORK_DECL task<outstanding_jobs> memory_broker::outstanding(std::vector<std::string> lists)
{
    auto answer =
        apply([&](memory_state& state, std::int64_t) { return state.outstanding(lists); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<std::vector<admin_result>> memory_broker::act(admin_request request)
{
    auto answer =
        apply([&](memory_state& state, std::int64_t us) { return state.act(request, us); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<std::vector<admin_result>> memory_broker::follow(
    std::vector<std::string> ids,
    std::string follower
)
{
    auto answer =
        apply([&](memory_state& state, std::int64_t) { return state.follow(ids, follower); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<pause_result> memory_broker::pause(pause_request request)
{
    auto answer =
        apply([&](memory_state& state, std::int64_t us) { return state.pause(request, us); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<admin_code> memory_broker::order(std::string pool, told_order what)
{
    co_return apply([&](memory_state& state, std::int64_t) { return state.order(pool, what); });
}

WORK_DECL task<admin_code> memory_broker::restore(std::string id, std::string envelope)
{
    auto answer = apply([&](memory_state& state, std::int64_t us) {
        return state.restore(id, std::move(envelope), us);
    });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<found_jobs> memory_broker::look(look_request request)
{
    auto answer =
        apply([&](memory_state& state, std::int64_t us) { return state.look(request, us); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<job_record> memory_broker::job(std::string id)
{
    auto answer = apply([&](memory_state& state, std::int64_t us) { return state.job(id, us); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<std::vector<std::string>> memory_broker::logs(std::string id)
{
    auto answer = apply([&](memory_state& state, std::int64_t) { return state.logs(id); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<broker_counts> memory_broker::counts()
{
    auto answer = apply([](memory_state& state, std::int64_t us) { return state.counts(us); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<std::vector<pause_info>> memory_broker::pauses()
{
    auto answer = apply([](memory_state& state, std::int64_t) { return state.pauses(); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<std::vector<pool_status>> memory_broker::pools()
{
    auto answer = apply([](memory_state& state, std::int64_t us) { return state.pools(us); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<worker_record> memory_broker::worker(std::string pool)
{
    auto answer =
        apply([&](memory_state& state, std::int64_t us) { return state.worker(pool, us); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<void> memory_broker::keep_worker(worker_change change)
{
    apply([&](memory_state& state, std::int64_t us) { state.keep_worker(change, us); });
    co_await detail::take_turns();
}

WORK_DECL task<void> memory_broker::forget_worker(std::string pool)
{
    apply([&](memory_state& state, std::int64_t) { state.forget_worker(pool); });
    co_await detail::take_turns();
}

WORK_DECL task<std::vector<held_claim>> memory_broker::held(std::vector<held_request> claims)
{
    auto answer = apply([&](memory_state& state, std::int64_t) { return state.held(claims); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<admin_result> memory_broker::edit(edit_request request)
{
    auto const went =
        apply([&](memory_state& state, std::int64_t us) { return state.edit(request, us); });
    co_await detail::take_turns();
    co_return went;
}

WORK_DECL task<bool> memory_broker::keep_operation(operation_change change)
{
    bool const stop = apply([&](memory_state& state, std::int64_t us) {
        return state.keep_operation(change, us);
    });
    co_await detail::take_turns();
    co_return stop;
}

WORK_DECL task<std::vector<operation_note>> memory_broker::operations()
{
    auto answer = apply([](memory_state& state, std::int64_t) { return state.operations(); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<admin_code> memory_broker::stop_operation(std::string id)
{
    auto const code =
        apply([&](memory_state& state, std::int64_t) { return state.stop_operation(id); });
    co_await detail::take_turns();
    co_return code;
}

WORK_DECL task<void> memory_broker::write_audit(std::string line)
{
    apply([&](memory_state& state, std::int64_t) { state.write_audit(std::move(line)); });
    co_await detail::take_turns();
}

WORK_DECL task<std::vector<std::string>> memory_broker::read_audit(audit_range range)
{
    auto answer = apply([&](memory_state& state, std::int64_t) { return state.read_audit(range); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<std::vector<cron_record>> memory_broker::crons()
{
    auto answer = apply([](memory_state& state, std::int64_t) { return state.crons(); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<cron_details> memory_broker::cron(std::string name)
{
    auto answer = apply([&](memory_state& state, std::int64_t us) { return state.cron(name, us); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<due_crons> memory_broker::ask_due_crons(std::size_t most)
{
    auto answer =
        apply([&](memory_state& state, std::int64_t us) { return state.ask_due_crons(most, us); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<cron_answer> memory_broker::change_cron(cron_change change)
{
    auto answer =
        apply([&](memory_state& state, std::int64_t us) { return state.change_cron(change, us); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<cron_answer> memory_broker::fire_cron(cron_fire fire)
{
    auto answer =
        apply([&](memory_state& state, std::int64_t us) { return state.fire_cron(fire, us); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<void> memory_broker::write_history(history_write what)
{
    apply([&](memory_state& state, std::int64_t us) { state.write_history(what, us); });
    co_await detail::take_turns();
}

WORK_DECL task<std::vector<std::string>> memory_broker::forget_lists(std::vector<std::string> lists)
{
    co_return apply([&](memory_state& state, std::int64_t us) {
        return state.forget_lists(lists, us);
    });
}

WORK_DECL task<history_lists> memory_broker::histories()
{
    auto answer = apply([](memory_state& state, std::int64_t us) { return state.histories(us); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<std::vector<history_cell>> memory_broker::read_history(history_request request)
{
    auto answer = apply([&](memory_state& state, std::int64_t us) {
        return state.read_history(request, us);
    });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL std::unique_ptr<lease_port> memory_broker::make_lease_port(
    boost::asio::any_io_executor,
    std::chrono::milliseconds
)
{
    return std::make_unique<detail::memory_port>(store_);
}

WORK_DECL std::int64_t memory_broker::now_ms() const noexcept
{
    return store_->now_us() / 1000;
}

WORK_DECL task<std::int64_t> memory_broker::ask_now_ms()
{
    co_return now_ms();
}

WORK_DECL task<broker_info> memory_broker::info(bool)
{
    check_open();
    broker_info about;
    about.place = describe();
    about.now_ms = now_ms();
    about.server.kind = "memory";
    about.server.persistence = "none";
    assess(about);
    co_return about;
}

WORK_DECL std::string memory_broker::describe() const
{
    return "memory:" + store_->name();
}

WORK_DECL void memory_broker::close()
{
    closed_ = true;
    wake();
    end_subscriptions();
}

}  // namespace work
