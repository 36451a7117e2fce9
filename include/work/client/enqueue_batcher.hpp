// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/build_config.hpp>
#include <work/client_options.hpp>
#include <work/error.hpp>
#include <work/fork.hpp>
#include <work/task.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>

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
/// batches are on their way, so that a lone job waits for nothing and a thousand share a call;
/// 3. numbers the batches, so that the broker can tell a repeated one; 4. hands out the answers.
///
/// In a child made by fork() it goes on under a name and numbers of its own; what the parent left
/// in it is the parent's to send, and fails here with errc::forked.
class enqueue_batcher : public std::enable_shared_from_this<enqueue_batcher>
{
public:
    using handler = boost::asio::any_completion_handler<void(std::exception_ptr, enqueue_code)>;

    WORK_DECL enqueue_batcher(
        boost::asio::any_io_executor executor,
        std::shared_ptr<broker> to,
        client_options const& options
    );

    /// Thread safety: any thread. Errors: errc::buffer_full at once; else as `broker::enqueue`.
    WORK_DECL void push(new_job job, handler done);
    /// Under which its batches are numbered.
    std::string const& name() const noexcept { return names_.back(); }
    /// Fails what waits with errc::closed.
    WORK_DECL void close();

private:
    struct waiting
    {
        new_job job;
        handler done;
    };
    struct batch
    {
        std::vector<new_job> jobs;
        std::vector<handler> done;  ///< in their order
    };

    static constexpr std::size_t most_jobs = 256;
    static constexpr std::size_t most_bytes = 1 << 20;

    WORK_DECL void kick();
    WORK_DECL void begin_in_child(std::deque<waiting>& left_by_parent);
    WORK_DECL void date(new_job& job) const;
    WORK_DECL task<void> send_loop(std::size_t stream);
    WORK_DECL bool take(batch& out);
    WORK_DECL void finish(
        std::vector<handler> done,
        std::vector<enqueue_code> const& codes,
        std::exception_ptr failure
    );
    WORK_DECL void refuse(handler done, errc why, std::string text);
    WORK_DECL static void complete(
        boost::asio::any_io_executor const& here,
        handler done,
        std::exception_ptr failure,
        enqueue_code code
    );

    boost::asio::any_io_executor executor_;
    std::shared_ptr<broker> broker_;
    std::size_t max_jobs_;
    std::size_t max_bytes_;
    std::list<std::string> names_;  ///< the last one; earlier ones are of processes before a fork
    std::int64_t next_number_[2] = {0, 1};
    bool sending_[2] = {false, false};

    std::mutex mutex_;
    std::deque<waiting> queue_;
    std::size_t queued_bytes_ = 0;
    bool kicked_ = false;
    bool closed_ = false;
    process_mark mark_;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/client/enqueue_batcher.ipp>
#endif
