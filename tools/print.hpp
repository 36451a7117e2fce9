// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/encode.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace work::tool {

/// One line of JSON on stdout, fit to be shown.
void print_json(std::string_view json);
/// A described value as that.
template <typename T>
void print_as_json(T const& what)
{
    print_json(to_json(what));
}
/// Text made printable but for the ends of lines in it, and the end of the line, on stdout.
void print_line(std::string_view line);
/// "work: ", the text made printable, and the end of the line, on stderr.
void print_error(std::string_view line);

/// "3m20s ago", "in 5m", "now": `time_ms` as seen at `now_ms`; "-" for 0.
std::string relative(std::int64_t time_ms, std::int64_t now_ms);
/// "2026-11-22T03:37:41.123Z (3m20s ago)"; "-" for 0.
std::string absolute(std::int64_t time_ms, std::int64_t now_ms);
/// The text, cut to so many code points; a cut one ends with "~".
std::string cut(std::string_view text, std::size_t width);
/// JSON text, indented and split into lines of its own; no token is read or changed, so numbers of
/// any size stay what they are. Text that is no JSON comes back as it was.
std::string indented_json(std::string_view text, std::string_view margin);

/// Columns that line up. Text is on the left, numbers on the right.
class table
{
public:
    struct column
    {
        std::string title;
        bool number = false;
        std::size_t widest = 80;
    };

    explicit table(std::vector<column> columns) : columns_(std::move(columns)) {}
    void add(std::vector<std::string> cells);
    bool empty() const noexcept { return rows_.empty(); }
    void print() const;

private:
    std::vector<column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace work::tool
