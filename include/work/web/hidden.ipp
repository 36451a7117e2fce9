// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/hidden.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace work::web {
namespace detail_of_hidden {

inline void hide(boost::json::value& in)
{
    if (in.is_array()) {
        for (boost::json::value& one : in.get_array())
            hide(one);
        return;
    }
    if (!in.is_object())
        return;
    boost::json::object& all = in.get_object();
    bool hidden = false;
    for (std::string_view const name : hidden_members) {
        auto const found = all.find(name);
        if (found == all.end())
            continue;
        found->value() = nullptr;
        hidden = true;
    }
    for (auto& [name, value] : all)
        hide(value);
    if (hidden)
        all["hidden"] = true;
}

}  // namespace detail_of_hidden

WORK_DECL std::string shown_json(std::string json, bool hide)
{
    if (!hide)
        return json;
    boost::json::parse_options deep;
    deep.max_depth = 1'024;
    boost::json::value all = boost::json::parse(json, {}, deep);
    detail_of_hidden::hide(all);
    return boost::json::serialize(all);
}

}  // namespace work::web
