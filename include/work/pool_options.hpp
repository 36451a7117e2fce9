// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/retention.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace work {

/// In which order a pool takes jobs from the queues it serves.
enum class queue_order {
    /// By weight: a queue with twice the weight gets twice the share when both have jobs.
    weighted,
    /// In the order of `pool_options::queues`: a later queue only when the earlier ones are empty.
    strict,
    /// Each in turn, whatever its weight.
    round_robin,
};

struct queue_share
{
    std::string queue;
    /// 1..1000
    int weight = 1;
};

struct pool_options
{
    /// Jobs running at once: 1..1 000 000. A worker that has nothing to do costs nothing.
    int concurrency = 100;
    /// The most jobs asked for at once, and fetched ahead of free workers while jobs are short:
    /// 1..256. Less spreads few jobs more evenly over many pools; more saves Redis commands.
    int batch = 256;
    /// How long the jobs of a pool that died wait before another pool runs them: 500 ms .. 1 h.
    /// It is renewed every third of it, from a thread of its own.
    std::chrono::milliseconds lease{15'000};
    /// How long `stop()` lets running jobs go on before it cancels them, 0 .. 24 h; also how long a
    /// job that ran into its timeout gets (at most 5 s) before it is given up.
    std::chrono::milliseconds grace{25'000};
    /// Only these queues are served. Empty: every queue that holds jobs of a handled name, by the
    /// weight of their job type.
    std::vector<queue_share> queues{};
    queue_order order = queue_order::weighted;
    /// A thread that ran no other coroutine for so long counts as hung: its leases are not renewed
    /// any more. 1 s .. 24 h.
    std::chrono::milliseconds stall_limit{300'000};
    /// How often the pool shows its status, 100 ms .. 60 s.
    std::chrono::milliseconds heartbeat{5'000};
    /// Where handlers and their middleware run. Empty: on the client's executor, one at a time, so
    /// that the handlers of a client need no locks between them. Set, say to the executor of a
    /// `thread_pool` or of an `io_context` that many threads run, they run side by side there. Each
    /// handler is one coroutine, so its own lines still run one after the other. It must go on
    /// running until `run()` has ended. A handler that was cancelled there runs again, even if it
    /// took no notice and returned.
    boost::asio::any_io_executor handler_executor{};
    /// How much of completed, dead and set-aside jobs is kept. Pools of a namespace should agree.
    retention_limits keep{};
    /// Shown beside host and process id.
    std::string name{};

    /// Throws `errc::invalid_option` that names the field, the value and the range.
    WORK_DECL void validate() const;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/pool_options.ipp>
#endif
