// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <boost/describe/bases.hpp>
#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>

#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace work {

/// A struct or class described with BOOST_DESCRIBE_STRUCT or BOOST_DESCRIBE_CLASS: what can be a
/// job, and what can be an argument of one.
template <typename T>
concept described_job =
    std::is_class_v<T> && !std::is_union_v<T> && boost::describe::has_describe_members<T>::value;

namespace detail {

template <typename T>
concept described_enum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

/// Descriptors of the public data members of T, those of its bases first.
template <typename T>
using members_of = boost::describe::
    describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

template <typename T>
inline constexpr std::size_t member_count = boost::mp11::mp_size<members_of<T>>::value;

template <typename T, std::size_t Index>
using member_at = boost::mp11::mp_at_c<members_of<T>, Index>;

template <typename T, typename Member>
using member_type = std::remove_cvref_t<decltype(std::declval<T&>().*Member::pointer)>;

/// Calls `fn.operator()<Member>()` for each member until one returns false.
template <typename T, typename Fn>
constexpr bool all_members(Fn&& fn)
{
    return [&]<typename... Member>(boost::mp11::mp_list<Member...>) {
        return (fn.template operator()<Member>() && ...);
    }(boost::mp11::mp_rename<members_of<T>, boost::mp11::mp_list>{});
}

/// The name of an enumerator; empty for a value without one.
template <described_enum T>
constexpr std::string_view enumerator_name(T value)
{
    std::string_view name;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto one) {
        if (one.value == value)
            name = one.name;
    });
    return name;
}

template <described_enum T>
constexpr bool find_enumerator(std::string_view name, T& value)
{
    bool found = false;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto one) {
        if (!found && name == one.name) {
            value = one.value;
            found = true;
        }
    });
    return found;
}

}  // namespace detail
}  // namespace work
