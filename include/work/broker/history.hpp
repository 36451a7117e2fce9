// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace work {

/// What is counted of a list in one period: how long first attempts waited from when they were due
/// to their claim, how long attempts ran, and how many jobs were done and attempts failed.
struct history_counts
{
    /// Bucket k ends with 2^k ms; the last one has no end.
    static constexpr std::size_t buckets = 24;
    using histogram = std::array<std::uint64_t, buckets>;

    histogram wait{};
    histogram run{};
    std::uint64_t wait_us = 0;
    std::uint64_t run_us = 0;
    std::uint64_t done = 0;
    std::uint64_t failed = 0;

    static constexpr std::size_t bucket_of(std::int64_t us) noexcept
    {
        if (us <= 1'000)
            return 0;
        auto const ms = static_cast<std::uint64_t>(us / 1'000 + (us % 1'000 != 0));
        return std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(ms - 1)), buckets - 1);
    }
    void waited(std::int64_t us) noexcept
    {
        ++wait[bucket_of(us)];
        wait_us += static_cast<std::uint64_t>(std::max<std::int64_t>(us, 0));
    }
    void ran(std::int64_t us) noexcept
    {
        ++run[bucket_of(us)];
        run_us += static_cast<std::uint64_t>(std::max<std::int64_t>(us, 0));
    }
    WORK_DECL void add(history_counts const& other) noexcept;
    friend bool operator==(history_counts const&, history_counts const&) = default;
};

/// How long a period of a history is, and how long it is kept.
enum class history_step { minute, ten_minutes, hour, day };

inline constexpr std::array<history_step, 4> history_steps{
    history_step::minute,
    history_step::ten_minutes,
    history_step::hour,
    history_step::day
};

constexpr std::int64_t length_ms(history_step step) noexcept
{
    constexpr std::int64_t lengths[]{60'000, 600'000, 3'600'000, 86'400'000};
    return lengths[static_cast<std::size_t>(step)];
}
/// After its end.
constexpr std::int64_t kept_ms(history_step step) noexcept
{
    constexpr std::int64_t kept[]{7'200'000, 172'800'000, 1'209'600'000, 7'776'000'000};
    return kept[static_cast<std::size_t>(step)];
}
/// As it stands in keys, and as people write it.
constexpr std::string_view to_text(history_step step) noexcept
{
    constexpr std::string_view texts[]{"1m", "10m", "1h", "1d"};
    return texts[static_cast<std::size_t>(step)];
}

struct history_row
{
    std::string list;
    history_counts counts;
};

/// What somebody measured since he last wrote, all of it in the periods around `at_ms`.
///
/// Writers number from 1 on, one write after the other: one that comes again changes nothing. That
/// is known for an hour.
struct history_write
{
    static constexpr std::size_t most_rows = 32;

    std::string writer;
    std::int64_t number = 0;
    std::int64_t at_ms = 0;            ///< of the broker's clock; what is to come is taken for now
    std::int64_t deadline_ms = 3'000;  ///< how long it is tried
    std::vector<history_row> rows;
};

/// Whose histories there are: at most `policy::history_lists` lists; `*<name>`: lists of a name
/// that has more than `policy::history_queues`; `{other`: all that came when there were as many.
struct history_lists
{
    struct entry
    {
        std::string list;
        std::int64_t written_day = 0;  ///< the last one, since 1970
    };

    std::int64_t now_ms = 0;
    std::vector<entry> lists;
};

/// The sum over all lists, and that of those that have no history of their own.
inline constexpr std::string_view history_of_all = "{all";
inline constexpr std::string_view history_of_others = "{other";

/// Periods, counted since 1970, of some lists.
struct history_request
{
    history_step step = history_step::minute;
    std::int64_t first = 0;
    std::int64_t periods = 0;
    std::vector<std::string> lists;
};

/// A period in which something was counted.
struct history_cell
{
    std::size_t list = 0;  ///< which of the request's
    std::int64_t period = 0;
    history_counts counts;
};

namespace detail {

/// In the order of a stored history: waits, runs, their sums, done, failed.
inline constexpr std::size_t history_fields = 2 * history_counts::buckets + 4;
WORK_DECL std::uint64_t& history_field(history_counts& of, std::size_t which) noexcept;
/// The most that it holds where it is stored.
constexpr std::uint64_t most_in_history_field(std::size_t which) noexcept
{
    bool const is_sum =
        which == 2 * history_counts::buckets || which == 2 * history_counts::buckets + 1;
    return is_sum ? static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())
                  : std::numeric_limits<std::uint32_t>::max();
}
/// Adds as it is done where they are stored: what is full stays full.
WORK_DECL void add_saturated(history_counts& to, history_counts const& more) noexcept;
/// As it is stored: numbers of four bytes, the sums of eight, the first byte first. What is missing
/// at the end is 0.
WORK_DECL std::string encode_history(history_counts const& counts);
WORK_DECL history_counts decode_history(std::string_view bytes) noexcept;

}  // namespace detail
}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/broker/history.ipp>
#endif
