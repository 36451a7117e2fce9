// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/router.hpp>

#include <string_view>
#include <utility>
#include <vector>

namespace work::web {
namespace detail_of_table {

/// The second form of a route, which takes any value as a parameter of the query: part of a path
/// can't be all that an id or a name may be.
struct any_value
{
    std::string_view path;
    std::string_view about;
    query_parameter value;
};

/// Appends a route by its path, and the same route by its query.
inline void append_pair(std::vector<route>& to, route by_path, any_value const& by_query)
{
    route twin = by_path;
    twin.path = by_query.path;
    twin.about = by_query.about;
    twin.query.insert(twin.query.begin(), by_query.value);
    to.push_back(std::move(by_path));
    to.push_back(std::move(twin));
}

}  // namespace detail_of_table
}  // namespace work::web
