// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/text.hpp>

#include <charconv>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work::web {

/// Writes metrics as Prometheus reads them: text format 0.0.4.
class exposition
{
public:
    using labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

    /// Values follow, all those of one family together.
    void family(std::string_view name, std::string_view type, std::string_view help)
    {
        name_ = name;
        text_.append("# HELP ").append(name).append(" ").append(help);
        text_.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
    }
    void value(std::integral auto n, labels with = {}) { put("", with, std::to_string(n)); }
    void value(double n, labels with = {}) { put("", with, digits(n)); }
    /// One line of a histogram: `suffix` is _bucket, _sum or _count.
    void part(std::string_view suffix, std::uint64_t n, labels with)
    {
        put(suffix, with, std::to_string(n));
    }
    void part(std::string_view suffix, double n, labels with) { put(suffix, with, digits(n)); }

    /// A whole histogram, of one value of each label. `counts`: each bucket's own, the last one
    /// without an upper end; `bounds` are so many to a second.
    template <typename Bounds, typename Counts>
    void histogram(
        Bounds const& bounds,
        double to_a_second,
        Counts const& counts,
        double sum,
        labels of
    )
    {
        std::vector<std::pair<std::string_view, std::string_view>> with(of.begin(), of.end());
        with.emplace_back("le", "");
        std::uint64_t total = 0;
        for (std::size_t i = 0; i != counts.size(); ++i) {
            total += counts[i];
            std::string const end =
                i == bounds.size() ? "+Inf" : digits(static_cast<double>(bounds[i]) / to_a_second);
            with.back().second = end;
            put("_bucket", with, std::to_string(total));
        }
        part("_sum", sum, of);
        part("_count", total, of);
    }

    static std::string digits(double n)
    {
        char buffer[32];
        auto const end = std::to_chars(buffer, buffer + sizeof buffer, n).ptr;
        return std::string(buffer, end);
    }
    std::string take() { return std::move(text_); }

private:
    template <typename Labels>
    void put(std::string_view suffix, Labels const& with, std::string_view number)
    {
        text_.append(name_).append(suffix);
        char before = '{';
        for (auto const& [key, value] : with) {
            text_ += before;
            before = ',';
            text_.append(key).append("=\"");
            append_escaped(detail::sanitized_utf8(value, 512));
            text_ += '"';
        }
        if (with.size() != 0)
            text_ += '}';
        text_.append(" ").append(number).append("\n");
    }
    void append_escaped(std::string_view value)
    {
        for (char const c : value) {
            if (c == '\n') {
                text_ += "\\n";
                continue;
            }
            if (c == '\\' || c == '"')
                text_ += '\\';
            text_ += c;
        }
    }

    std::string text_;
    std::string_view name_;
};

}  // namespace work::web
