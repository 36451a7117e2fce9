// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "layout.hpp"

#include <work/printable.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "print.hpp"
#include "terminal.hpp"

namespace work::tool {
namespace {

struct range
{
    char32_t first;
    char32_t last;
};

// Two columns: East Asian width W and F of Unicode, in blocks.
constexpr range wide[] = {{0x1100, 0x115F},   {0x231A, 0x231B},   {0x23E9, 0x23F3},
                          {0x2614, 0x2615},   {0x26A1, 0x26A1},   {0x2705, 0x2705},
                          {0x274C, 0x274C},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},
                          {0xA960, 0xA97C},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},
                          {0xFE30, 0xFE6F},   {0xFF01, 0xFF60},   {0xFFE0, 0xFFE6},
                          {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF},
                          {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD}};

// None: marks that stand on the character before, joiners, and variation selectors.
constexpr range marks[] = {
    {0x0300, 0x036F},
    {0x0483, 0x0489},
    {0x0591, 0x05BD},
    {0x064B, 0x065F},
    {0x0E31, 0x0E31},
    {0x0E34, 0x0E3A},
    {0x0E47, 0x0E4E},
    {0x1AB0, 0x1AFF},
    {0x1DC0, 0x1DFF},
    {0x200B, 0x200D},
    {0x20D0, 0x20FF},
    {0xFE00, 0xFE0F},
    {0xFE20, 0xFE2F}
};

template <std::size_t Count>
bool within(range const (&all)[Count], char32_t c)
{
    return std::any_of(std::begin(all), std::end(all), [c](range const& one) {
        return c >= one.first && c <= one.last;
    });
}

struct character
{
    std::size_t bytes;
    std::size_t columns;
};

character character_at(std::string_view text, std::size_t at)
{
    std::size_t const bytes = detail::utf8_length(text, at);
    if (bytes <= 1)
        return {1, 1};
    auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    char32_t c = byte(0) & (0xFFu >> (bytes + 1));
    for (std::size_t i = 1; i != bytes; ++i)
        c = c << 6 | (byte(i) & 0x3Fu);
    return {bytes, within(marks, c) ? 0u : within(wide, c) ? 2u : 1u};
}

std::string two_units(std::int64_t ms)
{
    std::int64_t const s = ms / 1000;
    std::array<char, 48> text{};
    auto const write = [&](char const* form, std::int64_t a, std::int64_t b) {
        std::snprintf(
            text.data(),
            text.size(),
            form,
            static_cast<long long>(a),
            static_cast<long long>(b)
        );
    };
    if (ms < 1000)
        write("%lldms", ms, 0);
    else if (s < 60)
        write("%llds", s, 0);
    else if (s < 600)
        write("%lldm%02llds", s / 60, s % 60);
    else if (s < 3600)
        write("%lldm", s / 60, 0);
    else if (s < 86'400)
        write("%lldh%02lldm", s / 3600, s / 60 % 60);
    else
        write("%lldd%02lldh", s / 86'400, s / 3600 % 24);
    return text.data();
}

}  // namespace

std::size_t columns_of(std::string_view text)
{
    std::size_t columns = 0;
    for (std::size_t at = 0; at < text.size();) {
        character const one = character_at(text, at);
        columns += one.columns;
        at += one.bytes;
    }
    return columns;
}

std::string cut(std::string_view text, std::size_t width)
{
    if (columns_of(text) <= width)
        return std::string(text);
    std::size_t at = 0;
    for (std::size_t seen = 0; at < text.size();) {
        character const one = character_at(text, at);
        seen += one.columns;
        if (seen + 1 > width)
            break;
        at += one.bytes;
    }
    return width == 0 ? std::string() : std::string(text.substr(0, at)) + "~";
}

std::string fitted(std::string_view text, std::size_t width)
{
    std::string out = cut(text, width);
    return out.append(width - std::min(columns_of(out), width), ' ');
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width, std::string_view margin)
{
    std::vector<std::string> lines;
    std::string line;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t last = at;   // the end of what fits
        std::size_t space = at;  // the last space in it
        std::size_t const room = width - std::min(width - 1, columns_of(line));
        for (std::size_t seen = 0; last < text.size();) {
            character const one = character_at(text, last);
            seen += one.columns;
            if (seen > room && last > at)
                break;
            if (text[last] == ' ' && last > at)
                space = last;
            last += one.bytes;
        }
        bool const broken = last < text.size() && text[last] != ' ' && space > at;
        std::size_t const end = broken ? space : last;
        line.append(text.substr(at, end - at));
        lines.push_back(line);
        line = margin;
        at = end + (end < text.size() && text[end] == ' ' ? 1 : 0);
    }
    return lines;
}

