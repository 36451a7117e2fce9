// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/limits.hpp>
#include <work/build_config.hpp>
#include <work/limits.hpp>
#include <work/task.hpp>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace work::web {

/// A limit as JSON describes it: PUT /limits/{limit}, `work limits set`.
struct described_limit
{
    std::int64_t slots = 0;
    std::optional<limit_scope> scope{};  ///< none of both was said: as it was
};

/// Errors: `problem` 400 bad-json; 422 invalid-option, which names the member
WORK_DECL described_limit read_described_limit(std::string_view text);

enum class limit_put { created, changed, unchanged };
BOOST_DESCRIBE_ENUM(limit_put, created, changed, unchanged)

/// What became of it, and how it is now.
struct put_limit
{
    limit_put code = limit_put::created;
    limit_state limit;
};

/// Makes it, or changes it. A new one that a job name has of its own is for that name.
/// Errors: errc::invalid_option: slots; a new one that is for nothing; errc::too_many; invalid_name
WORK_DECL task<put_limit> put_described(
    work::limits into,
    std::string name,
    described_limit what,
    std::string by
);

}  // namespace work::web

#ifdef WORK_HEADER_ONLY
#include <work/web/described_limit.ipp>
#endif
