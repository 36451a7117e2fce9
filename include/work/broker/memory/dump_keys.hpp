// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/records.hpp>
#include <work/build_config.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work::detail {

/// One key's value as a text that is equal when the values are: a word for its type, then a line
/// per element, `\n`, `\r`, `\\` and bytes that can't be printed escaped. Lists are in order, sets
/// and hashes (`field => value`) sorted, sorted sets `score member` in their order.
class canonical_value
{
public:
    explicit canonical_value(std::string_view type) : text_(type) {}

    WORK_DECL void line(std::string_view element);
    WORK_DECL void line(std::string_view field, std::string_view value);
    void line(std::string_view field, std::int64_t value) { line(field, std::to_string(value)); }
    /// Sorts the lines.
    WORK_DECL std::string sorted();
    WORK_DECL std::string in_order();

private:
    std::string text_;
    std::vector<std::string> lines_;
};

/// Gathers the keys of a dump.
class dump_keys
{
public:
    template <typename Range>
    void set(std::string key, Range const& range)
    {
        canonical_value value("set");
        for (auto const& element : range)
            value.line(element);
        if (!range.empty())
            keys_[std::move(key)] = value.sorted();
    }
    template <typename Range>
    void list(std::string key, Range const& range)
    {
        canonical_value value("list");
        for (auto const& element : range)
            value.line(element);
        if (!range.empty())
            keys_[std::move(key)] = value.in_order();
    }
    void scored(std::string key, scored_ids const& ids)
    {
        canonical_value value("zset");
        for (auto const& [score, id] : ids.order())
            value.line(std::to_string(score) + " " + id);
        if (!ids.empty())
            keys_[std::move(key)] = value.in_order();
    }
    void text(std::string key, std::string_view text)
    {
        canonical_value value("string");
        value.line(text);
        keys_[std::move(key)] = value.in_order();
    }
    template <typename Map>
    void hash(std::string key, Map const& map)
    {
        canonical_value value("hash");
        for (auto const& [field, content] : map)
            value.line(field, content);
        if (!map.empty())
            keys_[std::move(key)] = value.sorted();
    }
    std::map<std::string, std::string> take() { return std::move(keys_); }

private:
    std::map<std::string, std::string> keys_;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/broker/memory/dump_keys.ipp>
#endif
