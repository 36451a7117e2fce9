// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace work {

/// What is to be changed of a job; what is absent stays as it is. The texts are copied by the call.
///
///     co_await inspector.edit(id, {.priority = 5, .version = seen.version, .by = "ada"});
struct job_change
{
    std::optional<std::string_view> args{};   ///< JSON text: an array or an object
    std::optional<std::string_view> queue{};  ///< "": that of its name
    std::optional<int> priority{};            ///< -100 to 100
    std::int64_t due_ms = 0;  ///< when a scheduled or retrying one is to run; 0: as it was
    /// A JSON object: each member takes the place of the stored option of its name, null takes it
    /// out. `max_attempts`, `timeout_ms`, `expires_in_ms`, `deadline_ms`, `backoff`, `skip_dead`,
    /// `args_version`, `headers`, `tags`.
    std::string_view options{};
    std::string_view version{};  ///< `job_info::version` of what was seen; "": whatever is there
    std::string_view by{};       ///< who wants it
};

namespace detail {

/// The envelope of a job with what is changed of it.
/// \par Errors errc::invalid_option, errc::invalid_name, errc::invalid_arguments: it says what
WORK_DECL std::string edited_envelope(std::string_view envelope, job_change const& change);
/// "args, priority": what is changed, for the audit.
WORK_DECL std::string changed_parts(job_change const& change);

}  // namespace detail
}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/job_change.ipp>
#endif
