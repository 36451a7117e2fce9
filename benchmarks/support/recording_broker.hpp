// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#pragma once

#include <work/broker/forwarding_broker.hpp>

#include <chrono>
#include <memory>
#include <utility>

namespace bench {

/// Passes everything on, and notes when the first jobs were claimed and the last were acknowledged.
class recording_broker : public work::forwarding_broker
{
public:
    using clock = std::chrono::steady_clock;
    using work::forwarding_broker::forwarding_broker;

    clock::time_point first_claim{};
    clock::time_point last_words{};
    std::int64_t exchanges = 0;
    std::int64_t claimed = 0;
    std::int64_t acknowledged = 0;

    work::task<work::exchange_answer> exchange(work::exchange_request r) override
    {
        std::int64_t words = static_cast<std::int64_t>(r.outcomes.size());
        for (auto const& f : r.finished)
            words += static_cast<std::int64_t>(f.ids.size());
        clock::time_point const sent = clock::now();
        work::exchange_answer answer = co_await forwarding_broker::exchange(std::move(r));
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
        work::wait_answer answer = co_await forwarding_broker::wait(
            std::move(pool),
            std::move(lists),
            at_most,
            std::move(on_wake)
        );
        if (answer.claimed)
            note(*answer.claimed, sent);
        co_return answer;
    }

private:
    void note(work::exchange_answer const& answer, clock::time_point sent)
    {
        if (!answer.jobs.empty() && claimed == 0)
            first_claim = sent;
        claimed += static_cast<std::int64_t>(answer.jobs.size());
    }
};

}  // namespace bench
