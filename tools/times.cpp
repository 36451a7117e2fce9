// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "times.hpp"

#include <array>
#include <cstdio>
#include <ctime>

#include "layout.hpp"

namespace work::tool {
namespace {

times shown = times::relative;

}  // namespace

void show_times(times how) noexcept
{
    shown = how;
}

times times_shown() noexcept
{
    return shown;
}

std::string moment(std::int64_t time_ms, bool with_ms)
{
    std::int64_t const ms = (time_ms % 1000 + 1000) % 1000;
    auto const seconds = static_cast<std::time_t>((time_ms - ms) / 1000);
    std::tm parts{};
    bool const local = shown == times::local;
    if (local)
        ::localtime_r(&seconds, &parts);
    else
        ::gmtime_r(&seconds, &parts);
    std::array<char, 64> text{};
    std::size_t const size = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts);
    std::string out(text.data(), size);
    if (with_ms) {
        std::snprintf(text.data(), text.size(), ".%03d", static_cast<int>(ms));
        out += text.data();
    }
    if (!local)
        return out + " UTC";
    std::size_t const zone = std::strftime(text.data(), text.size(), " %Z", &parts);
    return out.append(text.data(), zone);
}

std::size_t width_of_times(std::size_t relative) noexcept
{
    return shown == times::relative ? relative : 32;
}

std::string since(std::int64_t time_ms, std::int64_t now_ms)
{
    return shown == times::relative || time_ms == 0 ? age(time_ms, now_ms) : moment(time_ms);
}

std::string ago(std::int64_t time_ms, std::int64_t now_ms)
{
    return shown == times::relative ? age(time_ms, now_ms) + " ago" : "at " + moment(time_ms);
}

std::string from_then_on(std::int64_t time_ms, std::int64_t now_ms)
{
    return shown == times::relative ? until(time_ms, now_ms) : "at " + moment(time_ms);
}

}  // namespace work::tool
