// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/argument_types.hpp>
#include <work/values/decode_report.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>

namespace work::detail {

inline std::string_view key_of(boost::json::key_value_pair const& member) noexcept
{
    return {member.key().data(), member.key().size()};
}

// Defined in decode.hpp; the containers recurse through it.
template <typename T>
bool decode_value(boost::json::value const&, T&, json_path const&, decode_report&);

template <typename T>
bool decode_sequence(boost::json::value const& json,
                     T& out,
                     json_path const& at,
                     decode_report& report)
{
    using element_type = typename T::value_type;
    auto const* array = json.if_array();
    if (!array)
        return report.fail(at, "an array", json);
    out.clear();
    if constexpr (requires { out.reserve(array->size()); })
        out.reserve(array->size());
    std::size_t index = 0;
    for (boost::json::value const& item : *array) {
        element_type element{};
        if (!decode_value(item, element, json_path(at, index++), report))
            return false;
        out.push_back(std::move(element));
    }
    return true;
}

template <typename T>
bool decode_set(boost::json::value const& json, T& out, json_path const& at, decode_report& report)
{
    auto const* array = json.if_array();
    if (!array)
        return report.fail(at, "an array", json);
    out.clear();
    std::size_t index = 0;
    for (boost::json::value const& item : *array) {
        typename T::key_type element{};
        if (!decode_value(item, element, json_path(at, index++), report))
            return false;
        out.insert(std::move(element));
    }
    return true;
}

/// std::array, std::pair and std::tuple: arrays of exactly so many elements.
template <typename T>
bool decode_fixed(boost::json::value const& json,
                  T& out,
                  json_path const& at,
                  decode_report& report)
{
    constexpr std::size_t size = std::tuple_size_v<T>;
    auto const* array = json.if_array();
    if (!array || array->size() != size)
        return report.fail(at, "an array of " + std::to_string(size), json);
    return [&]<std::size_t... Index>(std::index_sequence<Index...>) {
        return (decode_value((*array)[Index], std::get<Index>(out), json_path(at, Index), report) &&
                ...);
    }(std::make_index_sequence<size>{});
}

template <typename T>
bool decode_map(boost::json::value const& json, T& out, json_path const& at, decode_report& report)
{
    static_assert(std::same_as<typename T::key_type, std::string>,
                  "work: the keys of a map argument must be std::string");
    auto const* object = json.if_object();
    if (!object)
        return report.fail(at, "an object", json);
    out.clear();
    for (auto const& member : *object) {
        std::string_view const key = key_of(member);
        typename T::mapped_type element{};
        if (!decode_value(member.value(), element, json_path(at, key), report))
            return false;
        out.insert_or_assign(std::string(key), std::move(element));
    }
    return true;
}

template <typename T>
bool decode_optional(boost::json::value const& json,
                     T& out,
                     json_path const& at,
                     decode_report& report)
{
    if (json.is_null()) {
        out.reset();
        return true;
    }
    return decode_value(json, out.emplace(), at, report);
}

template <typename T>
bool decode_variant(boost::json::value const& json,
                    T& out,
                    json_path const& at,
                    decode_report& report)
{
    decode_report quiet = decode_report::quiet();
    bool const found = [&]<std::size_t... Index>(std::index_sequence<Index...>) {
        return (decode_value(json, out.template emplace<Index>(), at, quiet) || ...);
    }(std::make_index_sequence<std::variant_size_v<T>>{});
    return found ||
           report.fail(at,
                       "one of the " + std::to_string(std::variant_size_v<T>) +
                           " types it may have",
                       json);
}

}  // namespace work::detail
