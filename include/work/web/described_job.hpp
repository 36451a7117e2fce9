// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/new_job.hpp>
#include <work/values/stored_options.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace work::web {

/// Refuses a text that is no JSON object, nests too deep, or names a member twice.
/// Errors: `problem` 400 bad-json
WORK_DECL void check_object(std::string_view text);

/// A job as JSON describes it to who enqueues: POST /jobs, a line of NDJSON.
struct described_job
{
    std::string name;
    std::string queue;
    std::string id;  ///< "": none was given
    std::string args;
    std::optional<std::int64_t> in_ms;
    std::optional<std::int64_t> at_ms;
    stored_options options;
    detail::uniqueness unique;
    std::vector<std::string> unique_by;  ///< members of its arguments
};

/// Members that it does not know change nothing, but for those that would change what runs.
/// Errors: `problem` 400 bad-json, 422 invalid-option
WORK_DECL described_job read_described(std::string_view text);
/// With this id where it has none of its own.
/// Errors: as `make_json`
WORK_DECL new_job make_described(described_job const& job, std::string const& id);

}  // namespace work::web

#ifdef WORK_HEADER_ONLY
#include <work/web/described_job.ipp>
#endif
