// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/cron/zone_rule.hpp>
#include <work/values/parsed.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work {

/// How far the clocks of a place are from UTC, at any time. A value that is cheap to copy;
/// `find_time_zone` makes one from its name.
///
/// \par Thread safety Nothing changes it: any number of threads may use one.
class time_zone
{
public:
    /// UTC, which needs no file.
    WORK_DECL time_zone();

    /// Reads what a file of the time zone database has in it (TZif, RFC 9636).
    WORK_DECL static parsed<time_zone> read(std::string_view name, std::string_view bytes);

    std::string const& name() const noexcept { return data_->name; }

    /// Seconds to add to UTC at a second since 1970.
    std::int64_t offset(std::int64_t second) const { return at(second).offset; }

    /// \cond
    /// The period that a second since 1970 is in.
    WORK_DECL detail::zone_period at(std::int64_t second) const;
    /// \endcond

private:
    struct change
    {
        std::int64_t at;
        std::int64_t offset;
    };
    struct data
    {
        std::string name;
        std::int64_t first_offset = 0;  // before all changes
        std::vector<change> changes{};  // in order, each with another offset than the one before
        std::optional<detail::zone_rule> rule{};  // holds from `rule_from` on
        std::int64_t rule_from = detail::earliest_second;
    };

    explicit time_zone(std::shared_ptr<data const> known) : data_(std::move(known)) {}

    std::shared_ptr<data const> data_;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/cron/time_zone.ipp>
#endif
