// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#pragma once

#include <work/broker/broker.hpp>

#include <chrono>
#include <memory>
#include <utility>

namespace bench {

/// Passes everything on, and notes when the first jobs were claimed and the last were acknowledged.
class recording_broker : public work::broker
{
public:
    using clock = std::chrono::steady_clock;

    explicit recording_broker(std::shared_ptr<work::broker> to) : to_(std::move(to)) {}

    clock::time_point first_claim{};
    clock::time_point last_words{};
    std::int64_t exchanges = 0;
    std::int64_t claimed = 0;
    std::int64_t acknowledged = 0;

    work::task<work::enqueue_answer> enqueue(work::enqueue_request r) override
    {
        return to_->enqueue(std::move(r));
    }
    work::task<work::exchange_answer> exchange(work::exchange_request r) override
    {
        std::int64_t words = static_cast<std::int64_t>(r.outcomes.size());
        for (auto const& f : r.finished)
            words += static_cast<std::int64_t>(f.ids.size());
        clock::time_point const sent = clock::now();
        work::exchange_answer answer = co_await to_->exchange(std::move(r));
        ++exchanges;
        note(answer, sent);
        acknowledged += words;
        if (words > 0)
            last_words = clock::now();
        co_return answer;
    }
    work::task<work::wait_answer> wait(
        std::string pool,
        std::vector<std::string> lists,
        std::chrono::milliseconds at_most,
        work::exchange_request on_wake
    ) override
    {
        clock::time_point const sent = clock::now();
        work::wait_answer answer =
            co_await to_->wait(std::move(pool), std::move(lists), at_most, std::move(on_wake));
        if (answer.claimed)
            note(*answer.claimed, sent);
        co_return answer;
    }
    void wake() override { to_->wake(); }
    work::task<work::exchange_answer> peek(std::string pool, bool also_due) override
    {
        return to_->peek(std::move(pool), also_due);
    }
    work::task<void> wait_anew(std::string pool) override
    {
        return to_->wait_anew(std::move(pool));
    }
    work::task<work::exchange_answer> peek_at(std::vector<std::string> served, bool also_due)
        override
    {
        return to_->peek_at(std::move(served), also_due);
    }
    work::task<void> leave(
        std::string pool,
        std::vector<std::string> lists,
        std::chrono::milliseconds deadline
    ) override
    {
        return to_->leave(std::move(pool), std::move(lists), deadline);
    }
    work::task<work::outstanding_jobs> outstanding(std::vector<std::string> lists) override
    {
        return to_->outstanding(std::move(lists));
    }
    work::task<std::vector<work::admin_result>> cancel(std::vector<std::string> ids) override
    {
        return to_->cancel(std::move(ids));
    }
    work::task<work::admin_result> restore(std::string id, std::string envelope) override
    {
        return to_->restore(std::move(id), std::move(envelope));
    }
    work::task<std::vector<std::string>> strays() override { return to_->strays(); }
    work::task<std::vector<work::admin_result>> take_back(std::vector<std::string> ids) override
    {
        return to_->take_back(std::move(ids));
    }
    work::task<std::vector<work::admin_result>> requeue(std::vector<std::string> ids) override
    {
        return to_->requeue(std::move(ids));
    }
    work::task<work::job_record> job(std::string id) override { return to_->job(std::move(id)); }
    work::task<work::broker_counts> counts() override { return to_->counts(); }
    work::task<std::vector<work::pool_status>> pools() override { return to_->pools(); }
    work::task<void> publish(std::string channel, std::string text) override
    {
        return to_->publish(std::move(channel), std::move(text));
    }
    work::task<void> subscribe(std::string channel, std::function<void(std::string_view)> receive)
        override
    {
        return to_->subscribe(std::move(channel), std::move(receive));
    }
    void end_subscriptions() override { to_->end_subscriptions(); }
    std::unique_ptr<work::lease_port> make_lease_port(
        boost::asio::any_io_executor ex,
        std::chrono::milliseconds lease
    ) override
    {
        return to_->make_lease_port(std::move(ex), lease);
    }
    std::int64_t now_ms() const noexcept override { return to_->now_ms(); }
    work::task<std::int64_t> ask_now_ms() override { return to_->ask_now_ms(); }
    std::string describe() const override { return to_->describe(); }
    void close() override { to_->close(); }

private:
    void note(work::exchange_answer const& answer, clock::time_point sent)
    {
        if (!answer.jobs.empty() && claimed == 0)
            first_claim = sent;
        claimed += static_cast<std::int64_t>(answer.jobs.size());
    }

    std::shared_ptr<work::broker> to_;
};

}  // namespace bench
