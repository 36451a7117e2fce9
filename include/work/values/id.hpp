// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/random_bits.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace work {

inline constexpr std::size_t generated_id_size = 22;
inline constexpr std::size_t max_id_size = 128;
inline constexpr unsigned max_shard = 1023;

/// A generated id. It reads as a string_view of its 22 characters.
struct id_text
{
    std::array<char, generated_id_size> chars;

    std::string_view view() const noexcept { return {chars.data(), chars.size()}; }
    operator std::string_view() const noexcept { return view(); }
    std::string str() const { return std::string(view()); }

    friend bool operator==(id_text const&, id_text const&) = default;
};

/// Makes job ids: 22 characters of Crockford's base32, upper case, that sort by time.
///
/// | offset | characters | what |
/// |--------|---|---------------------------------------------------------------|
/// | 0      | 9 | time in ms (45 bits)                                          |
/// | 9      | 2 | shard                                                         |
/// | 11     | 2 | segment: random, kept for 16384 ids: a batch shares it      |
/// | 13     | 5 | random: drawn anew when the counter wraps and in a fork       |
/// | 18     | 4 | counter, from a random start                                  |
///
/// One generator repeats no id within 2^20 of them, whatever the clock does, and later only if it
/// draws the same random part again at the same time. Two generators meet only when time, shard,
/// segment, random part and counter (55 random bits) all do.
///
/// Thread safety: none; give each thread or loop its own.
class id_generator
{
public:
    /// Errors: `errc::invalid_option` when the shard is above 1023.
    WORK_DECL explicit id_generator(unsigned shard = 0);

    WORK_DECL id_text next(std::int64_t now_ms);
    WORK_DECL void append_next(std::string& out, std::int64_t now_ms);

private:
    WORK_DECL void reseed();
    WORK_DECL void draw_random_part();
    WORK_DECL void draw_segment();

    id_text text_{};
    std::int64_t time_ms_ = -1;
    detail::random_bits random_;
    std::uint32_t counter_ = 0;
    std::uint32_t left_in_segment_ = 0;
    std::uint32_t fork_count_ = 0;
};

/// The two characters that say which segment of the `jobs` hash holds the job. Generated ids carry
/// them at offset 11; any other id gets the base32 digits of `h`, where h = (h * 33 + byte) % 1024
/// over its bytes, from 0. The scripts compute the same.
WORK_DECL std::array<char, 2> id_segment(std::string_view id) noexcept;

/// When a generated id was made (ms); -1 for an id of another form.
WORK_DECL std::int64_t id_time_ms(std::string_view id) noexcept;

/// The shard a generated id carries; -1 for an id of another form.
WORK_DECL int id_shard(std::string_view id) noexcept;

/// Why the text can't be an id chosen by a caller; null when it can: it must be 1 to 128 printable
/// ASCII characters without space, braces and comma.
WORK_DECL char const* id_fault(std::string_view id) noexcept;

/// Throws `errc::invalid_id` unless the id is good.
WORK_DECL void validate_id(std::string_view id);

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/id.ipp>
#endif
