// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/data.hpp>
#include <work/build_config.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
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

/// The state as the keys a Redis would have, without their prefix.
WORK_DECL std::map<std::string, std::string> dump(memory_data const& data, std::int64_t now_us);

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/broker/memory/dump.ipp>
#endif
