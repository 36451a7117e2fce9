// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Reads bytes as a cron spec and, behind the first newline, as a file of a time zone. What can be
// read is due later than it is asked for, and at no time that its fields don't name.

#include <work/cron.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    // Allocations of just that size, so that the address sanitizer sees a read past their end.
    std::string_view const all(reinterpret_cast<char const*>(data), size);
    std::size_t const line = all.find('\n');
    std::string const spec(all.substr(0, line));
    std::string const file(line == all.npos ? std::string_view() : all.substr(line + 1));

    auto const zone = work::time_zone::read("Fuzzed", file);
    if (!zone && zone.error().empty())
        std::abort();
    auto const schedule = work::cron_schedule::parse(spec);
    if (!schedule) {
        if (schedule.error().empty())
            std::abort();
        return 0;
    }
    if (schedule->describe().empty())
        std::abort();
    bool const every = schedule->fields().every.count() != 0;
    std::int64_t after = static_cast<std::int64_t>(size) * 86'400'000;
    for (int i = 0; i < 4; ++i) {
        work::cron_time const asked{std::chrono::milliseconds(after)};
        auto const next = schedule->next(asked);
        if (!next || *next <= asked)
            std::abort();
        after = next->time_since_epoch().count();
        if (!every && schedule->fields().first_from(after / 1000) != after / 1000)
            std::abort();
        if (!zone)
            continue;
        auto const there = schedule->next(asked, *zone);
        if (there && *there <= asked)
            std::abort();
    }
    return 0;
}
