// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "progress_bar.hpp"

#include <algorithm>
#include <cstdio>
#include <unistd.h>

namespace work::tool {
namespace {

constexpr std::int64_t bar_width = 40;

}  // namespace

progress_bar::progress_bar(std::int64_t total)
    : total_(std::max<std::int64_t>(total, 1)),
      terminal_(::isatty(STDERR_FILENO) == 1)
{}

void progress_bar::draw(std::int64_t done, std::string_view beside)
{
    std::string const count = std::to_string(done) + "/" + std::to_string(total_);
    if (!terminal_) {
        std::int64_t const tenths = done * 10 / total_;
        if (tenths > tenths_)
            std::fprintf(stderr, "%s done\n", count.c_str());
        tenths_ = std::max(tenths, tenths_);
        return;
    }
    auto const filled = static_cast<std::size_t>(std::min(done, total_) * bar_width / total_);
    last_ = "[" + std::string(filled, '#') + std::string(bar_width - filled, '.') + "] " + count;
    last_.append("  ").append(beside);
    std::fprintf(stderr, "\r\033[K%.78s", last_.c_str());
    std::fflush(stderr);
    shown_ = true;
}

void progress_bar::finish()
{
    if (shown_)
        std::fputc('\n', stderr);
    shown_ = false;
}

void progress_bar::print(std::string_view line)
{
    bool const again = shown_;
    clear();
    std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
    if (again) {
        std::fprintf(stderr, "%.78s", last_.c_str());
        std::fflush(stderr);
        shown_ = true;
    }
}

void progress_bar::clear()
{
    if (shown_)
        std::fputs("\r\033[K", stderr);
    shown_ = false;
}

}  // namespace work::tool
