// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/redis/reply.hpp>

#include <charconv>
#include <string>

namespace work::redis {

WORK_DECL std::string_view to_string(kind k) noexcept
{
    switch (k) {
    case kind::null: return "null";
    case kind::simple_string: return "simple string";
    case kind::simple_error: return "error";
    case kind::integer: return "integer";
    case kind::bulk_string: return "bulk string";
    case kind::array: return "array";
    case kind::boolean: return "boolean";
    case kind::number: return "double";
    case kind::big_number: return "big number";
    case kind::blob_error: return "blob error";
    case kind::verbatim: return "verbatim string";
    case kind::map: return "map";
    case kind::set: return "set";
    case kind::push: return "push";
    }
    return "unknown";
}

WORK_DECL void value::unexpected(char const* expected) const
{
    std::string found(to_string(type()));
    if (is_error())
        found += " \"" + std::string(text().substr(0, 256)) + "\"";
    throw error(
        errc::protocol,
        std::string("the server's reply should be ") + expected + ", but it is: " + found +
            "; check that the server is a Redis or Valkey of a "
            "supported version"
    );
}

WORK_DECL std::int64_t value::text_integer() const
{
    if (!is_text() || is_error())
        unexpected("an integer");
    auto const digits = text();
    std::int64_t result = 0;
    auto const [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), result);
    if (ec != std::errc() || end != digits.data() + digits.size())
        unexpected("an integer");
    return result;
}

WORK_DECL double value::number() const
{
    if (type() == kind::integer)
        return static_cast<double>(node_->integer);
    if (!is_text() || is_error())
        unexpected("a number");
    auto const digits = text();
    double result = 0;
    auto const [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), result);
    if (ec != std::errc() || end != digits.data() + digits.size())
        unexpected("a number");
    return result;
}

WORK_DECL value value::operator[](std::size_t index) const
{
    if (index >= size())
        throw error(
            errc::protocol,
            "the server's reply has " + std::to_string(size()) + " elements, but at least " +
                std::to_string(index + 1) +
                " are needed; check that the server is of a supported version"
        );
    if (node_->extent == node_->size + 1)
        return {node_ + 1 + index, text_};
    auto place = begin();
    while (index-- > 0)
        ++place;
    return *place;
}

WORK_DECL std::optional<value> value::find(std::string_view key) const
{
    for (auto place = begin(); place != end(); ++place) {
        value const name = *place;
        if (++place == end())
            break;
        if (name.is_text() && name.text() == key)
            return *place;
    }
    return std::nullopt;
}

}  // namespace work::redis
