// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/sha1.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/text.hpp>
#include <work/values/unique.hpp>

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <vector>

namespace work::detail {

WORK_DECL std::string lock_key(std::string_view name, char kind, std::string_view text)
{
    std::string all(name);
    all.append(1, '\n').append(1, kind).append(text);
    return sha1(all).substr(0, 32);
}

inline void append_canonical(std::string& out, boost::json::value const& value)
{
    if (value.is_array()) {
        out += '[';
        for (boost::json::value const& one : value.get_array()) {
            out += out.back() == '[' ? "" : ",";
            append_canonical(out, one);
        }
        out += ']';
    } else if (value.is_object()) {
        std::vector<boost::json::key_value_pair const*> members;
        for (auto const& member : value.get_object())
            members.push_back(&member);
        std::sort(members.begin(), members.end(), [](auto const* a, auto const* b) {
            return a->key() < b->key();
        });
        out += '{';
        bool first = true;
        for (auto const* member : members) {
            out += std::exchange(first, false) ? "" : ",";
            out += boost::json::serialize(boost::json::value(member->key()));
            out += ':';
            append_canonical(out, member->value());
        }
        out += '}';
    } else {
        out += boost::json::serialize(value);
    }
}

WORK_DECL std::string canonical_arguments(std::string_view arguments)
{
    args_parser parser;
    std::string out;
    append_canonical(out, parser.parse(arguments, "arguments"));
    return out;
}

WORK_DECL std::string canonical_members(
    std::string_view arguments,
    std::string_view const* members,
    std::size_t count
)
{
    args_parser parser;
    boost::json::value const& all = parser.parse(arguments, "arguments");
    std::string out = "[";
    for (std::string_view const* name = members; name != members + count; ++name) {
        auto const* const value = all.is_object() ? all.get_object().if_contains(*name) : nullptr;
        if (value == nullptr)
            throw error(
                errc::invalid_option,
                "the job is to be unique by " + quote(*name) + ", which its arguments don't have"
            );
        out += out.size() > 1 ? "," : "";
        append_canonical(out, *value);
    }
    return out += ']';
}

}  // namespace work::detail
