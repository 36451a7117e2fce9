// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/parsed.hpp>

#include <boost/describe/class.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace work {

/// So many lines are kept of a job: the last ones.
inline constexpr int max_job_log_lines = 100;
/// And of each so many bytes.
inline constexpr std::size_t max_job_log_line = 512;

/// A line that a handler logged with `context::log`.
struct job_log_line
{
    std::int64_t at_ms = 0;
    int attempt = 0;
    std::int64_t number = 0;  ///< the attempt's lines are counted from 1: a gap is what was lost
    std::string text;

    friend bool operator==(job_log_line const&, job_log_line const&) = default;
};
BOOST_DESCRIBE_STRUCT(job_log_line, (), (at_ms, attempt, number, text))

/// What is kept of a job's log.
struct job_log
{
    std::string id;
    std::vector<job_log_line> lines;  ///< oldest first
    /// Lines of these attempts that are not kept: there were too many, or they came too fast.
    std::int64_t lost = 0;

    friend bool operator==(job_log const&, job_log const&) = default;
};
BOOST_DESCRIBE_STRUCT(job_log, (), (id, lines, lost))

/// One line of JSON. What is no valid UTF-8 is replaced, and a text of more than
/// `max_job_log_line` bytes is cut and ends with its size.
WORK_DECL std::string encode_log_line(job_log_line what);
WORK_DECL parsed<job_log_line> decode_log_line(std::string_view text);
/// What a broker keeps, as values. What can't be read is shown as it is.
WORK_DECL job_log read_job_log(std::string id, std::vector<std::string> const& kept);

namespace detail {

/// `{}` by `{}` the texts in their places; `{{` and `}}` are braces. What has no place follows the
/// text, what has no text stays `{}`: a log never fails.
WORK_DECL std::string fill_in(std::string_view format, std::vector<std::string> const& texts);

WORK_DECL std::string text_of_number(double number);

/// How a value stands in a line of a log.
template <typename T>
std::string log_text(T const& value)
{
    if constexpr (std::is_same_v<T, bool>)
        return value ? "true" : "false";
    else if constexpr (std::is_same_v<T, char>)
        return std::string(1, value);
    else if constexpr (std::is_integral_v<T>)
        return std::to_string(value);
    else if constexpr (std::is_floating_point_v<T>)
        return text_of_number(static_cast<double>(value));
    else {
        static_assert(
            std::is_convertible_v<T const&, std::string_view>,
            "work: job.log takes numbers, bools and text"
        );
        return std::string(std::string_view(value));
    }
}

}  // namespace detail
}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/job_log.ipp>
#endif
