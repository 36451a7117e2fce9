// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/parsed.hpp>

#include <boost/describe/class.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

namespace work {

inline constexpr std::size_t max_failure_message = 4096;
/// While Redis is out of memory, failures are kept shorter.
inline constexpr std::size_t lean_failure_message = 256;
inline constexpr std::size_t max_failure_type = 256;

/// Why one attempt of a job failed, as kept with the job.
struct failure
{
    int attempt = 0;
    std::string type;
    std::string message;
    std::int64_t at_ms = 0;
    /// How long it waited from when it was due until it was claimed, and ran; nothing: not known,
    /// or it did not run. Of waits first attempts' alone are.
    std::optional<std::int64_t> wait_ms{};
    std::optional<std::int64_t> run_ms{};
    std::string pool{};  ///< the id of the one that ran it; "": not known

    friend bool operator==(failure const&, failure const&) = default;
};
BOOST_DESCRIBE_STRUCT(failure, (), (attempt, type, message, at_ms, wait_ms, run_ms, pool))

/// One line of JSON: {"attempt", "type", "message", "at_ms"}, and what is known of "wait_ms",
/// "run_ms" and "pool". What is no valid UTF-8 is replaced, and a message of more than
/// `limit` bytes is cut and ends with its size.
WORK_DECL std::string encode_failure(failure const& what, std::size_t limit = max_failure_message);
WORK_DECL void append_failure(
    std::string& out,
    failure const& what,
    std::size_t limit = max_failure_message
);

WORK_DECL parsed<failure> decode_failure(std::string_view text);

/// What is known about something thrown.
struct exception_text
{
    std::string type;
    std::string message;

    friend bool operator==(exception_text const&, exception_text const&) = default;
};

/// Names the type and the message of anything thrown: exceptions by what(), with the ones nested in
/// them; text and numbers by value; anything else by its type alone. Never throws but for want of
/// memory.
WORK_DECL exception_text describe_exception(std::exception_ptr thrown);

namespace detail {

/// The same of what was just caught, within the catch block and without throwing it again, which
/// costs a microsecond or two. Null: it is none of std::exception.
WORK_DECL exception_text describe_caught(std::exception const* thrown);

}  // namespace detail

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/failure.ipp>
#endif
