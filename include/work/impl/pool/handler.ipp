// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/core.hpp>
#include <work/pool/handler.hpp>

#include <boost/core/demangle.hpp>

#include <exception>
#include <stdexcept>

namespace work::detail {

WORK_DECL slot& slot_of(context& job)
{
    return slot::of(job);
}

WORK_DECL boost::json::value const& parse_arguments(context& job)
{
    try {
        auto const& value = slot::of(job).core->parser().parse(job.arguments(), job.name());
        if (value.is_array() || value.is_object())
            return value;
        throw error(
            errc::invalid_arguments,
            std::string(job.name()) +
                ": arguments must be a JSON array or object, found " + describe_json(value)
        );
    } catch (error const& fault) {
        throw bad_arguments(fault.what(), false);
    }
}

WORK_DECL void refuse_empty(char const* function)
{
    throw error(errc::invalid_option, std::string(function) + ": the function is empty");
}

WORK_DECL void throw_no_object(std::type_info const& type)
{
    throw std::runtime_error(
        "the provider of " + boost::core::demangle(type.name()) + " returned null"
    );
}

WORK_DECL void rethrow_from_provider(std::type_info const& type)
{
    std::throw_with_nested(
        std::runtime_error("the provider of " + boost::core::demangle(type.name()) + " threw")
    );
}

// Once for each member, whichever element of an array has it.
WORK_DECL void log_ignored::ignored(json_path const& member, std::string_view nearest)
{
    std::string const where = describe_path(member);
    std::string key = "ignored\n";
    for (std::size_t at = 0; at < where.size(); ++at) {
        std::size_t const end = where.find_first_not_of("0123456789", at + 1);
        if (where[at] == '[' && end != at + 1 && end != where.npos && where[end] == ']')
            at = end;
        else
            key += where[at];
    }
    slot::of(job_).core->warn_once(
        std::move(key),
        where + " is not known to the handler and is ignored" +
            (nearest.empty() ? "" : "; did the writer mean " + std::string(nearest) + "?")
    );
}

}  // namespace work::detail
