// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/args_version.hpp>
#include <work/values/check_option.hpp>
#include <work/values/id.hpp>
#include <work/values/name.hpp>
#include <work/values/options.hpp>
#include <work/values/text.hpp>

#include <string>

namespace work {

WORK_DECL void enqueue_options::validate() const
{
    using std::chrono::milliseconds;
    auto const check = [](char const* field, std::optional<milliseconds> const& value) {
        if (value)
            detail::check_duration(field, *value, milliseconds(1), longest_option);
    };
    if (!queue.empty())
        validate_name("queue", queue);
    if (!id.empty())
        validate_id(id);
    detail::check_integer("priority", priority, min_priority, max_priority);
    if (max_attempts)
        detail::check_integer("max_attempts", *max_attempts, 1, most_attempts);
    if (args_version != 0)
        detail::check_integer("args_version", args_version, 1, most_args_version);
    if (in > milliseconds(0) && at != std::chrono::system_clock::time_point())
        throw error(errc::invalid_option, "in and at both say when the job is to run; set one");
    check("timeout", timeout);
    check("expires_in", expires_in);
    check("deadline", deadline);
    check("unique_for", unique_for);
    if (unique_for && unique_until)
        throw error(
            errc::invalid_option,
            "unique_until and unique_for both say how long others are kept out; set one"
        );
    if (backoff)
        backoff->validate();

    check_headers();
    check_tags();
}

namespace detail {

inline void check_braces(char const* what, std::size_t given, std::size_t most)
{
    if (given > most)
        throw error(
            errc::invalid_option,
            std::to_string(given) + " " + what + " are in braces, which hold up to " +
                std::to_string(most) + "; pass a container"
        );
}

}  // namespace detail

WORK_DECL void enqueue_options::check_headers() const
{
    if (headers.empty())
        return;
    detail::check_braces("headers", headers.in_braces(), headers.most_in_braces);
    auto const all = headers.list();
    if (all.size() > max_headers)
        detail::check_integer(
            "the number of headers",
            static_cast<std::int64_t>(all.size()),
            0,
            static_cast<std::int64_t>(max_headers)
        );
    std::size_t size = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        auto const& [name, value] = all[i];
        size += name.size() + value.size();
        std::string const which = "header " + detail::quote(name);
        if (char const* fault = name_fault(name))
            throw error(errc::invalid_option, which + " can't be used: " + fault);
        if (detail::find_invalid_utf8(value) != std::string_view::npos)
            throw error(
                errc::invalid_option,
                which + " has the value " + detail::quote(value) + ", which is not valid UTF-8"
            );
        for (std::size_t earlier = 0; earlier < i; ++earlier)
            if (all[earlier].first == name)
                throw error(errc::invalid_option, which + " is given twice");
    }
    if (size > max_headers_size)
        throw error(
            errc::invalid_option,
            "the headers are " + std::to_string(size) + " bytes, the limit is " +
                std::to_string(max_headers_size)
        );
}

WORK_DECL void enqueue_options::check_tags() const
{
    if (tags.empty())
        return;
    detail::check_braces("tags", tags.in_braces(), tags.most_in_braces);
    auto const all = tags.list();
    if (all.size() > max_tags)
        detail::check_integer(
            "the number of tags",
            static_cast<std::int64_t>(all.size()),
            0,
            static_cast<std::int64_t>(max_tags)
        );
    for (std::string_view const tag : all)
        if (char const* fault = name_fault(tag))
            throw error(
                errc::invalid_option,
                "tag " + detail::quote(tag) + " can't be used: " + fault
            );
}

}  // namespace work
