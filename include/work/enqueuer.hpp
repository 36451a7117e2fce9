// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

// clang-format off
#include <work/values/argument_check.hpp>  // first: compilers name the files on the way to it
// clang-format on

#include <work/build_config.hpp>
#include <work/client.hpp>
#include <work/durable_jobs.hpp>
#include <work/enqueue_calls.hpp>
#include <work/enqueue_middleware.hpp>
#include <work/job_handle.hpp>
#include <work/make.hpp>
#include <work/task.hpp>

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

namespace work {

/// Stores jobs.
///
///     co_await enqueuer.enqueue<send_email>(42, "ada@example.com");    // built from its members
///     co_await enqueuer.enqueue(mail, {.max_attempts = 3});            // a named value
///     co_await enqueuer.enqueue("resize", 7, "cat.png");               // by name, by position
///     co_await enqueuer.enqueue("create_watch", named);                // by name, by names
///     co_await enqueuer.enqueue_in(5min, mail);
///     co_await enqueuer.enqueue(mails, {.queue = "bulk"});             // many of one type
///     co_await enqueuer.enqueue(jobs);                                 // work::new_job, mixed
///
/// A delay below zero and a time that has passed mean now; one more than 10 years ahead is refused.
///
/// A described job's name is made from its type's, without namespaces. The first type that a client
/// meets under such a name owns it; another one is refused with errc::invalid_name, and needs a
/// `job_name` of its own.
///
/// The job is turned into text before the function returns its awaitable, so nothing it was made of
/// needs to live on; an invalid option or argument is thrown right there. What many coroutines
/// enqueue at once goes out together.
///
/// \par Errors        thrown by the call: errc::invalid_option, errc::invalid_name,
///                    errc::invalid_id, errc::invalid_arguments, errc::payload_too_large,
///                    errc::vetoed and whatever else middleware throws; the
///                    message names what, its value and what is allowed. Out of the awaitable:
///                    errc::unavailable, errc::full, errc::queue_full, errc::buffer_full,
///                    errc::may_evict, errc::refused, errc::closed — not stored;
///                    errc::outcome_unknown — stored or
///                    not: with an id of your own, enqueue again.
/// \par Cancellation  none: the job is stored or not, and the awaitable says which.
/// \par Thread safety any thread, also without the client's `io_context`.
/// \par Redis         one script call a batch (up to 256 jobs, 1 MiB): HSET, RPUSH; 2 µs a job
class enqueuer : public detail::enqueue_calls<enqueuer, task>
{
public:
    WORK_DECL explicit enqueuer(client& to);

    /// What sees each job that this enqueuer is given from now on, before it is checked and stored:
    /// the first first. It runs within the call, on the caller's thread. When it throws, the call
    /// throws that, and stores none of its jobs.
    /// \par Thread safety not while another thread enqueues through this one
    enqueuer& use(enqueue_middleware layer)
    {
        layers_.add(std::move(layer));
        return *this;
    }

    using enqueue_calls::enqueue;
    /// Stores a job made by `work::make`.
    WORK_DECL task<job_handle> enqueue(new_job job);
    /// Stores many, of mixed types; a handle for each, in their order. They go out in batches: when
    /// the awaitable throws, some may be stored and others not. Ids of your own make it repeatable.
    WORK_DECL task<std::vector<job_handle>> enqueue(std::vector<new_job> jobs);

    /// Stores jobs, and says how many replicas of the server have them: what is safe should the
    /// server be lost.
    ///
    ///     auto const stored = co_await enqueuer.enqueue_durably(job, {.replicas = 1});
    ///     if (!stored.enough)  // it is stored all the same: stored.replicas have it
    ///
    /// What is stored is never taken back, and no exception hides it: `enough`, `replicas` and
    /// `trouble` say how safe it is. One that is thrown is of the storing itself: of many, some may
    /// be stored then. A queue that is full refuses at once, also where `enqueue` would wait.
    ///
    /// \par Errors those of `enqueue`; errc::invalid_option also where the broker has no such
    ///             thing: in memory; `durability::aof` before Redis 7.2, or without its file
    /// \par Redis  as `enqueue`, on a connection for it alone, then GETEX and WAIT, or WAITAOF, for
    ///             all that came together: a round trip, and the replicas' answer
    WORK_DECL task<durable_jobs> enqueue_durably(new_job job, durability how = durability());
    WORK_DECL task<durable_jobs> enqueue_durably(
        std::vector<new_job> jobs,
        durability how = durability()
    );

    /// Stores a job, waits for its end, and takes its result.
    ///
    ///     auto const total = co_await enqueuer.call<std::int64_t>(sum_up, 30s);
    ///
    /// \par Errors       as `enqueue`, `job_handle::end` and `job_end::result_as`
    /// \par Cancellation the waiting ends; the job goes on, if it was stored
    /// \par Redis        as `enqueue`, and one PUBLISH when it ends
    template <typename T = void>
    task<T> call(new_job job, std::chrono::milliseconds at_most)
    {
        return job_handle::take_result<T>(run(std::move(job), at_most));
    }
    template <typename T = void, described_job Job>
    task<T> call(
        Job const& job,
        std::chrono::milliseconds at_most,
        enqueue_options options = enqueue_options()
    )
    {
        return call<T>(make(job, options), at_most);
    }
    /// The same, and how it ended, whatever that is.
    WORK_DECL task<job_end> run(new_job job, std::chrono::milliseconds at_most);

private:
    std::shared_ptr<detail::client_core> core_;
    detail::enqueue_layers layers_;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/enqueuer.ipp>
#endif
