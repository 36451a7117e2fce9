// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_clock.hpp>
#include <work/client/enqueue_batcher.hpp>
#include <work/error.hpp>
#include <work/fork_watch.hpp>
#include <work/values/envelope.hpp>
#include <work/values/id.hpp>

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace work::detail {

WORK_DECL enqueue_batcher::enqueue_batcher(
    boost::asio::any_io_executor executor,
    std::shared_ptr<broker> to,
    client_options const& options
)
    : executor_(std::move(executor)),
      broker_(std::move(to)),
      max_jobs_(options.max_buffered_jobs),
      max_bytes_(options.max_buffered_bytes),
      names_(1, id_generator().next(wall_ms()).str())
{
    fork_watch::of(executor_);  // made here, so that it knows a child from its parent
}

// Under the lock. What is on its way in the parent ends here when its connection says so.
WORK_DECL void enqueue_batcher::begin_in_child(std::deque<waiting>& left_by_parent)
{
    fork_watch::of(executor_).settle();
    mark_.renew();
    names_.push_back(id_generator().next(wall_ms()).str());
    next_number_[0] = 0;
    next_number_[1] = 1;
    left_by_parent.swap(queue_);
    queued_bytes_ = 0;
    kicked_ = false;
}

WORK_DECL void enqueue_batcher::push(new_job job, handler done)
{
    errc refused{};
    bool first = false;
    std::deque<waiting> left_by_parent;
    {
        std::lock_guard const lock(mutex_);
        if (mark_.elsewhere())
            begin_in_child(left_by_parent);
        std::size_t const bytes = job.bytes();
        if (closed_) {
            refused = errc::closed;
        } else if (queue_.size() >= max_jobs_ ||
                   (!queue_.empty() && queued_bytes_ + bytes > max_bytes_)) {
            refused = errc::buffer_full;
        } else {
            queued_bytes_ += bytes;
            queue_.push_back(waiting{std::move(job), std::move(done)});
            first = !std::exchange(kicked_, true);
        }
    }
    for (waiting& w : left_by_parent)
        refuse(
            std::move(w.done),
            errc::forked,
            "this process is a child of the one that enqueued the job, which stores it there; "
            "nothing was sent from here"
        );
    if (refused != errc{}) {
        std::string text =
            refused == errc::closed
                ? "the client was closed; nothing was stored"
                : std::to_string(max_jobs_) +
                      " jobs or max_buffered_bytes wait to be sent; nothing was "
                      "stored: slow down, or raise client_options::max_buffered_jobs";
        refuse(std::move(done), refused, std::move(text));
        return;
    }
    if (first)
        boost::asio::post(executor_, [self = shared_from_this()] { self->kick(); });
}

WORK_DECL void enqueue_batcher::kick()
{
    for (std::size_t stream = 0; stream != 2; ++stream) {
        {
            std::lock_guard const lock(mutex_);
            kicked_ = false;
            if (queue_.empty())
                return;
        }
        if (sending_[stream])
            continue;
        sending_[stream] = true;
        boost::asio::co_spawn(
            executor_,
            send_loop(stream),
            [self = shared_from_this()](std::exception_ptr failure) {
                if (failure)
                    std::rethrow_exception(failure);
            }
        );
    }
}

WORK_DECL bool enqueue_batcher::take(batch& out)
{
    std::lock_guard const lock(mutex_);
    kicked_ = false;
    std::size_t const most = std::min(queue_.size(), most_jobs);
    out.jobs.reserve(most);
    out.done.reserve(most);
    std::size_t bytes = 0;
    while (!queue_.empty() && out.jobs.size() < most) {
        waiting& next = queue_.front();
        std::size_t const more = next.job.bytes();
        if (!out.jobs.empty() && bytes + more > most_bytes)
            break;
        bytes += more;
        queued_bytes_ -= more;
        out.jobs.push_back(std::move(next.job));
        out.done.push_back(std::move(next.done));
        queue_.pop_front();
    }
    return !out.jobs.empty();
}

// The second stream is only worth a request when the first is busy; both end when nothing waits.
WORK_DECL task<void> enqueue_batcher::send_loop(std::size_t stream)
{
    for (;;) {
        batch now;
        if (!take(now))
            break;
        for (new_job& job : now.jobs)
            date(job);
        enqueue_request request;
        request.producer = names_.back();
        request.number = next_number_[stream];
        request.jobs = std::move(now.jobs);
        next_number_[stream] += 2;
        enqueue_answer answer;
        std::exception_ptr failure;
        try {
            answer = co_await broker_->enqueue(std::move(request));
        } catch (...) {
            failure = std::current_exception();
        }
        finish(std::move(now.done), answer.codes, failure);
    }
    sending_[stream] = false;
}

// A job that was made before the broker was first heard has the time of this machine. It gets the
// broker's as soon as that is known; till then the broker stamps it, which costs it a few commands.
WORK_DECL void enqueue_batcher::date(new_job& job) const
{
    if (job.undated_ms == 0)
        return;
    std::int64_t const now = broker_->now_ms();
    if (now == 0) {
        job.stamp = true;
        return;
    }
    set_created(job.envelope, now - (steady_ms() - job.undated_ms));
    job.undated_ms = 0;
}

WORK_DECL void enqueue_batcher::finish(
    std::vector<handler> done,
    std::vector<enqueue_code> const& codes,
    std::exception_ptr failure
)
{
    for (std::size_t i = 0; i != done.size(); ++i)
        complete(executor_, std::move(done[i]), failure, failure ? enqueue_code::stored : codes[i]);
}

// Whoever waits on this thread goes on right here, without a detour through the queue.
WORK_DECL void enqueue_batcher::complete(
    boost::asio::any_io_executor const& here,
    handler done,
    std::exception_ptr failure,
    enqueue_code code
)
{
    boost::asio::any_completion_executor const mine(here);
    auto const executor = boost::asio::get_associated_executor(done, mine);
    if (executor == mine)
        std::move(done)(failure, code);
    else
        executor.execute([done = std::move(done), failure, code]() mutable {
            std::move(done)(failure, code);
        });
}

WORK_DECL void enqueue_batcher::refuse(handler done, errc why, std::string text)
{
    auto const failure = std::make_exception_ptr(error(why, std::move(text)));
    boost::asio::post(executor_, [here = executor_, done = std::move(done), failure]() mutable {
        complete(here, std::move(done), failure, enqueue_code::stored);
    });
}

WORK_DECL void enqueue_batcher::close()
{
    std::deque<waiting> dropped;
    {
        std::lock_guard const lock(mutex_);
        closed_ = true;
        dropped.swap(queue_);
        queued_bytes_ = 0;
    }
    for (waiting& w : dropped)
        refuse(
            std::move(w.done),
            errc::closed,
            "the client was closed before the job was sent; it was not stored"
        );
}

}  // namespace work::detail
