// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/member_rules.hpp>
#include <work/values/nearest.hpp>
#include <work/values/text.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace work::detail {

inline std::vector<std::string_view> unknown_keys(
    boost::json::object const& object,
    std::span<std::string_view const> names
)
{
    std::vector<std::string_view> unknown;
    for (auto const& member : object) {
        std::string_view const key(member.key().data(), member.key().size());
        if (std::find(names.begin(), names.end(), key) == names.end())
            unknown.push_back(key);
    }
    return unknown;
}

WORK_DECL bool refuse_absent(
    boost::json::object const& object,
    std::string_view member,
    std::span<std::string_view const> names,
    json_path const& at,
    decode_report& report
)
{
    if (report.is_quiet())
        return false;
    std::string found = "nothing of that name";
    auto const unknown = unknown_keys(object, names);
    if (std::string_view const near = nearest_name(member, unknown); !near.empty())
        found += ", but " + quote(near);
    return report.fail_text(json_path(at, member), "this member", found);
}

WORK_DECL bool check_unknown(
    boost::json::object const& object,
    std::span<std::string_view const> names,
    bool strict,
    json_path const& at,
    decode_report& report
)
{
    auto const unknown = unknown_keys(object, names);
    if (unknown.empty())
        return true;
    if (strict) {
        if (report.is_quiet())
            return false;
        std::string_view const key = unknown.front();
        return report.fail(
            json_path(at, key),
            "no such member" + did_you_mean(key, names),
            object.at({key.data(), key.size()})
        );
    }
    if (unknown.size() == object.size() && !names.empty()) {
        if (report.is_quiet())
            return false;
        std::string expected = "at least one of";
        for (std::size_t i = 0; i != names.size() && i != 8; ++i)
            expected += (i == 0 ? " " : ", ") + std::string(names[i]);
        if (names.size() > 8)
            expected += ", ...";
        std::string const found = "only " + quote(unknown.front()) +
                                  (unknown.size() > 1 ? " and the like" : "") +
                                  did_you_mean(unknown.front(), names);
        return report.fail_text(at, expected, found);
    }
    for (std::string_view const key : unknown)
        report.ignore(json_path(at, key), nearest_name(key, names));
    return true;
}

}  // namespace work::detail
