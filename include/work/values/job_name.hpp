// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/args_version.hpp>
#include <work/values/described.hpp>

#include <concepts>
#include <cstddef>
#include <string_view>
#include <typeinfo>

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

/// The same with its namespaces: "shop::send_email".
constexpr std::string_view qualified_type_name(std::string_view pretty) noexcept
{
    constexpr std::string_view mark = "WorkJobType = ";
    std::string_view const name = unqualified_type_name(pretty);
    auto const begin = pretty.find(mark) + mark.size();
    auto const end = static_cast<std::size_t>(name.data() - pretty.data()) + name.size();
    return pretty.substr(begin, end - begin);
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
        static_assert(
            is_job_name(Job::job_name),
            "work: job_name must be 1 to 128 bytes without control characters"
        );
        return Job::job_name;
    } else {
        static_assert(
            described_job<Job>,
            "work: describe this job with BOOST_DESCRIBE_STRUCT(type, (), (members...)), "
            "or give it a static constexpr std::string_view job_name"
        );
        // g++ and clang spell template arguments in different ways.
        constexpr std::string_view name = unqualified_type_name(pretty_job_type<Job>());
        static_assert(
            name.find('<') == std::string_view::npos,
            "work: a job that is a template needs a static constexpr std::string_view "
            "job_name: compilers derive different ones"
        );
        return name;
    }
}

/// What messages call a value of the type; a job by its name.
template <typename T>
constexpr std::string_view name_in_messages() noexcept
{
    if constexpr (names_itself<T>)
        return T::job_name;
    else
        return unqualified_type_name(pretty_job_type<T>());
}

}  // namespace detail

/// The name under which jobs of this type are enqueued and handled: `Job::job_name` when it has
/// one, else the type's own name without namespaces.
template <typename Job>
inline constexpr std::string_view job_name_v = detail::job_name_of<std::remove_cvref_t<Job>>();

namespace detail {

/// A type and the name of its jobs.
struct job_identity
{
    std::string_view name;
    std::string_view type_name;
    std::type_info const* type;
    bool derived;          ///< the name was made from the type's
    int args_version = 0;  ///< 0: it does not say
};

template <typename Job>
inline constexpr job_identity job_identity_v{
    .name = job_name_v<Job>,
    .type_name = qualified_type_name(pretty_job_type<Job>()),
    .type = &typeid(Job),
    .derived = !names_itself<Job>,
    .args_version = args_version_of<Job>(),
};

}  // namespace detail

}  // namespace work
