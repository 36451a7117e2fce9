// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/worker.hpp>

namespace work::detail {

WORK_DECL void worker::begin(
    held_job const& next,
    std::unique_ptr<stored_options> own,
    int max_attempts
)
{
    held = next;
    options = std::move(own);
    ++generation;
    busy = true;
    interrupted = interrupt_queued = overdue = reported = reported_before = false;
    told_cancelled = false;
    held.of->running.push_back(*this);
    started = clock::now();
    ended = outcome();
    result.clear();
    result_fault.clear();

    context_.id_ = held.id;
    context_.name_ = held.list->type->name;
    context_.queue_ = held.list->queue;
    context_.args_ = held.record.args;
    context_.flow_ = held.record.flow;
    context_.attempt_ = held.record.attempts + 1;
    context_.max_attempts_ = max_attempts;
    context_.snoozes_ = held.record.snoozes;
    context_.stages_ = held.record.stages;
    context_.fence_ = held.of->number;
    context_.created_ms_ = held.record.created_ms;
    context_.args_version_ = options ? options->args_version : 1;
    if (options)
        context_.headers_ = std::move(options->headers);
    context_.stopping_.store(context::not_stopping, std::memory_order_relaxed);
    context_.told_.store(false, std::memory_order_relaxed);
    context_.reached_ = context_.ran_ = false;
    context_.misuse_.clear();
    context_.layers_ = 0;
    context_.worker_ = this;

    worker_lock const guard(*this);
    running = true;
    given_up = false;
    cancel_reason.clear();
    give_up_at = clock::time_point::max();
}

WORK_DECL void worker::tell_why(std::string const& why)
{
    worker_lock const guard(*this);
    cancel_reason = why;
}

WORK_DECL std::string worker::why()
{
    worker_lock const guard(*this);
    return cancel_reason;
}

WORK_DECL void worker::end()
{
    busy = false;
    running_job::unlink();
    context_.user_.clear();
    context_.headers_.clear();
    context_.committed_.reset();
    options.reset();
    progress.clear();
    progress_dirty = false;
    log.clear();
    logged = 0;
    progress_sent = {};
    held = {};
}

}  // namespace work::detail
