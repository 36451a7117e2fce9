// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/described.hpp>

#include <boost/json/fwd.hpp>

#include <array>
#include <chrono>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

/// \file
/// Sorts types by how they travel as arguments. Encoding and decoding branch on these.

namespace work::detail {

template <typename T, template <typename...> class Template>
inline constexpr bool is_specialization = false;
template <typename... Args, template <typename...> class Template>
inline constexpr bool is_specialization<Template<Args...>, Template> = true;

template <typename T>
concept character = std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> ||
                    std::same_as<T, char16_t> || std::same_as<T, char32_t>;

template <typename T>
concept integer =
    std::integral<T> && !std::same_as<T, bool> && !character<T> && sizeof(T) <= sizeof(long long);

template <typename T>
concept floating = std::same_as<T, float> || std::same_as<T, double>;

template <typename T>
concept raw_json = std::same_as<T, boost::json::value> || std::same_as<T, boost::json::object> ||
                   std::same_as<T, boost::json::array> || std::same_as<T, boost::json::string>;

/// std::filesystem::path and Boost's, where paths are made of bytes. Known by what they can do, so
/// that nobody compiles their headers for want of one.
template <typename T>
concept path_like = requires(T const& path, std::string text) {
    { path.native() } -> std::same_as<std::string const&>;
    { path.root_directory() } -> std::same_as<T>;
    { path.lexically_normal() } -> std::same_as<T>;
    T(std::move(text));
};

/// What encodes as a string without owning it; fine to pass in, not to receive.
template <typename T>
concept borrowed_text =
    !std::same_as<T, std::string> && !raw_json<T> && !std::same_as<T, std::nullptr_t> &&
    std::convertible_to<T const&, std::string_view>;

template <typename T>
concept optional_like = is_specialization<T, std::optional>;

template <typename T>
concept variant_like = is_specialization<T, std::variant>;

template <typename T>
inline constexpr bool is_std_array = false;
template <typename T, std::size_t Size>
inline constexpr bool is_std_array<std::array<T, Size>> = true;

template <typename T>
concept tuple_like = is_specialization<T, std::tuple> || is_specialization<T, std::pair>;

template <typename T>
concept duration_like = is_specialization<T, std::chrono::duration>;

template <typename T>
inline constexpr bool is_sys_time = false;
template <typename Duration>
inline constexpr bool is_sys_time<std::chrono::time_point<std::chrono::system_clock, Duration>> =
    true;

template <typename T>
concept map_like = requires(T& map, typename T::key_type key) {
    typename T::mapped_type;
    map.clear();
    map.try_emplace(std::move(key));
};

template <typename T>
concept set_like = !map_like<T> && requires(T& set, typename T::key_type key) {
    set.clear();
    set.insert(std::move(key));
};

template <typename T>
concept sequence_like = !raw_json<T> && !std::same_as<T, std::string> && !set_like<T> &&
                        requires(T& sequence, typename T::value_type element) {
                            sequence.clear();
                            sequence.push_back(std::move(element));
                            sequence.begin() != sequence.end();
                        };

/// A type that writes its own JSON.
template <typename T>
concept writes_json = requires(T const& value, std::string& out) { value.append_json(out); };

template <typename T>
inline constexpr bool may_be_absent = optional_like<T> || std::same_as<T, std::monostate>;

template <typename>
inline constexpr bool always_false = false;

}  // namespace work::detail

#define WORK_DETAIL_NOT_AN_ARGUMENT                                                                \
    "work: this type can't be an argument: describe it with "                                      \
    "BOOST_DESCRIBE_STRUCT(type, (bases), (members...)), teach it by specialising "                \
    "work::as_argument, or use a type from <work/values/decode.hpp>'s list"
