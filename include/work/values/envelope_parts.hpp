// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/envelope.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace work {

/// \file
/// A large job in two parts, so that no transition has to read what it does not need.
///
/// What follows the first line of an envelope is its *body*. The body of a large job is stored
/// apart from its record; the record is the *head*: the first line with the flag `body_apart` and
/// the word ` b=<bytes of the body>`, and the beginning of the body for people to look at.

/// An envelope above this is stored in two parts.
inline constexpr std::size_t max_whole_envelope = 8 << 10;
/// A job above this fits into no answer, and is set aside where it would be claimed.
inline constexpr std::int64_t max_carried_bytes = 60 << 20;
/// How much of the options, and of the arguments, a head has.
inline constexpr std::size_t head_part_bytes = 1024;

/// Whether a new job is stored in two parts.
WORK_DECL bool is_large_envelope(std::string_view envelope) noexcept;

/// Whether this record is a head, and its body stored apart.
WORK_DECL bool has_body_apart(std::string_view envelope) noexcept;

/// What ` b=` says; -1: nothing.
WORK_DECL std::int64_t stated_body_bytes(std::string_view envelope) noexcept;

/// The bytes of the whole job: of the record, and of its body where that is apart.
WORK_DECL std::int64_t stored_bytes_of(std::string_view envelope) noexcept;

/// Everything behind the first line.
WORK_DECL std::string_view body_of(std::string_view envelope) noexcept;

/// The head under which a large job's record is stored.
WORK_DECL std::string make_head(std::string_view envelope);

/// The envelope made of a head and the body that was stored apart.
WORK_DECL std::string whole_envelope(std::string_view head, std::string_view body);

/// An envelope to be looked at: options and arguments cut to `head_part_bytes` each, between two
/// characters of UTF-8, and ` b=` saying how much there was. A short one is left as it is.
WORK_DECL std::string shortened_envelope(std::string_view envelope);

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/envelope_parts.ipp>
#endif
