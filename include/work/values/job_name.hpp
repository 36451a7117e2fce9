// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/described.hpp>

#include <concepts>
#include <cstddef>
#include <string_view>

namespace work {
namespace detail {

template <typename WorkJobType>
constexpr auto pretty_job_type() noexcept
{
    return std::string_view(__PRETTY_FUNCTION__);
}

/// "auto f() [with WorkJobType = shop::send_email]" gives "send_email": what follows the last "::"
/// that stands outside of <...>, (...) and {...}.
constexpr std::string_view unqualified_type_name(std::string_view pretty) noexcept
{
    constexpr std::string_view mark = "WorkJobType = ";
    auto const begin = pretty.find(mark) + mark.size();
    std::size_t depth = 0;
    std::size_t end = begin;
    std::size_t name = begin;
    for (; end < pretty.size(); ++end) {
        char const c = pretty[end];
        if (depth == 0 && (c == ']' || c == ';'))
            break;
        if (c == '<' || c == '(' || c == '{')
            ++depth;
        else if (c == '>' || c == ')' || c == '}')
            --depth;
        else if (c == ':' && depth == 0)
            name = end + 1;
    }
    return pretty.substr(name, end - name);
}

template <typename T>
concept names_itself = requires {
    { T::job_name } -> std::convertible_to<std::string_view>;
};

/// As name_fault(), but for UTF-8, which no constant needs checked.
constexpr bool is_job_name(std::string_view name) noexcept
{
    for (char const c : name)
        if ((c >= 0 && c < 0x20) || c == 0x7F)
            return false;
    return !name.empty() && name.size() <= 128;
}

template <typename Job>
constexpr std::string_view job_name_of() noexcept
{
    if constexpr (names_itself<Job>) {
        static_assert(is_job_name(Job::job_name),
                      "work: job_name must be 1 to 128 bytes without control characters");
        return Job::job_name;
    } else {
        static_assert(described_job<Job>,
                      "work: describe this job with BOOST_DESCRIBE_STRUCT(type, (), (members...)), "
                      "or give it a static constexpr std::string_view job_name");
        return unqualified_type_name(pretty_job_type<Job>());
    }
}

}  // namespace detail

/// The name under which jobs of this type are enqueued and handled: `Job::job_name` when it has
/// one, else the type's own name without namespaces.
template <typename Job>
inline constexpr std::string_view job_name_v = detail::job_name_of<std::remove_cvref_t<Job>>();

}  // namespace work
