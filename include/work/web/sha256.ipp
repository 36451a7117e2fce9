// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/sha256.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace work::web {
namespace detail_of_sha256 {

inline constexpr std::array<std::uint32_t, 64> constants{
    0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u, 0x3956c25bu, 0x59f111f1u, 0x923f82a4u,
    0xab1c5ed5u, 0xd807aa98u, 0x12835b01u, 0x243185beu, 0x550c7dc3u, 0x72be5d74u, 0x80deb1feu,
    0x9bdc06a7u, 0xc19bf174u, 0xe49b69c1u, 0xefbe4786u, 0x0fc19dc6u, 0x240ca1ccu, 0x2de92c6fu,
    0x4a7484aau, 0x5cb0a9dcu, 0x76f988dau, 0x983e5152u, 0xa831c66du, 0xb00327c8u, 0xbf597fc7u,
    0xc6e00bf3u, 0xd5a79147u, 0x06ca6351u, 0x14292967u, 0x27b70a85u, 0x2e1b2138u, 0x4d2c6dfcu,
    0x53380d13u, 0x650a7354u, 0x766a0abbu, 0x81c2c92eu, 0x92722c85u, 0xa2bfe8a1u, 0xa81a664bu,
    0xc24b8b70u, 0xc76c51a3u, 0xd192e819u, 0xd6990624u, 0xf40e3585u, 0x106aa070u, 0x19a4c116u,
    0x1e376c08u, 0x2748774cu, 0x34b0bcb5u, 0x391c0cb3u, 0x4ed8aa4au, 0x5b9cca4fu, 0x682e6ff3u,
    0x748f82eeu, 0x78a5636fu, 0x84c87814u, 0x8cc70208u, 0x90befffau, 0xa4506cebu, 0xbef9a3f7u,
    0xc67178f2u
};

using state = std::array<std::uint32_t, 8>;

inline void block(state& to, unsigned char const* from) noexcept
{
    std::array<std::uint32_t, 64> w;
    for (std::size_t i = 0; i < 16; ++i)
        w[i] = std::uint32_t(from[4 * i]) << 24 | std::uint32_t(from[4 * i + 1]) << 16 |
               std::uint32_t(from[4 * i + 2]) << 8 | std::uint32_t(from[4 * i + 3]);
    for (std::size_t i = 16; i < 64; ++i) {
        std::uint32_t const a = w[i - 15];
        std::uint32_t const b = w[i - 2];
        w[i] = w[i - 16] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ (a >> 3)) + w[i - 7] +
               (std::rotr(b, 17) ^ std::rotr(b, 19) ^ (b >> 10));
    }
    state s = to;
    for (std::size_t i = 0; i < 64; ++i) {
        std::uint32_t const e = s[4];
        std::uint32_t const a = s[0];
        std::uint32_t const one = s[7] + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) +
                                  ((e & s[5]) ^ (~e & s[6])) + constants[i] + w[i];
        std::uint32_t const two = (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) +
                                  ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
        s = {one + two, s[0], s[1], s[2], s[3] + one, s[4], s[5], s[6]};
    }
    for (std::size_t i = 0; i < 8; ++i)
        to[i] += s[i];
}

}  // namespace detail_of_sha256

WORK_DECL digest sha256(std::string_view data)
{
    detail_of_sha256::state state{
        0x6a09e667u,
        0xbb67ae85u,
        0x3c6ef372u,
        0xa54ff53au,
        0x510e527fu,
        0x9b05688cu,
        0x1f83d9abu,
        0x5be0cd19u
    };
    auto const bits = static_cast<std::uint64_t>(data.size()) * 8;
    auto const* bytes = reinterpret_cast<unsigned char const*>(data.data());
    std::size_t left = data.size();
    for (; left >= 64; left -= 64, bytes += 64)
        detail_of_sha256::block(state, bytes);
    std::array<unsigned char, 128> tail{};
    for (std::size_t i = 0; i < left; ++i)
        tail[i] = bytes[i];
    tail[left] = 0x80;
    std::size_t const size = left < 56 ? 64 : 128;
    for (std::size_t i = 0; i < 8; ++i)
        tail[size - 1 - i] = static_cast<unsigned char>(bits >> (8 * i));
    for (std::size_t at = 0; at < size; at += 64)
        detail_of_sha256::block(state, tail.data() + at);
    digest result{};
    for (std::size_t i = 0; i < 32; ++i)
        result[i] = static_cast<unsigned char>(state[i / 4] >> (24 - 8 * (i % 4)));
    return result;
}

WORK_DECL std::string hex(digest const& of)
{
    std::string out;
    for (unsigned char const byte : of) {
        out += "0123456789abcdef"[byte >> 4];
        out += "0123456789abcdef"[byte & 15u];
    }
    return out;
}

WORK_DECL std::string base32(digest const& of)
{
    std::string out;
    for (std::size_t at = 0; at != 22; ++at) {
        std::size_t const bit = at * 5;
        unsigned const two = unsigned(of[bit / 8]) << 8 | of[bit / 8 + 1];
        out += "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[(two >> (11 - bit % 8)) & 31u];
    }
    return out;
}

WORK_DECL bool equal_in_constant_time(digest const& a, digest const& b) noexcept
{
    unsigned difference = 0;
    for (std::size_t i = 0; i != a.size(); ++i)
        difference |= unsigned(a[i]) ^ unsigned(b[i]);
    return difference == 0;
}

}  // namespace work::web
