// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <array>
#include <string>
#include <string_view>

namespace work::web {

using digest = std::array<unsigned char, 32>;

/// The SHA-256 of `data` (FIPS 180-4, 6.2).
WORK_DECL digest sha256(std::string_view data);

/// In lower-case hexadecimal.
WORK_DECL std::string hex(digest const& of);
/// The first 110 bits as 22 characters of Crockford's base32, as ids are written.
WORK_DECL std::string base32(digest const& of);

/// Takes as long whether they differ at the start, at the end or not at all.
WORK_DECL bool equal_in_constant_time(digest const& a, digest const& b) noexcept;

}  // namespace work::web

#ifdef WORK_HEADER_ONLY
#include <work/web/sha256.ipp>
#endif
