// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/cron/fields.hpp>
#include <work/cron/time_zone.hpp>
#include <work/values/parsed.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace work {

/// An instant at which a schedule is due.
using cron_time = std::chrono::sys_time<std::chrono::milliseconds>;

/// When something is due again and again: a cron spec of 5 fields, or of 6 with seconds in front,
/// `@daily` and its like, or `@every 90s`. docs/cron.md has the syntax, and what happens when
/// clocks are changed. It is calculation alone: the same spec, zone and instant give the same
/// answer in every process.
///
/// \par Thread safety Nothing changes it: any number of threads may use one.
class cron_schedule
{
public:
    /// \par Errors errc::invalid_option: the spec can't be read, or is never due. The message names
    /// the field, where it stands, its text, and what to write.
    WORK_DECL explicit cron_schedule(std::string_view spec);

    /// The same without a throw.
    WORK_DECL static parsed<cron_schedule> parse(std::string_view spec);

    /// The first instant after `after` at which it is due. Nothing when there is none within 400
    /// years, or before the year 10000: clocks are put forward over every one of its times.
    template <typename Duration>
    std::optional<cron_time> next(std::chrono::sys_time<Duration> after, time_zone const& zone = {})
        const
    {
        return next_ms(std::chrono::floor<std::chrono::milliseconds>(after), zone);
    }

    /// The first `count` instants after `after`; fewer where no more follow.
    template <typename Duration>
    std::vector<cron_time> next(
        std::chrono::sys_time<Duration> after,
        time_zone const& zone,
        std::size_t count
    ) const
    {
        std::vector<cron_time> found;
        for (auto at = next(after, zone); at && found.size() < count; at = next(*at, zone))
            found.push_back(*at);
        return found;
    }

    /// The spec as it was given, without white space around it.
    std::string const& text() const noexcept { return text_; }

    /// The spec in words: "at 03:00 on Monday".
    WORK_DECL std::string describe() const;

    /// \cond
    detail::cron_fields const& fields() const noexcept { return fields_; }
    /// \endcond

    friend bool operator==(cron_schedule const& a, cron_schedule const& b) noexcept
    {
        return a.text_ == b.text_;
    }

private:
    cron_schedule(std::string_view text, detail::cron_fields const& fields)
        : text_(text),
          fields_(fields)
    {}

    WORK_DECL std::optional<cron_time> next_ms(cron_time after, time_zone const& zone) const;

    std::string text_;
    detail::cron_fields fields_;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/cron/schedule.ipp>
#endif
