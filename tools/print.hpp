// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/encode.hpp>

#include <cstdint>
#include <string>
#include <string_view>

#include "layout.hpp"

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
/// On stderr, as it is: what stands before a question, how far something is.
void print_talk(std::string_view line);

/// "3m20s ago", "in 5m", "now": `time_ms` as seen at `now_ms`; "-" for 0. With --utc and --local
/// these are `moment`s.
std::string relative(std::int64_t time_ms, std::int64_t now_ms);
/// "2026-11-22T03:37:41.123Z (3m20s ago)"; "-" for 0.
std::string absolute(std::int64_t time_ms, std::int64_t now_ms);
/// JSON text, indented and split into lines of its own; no token is read or changed, so numbers of
/// any size stay what they are. Text that is no JSON comes back as it was.
std::string indented_json(std::string_view text, std::string_view margin);

}  // namespace work::tool
