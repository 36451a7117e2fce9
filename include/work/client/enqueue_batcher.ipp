// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_clock.hpp>
#include <work/client/date.hpp>
#include <work/client/enqueue_batcher.hpp>
#include <work/error.hpp>
#include <work/fork_watch.hpp>
#include <work/values/envelope.hpp>
#include <work/values/id.hpp>
#include <work/values/text.hpp>

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <iterator>
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
      full_queue_wait_(options.full_queue_wait),
      again_(executor_),
      names_(1, id_generator().next(wall_ms()).str())
{
    fork_watch::of(executor_);  // made here, so that it knows a child from its parent
    pace_.begin(pace::time_point::clock::now(), 0);
    number_from_zero();
}

WORK_DECL void enqueue_batcher::number_from_zero()
{
    for (std::size_t stream = 0; stream != streams; ++stream)
        next_number_[stream] = static_cast<std::int64_t>(stream);
}

// Under the lock. What is on its way in the parent ends here when its connection says so.
WORK_DECL void enqueue_batcher::begin_in_child(std::deque<waiting>& left_by_parent)
{
    fork_watch::of(executor_).settle();
    mark_.renew();
    names_.push_back(id_generator().next(wall_ms()).str());
    number_from_zero();
    left_by_parent.swap(queue_);
    for (held_job& one : std::exchange(held_, {}))
        left_by_parent.push_back(std::move(one.what));
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
        } else if (queue_.size() + held_.size() >= max_jobs_ ||
                   (queued_bytes_ > 0 && queued_bytes_ + bytes > max_bytes_)) {
            refused = errc::buffer_full;
        } else {
            queued_bytes_ += bytes;
            queue_.push_back(waiting{std::move(job), std::move(done), patience()});
            first = !std::exchange(kicked_, true);
        }
    }
    refuse_all(left_by_parent);
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

WORK_DECL void enqueue_batcher::refuse_all(std::deque<waiting>& left_by_parent)
{
    for (waiting& w : left_by_parent)
        refuse(
            std::move(w.done),
            errc::forked,
            "this process is a child of the one that enqueued the job, which stores it there; "
            "nothing was sent from here"
        );
}

WORK_DECL void enqueue_batcher::kick()
{
    for (std::size_t stream = 0; stream != steady_streams; ++stream) {
        {
            std::lock_guard const lock(mutex_);
            kicked_ = false;
            if (queue_.empty())
                return;
        }
        if (!sending_[stream])
            begin_stream(stream);
    }
    spread();
}

// Another stream, while full batches wait and the broker does not have as many as keep it busy.
WORK_DECL void enqueue_batcher::spread()
{
    std::size_t const most = static_cast<std::size_t>(pace_.in_flight(most_jobs, streams));
    if (in_flight_ >= most || !has_full())
        return;
    for (std::size_t stream = steady_streams; stream != streams; ++stream) {
        if (sending_[stream])
            continue;
        // Later, since the batch of who found that it pays is not sent yet.
        sending_[stream] = true;
        boost::asio::post(executor_, [self = shared_from_this(), stream] {
            self->begin_stream(stream);
        });
        return;
    }
}

WORK_DECL void enqueue_batcher::begin_stream(std::size_t stream)
{
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

WORK_DECL bool enqueue_batcher::has_full() const
{
    std::lock_guard const lock(mutex_);
    return queue_.size() >= static_cast<std::size_t>(most_jobs) || queued_bytes_ >= most_bytes;
}

// `full`: that, or nothing.
WORK_DECL bool enqueue_batcher::take(batch& out, bool full)
{
    if (full && !has_full())
        return false;
    std::deque<waiting> left_by_parent;
    std::unique_lock lock(mutex_);
    if (mark_.elsewhere()) {
        begin_in_child(left_by_parent);
        lock.unlock();
        refuse_all(left_by_parent);
        return false;
    }
    kicked_ = false;
    std::size_t const most = std::min(queue_.size(), static_cast<std::size_t>(most_jobs));
    out.jobs.reserve(most);
    out.done.reserve(most);
    out.waited.reserve(most);
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
        out.waited.push_back(next.waited);
        queue_.pop_front();
    }
    return !out.jobs.empty();
}

// The second stream is only worth a request when the first is busy; all end when nothing waits.
WORK_DECL task<void> enqueue_batcher::send_loop(std::size_t stream)
{
    sending const ends{sending_[stream]};
    bool const extra = stream >= steady_streams;
    for (;;) {
        batch now;
        if (extra && in_flight_ >= static_cast<std::size_t>(pace_.in_flight(most_jobs, streams)))
            break;
        if (!take(now, extra))
            break;
        for (new_job& job : now.jobs)
            date(*broker_, job);
        enqueue_request request;
        request.producer = names_.back();
        request.number = next_number_[stream];
        request.jobs = std::move(now.jobs);
        next_number_[stream] += static_cast<std::int64_t>(streams);
        ++in_flight_;
        spread();
        enqueue_answer answer;
        std::exception_ptr failure;
        pace::time_point const sent = pace::time_point::clock::now();
        try {
            answer = co_await broker_->enqueue(std::move(request));
        } catch (...) {
            failure = std::current_exception();
        }
        --in_flight_;
        stored_ += static_cast<std::int64_t>(now.done.size());
        pace_.round_trip(pace::time_point::clock::now() - sent);
        pace_.look(pace::time_point::clock::now(), stored_);
        if (!answer.back.empty())
            take_back(now, answer);
        finish(std::move(now.done), std::move(answer.jobs), failure);
    }
}

