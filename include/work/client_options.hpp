// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/log.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace work {

namespace redis {
class tls_context;
}

/// How a client reaches its broker.
struct client_options
{
    /// Keeps what different programs store in one Redis apart.
    std::string ns = "work";
    /// The largest arguments a job may have, in bytes: 1 KiB .. 16 MiB.
    std::size_t max_payload = 1 << 20;
    /// Jobs that may wait in this process to be sent; beyond it enqueue fails with
    /// errc::buffer_full.
    std::size_t max_buffered_jobs = 100'000;
    /// The same in bytes.
    std::size_t max_buffered_bytes = 64 << 20;
    /// How long an enqueue waits while the broker can't be reached.
    std::chrono::milliseconds enqueue_deadline{10'000};
    /// How long an enqueue waits for room in a queue that is full, where its bound says that it may
    /// (`when_full::wait`); then it fails with errc::queue_full. 0: at once.
    std::chrono::milliseconds full_queue_wait{30'000};
    /// How long the id of a finished job stays known, if its caller chose it: enqueuing the same id
    /// again within that time stores nothing.
    std::chrono::milliseconds id_retention{std::chrono::hours(24)};
    /// Enqueue also when the server may evict jobs (an allkeys-* maxmemory-policy).
    bool allow_eviction = false;
    work::logger logger = log_to_stderr;
    /// For `rediss://`, and for no other: `work::tls()` from <work/tls.hpp>.
    std::shared_ptr<redis::tls_context const> tls{};

    /// Throws `errc::invalid_option` that names the field, the value and the range.
    WORK_DECL void validate() const;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/client_options.ipp>
#endif
