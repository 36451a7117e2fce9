// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace work::tool {

/// A bar on stderr that is drawn again and again; where stderr is no terminal, a line whenever
/// another tenth is done.
class progress_bar
{
public:
    explicit progress_bar(std::int64_t total);
    progress_bar(progress_bar const&) = delete;
    ~progress_bar() { clear(); }

    void draw(std::int64_t done, std::string_view beside);
    /// Leaves the bar where it is and goes to the next line.
    void finish();
    /// A line above the bar.
    void print(std::string_view line);

private:
    void clear();

    std::int64_t total_;
    bool terminal_;
    bool shown_ = false;
    std::int64_t tenths_ = 0;
    std::string last_;
};

}  // namespace work::tool
