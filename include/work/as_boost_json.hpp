// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/as_argument.hpp>

#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>

namespace work {

/// Teaches a type that Boost.JSON knows, by `tag_invoke` or by itself:
///
///     template <>
///     struct work::as_argument<geo::point> : work::as_boost_json<geo::point> {};
///
/// `Written` is what it looks like in JSON: an object, or std::string, std::int64_t, a
/// boost::json::array and so on. It is asked for, rather than found, since it says what the type
/// can be told apart from in a variant, and from an empty optional; boost::json::value, which may
/// be anything, can stand in neither.
///
/// Errors: as `as_argument`: what `tag_invoke` throws, and JSON of another kind, has the path.
template <typename T, typename Written = boost::json::object>
struct as_boost_json
{
    /// Looked at before the functions, so that the compiler says in one sentence what is missing.
    static constexpr bool known_to_boost_json =
        boost::json::has_value_from<T>::value && boost::json::has_value_to<T>::value;

    static Written write(T const& value)
    {
        return boost::json::value_to<Written>(boost::json::value_from(value));
    }
    static T read(Written const& written)
    {
        return boost::json::value_to<T>(boost::json::value_from(written));
    }
};

}  // namespace work
