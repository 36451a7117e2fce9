// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/worker_record.hpp>
#include <work/build_config.hpp>
#include <work/error.hpp>
#include <work/task.hpp>
#include <work/values/envelope.hpp>
#include <work/values/stored_options.hpp>
#include <work/web/problem.hpp>
#include <work/web/request.hpp>
#include <work/web/worker_presence.hpp>
#include <work/web/worker_registration.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace work::web {

struct service;

/// A pool that speaks through servers, as the broker knows it.
struct known_worker
{
    std::string pool{};
    worker_record record{};
    worker_registration is{};

    /// Jobs of the claims that it may hold.
    int busy() const noexcept;
    /// When the first of them was claimed; 0: there is none.
    std::int64_t since_ms() const noexcept;
    /// All of that.
    held_work has() const;
};

/// What is noted with a claim: `jobs kind until`.
struct claim_note
{
    int jobs = 0;
    char kind = 'j';            ///< as in the keys: `s` suspects, `i` one in isolation
    std::int64_t until_ms = 0;  ///< of suspects: when others may be taken

    WORK_DECL std::string text() const;
    WORK_DECL static claim_note read(std::string_view text);
};

/// The pool, when the caller made it.
/// \par Errors `problem` 403 forbidden, 404 no-such-pool
WORK_DECL task<known_worker> find_worker(service& at, web_request const& request, std::string pool);

/// The next number of each stream that is free.
WORK_DECL std::int64_t next_claim(worker_record const& of);
WORK_DECL std::int64_t next_report(worker_record const& of);
/// \par Errors what is thrown is none of it: "STALE"
WORK_DECL bool is_stale(error const& failure);
WORK_DECL problem stale_number(std::string_view what, std::int64_t number, std::int64_t next);

/// A job of a worker's claim, taken apart.
struct worker_job
{
    envelope_view record{};
    std::optional<stored_options> options{};
    job_options type{};        ///< of its job type
    std::int64_t ends_ms = 0;  ///< when its attempt has run for too long
};

/// Nothing: the record can't be read.
WORK_DECL std::optional<worker_job> read_worker_job(
    worker_registration const& by,
    std::string_view envelope,
    claim_number fence
);

/// What a pool that was told so is: "running", "quiet" or "stopping".
WORK_DECL std::string_view state_of(std::vector<told_order> const& orders) noexcept;

/// `,"cancels":[…],"state":"running"`.
WORK_DECL std::string orders_json(
    std::vector<job_cancel> const& cancels,
    std::vector<told_order> const& orders
);

}  // namespace work::web

#ifdef WORK_HEADER_ONLY
#include <work/web/routes/known_worker.ipp>
#endif
