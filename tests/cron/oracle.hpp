// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

/// \file
/// When cron specs are due, found out another way: every minute, or every second, is looked at,
/// with the C library's idea of the local time, and with specs written as functions.

#include <work/cron.hpp>

#include <bit>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

namespace cron_oracle {

/// What clocks on the wall show.
struct moment
{
    int year, month, day, weekday, hour, minute, second;

    bool leap() const { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }
    int last_day() const
    {
        return month == 2                                              ? (leap() ? 29 : 28)
               : month == 4 || month == 6 || month == 9 || month == 11 ? 30
                                                                       : 31;
    }
};

inline moment moment_of(std::tm const& tm)
{
    return {
        tm.tm_year + 1900,
        tm.tm_mon + 1,
        tm.tm_mday,
        tm.tm_wday,
        tm.tm_hour,
        tm.tm_min,
        tm.tm_sec
    };
}

/// The moment that is `local` seconds after 1970 began on the clocks of a place.
inline moment moment_at(std::int64_t local)
{
    std::time_t const time = local;
    std::tm tm{};
    ::gmtime_r(&time, &tm);
    return moment_of(tm);
}

struct spec
{
    char const* text;
    bool wildcard;
    bool (*day)(moment const&);
    bool (*time)(moment const&);
};

/// Sets the C library's time zone for as long as it lives.
class c_zone
{
public:
    explicit c_zone(std::string const& name)
    {
        if (char const* const old = std::getenv("TZ"))
            old_ = old;
        ::setenv("TZ", name.c_str(), 1);
        ::tzset();
    }
    ~c_zone()
    {
        if (old_.empty())
            ::unsetenv("TZ");
        else
            ::setenv("TZ", old_.c_str(), 1);
        ::tzset();
    }
    c_zone(c_zone const&) = delete;
    c_zone& operator=(c_zone const&) = delete;

    std::int64_t offset(std::int64_t second) const
    {
        std::time_t const time = second;
        std::tm tm{};
        ::localtime_r(&time, &tm);
        return tm.tm_gmtoff;
    }

    /// Seconds from which on the offset is another one.
    std::vector<std::int64_t> changes(std::int64_t from, std::int64_t to) const
    {
        std::vector<std::int64_t> found;
        constexpr std::int64_t step = 6 * 3600;
        for (std::int64_t at = from; at < to; at += step) {
            if (offset(at) == offset(at + step))
                continue;
            std::int64_t low = at;
            std::int64_t high = at + step;
            while (high - low > 1) {
                std::int64_t const middle = low + (high - low) / 2;
                (offset(middle) == offset(low) ? low : high) = middle;
            }
            found.push_back(high);
        }
        return found;
    }

private:
    std::string old_;
};

/// When up to 64 specs are due in a stretch of time, in steps of a minute or a second.
class calendar
{
public:
    calendar(
        c_zone const& zone,
        std::vector<spec> const& specs,
        std::int64_t from,
        std::int64_t to,
        std::int64_t step
    )
        : from_(from),
          step_(step),
          count_(static_cast<std::size_t>((to - from) / step)),
          due_(specs.size(), std::vector<std::uint64_t>(count_ / 64 + 1))
    {
        // What clocks have shown since three days before, so that it is known what they show again.
        constexpr std::int64_t before = 3 * 86'400;
        std::int64_t const first = from - before;
        std::vector<bool> shown(static_cast<std::size_t>((to - first + 2 * before) / step));
        std::int64_t last_local = first + zone.offset(first) - step;
        std::int64_t offset = 0;
        std::int64_t offset_until = first;
        // Bits of the specs that are due at a time of the day, and on the day looked at last.
        std::vector<std::uint64_t> by_time(static_cast<std::size_t>(86'400 / step));
        for (std::size_t i = 0; i < by_time.size(); ++i) {
            int const second = static_cast<int>(i) * static_cast<int>(step);
            moment const time{1970, 1, 1, 4, second / 3600, second / 60 % 60, second % 60};
            for (std::size_t s = 0; s < specs.size(); ++s)
                if (specs[s].time(time))
                    by_time[i] |= std::uint64_t(1) << s;
        }
        std::int64_t day = -1;
        std::uint64_t by_day = 0;
        std::uint64_t wildcards = 0;
        for (std::size_t s = 0; s < specs.size(); ++s)
            if (specs[s].wildcard)
                wildcards |= std::uint64_t(1) << s;
        auto const shown_at = [&](std::int64_t local) {
            if (day != local / 86'400) {
                day = local / 86'400;
                by_day = 0;
                for (std::size_t s = 0; s < specs.size(); ++s)
                    if (specs[s].day(moment_at(local)))
                        by_day |= std::uint64_t(1) << s;
            }
            return by_day & by_time[static_cast<std::size_t>(local % 86'400 / step)];
        };
        for (std::int64_t at = first; at < to; at += step) {
            if (at >= offset_until) {
                // The offset of an hour when it is the same at both ends and no step lies between;
                // else of this step alone.
                offset = zone.offset(at);
                offset_until = zone.offset(at + 3600) == offset && zone.offset(at + 1800) == offset
                                   ? at + 3600
                                   : at + step;
            }
            std::int64_t const local = at + offset;
            auto const mark = static_cast<std::size_t>((local - first + before) / step);
            bool const again = shown[mark];
            shown[mark] = true;
            if (at >= from) {
                std::uint64_t now = shown_at(local) & (again ? wildcards : ~std::uint64_t(0));
                for (std::int64_t left_out = last_local + step; left_out < local; left_out += step)
                    now |= shown_at(left_out) & ~wildcards;
                auto const place = static_cast<std::size_t>((at - from) / step);
                for (; now != 0; now &= now - 1)
                    set(static_cast<std::size_t>(std::countr_zero(now)), place);
            }
            last_local = local;
        }
    }

    std::size_t count() const { return count_; }
    std::int64_t second(std::size_t place) const
    {
        return from_ + static_cast<std::int64_t>(place) * step_;
    }
    bool due(std::size_t spec, std::size_t place) const
    {
        return (due_[spec][place / 64] >> (place % 64) & 1) != 0;
    }
    /// The first place from `place` on at which a spec is due; `count()` when there is none.
    std::size_t next(std::size_t spec, std::size_t place) const
    {
        for (; place < count_; ++place) {
            if (place % 64 == 0 && due_[spec][place / 64] == 0)
                place += 63;
            else if (due(spec, place))
                return place;
        }
        return count_;
    }

private:
    void set(std::size_t spec, std::size_t place)
    {
        due_[spec][place / 64] |= std::uint64_t(1) << (place % 64);
    }

    std::int64_t from_;
    std::int64_t step_;
    std::size_t count_;
    std::vector<std::vector<std::uint64_t>> due_;
};

}  // namespace cron_oracle
