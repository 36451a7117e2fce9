// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/broker/policy.hpp>
#include <work/build_config.hpp>
#include <work/client_options.hpp>
#include <work/error.hpp>
#include <work/fork.hpp>
#include <work/task.hpp>
#include <work/values/pace.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace work::detail {

/// Turns many enqueues into few requests.
///
/// Tasks: 1. collects jobs from any thread; 2. sends what is there as soon as fewer than two
/// batches are on their way, so that a lone job waits for nothing and a thousand share a call, and
/// full batches as long as more of them keep the broker busy; 3. numbers the batches, so that the
/// broker can tell a repeated one; 4. hands out the answers; 5. tries again what was refused by a
/// queue that is full, and is to wait for room.
///
/// In a child made by fork() it goes on under a name and numbers of its own; what the parent left
/// in it is the parent's to send, and fails here with errc::forked.
class enqueue_batcher : public std::enable_shared_from_this<enqueue_batcher>
{
public:
    using handler = boost::asio::any_completion_handler<void(std::exception_ptr, enqueued)>;

    static constexpr int most_jobs = 256;
    static constexpr std::size_t most_bytes = 1 << 20;

    WORK_DECL enqueue_batcher(
        boost::asio::any_io_executor executor,
        std::shared_ptr<broker> to,
        client_options const& options
    );

    /// Thread safety: any thread. Errors: errc::buffer_full at once; else as `broker::enqueue`.
    WORK_DECL void push(new_job job, handler done);
    // Of what was sent, from any thread: stored; known before; not known whether it was stored.
    std::uint64_t stored() const noexcept { return were_stored_.load(std::memory_order_relaxed); }
    std::uint64_t duplicates() const noexcept
    {
        return were_known_.load(std::memory_order_relaxed);
    }
    std::uint64_t unanswered() const noexcept
    {
        return unanswered_.load(std::memory_order_relaxed);
    }
    /// What is said of a job whose queue is full.
    WORK_DECL static std::string full_queue_text(new_job const& job, std::string const& most);
    /// What others sent is counted here, too.
    WORK_DECL void count(std::vector<enqueued> const& answers) noexcept;
    void count_unanswered(std::size_t jobs) noexcept
    {
        unanswered_.fetch_add(jobs, std::memory_order_relaxed);
    }
    /// Under which its batches are numbered.
    std::string const& name() const noexcept { return names_.back(); }
    /// Fails what waits with errc::closed.
    WORK_DECL void close();

private:
    using clock = std::chrono::steady_clock;

    /// How long a job has waited for room in its queue.
    struct patience
    {
        clock::time_point since{};
        std::chrono::milliseconds pause{0};  ///< before it was tried last; 0: it did not wait yet
    };
    struct waiting
    {
        new_job job;
        handler done;
        patience waited{};
    };
    struct held_job
    {
        waiting what;
        clock::time_point again;
    };
    struct batch
    {
        std::vector<new_job> jobs;
        std::vector<handler> done;  ///< in their order
        std::vector<patience> waited;
    };

    /// A stream, of which whoever waits for a job may throw through the frame.
    struct sending
    {
        bool& flag;
        ~sending() { flag = false; }
    };

    static constexpr std::size_t streams = static_cast<std::size_t>(policy::stored_batches);
    /// Each sends what there is; the others full batches alone.
    static constexpr std::size_t steady_streams = 2;

    WORK_DECL void number_from_zero();
    WORK_DECL void kick();
    WORK_DECL void begin_in_child(std::deque<waiting>& left_by_parent);
    WORK_DECL task<void> send_loop(std::size_t stream);
    WORK_DECL void spread();
    WORK_DECL void begin_stream(std::size_t stream);
    WORK_DECL bool take(batch& out, bool full);
    WORK_DECL bool has_full() const;
    WORK_DECL void take_back(batch& sent, enqueue_answer& answer);
    WORK_DECL void hold(waiting what, clock::time_point now);
    WORK_DECL void set_timer();
    WORK_DECL void try_again();
    WORK_DECL void finish(
        std::vector<handler> done,
        std::vector<enqueued> answers,
        std::exception_ptr failure
    );
    WORK_DECL void refuse_all(std::deque<waiting>& left_by_parent);
    WORK_DECL void refuse(handler done, errc why, std::string text);
    WORK_DECL void refuse_for_full_queue(waiting what, std::string const& most);
    WORK_DECL static void complete(
        boost::asio::any_io_executor const& here,
        handler done,
        std::exception_ptr failure,
        enqueued answer
    );

    boost::asio::any_io_executor executor_;
    std::shared_ptr<broker> broker_;
    std::size_t max_jobs_;
    std::size_t max_bytes_;
    std::chrono::milliseconds full_queue_wait_;
    boost::asio::steady_timer again_;  ///< when the first of those that are held is tried again
    std::list<std::string> names_;  ///< the last one; earlier ones are of processes before a fork
    std::array<std::int64_t, streams> next_number_{};
    std::array<bool, streams> sending_{};
    std::size_t in_flight_ = 0;
    std::int64_t stored_ = 0;
    pace pace_;

    mutable std::mutex mutex_;
    std::deque<waiting> queue_;
    std::size_t queued_bytes_ = 0;  ///< of them, and of those that are held
    std::list<held_job> held_;      ///< their queues are full
    bool kicked_ = false;
    bool closed_ = false;
    process_mark mark_;
    std::atomic<std::uint64_t> were_stored_{0};
    std::atomic<std::uint64_t> were_known_{0};
    std::atomic<std::uint64_t> unanswered_{0};
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/client/enqueue_batcher.ipp>
#endif
