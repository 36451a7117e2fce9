// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/forwarding_broker.hpp>
#include <work/web/sampler.hpp>
#include <work/web/shared_read.hpp>

#include <memory>
#include <utility>

namespace work::web {

/// The broker as the quick look of the doctor asks it: counting, which takes Redis longest of all
/// that it asks, is shared with all who look, and is done as seldom as the sampler does it.
class counted_broker final : public forwarding_broker
{
public:
    using counts_read = shared_read<broker_counts>;

    counted_broker(std::shared_ptr<broker> to, std::shared_ptr<counts_read> counts)
        : forwarding_broker(std::move(to)),
          counts_(std::move(counts))
    {}

    task<broker_counts> counts() override
    {
        auto const seen = co_await counts_->read([](broker_counts const& last) {
            return std::int64_t(pace_of(last).count());
        });
        co_return *seen;
    }
    // They are of whoever is passed on to.
    void end_subscriptions() override {}
    void close() override {}

private:
    std::shared_ptr<counts_read> counts_;
};

}  // namespace work::web
