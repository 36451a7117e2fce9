// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/job_options.hpp>
#include <work/values/parsed.hpp>
#include <work/web/request.hpp>

#include <boost/describe/class.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace work::web {

/// A name that a worker runs jobs of, with the options of its jobs that have none of their own.
struct worker_job_type
{
    std::string name{};
    std::string queue{};    ///< "": in whatever queue
    std::string options{};  ///< JSON, as a stored job has them
    bool dead_on_crash = false;
};
BOOST_DESCRIBE_STRUCT(worker_job_type, (), (name, queue, options, dead_on_crash))

/// What a worker said of itself when it came: kept by the broker, so that any server knows it.
struct worker_registration
{
    std::string user{};  ///< whose token made it
    std::string name{};
    std::string host{};
    std::int64_t pid = 0;
    std::string language{};
    int concurrency = 1;
    std::int64_t lease_ms = 60'000;
    std::int64_t since_ms = 0;
    std::vector<worker_job_type> job_types{};

    /// How often it is to be heard of at the least, so that it is taken for alive and its leases
    /// for kept.
    WORK_DECL std::int64_t heartbeat_ms() const noexcept;
    /// What it waits for, as brokers know it: `*` and names, or lists.
    WORK_DECL std::vector<std::string> served() const;
    /// The job type that a job of this list is of; null: of none.
    WORK_DECL worker_job_type const* find(std::string_view list) const;
};
BOOST_DESCRIBE_STRUCT(
    worker_registration,
    (),
    (user, name, host, pid, language, concurrency, lease_ms, since_ms, job_types)
)

/// One of `served`, for this job type.
WORK_DECL std::string served_as(worker_job_type const& type);
WORK_DECL job_options options_of(worker_job_type const& type);

/// The body of PUT /pools/{pool}. Of a user who is bound to queues, a name without a queue means
/// that of its own name.
/// \par Errors `problem` 400 bad-json, 403 forbidden, 422 invalid-option
WORK_DECL worker_registration read_registration(web_request const& request);
/// Errors: none; an empty text: nothing was registered.
WORK_DECL std::optional<worker_registration> known_registration(std::string_view text);

/// The id of a pool that a path names.
/// \par Errors `problem` 400 bad-parameter
WORK_DECL std::string checked_pool(web_request const& request);

inline constexpr std::size_t max_worker_job_types = 1'000;

}  // namespace work::web

#ifdef WORK_HEADER_ONLY
#include <work/web/worker_registration.ipp>
#endif
