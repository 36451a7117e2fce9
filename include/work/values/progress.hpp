// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/parsed.hpp>

#include <boost/describe/class.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace work {

/// The most that is kept of one check-in, in bytes of JSON.
inline constexpr std::size_t max_progress = 4096;

/// The last check-in of a job that runs.
struct job_checkin
{
    std::string message;
    std::optional<double> percent;  ///< 0..100

    friend bool operator==(job_checkin const&, job_checkin const&) = default;
};
BOOST_DESCRIBE_STRUCT(job_checkin, (), (message, percent))

/// Reads what a pool wrote, or another program.
WORK_DECL parsed<job_checkin> decode_progress(std::string_view text);

namespace detail {

/// {"message", "percent"}: at most `max_progress` bytes, whatever the message. A NaN is no
/// percentage; others are moved into 0..100. `mended` becomes true when the message was changed.
WORK_DECL std::string encode_progress(std::string_view message, double percent, bool& mended);

}  // namespace detail
}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/progress.ipp>
#endif
