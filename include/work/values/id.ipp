// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/fork.hpp>
#include <work/values/id.hpp>
#include <work/values/text.hpp>

#include <random>

namespace work {
namespace detail {

inline constexpr char base32_digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
inline constexpr std::uint32_t ids_per_segment = 16'384;
inline constexpr std::uint32_t counter_end = 1u << 20;

inline int base32_value(char c) noexcept
{
    for (int i = 0; i < 32; ++i)
        if (base32_digits[i] == c)
            return i;
    return -1;
}

template <std::size_t Digits>
void put_base32(char* at, std::uint64_t value) noexcept
{
    for (std::size_t i = Digits; i-- > 0; value >>= 5)
        at[i] = base32_digits[value & 31];
}

inline bool is_base32(std::string_view text) noexcept
{
    return text.find_first_not_of(base32_digits) == std::string_view::npos;
}

// Precondition: at most 12 digits of base32.
inline std::int64_t read_base32(std::string_view digits) noexcept
{
    std::int64_t value = 0;
    for (char const c : digits)
        value = value * 32 + base32_value(c);
    return value;
}

}  // namespace detail

WORK_DECL id_generator::id_generator(unsigned shard)
{
    if (shard > max_shard)
        throw error(
            errc::invalid_option,
            "shard is " + std::to_string(shard) + ", which is outside 0..1023"
        );
    detail::put_base32<2>(&text_.chars[9], shard);
    reseed();
}

WORK_DECL void id_generator::reseed()
{
    std::random_device device;
    random_ = detail::random_bits((std::uint64_t{device()} << 32) ^ device());
    fork_count_ = detail::fork_count().load(std::memory_order_relaxed);
    counter_ = static_cast<std::uint32_t>(random_() % detail::counter_end);
    draw_random_part();
    draw_segment();
}

WORK_DECL void id_generator::draw_random_part()
{
    detail::put_base32<5>(&text_.chars[13], random_());
}

WORK_DECL void id_generator::draw_segment()
{
    detail::put_base32<2>(&text_.chars[11], random_());
    left_in_segment_ = detail::ids_per_segment;
}

WORK_DECL id_text id_generator::next(std::int64_t now_ms)
{
    if (fork_count_ != detail::fork_count().load(std::memory_order_relaxed)) [[unlikely]]
        reseed();
    if (now_ms != time_ms_) {
        time_ms_ = now_ms;
        detail::put_base32<9>(
            text_.chars.data(),
            static_cast<std::uint64_t>(now_ms < 0 ? 0 : now_ms)
        );
    }
    if (left_in_segment_ == 0)
        draw_segment();
    --left_in_segment_;
    if (++counter_ == detail::counter_end) {
        counter_ = 0;
        draw_random_part();
    }
    detail::put_base32<4>(&text_.chars[18], counter_);
    return text_;
}

WORK_DECL void id_generator::append_next(std::string& out, std::int64_t now_ms)
{
    out.append(next(now_ms).view());
}

WORK_DECL std::array<char, 2> id_segment(std::string_view id) noexcept
{
    if (id.size() == generated_id_size && detail::base32_value(id[11]) >= 0 &&
        detail::base32_value(id[12]) >= 0)
        return {id[11], id[12]};
    unsigned hash = 0;
    for (char const c : id)
        hash = (hash * 33 + static_cast<unsigned char>(c)) % 1024;
    return {detail::base32_digits[hash / 32], detail::base32_digits[hash % 32]};
}

WORK_DECL std::int64_t id_time_ms(std::string_view id) noexcept
{
    if (id.size() != generated_id_size || !detail::is_base32(id))
        return -1;
    return detail::read_base32(id.substr(0, 9));
}

WORK_DECL int id_shard(std::string_view id) noexcept
{
    return id_time_ms(id) < 0 ? -1 : static_cast<int>(detail::read_base32(id.substr(9, 2)));
}

WORK_DECL char const* id_fault(std::string_view id) noexcept
{
    if (id.empty())
        return "it is empty";
    if (id.size() > max_id_size)
        return "it is longer than 128 characters";
    for (char const c : id) {
        if (c < 0x21 || c > 0x7E)
            return "it has a character that is not printable ASCII";
        if (c == '{' || c == '}' || c == ',')
            return "it has a brace or a comma";
    }
    return nullptr;
}

WORK_DECL void validate_id(std::string_view id)
{
    if (char const* fault = id_fault(id))
        throw error(
            errc::invalid_id,
            "job id " + detail::quote(id) + " can't be used: " + fault +
                "; an id is 1 to 128 printable ASCII characters "
                "without space, '{', '}' and ','"
        );
}

}  // namespace work
