// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/context.hpp>
#include <work/pool/exchange_round.hpp>
#include <work/pool/shared_part.hpp>
#include <work/pool/worker.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <deque>

namespace work::detail {

/// How handlers are cancelled. A cancellation is emitted only while the handler stands in an await
/// that listens; else it is tried again. So a handler that returned normally and never stood in
/// such an await was certainly not reached by it, and its job is done.
class interrupts : public shared_part<interrupts>
{
public:
    explicit interrupts(boost::asio::any_io_executor executor) : timer_(std::move(executor)) {}

    /// Cancels what the worker's job waits for. Never within the call: a handler that ends at once
    /// would end amid what the caller walks through.
    WORK_DECL void add(worker& s, stop_reason why);
    /// Nothing that handlers do counts any more: delivers all, to whoever listens or not.
    WORK_DECL void end();
    void cancel_timer() { timer_.cancel(); }

private:
    using duration = std::chrono::steady_clock::duration;

    WORK_DECL void deliver();
    WORK_DECL void deliver_in(duration pause);
    WORK_DECL static void emit(worker& s);
    static bool is_due(worker_job const& next) noexcept
    {
        worker const& s = *next.who;
        return s.busy && s.generation == next.generation && s.interrupt_queued;
    }

    std::deque<worker_job> queue_;
    boost::asio::steady_timer timer_;
    bool armed_ = false;
    duration pause_{};
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/pool/interrupts.ipp>
#endif