std::string grouped(std::int64_t number)
{
    std::string digits = std::to_string(number);
    std::size_t const first = digits.starts_with('-') ? 1 : 0;
    for (std::size_t at = digits.size(); at > first + 3;)
        digits.insert(at -= 3, " ");
    return digits;
}

std::string rate(double a_second)
{
    if (a_second >= 9.95)
        return grouped(std::llround(a_second));
    if (a_second <= 0)
        return "0";
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), a_second < 0.095 ? "%.2f" : "%.1f", a_second);
    return text.data();
}

std::string sparkline(std::vector<double> const& values, std::size_t width)
{
    static constexpr std::string_view bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    std::size_t const begin = values.size() - std::min(values.size(), width);
    double most = 0;
    for (std::size_t i = begin; i != values.size(); ++i)
        most = std::isnan(values[i]) ? most : std::max(most, values[i]);
    std::string text;
    for (std::size_t i = begin; i != values.size(); ++i) {
        if (std::isnan(values[i])) {
            text += ' ';
            continue;
        }
        double const part = most <= 0 ? 0 : std::max(values[i], 0.0) / most;
        // What is not nothing is not shown as nothing.
        auto const level = static_cast<std::size_t>(std::ceil(part * 7));
        text += bars[std::min<std::size_t>(level, 7)];
    }
    return text;
}

std::string age(std::int64_t time_ms, std::int64_t now_ms)
{
    return time_ms == 0 ? "-" : two_units(std::max<std::int64_t>(now_ms - time_ms, 0));
}

std::string until(std::int64_t time_ms, std::int64_t now_ms)
{
    return time_ms <= now_ms ? "now" : "in " + two_units(time_ms - now_ms);
}

void table::add(std::vector<std::string> cells)
{
    for (std::string& cell : cells)
        cell = printable(cell);
    rows_.push_back(std::move(cells));
}

std::vector<std::string> table::lines(std::size_t width) const
{
    std::vector<std::size_t> widths;
    std::size_t taken = 2 * (columns_.size() - 1);
    for (std::size_t i = 0; i != columns_.size(); ++i) {
        std::size_t wanted = columns_of(columns_[i].title);
        std::size_t const widest = columns_[i].widest == 0 ? SIZE_MAX : columns_[i].widest;
        for (auto const& row : rows_)
            wanted = std::max(wanted, std::min(columns_of(row[i]), widest));
        widths.push_back(wanted);
        taken += columns_[i].widest == 0 ? 0 : wanted;
    }
    for (std::size_t i = 0; i != columns_.size(); ++i) {
        if (columns_[i].widest == 0)
            widths[i] =
                std::min(widths[i], std::max<std::size_t>(width - std::min(width, taken), 8));
    }
    std::vector<std::string> lines;
    auto const add_line = [&](auto const& cell_of) {
        std::string out;
        for (std::size_t i = 0; i != columns_.size(); ++i) {
            std::string const cell = cut(cell_of(i), widths[i]);
            std::string const padding(widths[i] - columns_of(cell), ' ');
            out.append(i == 0 ? "" : "  ");
            out.append(columns_[i].number ? padding + cell : cell + padding);
        }
        out.erase(out.find_last_not_of(' ') + 1);
        lines.push_back(std::move(out));
    };
    add_line([&](std::size_t i) { return columns_[i].title; });
    for (auto const& row : rows_)
        add_line([&](std::size_t i) { return row[i]; });
    return lines;
}

void table::print() const
{
    for (std::string const& line : lines(terminal_size().width))
        print_line(line);
}

}  // namespace work::tool
