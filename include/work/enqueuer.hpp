// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

// clang-format off
#include <work/values/argument_check.hpp>  // first: compilers name the files on the way to it
// clang-format on

#include <work/build_config.hpp>
#include <work/client.hpp>
#include <work/enqueue_calls.hpp>
#include <work/job_handle.hpp>
#include <work/make.hpp>
#include <work/task.hpp>

#include <memory>
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
///                    errc::invalid_id, errc::invalid_arguments, errc::payload_too_large; the
///                    message names what, its value and what is allowed. Out of the awaitable:
///                    errc::unavailable, errc::full, errc::buffer_full, errc::may_evict,
///                    errc::refused, errc::closed — not stored; errc::outcome_unknown — stored or
///                    not: with an id of your own, enqueue again.
/// \par Cancellation  none: the job is stored or not, and the awaitable says which.
/// \par Thread safety any thread, also without the client's `io_context`.
/// \par Redis         one script call a batch (up to 256 jobs, 1 MiB): HSET, RPUSH; 2 µs a job
class enqueuer : public detail::enqueue_calls<enqueuer, task>
{
public:
    WORK_DECL explicit enqueuer(client& to);

    using enqueue_calls::enqueue;
    /// Stores a job made by `work::make`.
    WORK_DECL task<job_handle> enqueue(new_job job);
    /// Stores many, of mixed types; a handle for each, in their order. They go out in batches: when
    /// the awaitable throws, some may be stored and others not. Ids of your own make it repeatable.
    WORK_DECL task<std::vector<job_handle>> enqueue(std::vector<new_job> jobs);

private:
    std::shared_ptr<detail::client_core> core_;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/enqueuer.ipp>
#endif
