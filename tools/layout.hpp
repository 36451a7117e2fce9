// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace work::tool {

/// How many columns of a terminal a text takes: characters of East Asia and emoji take two, marks
/// on others none. What is no UTF-8 counts a column a byte.
std::size_t columns_of(std::string_view text);
/// The text, cut to so many columns; a cut one ends with "~".
std::string cut(std::string_view text, std::size_t width);
/// Cut or filled with spaces to exactly so many columns.
std::string fitted(std::string_view text, std::size_t width);
/// The text in lines of at most so many columns, broken at spaces where it has any; those behind
/// the first begin with the margin.
std::vector<std::string> wrapped(
    std::string_view text,
    std::size_t width,
    std::string_view margin = "  "
);

/// "12 408"
std::string grouped(std::int64_t number);
/// "1 204", "3.1", "0.03", "0": so many a second.
std::string rate(double a_second);
/// How long ago, in two units at most: "850ms", "38s", "4m12s", "38m", "3h05m", "2d04h"; "-" for
/// the time 0.
std::string age(std::int64_t time_ms, std::int64_t now_ms);
/// "in 22m", "in 4m12s"; "now" when it is past.
std::string until(std::int64_t time_ms, std::int64_t now_ms);

/// The last values as bars, the largest full: "▁▂▅█"; a space for what is no number.
std::string sparkline(std::vector<double> const& values, std::size_t width);

/// Columns that line up. Text is on the left, numbers on the right.
class table
{
public:
    struct column
    {
        std::string title;
        bool number = false;
        std::size_t widest = 80;  ///< 0: what the others leave of the width, at least 8
    };

    explicit table(std::vector<column> columns) : columns_(std::move(columns)) {}
    void add(std::vector<std::string> cells);
    bool empty() const noexcept { return rows_.empty(); }
    /// The title, and a line a row.
    std::vector<std::string> lines(std::size_t width) const;
    /// On stdout, as wide as that is.
    void print() const;

private:
    std::vector<column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace work::tool
