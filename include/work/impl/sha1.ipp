// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/sha1.hpp>

#include <array>
#include <bit>
#include <cstdint>

namespace work {
namespace detail {

/// One block of 64 bytes (FIPS 180-4, 6.1.2).
inline void sha1_block(std::array<std::uint32_t, 5>& state, unsigned char const* block) noexcept
{
    std::array<std::uint32_t, 80> w;
    for (std::size_t i = 0; i < 16; ++i)
        w[i] = std::uint32_t(block[4 * i]) << 24 | std::uint32_t(block[4 * i + 1]) << 16 |
               std::uint32_t(block[4 * i + 2]) << 8 | std::uint32_t(block[4 * i + 3]);
    for (std::size_t i = 16; i < 80; ++i)
        w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    auto [a, b, c, d, e] = state;
    for (std::size_t i = 0; i < 80; ++i) {
        std::uint32_t f = b ^ c ^ d;
        std::uint32_t k = i < 40 ? 0x6ed9eba1u : 0xca62c1d6u;
        if (i < 20) {
            f = (b & c) | (~b & d);
            k = 0x5a827999u;
        } else if (i >= 40 && i < 60) {
            f = (b & c) | (b & d) | (c & d);
            k = 0x8f1bbcdcu;
        }
        std::uint32_t const next = std::rotl(a, 5) + f + e + k + w[i];
        e = d;
        d = c;
        c = std::rotl(b, 30);
        b = a;
        a = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

}  // namespace detail

WORK_DECL std::string sha1(std::string_view data)
{
    std::array<std::uint32_t, 5>
        state{0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u, 0xc3d2e1f0u};
    auto const bits = static_cast<std::uint64_t>(data.size()) * 8;
    auto const* bytes = reinterpret_cast<unsigned char const*>(data.data());
    std::size_t left = data.size();
    for (; left >= 64; left -= 64, bytes += 64)
        detail::sha1_block(state, bytes);

    std::array<unsigned char, 128> tail{};
    for (std::size_t i = 0; i < left; ++i)
        tail[i] = bytes[i];
    tail[left] = 0x80;
    std::size_t const size = left < 56 ? 64 : 128;
    for (std::size_t i = 0; i < 8; ++i)
        tail[size - 1 - i] = static_cast<unsigned char>(bits >> (8 * i));
    for (std::size_t at = 0; at < size; at += 64)
        detail::sha1_block(state, tail.data() + at);

    std::string result;
    result.reserve(40);
    for (std::uint32_t const word : state)
        for (int shift = 28; shift >= 0; shift -= 4)
            result += "0123456789abcdef"[(word >> shift) & 15u];
    return result;
}

}  // namespace work