// Those whose queues are full leave the batch: refused, or to be tried again.
WORK_DECL void enqueue_batcher::take_back(batch& sent, enqueue_answer& answer)
{
    clock::time_point const now = clock::now();
    for (auto& [i, job] : answer.back) {
        // What it is moved from is empty, by which `finish` knows it.
        waiting one{std::move(job), std::move(sent.done[i]), sent.waited[i]};
        if (one.waited.pause.count() == 0)
            one.waited.since = now;
        if (answer.jobs[i].code == enqueue_code::no_room &&
            now - one.waited.since < full_queue_wait_)
            hold(std::move(one), now);
        else
            refuse_for_full_queue(std::move(one), answer.jobs[i].other);
    }
    set_timer();
}

// After 50 ms, then after twice as long, up to a second.
WORK_DECL void enqueue_batcher::hold(waiting what, clock::time_point now)
{
    constexpr std::chrono::milliseconds first{50}, longest{1'000};
    what.waited.pause = std::clamp(2 * what.waited.pause, first, longest);
    clock::time_point const until = what.waited.since + full_queue_wait_;
    clock::time_point const again = std::min(now + what.waited.pause, until);
    bool closed = false;
    {
        std::lock_guard const lock(mutex_);
        closed = closed_;
        if (!closed) {
            queued_bytes_ += what.job.bytes();
            held_.push_back(held_job{std::move(what), again});
        }
    }
    if (closed)
        refuse(
            std::move(what.done),
            errc::closed,
            "the client was closed before there was room in the queue; the job was not stored"
        );
}

WORK_DECL void enqueue_batcher::set_timer()
{
    clock::time_point first = clock::time_point::max();
    {
        std::lock_guard const lock(mutex_);
        for (held_job const& one : held_)
            first = std::min(first, one.again);
    }
    if (first == clock::time_point::max())
        return;
    again_.expires_at(first);
    again_.async_wait([self = shared_from_this()](boost::system::error_code stopped) {
        if (!stopped)
            self->try_again();
    });
}

// Those that waited longest go first.
WORK_DECL void enqueue_batcher::try_again()
{
    clock::time_point const now = clock::now();
    {
        std::lock_guard const lock(mutex_);
        for (auto at = held_.end(); at != held_.begin();) {
            --at;
            if (at->again > now)
                continue;
            queue_.push_front(std::move(at->what));
            at = held_.erase(at);
        }
    }
    kick();
    set_timer();
}

WORK_DECL void enqueue_batcher::count(std::vector<enqueued> const& answers) noexcept
{
    std::uint64_t stored = 0, refused = 0;
    for (enqueued const& one : answers) {
        stored += one.code == enqueue_code::stored;
        refused += one.code == enqueue_code::refused || one.code == enqueue_code::no_room;
    }
    were_known_.fetch_add(answers.size() - stored - refused, std::memory_order_relaxed);
    were_stored_.fetch_add(stored, std::memory_order_relaxed);
}

WORK_DECL void enqueue_batcher::finish(
    std::vector<handler> done,
    std::vector<enqueued> answers,
    std::exception_ptr failure
)
{
    if (failure)
        count_unanswered(done.size());
    else
        count(answers);
    std::exception_ptr thrown;
    for (std::size_t i = 0; i != done.size(); ++i) {
        if (!done[i])
            continue;  // it is held, or was refused
        try {
            enqueued answer;
            if (!failure)
                answer = std::move(answers[i]);
            complete(executor_, std::move(done[i]), failure, std::move(answer));
        } catch (...) {
            thrown = std::current_exception();
        }
    }
    if (thrown)
        std::rethrow_exception(thrown);
}

// Whoever waits on this thread goes on right here, without a detour through the queue.
WORK_DECL void enqueue_batcher::complete(
    boost::asio::any_io_executor const& here,
    handler done,
    std::exception_ptr failure,
    enqueued answer
)
{
    boost::asio::any_completion_executor const mine(here);
    auto const executor = boost::asio::get_associated_executor(done, mine);
    if (executor == mine)
        std::move(done)(failure, std::move(answer));
    else
        executor.execute([done = std::move(done), failure, answer = std::move(answer)]() mutable {
            std::move(done)(failure, std::move(answer));
        });
}

WORK_DECL void enqueue_batcher::refuse(handler done, errc why, std::string text)
{
    auto const failure = std::make_exception_ptr(error(why, std::move(text)));
    boost::asio::post(executor_, [here = executor_, done = std::move(done), failure]() mutable {
        complete(here, std::move(done), failure, enqueued());
    });
}

WORK_DECL std::string enqueue_batcher::full_queue_text(new_job const& job, std::string const& most)
{
    return "queue " + quote(queue_of_list(std::string(job.list)).queue) +
           " is full: its bound lets " + most + " jobs wait in it; job " + job.id;
}

WORK_DECL void enqueue_batcher::refuse_for_full_queue(waiting what, std::string const& most)
{
    std::string text = full_queue_text(what.job, most);
    if (what.waited.pause.count() != 0)
        text += " waited " + std::to_string(full_queue_wait_.count()) + " ms for room and";
    text += " was not stored: try again later, or raise the bound";
    refuse(std::move(what.done), errc::queue_full, std::move(text));
}

WORK_DECL void enqueue_batcher::close()
{
    std::deque<waiting> dropped;
    bool held = false;
    {
        std::lock_guard const lock(mutex_);
        closed_ = true;
        dropped.swap(queue_);
        held = !held_.empty();
        for (held_job& one : std::exchange(held_, {}))
            dropped.push_back(std::move(one.what));
        queued_bytes_ = 0;
    }
    if (held)
        boost::asio::post(executor_, [self = shared_from_this()] { self->again_.cancel(); });
    for (waiting& w : dropped)
        refuse(
            std::move(w.done),
            errc::closed,
            "the client was closed before the job was sent; it was not stored"
        );
}

}  // namespace work::detail
