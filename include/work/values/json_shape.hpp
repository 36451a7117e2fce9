// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/argument_types.hpp>
#include <work/values/as_argument.hpp>
#include <work/values/described.hpp>

#include <boost/json/value.hpp>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <variant>

/// \file
/// What a type looks like in JSON. A variant's alternatives must be told apart by it, and an
/// optional's value from null. Two structs are told apart by tags:
///
///     struct card { std::string number; static constexpr std::string_view variant_tag = "card"; };
///     struct sepa { std::string iban;   static constexpr std::string_view variant_tag = "sepa"; };
///     std::variant<card, sepa>   // {"_type":"card","number":"4111..."}

namespace work::detail {

/// The member that holds the tag of a struct that stands in a variant.
inline constexpr std::string_view variant_tag_key = "_type";

template <typename T>
concept tagged = described_job<T> && requires {
    { T::variant_tag } -> std::convertible_to<std::string_view>;
};

namespace shapes {
enum : unsigned {
    null = 1,
    boolean = 2,
    integer = 4,
    fraction = 8,
    string = 16,
    array = 32,
    object = 64,
    any = 127,
};
}  // namespace shapes

/// Every shape that a value of the type may have.
template <typename T>
constexpr unsigned shape_of()
{
    if constexpr (taught<T>)
        return shape_of<written_as<T>>();
    else if constexpr (std::same_as<T, bool>)
        return shapes::boolean;
    else if constexpr (integer<T>)
        return shapes::integer;
    else if constexpr (floating<T>)
        return shapes::fraction;
    else if constexpr (std::same_as<T, boost::json::value>)
        return shapes::any;
    else if constexpr (std::same_as<T, boost::json::object> || described_job<T> || map_like<T>)
        return shapes::object;
    else if constexpr (std::same_as<T, boost::json::array>)
        return shapes::array;
    else if constexpr (std::same_as<T, std::string> || std::same_as<T, boost::json::string> ||
                       path_like<T>)
        return shapes::string;
    else if constexpr (std::same_as<T, std::monostate> || std::same_as<T, std::nullptr_t> ||
                       std::same_as<T, std::nullopt_t>)
        return shapes::null;
    else if constexpr (borrowed_text<T>)
        return shapes::string | (std::is_pointer_v<T> ? shapes::null : 0u);
    else if constexpr (described_enum<T>)
        return shapes::string;
    else if constexpr (std::is_enum_v<T>)
        return shapes::integer;
    else if constexpr (optional_like<T>)
        return shapes::null | shape_of<typename T::value_type>();
    else if constexpr (variant_like<T>)
        return []<typename... One>(std::variant<One...>*) {
            return (shape_of<One>() | ... | 0u);
        }(static_cast<T*>(nullptr));
    else if constexpr (duration_like<T>)
        return std::chrono::treat_as_floating_point_v<typename T::rep>
                   ? shapes::fraction | shapes::string
                   : shapes::integer;
    else if constexpr (is_sys_time<T>)
        return shapes::integer | shapes::string;
    else if constexpr (is_std_array<T> || tuple_like<T> || sequence_like<T> || set_like<T>)
        return shapes::array;
    else
        return shapes::any;
}

/// Is a value of A never read as one of B, nor the other way round?
template <typename A, typename B>
constexpr bool told_apart()
{
    if constexpr (taught<A>)
        return told_apart<written_as<A>, B>();
    else if constexpr (variant_like<A>)
        return []<typename... One>(std::variant<One...>*) {
            return (told_apart<One, B>() && ...);
        }(static_cast<A*>(nullptr));
    else if constexpr (optional_like<A>)
        return told_apart<std::monostate, B>() && told_apart<typename A::value_type, B>();
    else if constexpr (taught<B> || variant_like<B> || optional_like<B>)
        return told_apart<B, A>();
    else if constexpr (tagged<A> && tagged<B>)
        return std::string_view(A::variant_tag) != std::string_view(B::variant_tag);
    else
        return (shape_of<A>() & shape_of<B>()) == 0;
}

template <typename First, typename... Rest>
constexpr bool first_told_apart()
{
    return (told_apart<First, Rest>() && ...);
}

template <typename T>
inline constexpr bool alternatives_told_apart = true;
template <typename First, typename... Rest>
inline constexpr bool alternatives_told_apart<std::variant<First, Rest...>> =
    first_told_apart<First, Rest...>() && alternatives_told_apart<std::variant<Rest...>>;
template <>
inline constexpr bool alternatives_told_apart<std::variant<>> = true;

inline unsigned shape_of_json(boost::json::value const& json) noexcept
{
    switch (json.kind()) {
    case boost::json::kind::null: return shapes::null;
    case boost::json::kind::bool_: return shapes::boolean;
    case boost::json::kind::int64:
    case boost::json::kind::uint64: return shapes::integer;
    case boost::json::kind::double_: return shapes::fraction;
    case boost::json::kind::string: return shapes::string;
    case boost::json::kind::array: return shapes::array;
    case boost::json::kind::object: return shapes::object;
    }
    return 0;
}

/// How well the JSON fits the type, looking no further than its kind and tag: 2 as it would be
/// written; 1 as other programs may write it (a whole number without its point, a time or duration
/// in another form, an object without its tag); 0 not at all.
template <typename T>
int fit_of(boost::json::value const& json)
{
    unsigned const shape = shape_of_json(json);
    if constexpr (taught<T>) {
        return fit_of<written_as<T>>(json);
    } else if constexpr (variant_like<T>) {
        return [&]<typename... One>(std::variant<One...>*) {
            int best = 0;
            ((best = std::max(best, fit_of<One>(json))), ...);
            return best;
        }(static_cast<T*>(nullptr));
    } else if constexpr (optional_like<T>) {
        return json.is_null() ? 2 : fit_of<typename T::value_type>(json);
    } else if constexpr (tagged<T>) {
        if (shape != shapes::object)
            return 0;
        auto const* tag =
            json.get_object().if_contains({variant_tag_key.data(), variant_tag_key.size()});
        if (tag == nullptr)
            return 1;
        auto const* text = tag->if_string();
        return text && std::string_view(text->data(), text->size()) == T::variant_tag ? 2 : 0;
    } else {
        if (shape & shape_of<T>())
            return 2;
        if constexpr (duration_like<T>)
            return shape == shapes::string || shape == shapes::integer ? 1 : 0;
        return shape == shapes::integer && (shape_of<T>() & shapes::fraction) ? 1 : 0;
    }
}

}  // namespace work::detail
