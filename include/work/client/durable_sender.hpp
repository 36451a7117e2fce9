// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/build_config.hpp>
#include <work/client/enqueue_batcher.hpp>
#include <work/fork.hpp>
#include <work/task.hpp>
#include <work/values/durability.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <deque>
#include <exception>
#include <list>
#include <memory>
#include <string>
#include <vector>

namespace work::detail {

/// Stores jobs that are to be durable, one request at a time: what waits for replicas holds up all
/// that is behind it. Calls that come meanwhile, and want the same, go together next time, so that
/// a thousand of them wait once.
///
/// \par Thread safety none: on the client's executor
class durable_sender : public std::enable_shared_from_this<durable_sender>
{
public:
    WORK_DECL durable_sender(
        boost::asio::any_io_executor executor,
        std::shared_ptr<broker> to,
        std::shared_ptr<enqueue_batcher> counts
    );

    /// They are prepared, and there is one. Errors: as `broker::enqueue_durably`; those of earlier
    /// batches are stored.
    WORK_DECL task<durable_answer> store(std::vector<new_job> jobs, durability how);

private:
    struct call
    {
        explicit call(boost::asio::any_io_executor const& executor)
            : ended(executor, boost::asio::steady_timer::time_point::max())
        {}
        std::vector<new_job> jobs;
        durability how;
        durable_answer answer;
        std::exception_ptr failure;
        bool done = false;
        boost::asio::steady_timer ended;
    };
    using calls = std::vector<std::shared_ptr<call>>;

    static constexpr std::size_t most_together = 4096;  // jobs, if there is more than one call

    WORK_DECL void begin_in_child();
    WORK_DECL calls take();
    WORK_DECL static task<void> send_loop(std::shared_ptr<durable_sender> self);
    WORK_DECL task<void> send(calls const& some);
    WORK_DECL enqueue_request next_batch(std::deque<new_job>& jobs);

    boost::asio::any_io_executor executor_;
    std::shared_ptr<broker> broker_;
    std::shared_ptr<enqueue_batcher> counts_;
    std::list<std::string> names_;  ///< the last one; earlier ones are of processes before a fork
    std::int64_t next_number_ = 0;
    process_mark mark_;
    std::deque<std::shared_ptr<call>> queue_;
    bool sending_ = false;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/client/durable_sender.ipp>
#endif
