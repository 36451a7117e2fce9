// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/parsed.hpp>

#include <boost/describe/class.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace work {

/// How a job ended that is completed, and kept as a sample or for its result; or cancelled.
struct job_ending
{
    std::string outcome;  ///< "done", "discarded", "expired", "cancelled", …
    std::int64_t at_ms = 0;
    std::int64_t run_us = 0;  ///< of its last run
    int attempt = 0;
    std::string pool;
    std::string reason;        ///< of `work::discard`; why it was cancelled
    std::string by;            ///< who cancelled it
    std::string result_fault;  ///< why the result was not kept

    friend bool operator==(job_ending const&, job_ending const&) = default;
};
BOOST_DESCRIBE_STRUCT(
    job_ending,
    (),
    (outcome, at_ms, run_us, attempt, pool, reason, by, result_fault)
)

/// An ending and the result, which is JSON text and is not read: its numbers stay what they are.
struct ended_job
{
    job_ending ending;
    std::string result;  ///< "" when there is none
};

/// One line of JSON: the members of `job_ending` that are set, then `result`. Texts that are too
/// long, or no valid UTF-8, are mended.
WORK_DECL std::string encode_ending(job_ending const& what, std::string_view result = {});
WORK_DECL parsed<ended_job> decode_ending(std::string_view text);

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/job_ending.ipp>
#endif
