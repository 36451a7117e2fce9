// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "print.hpp"

#include <work/values/decode_record.hpp>
#include <work/values/duration.hpp>
#include <work/values/text.hpp>
#include <work/values/time.hpp>

#include <chrono>
#include <cstdio>

#include "times.hpp"

namespace work::tool {
namespace {

// No finer than is of use: ms below a second, s below an hour, minutes above.
std::string rounded(std::int64_t ms)
{
    if (ms >= 3'600'000)
        ms -= ms % 60'000;
    else if (ms >= 1000)
        ms -= ms % 1000;
    return format_duration(std::chrono::milliseconds(ms));
}

// In JSON whatever can't be shown stands in a string, where it can be written as an escape.
std::string json_for_terminal(std::string_view json)
{
    std::string out;
    out.reserve(json.size());
    for (std::size_t at = 0; at < json.size();) {
        std::size_t const shown = detail::shown_length(json, at);
        std::size_t const length = shown == 0 && json[at] == '\n' ? 1 : shown;
        if (length != 0) {
            out.append(json.substr(at, length));
            at += length;
            continue;
        }
        std::string escaped;
        at += detail::append_escaped(escaped, json, at);
        if (escaped == "\\x7f")
            out += "\\u007f";
        else
            out += escaped.starts_with("\\u") ? escaped : std::string("\\ufffd");
    }
    return out;
}

}  // namespace

void print_line(std::string_view line)
{
    std::string text;
    for (std::size_t end = 0; end != std::string_view::npos;) {
        end = line.find('\n');
        text += printable(line.substr(0, end)) + '\n';
        line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
    }
    std::fwrite(text.data(), 1, text.size(), stdout);
}

void print_error(std::string_view line)
{
    std::fprintf(stderr, "work: %s\n", printable(line, max_log_line).c_str());
}

void print_talk(std::string_view line)
{
    std::fprintf(stderr, "%s\n", printable(line, max_log_line).c_str());
}

void print_json(std::string_view json)
{
    print_line(json_for_terminal(json));
}

std::string relative(std::int64_t time_ms, std::int64_t now_ms)
{
    if (time_ms == 0)
        return "-";
    if (times_shown() != times::relative)
        return moment(time_ms);
    if (time_ms == now_ms)
        return "now";
    return time_ms > now_ms ? "in " + rounded(time_ms - now_ms)
                            : rounded(now_ms - time_ms) + " ago";
}

std::string absolute(std::int64_t time_ms, std::int64_t now_ms)
{
    if (time_ms == 0)
        return "-";
    if (times_shown() != times::relative)
        return moment(time_ms, true);
    return format_rfc3339(time_ms) + " (" + relative(time_ms, now_ms) + ")";
}

std::string indented_json(std::string_view text, std::string_view margin)
{
    if (!detail::is_json(text))
        return std::string(margin) + printable(text);
    std::string out(margin);
    std::size_t depth = 0;
    auto const new_line = [&] { out.append("\n").append(margin).append(2 * depth, ' '); };
    auto const space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    bool in_string = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        char const c = text[at];
        if (in_string) {
            out.push_back(c);
            if (c == '\\')
                out.push_back(text[++at]);
            else if (c == '"')
                in_string = false;
            continue;
        }
        if (space(c))
            continue;
        if (c == '{' || c == '[') {
            std::size_t next = at + 1;
            while (space(text[next]))
                ++next;
            out.push_back(c);
            if (text[next] == '}' || text[next] == ']') {
                out.push_back(text[next]);
                at = next;
                continue;
            }
            ++depth;
            new_line();
        } else if (c == '}' || c == ']') {
            --depth;
            new_line();
            out.push_back(c);
        } else if (c == ',') {
            out.push_back(c);
            new_line();
        } else if (c == ':') {
            out.append(": ");
        } else {
            in_string = c == '"';
            out.push_back(c);
        }
    }
    return json_for_terminal(out);
}

}  // namespace work::tool
