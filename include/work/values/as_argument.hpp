// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string>
#include <type_traits>
#include <utility>

namespace work {

/// Teaches the library a type of your own, in both directions. Specialise it:
///
///     template <>
///     struct work::as_argument<uuid>
///     {
///         static std::string write(uuid const& id) { return to_string(id); }
///         static uuid read(std::string const& text) { return parse_uuid(text); }
///     };
///
/// `write` returns any type that can be an argument, and `read` takes what it returned. Then the
/// type may stand wherever an argument may: as a parameter, a member, a result, in containers and
/// in variants, and as the key of a map when it is written as a std::string. It needs a default
/// constructor, and goes before what the library would do with the type by itself.
///
/// A type that Boost.JSON knows is taught in one line: see <work/as_boost_json.hpp>.
///
/// Lifetimes: both are called on any thread that enqueues or runs jobs.
/// Errors: what `read` throws fails the attempt as arguments that don't fit, what `write` throws
/// makes the enqueue call throw errc::invalid_arguments; both messages have the path and the text.
template <typename T>
struct as_argument
{
    /// Tells this template from its specialisations.
    using not_taught = void;
};

namespace detail {

/// There is a specialisation, whether or not it is a whole one.
template <typename T>
concept specialised = !requires { typename as_argument<T>::not_taught; };

template <typename T>
concept taught = specialised<T> && requires(T const& value) { as_argument<T>::write(value); };

/// What a taught type travels as.
template <taught T>
using written_as = std::remove_cvref_t<decltype(as_argument<T>::write(std::declval<T const&>()))>;

template <typename T>
concept reads_back =
    requires(written_as<T>&& written, T& out) { out = as_argument<T>::read(std::move(written)); };

/// Can be the key of a map.
template <typename T>
concept taught_key = taught<T> && std::is_same_v<written_as<T>, std::string>;

}  // namespace detail
}  // namespace work
