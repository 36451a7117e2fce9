// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/history.hpp>

namespace work {

WORK_DECL void history_counts::add(history_counts const& other) noexcept
{
    for (std::size_t k = 0; k != buckets; ++k) {
        wait[k] += other.wait[k];
        run[k] += other.run[k];
    }
    wait_us += other.wait_us;
    run_us += other.run_us;
    done += other.done;
    failed += other.failed;
}

namespace detail {

WORK_DECL std::uint64_t& history_field(history_counts& of, std::size_t which) noexcept
{
    constexpr std::size_t size = history_counts::buckets;
    if (which < size)
        return of.wait[which];
    if (which < 2 * size)
        return of.run[which - size];
    switch (which - 2 * size) {
    case 0: return of.wait_us;
    case 1: return of.run_us;
    case 2: return of.done;
    default: return of.failed;
    }
}

WORK_DECL void add_saturated(history_counts& to, history_counts const& more) noexcept
{
    history_counts added = more;
    for (std::size_t i = 0; i != history_fields; ++i) {
        std::uint64_t const most = most_in_history_field(i);
        std::uint64_t& sum = history_field(to, i);
        sum += std::min(history_field(added, i), most - std::min(sum, most));
    }
}

WORK_DECL std::string encode_history(history_counts const& counts)
{
    history_counts all = counts;
    std::string bytes;
    for (std::size_t i = 0; i != history_fields; ++i) {
        std::uint64_t const most = most_in_history_field(i);
        std::uint64_t const value = std::min(history_field(all, i), most);
        for (int shift = most > std::numeric_limits<std::uint32_t>::max() ? 56 : 24; shift >= 0;
             shift -= 8)
            bytes += static_cast<char>(static_cast<unsigned char>(value >> shift & 0xFF));
    }
    return bytes;
}

WORK_DECL history_counts decode_history(std::string_view bytes) noexcept
{
    history_counts all;
    std::size_t at = 0;
    for (std::size_t i = 0; i != history_fields; ++i) {
        std::size_t const size =
            most_in_history_field(i) > std::numeric_limits<std::uint32_t>::max() ? 8 : 4;
        std::uint64_t value = 0;
        for (std::size_t j = 0; j != size; ++j, ++at)
            value = value << 8 | (at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0u);
        history_field(all, i) = std::min(value, most_in_history_field(i));
    }
    return all;
}

}  // namespace detail
}  // namespace work
