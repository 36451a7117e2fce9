// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <type_traits>
#include <utility>

namespace work {

/// Teaches the library a type of your own, in both directions. Specialise it:
///
///     template <>
///     struct work::as_argument<std::filesystem::path>
///     {
///         static std::string write(std::filesystem::path const& p) { return p.string(); }
///         static std::filesystem::path read(std::string const& text) { return text; }
///     };
///
/// `write` returns any type that can be an argument, and `read` takes what it returned. Then the
/// type may stand wherever an argument may: as a parameter, a member, a result, in containers and
/// in variants. It goes before what the library would do with the type by itself.
///
/// Lifetimes: both are called on any thread that enqueues or runs jobs.
/// Errors: what `read` throws fails the attempt as arguments that don't fit, with the path; what
/// `write` throws leaves the enqueue call.
template <typename T>
struct as_argument
{
};

namespace detail {

template <typename T>
concept taught = requires(T const& value) { as_argument<T>::write(value); };

/// What a taught type travels as.
template <taught T>
using written_as =
    std::remove_cvref_t<decltype(as_argument<T>::write(std::declval<T const&>()))>;

template <typename T>
concept reads_back = requires(written_as<T> const& written, T& out) {
    out = as_argument<T>::read(written);
};

}  // namespace detail
}  // namespace work
