// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace work {

/// How deep arrays and objects may nest in arguments. Both writing and reading refuse more.
inline constexpr std::size_t max_args_depth = 512;

namespace detail {

/// Where in the arguments the walker stands. The nodes live on the stack, linked upwards, and are
/// turned into text only for an error.
struct json_path
{
    enum class kind : unsigned char { root, member, element };

    json_path const* parent = nullptr;
    std::string_view key;   // of a member; of the root: whose arguments they are
    std::size_t index = 0;  // of an element
    std::size_t depth = 0;  // number of nodes above
    kind what = kind::root;
    bool one_based = false;              // the element is a positional argument: "argument 1"
    std::string_view noun = "argument";  // of the root

    json_path() = default;
    explicit json_path(std::string_view subject, std::string_view noun_ = "argument")
        : key(subject),
          noun(noun_)
    {}
    json_path(json_path const& above, std::string_view member)
        : parent(&above),
          key(member),
          depth(above.depth + 1),
          what(kind::member)
    {}
    json_path(json_path const& above, std::size_t element)
        : parent(&above),
          index(element),
          depth(above.depth + 1),
          what(kind::element)
    {}
    static json_path argument(json_path const& above, std::size_t position)
    {
        json_path path(above, position);
        path.one_based = true;
        return path;
    }
    json_path(json_path const&) = default;
    json_path& operator=(json_path const&) = delete;
};

/// "send_email: argument address.lines[1].zip" or, at the root, "send_email: arguments".
WORK_DECL std::string describe_path(json_path const& path);

/// Throws `errc::invalid_arguments`: "<path>: expected <expected>, found <found>".
[[noreturn]] WORK_DECL void throw_invalid_argument(
    json_path const& path,
    std::string_view expected,
    std::string_view found
);

}  // namespace detail
}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/json_path.ipp>
#endif
