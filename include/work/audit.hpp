// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/parsed.hpp>

#include <boost/describe/class.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace work {

/// Something that somebody did.
struct audit_entry
{
    std::int64_t at_ms = 0;  ///< of the broker's clock
    std::string by;
    std::string action;  ///< `cancel`, `requeue`, `pause`, `stop`, …
    /// To what: ids, the first few of many; `queue billing`; `pool img-1`; `operation <id>: dead`.
    std::string what;
    std::string reason;
    std::int64_t asked = 0;  ///< for so many
    std::int64_t done = 0;   ///< so many of them it changed

    friend bool operator==(audit_entry const&, audit_entry const&) = default;
};
BOOST_DESCRIBE_STRUCT(audit_entry, (), (at_ms, by, action, what, reason, asked, done))

/// Part of the audit, newest first.
struct audit_page
{
    std::vector<audit_entry> entries;
    std::int64_t next = -1;  ///< where the page behind this one begins; −1: there is none
};
BOOST_DESCRIBE_STRUCT(audit_page, (), (entries, next))

namespace detail {

WORK_DECL std::string encode_audit(audit_entry const& entry);
WORK_DECL parsed<audit_entry> decode_audit(std::string_view line);
/// "a, b, c and 7 more".
WORK_DECL std::string list_ids(std::vector<std::string> const& ids);

}  // namespace detail
}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/audit.ipp>
#endif
