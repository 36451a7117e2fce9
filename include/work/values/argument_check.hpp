// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/argument_types.hpp>
#include <work/values/as_argument.hpp>
#include <work/values/described.hpp>
#include <work/values/json_shape.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <variant>

/// \file
/// Looks through a type for the first thing that keeps it from being an argument, so that the
/// compiler says it in one sentence, and nothing that builds upon it is tried.

namespace work::detail {

enum class argument_fault {
    none,
    unknown_type,
    borrowed,
    map_key,
    variant,
    optional,
    hidden_member,
    private_member,
    no_default,
    one_way,
    circle,
    boost_json,
    time,
};

template <typename T, bool Reading, typename Above>
constexpr argument_fault fault_of();

template <bool Reading, typename Above, typename... T>
constexpr argument_fault first_fault()
{
    argument_fault fault = argument_fault::none;
    ((fault = fault != argument_fault::none ? fault : fault_of<T, Reading, Above>()), ...);
    return fault;
}

template <typename T, unsigned Modifiers>
using described_members = boost::describe::describe_members<T, Modifiers>;

template <typename T>
constexpr bool has_hidden_member()
{
    using namespace boost::describe;
    using all = described_members<T, mod_public | mod_inherited | mod_hidden>;
    return boost::mp11::mp_size<all>::value != member_count<T>;
}

template <typename T>
constexpr bool has_private_member()
{
    using namespace boost::describe;
    using all = described_members<T, mod_private | mod_protected | mod_inherited | mod_hidden>;
    return boost::mp11::mp_size<all>::value != 0;
}

/// Is the type written as itself, with nothing in between that would end it? An optional or a
/// variant ends nothing: in JSON it looks like what it holds.
template <typename T, typename Above = boost::mp11::mp_list<>>
constexpr bool written_in_circles()
{
    if constexpr (boost::mp11::mp_contains<Above, T>::value)
        return true;
    else if constexpr (taught<T>)
        return written_in_circles<written_as<T>, boost::mp11::mp_push_back<Above, T>>();
    else if constexpr (optional_like<T>)
        return written_in_circles<typename T::value_type, Above>();
    else if constexpr (variant_like<T>)
        return []<typename... One>(std::variant<One...>*) {
            return (written_in_circles<One, Above>() || ...);
        }(static_cast<T*>(nullptr));
    else
        return false;
}

/// It is taught by as_boost_json, and Boost.JSON does not know it.
template <typename T>
constexpr bool unknown_to_boost_json()
{
    if constexpr (requires { as_argument<T>::known_to_boost_json; })
        return !as_argument<T>::known_to_boost_json;
    else
        return false;
}

/// A type may hold values of its own: `Above` are those that are being looked through.
template <typename T, bool Reading, typename Above>
constexpr argument_fault fault_of_taught()
{
    if constexpr (boost::mp11::mp_contains<Above, T>::value)
        return argument_fault::none;
    else if constexpr (!taught<T>)
        return argument_fault::one_way;
    else if constexpr (unknown_to_boost_json<T>())
        return argument_fault::boost_json;
    else if constexpr (written_in_circles<T>())
        return argument_fault::circle;
    else if constexpr (!std::is_default_constructible_v<T>)
        return Reading ? argument_fault::no_default
                       : fault_of<written_as<T>, Reading, boost::mp11::mp_push_back<Above, T>>();
    else
        return reads_back<T>
                   ? fault_of<written_as<T>, Reading, boost::mp11::mp_push_back<Above, T>>()
                   : argument_fault::one_way;
}

/// The value's own fault comes first: what is at fault may have no shape.
template <typename T, bool Reading, typename Above>
constexpr argument_fault fault_of_optional()
{
    using value = typename T::value_type;
    constexpr argument_fault inner = fault_of<value, Reading, Above>();
    if constexpr (inner != argument_fault::none)
        return inner;
    else
        return shape_of<value>() & shapes::null ? argument_fault::optional : argument_fault::none;
}

template <typename T, bool Reading, typename Above>
constexpr argument_fault fault_of_variant()
{
    constexpr argument_fault inner = []<typename... One>(std::variant<One...>*) {
        return first_fault<Reading, Above, One...>();
    }(static_cast<T*>(nullptr));
    if constexpr (inner != argument_fault::none)
        return inner;
    else
        return alternatives_told_apart<T> ? argument_fault::none : argument_fault::variant;
}

template <typename T, bool Reading, typename Above>
constexpr argument_fault fault_of_described()
{
    if constexpr (boost::mp11::mp_contains<Above, T>::value)
        return argument_fault::none;
    else if constexpr (has_hidden_member<T>())
        return argument_fault::hidden_member;
    else if constexpr (has_private_member<T>())
        return argument_fault::private_member;
    else if constexpr (Reading && !std::is_default_constructible_v<T>)
        return argument_fault::no_default;
    else
        return []<typename... Member>(boost::mp11::mp_list<Member...>) {
            return first_fault<
                Reading,
                boost::mp11::mp_push_back<Above, T>,
                member_type<T, Member>...>();
        }(boost::mp11::mp_rename<members_of<T>, boost::mp11::mp_list>{});
}

template <typename T, bool Reading, typename Above>
constexpr argument_fault fault_of_elements()
{
    if constexpr (map_like<T>) {
        using key = typename T::key_type;
        constexpr bool good =
            specialised<key> || (Reading ? std::same_as<key, std::string>
                                         : std::convertible_to<key const&, std::string_view>);
        constexpr argument_fault fault = specialised<key> ? fault_of<key, Reading, Above>()
                                         : good           ? argument_fault::none
                                                          : argument_fault::map_key;
        if constexpr (fault != argument_fault::none)
            return fault;
        else if constexpr (specialised<key> && !taught_key<key>)
            return argument_fault::map_key;
        else
            return fault_of<typename T::mapped_type, Reading, Above>();
    } else if constexpr (tuple_like<T>) {
        return []<template <typename...> class Tuple, typename... One>(Tuple<One...>*) {
            return first_fault<Reading, Above, One...>();
        }(static_cast<T*>(nullptr));
    } else {
        return fault_of<typename T::value_type, Reading, Above>();
    }
}

template <typename T, bool Reading, typename Above>
constexpr argument_fault fault_of()
{
    if constexpr (specialised<T>)
        return fault_of_taught<T, Reading, Above>();
    else if constexpr (std::same_as<T, bool> || integer<T> || floating<T> || raw_json<T> ||
                       std::same_as<T, std::string> || path_like<T> ||
                       std::same_as<T, std::monostate> || (std::is_enum_v<T> && !character<T>))
        return argument_fault::none;
    else if constexpr (writes_json<T>)
        return Reading ? argument_fault::unknown_type : argument_fault::none;
    else if constexpr (borrowed_text<T>)
        return Reading ? argument_fault::borrowed : argument_fault::none;
    else if constexpr (std::same_as<T, std::nullptr_t> || std::same_as<T, std::nullopt_t>)
        return Reading ? argument_fault::unknown_type : argument_fault::none;
    else if constexpr (optional_like<T>)
        return fault_of_optional<T, Reading, Above>();
    else if constexpr (variant_like<T>)
        return fault_of_variant<T, Reading, Above>();
    else if constexpr (duration_like<T>)
        return integer<typename T::rep> || floating<typename T::rep> ? argument_fault::none
                                                                     : argument_fault::time;
    else if constexpr (is_sys_time<T>)
        return integer<typename T::rep> ? argument_fault::none : argument_fault::time;
    else if constexpr (described_job<T>)
        return fault_of_described<T, Reading, Above>();
    else if constexpr (map_like<T> || is_std_array<T> || tuple_like<T> || sequence_like<T> ||
                       set_like<T>)
        return fault_of_elements<T, Reading, Above>();
    else
        return argument_fault::unknown_type;
}

template <bool Reading, typename... T>
inline constexpr argument_fault fault_of_arguments =
    first_fault<Reading, boost::mp11::mp_list<>, T...>();

/// They can be written, and read unless they are only to be written.
template <bool Reading, typename... T>
inline constexpr bool good_arguments = fault_of_arguments<Reading, T...> == argument_fault::none;

/// The sentence. The compiler shows the types beside it.
template <argument_fault Fault, typename... Arguments>
constexpr void explain_fault()
{
    using fault = argument_fault;
    static_assert(Fault != fault::unknown_type, WORK_DETAIL_NOT_AN_ARGUMENT);
    static_assert(
        Fault != fault::borrowed,
        "work: a std::string_view or pointer would dangle: use std::string"
    );
    static_assert(
        Fault != fault::map_key,
        "work: the keys of a map argument must be std::string, or types that "
        "work::as_argument writes as one"
    );
    static_assert(
        Fault != fault::variant,
        "work: two alternatives of a variant argument look alike in JSON: give each "
        "struct a tag, static constexpr std::string_view variant_tag = \"...\", or use "
        "types of different kinds"
    );
    static_assert(
        Fault != fault::optional,
        "work: an optional argument whose value may be null itself can't be told from an "
        "empty one: drop one of both"
    );
    static_assert(
        Fault != fault::hidden_member,
        "work: a member of a described base is hidden by one of the same name, and would "
        "be lost: rename one"
    );
    static_assert(
        Fault != fault::private_member,
        "work: described private members don't travel: describe public ones only, or "
        "specialise work::as_argument"
    );
    static_assert(
        Fault != fault::no_default,
        "work: this type can't be an argument: it has no default constructor"
    );
    static_assert(
        Fault != fault::one_way,
        "work: as_argument must read what it writes: it needs static Written "
        "write(T const&) and static T read(Written), both public"
    );
    static_assert(
        Fault != fault::boost_json,
        "work: as_boost_json needs both tag_invoke(value_from_tag, value&, T const&) and "
        "tag_invoke(value_to_tag<T>, value const&) of the type"
    );
    static_assert(
        Fault != fault::circle,
        "work: as_argument writes the type as itself: write another type, one that can "
        "be an argument already"
    );
    static_assert(
        Fault != fault::time,
        "work: a duration counts in integers, float or double, and a time in integers"
    );
}

}  // namespace work::detail
