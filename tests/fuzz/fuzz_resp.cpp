// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Reads bytes as a RESP stream: at once, byte by byte, and in portions that the input itself gives.
// All must come to the same replies and the same end. The limits are small, so that they are met.

#include <work/redis/error_table.hpp>
#include <work/redis/resp.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "support/resp_dump.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    // An allocation of just that size, so that the address sanitizer sees a read past its end.
    std::string const bytes(reinterpret_cast<char const*>(data), size);
    work::redis::resp_limits limits;
    limits.bulk_bytes = 64;
    limits.line_bytes = 32;
    limits.reply_bytes = 256;
    limits.elements = 32;
    limits.depth = 4;
    for (auto const& tried : {limits, work::redis::resp_limits()}) {
        using work::testing::dump_stream;
        auto const whole = dump_stream(bytes, tried, [] { return std::size_t(-1); });
        if (whole != dump_stream(bytes, tried, [] { return std::size_t(1); }))
            std::abort();
        std::size_t at = 0;
        auto const portion = [&]() -> std::size_t {
            return bytes.empty() ? 1 : 1 + data[at++ % size] % 16u;
        };
        if (whole != dump_stream(bytes, tried, portion))
            std::abort();
    }
    // The text of an error comes from the server as well.
    if (work::redis::classify(bytes) != work::redis::action::surface &&
        work::redis::error_word(bytes).empty())
        std::abort();
    return 0;
}
