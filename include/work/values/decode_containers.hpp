// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/argument_types.hpp>
#include <work/values/as_argument.hpp>
#include <work/values/decode_report.hpp>
#include <work/values/json_shape.hpp>
#include <work/values/text.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
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
bool decode_sequence(
    boost::json::value const& json,
    T& out,
    json_path const& at,
    decode_report& report
)
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
bool decode_fixed(
    boost::json::value const& json,
    T& out,
    json_path const& at,
    decode_report& report
)
{
    constexpr std::size_t size = std::tuple_size_v<T>;
    auto const* array = json.if_array();
    if (!array || array->size() != size)
        return report.fail(at, "an array of " + std::to_string(size), json);
    return [&]<std::size_t... Index>(std::index_sequence<Index...>) {
        return (
            decode_value((*array)[Index], std::get<Index>(out), json_path(at, Index), report) && ...
        );
    }(std::make_index_sequence<size>{});
}

template <typename Key>
bool decode_key(std::string_view name, Key& out, json_path const& at, decode_report& report)
{
    if constexpr (taught<Key>) {
        try {
            out = as_argument<Key>::read(std::string(name));
        } catch (...) {
            // In parentheses: braces would make it an array.
            boost::json::value const found(boost::json::string(name.data(), name.size()));
            return report.fail_thrown(at, "a name that its type can read", found);
        }
    } else {
        out.assign(name);
    }
    return true;
}

template <typename T>
bool decode_map(boost::json::value const& json, T& out, json_path const& at, decode_report& report)
{
    auto const* object = json.if_object();
    if (!object)
        return report.fail(at, "an object", json);
    out.clear();
    for (auto const& member : *object) {
        std::string_view const name = key_of(member);
        json_path const here(at, name);
        typename T::key_type key;
        typename T::mapped_type element{};
        if (!decode_key(name, key, here, report) ||
            !decode_value(member.value(), element, here, report))
            return false;
        // Two names may read as one key of a type of somebody's own.
        if (!out.try_emplace(std::move(key), std::move(element)).second)
            return report.fail_text(here, "a name that is not there already", quote(name));
    }
    return true;
}

template <typename T>
bool decode_optional(
    boost::json::value const& json,
    T& out,
    json_path const& at,
    decode_report& report
)
{
    if (json.is_null()) {
        out.reset();
        return true;
    }
    return decode_value(json, out.emplace(), at, report);
}

/// "one of the 3 types it may have (an object with "_type" "card" or "sepa")".
template <typename T>
std::string describe_alternatives()
{
    std::string tags;
    [&]<typename... One>(std::variant<One...>*) {
        auto const add = [&]<typename Alternative>(std::type_identity<Alternative>) {
            if constexpr (tagged<Alternative>)
                tags += (tags.empty() ? " (an object with \"_type\" " : " or ") +
                        quote(Alternative::variant_tag);
        };
        (add(std::type_identity<One>()), ...);
    }(static_cast<T*>(nullptr));
    return "one of the " + std::to_string(std::variant_size_v<T>) + " types it may have" + tags +
           (tags.empty() ? "" : ")");
}

template <typename T>
bool decode_variant(
    boost::json::value const& json,
    T& out,
    json_path const& at,
    decode_report& report
)
{
    // The one that it was written from, else the only one that may be meant; its own message, when
    // it does not fit after all, has the path.
    constexpr std::size_t count = std::variant_size_v<T>;
    return [&]<std::size_t... Index>(std::index_sequence<Index...>) {
        std::array<int, count> const fits{fit_of<std::variant_alternative_t<Index, T>>(json)...};
        std::size_t chosen = count;
        bool sure = false;
        for (std::size_t i = 0; i != count; ++i) {
            if (fits[i] == 2) {
                chosen = i;
                sure = true;
            } else if (fits[i] == 1 && !sure) {
                chosen = chosen == count ? i : count + 1;
            }
        }
        if (chosen >= count)
            return !report.is_quiet() && report.fail(at, describe_alternatives<T>(), json);
        bool good = false;
        ((Index == chosen && (good = decode_value(json, out.template emplace<Index>(), at, report))
         ),
         ...);
        return good;
    }(std::make_index_sequence<count>{});
}

}  // namespace work::detail
