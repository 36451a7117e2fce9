// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/bounds.hpp>
#include <work/broker/bounds.hpp>
#include <work/build_config.hpp>
#include <work/task.hpp>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace work::web {

/// A bound as JSON describes it: PUT /bounds/{queue}, `work bounds set`.
struct described_bound
{
    std::int64_t most = 0;
    std::optional<when_full> full{};  ///< not said: as it was, `refuse` of a new one
};

/// Errors: `problem` 400 bad-json; 422 invalid-option, which names the member
WORK_DECL described_bound read_described_bound(std::string_view text);

enum class bound_put { created, changed, unchanged };
BOOST_DESCRIBE_ENUM(bound_put, created, changed, unchanged)

/// What became of it, and how it is now.
struct put_bound
{
    bound_put code = bound_put::created;
    bound_state bound;
};

/// Bounds a queue, or changes its bound.
/// Errors: errc::invalid_option: most; errc::too_many; invalid_name
WORK_DECL task<put_bound> put_described_bound(
    work::bounds into,
    std::string queue,
    described_bound what,
    std::string by
);

}  // namespace work::web

#ifdef WORK_HEADER_ONLY
#include <work/web/described_bound.ipp>
#endif
