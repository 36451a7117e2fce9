// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/core.hpp>

#include <boost/asio/this_coro.hpp>

namespace work::detail {

WORK_DECL bool pool_core::can_wait() const noexcept
{
    return !stop_requested_ && !quiet_ && !hungry_ && surplus_ == 0 && asked_ == 0 &&
           capacity() > 0;
}

WORK_DECL std::vector<std::string> pool_core::list_ids() const
{
    std::vector<std::string> ids;
    ids.reserve(served_.size());
    for (auto const& s : served_)
        ids.push_back(s->list);
    return ids;
}

// Sleeps on the broker's hints while there is room for jobs and none are known to be there. A hint
// taken is followed by an exchange, which gives it to somebody else if jobs are left over.
WORK_DECL task<void> pool_core::wait_loop(std::shared_ptr<pool_core> self)
{
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    auto pause = std::chrono::milliseconds(50);
    while (!self->stop_requested_ && !self->closed_) {
        if (!self->can_wait()) {
            co_await self->waiter_wake_.sleep_until(clock::time_point::max());
            continue;
        }
        bool hinted = false;
        bool failed = false;
        try {
            std::vector<std::string> lists = self->list_ids();
            hinted = co_await self->broker_
                         ->wait(self->id_, std::move(lists), std::chrono::milliseconds(30'000));
        } catch (std::exception const&) {
            failed = true;
        }
        if (self->stop_requested_ || self->closed_)
            break;
        if (failed) {
            // Hints may have been lost: look as soon as the broker can be reached, which the
            // exchange finds out.
            self->hungry_ = true;
            self->kick();
            co_await self->waiter_wake_.sleep_until(clock::now() + pause);
            pause = std::min(pause * 2, std::chrono::milliseconds(2000));
            continue;
        }
        pause = std::chrono::milliseconds(50);
        if (!hinted)
            continue;
        self->hungry_ = true;
        self->look_now_ = true;
        if (self->capacity() <= 0)
            self->pass_hint_on_ = true;
        self->kick();
    }
}

}  // namespace work::detail
