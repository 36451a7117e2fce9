// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/flow.hpp>
#include <work/task.hpp>
#include <work/values/needs.hpp>
#include <work/web/described_job.hpp>

#include <boost/describe/class.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace work::web {

/// How many jobs one description of a flow may have.
inline constexpr std::size_t most_flow_jobs = 256;

/// Whom a job of a described flow needs: another one of it, by its key, or one that is stored.
struct described_need
{
    std::string key;
    std::string id;
    work::otherwise otherwise = work::otherwise::cancel;
    std::string as;
};

struct described_flow_job
{
    std::string key;
    described_job job;
    std::vector<described_need> needs;
};

/// A flow as JSON describes it: POST /flows, `work flow start`.
struct described_flow
{
    std::string name;
    std::vector<described_flow_job> jobs;  ///< in any order
};

/// Errors: `problem` 400 bad-json; 413 too-large; 422 invalid-option, which names the key: no key,
///         a key that comes twice or that nobody has, a circle, as `read_described`
WORK_DECL described_flow read_described_flow(std::string_view text);

struct stored_flow_job
{
    std::string key;
    std::string id;
};
BOOST_DESCRIBE_STRUCT(stored_flow_job, (), (key, id))

struct stored_flow
{
    std::string id;
    std::vector<stored_flow_job> jobs;  ///< in the order of the description
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(stored_flow, (), (id, jobs, now_ms))

/// Stores it as `into`, which is new. `ids`: of those jobs that have none of their own, in their
/// order; "", or none at all: generated ones.
/// Errors: `problem` 422 that names the key; as `flow::start`, with the key before what is said
WORK_DECL task<stored_flow> start_described(
    described_flow what,
    work::flow into,
    std::vector<std::string> ids = {}
);

}  // namespace work::web

#ifdef WORK_HEADER_ONLY
#include <work/web/described_flow.ipp>
#endif
