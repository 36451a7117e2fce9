// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/handler.hpp>
#include <work/pool/worker.hpp>
#include <work/values/text.hpp>

#include <boost/core/demangle.hpp>

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

namespace work::detail {

WORK_DECL worker& slot_of(context& job)
{
    return worker::of(job);
}

WORK_DECL boost::json::value const& parse_arguments(context& job)
{
    try {
        auto const& value = worker::of(job).tools.parser().parse(job.arguments(), job.name());
        if (value.is_array() || value.is_object())
            return value;
        throw error(
            errc::invalid_arguments,
            std::string(job.name()) + ": arguments must be a JSON array or object, found " +
                describe_json(value)
        );
    } catch (error const& fault) {
        throw bad_arguments(fault.what(), false);
    }
}

inline std::string version_text(int version)
{
    return "version " + std::to_string(version);
}

WORK_DECL boost::json::value const& current_arguments(
    context& job,
    args_rule const& rule,
    boost::json::value& old
)
{
    int const takes = std::max(rule.version, 1);
    int const from = job.args_version();
    if (from == takes)
        return parse_arguments(job);
    std::string const what = std::string(job.name()) + ": its arguments are of " +
                             version_text(from) + ", this handler takes " + version_text(takes);
    if (from > takes)
        throw newer_arguments(what + "; it is left to a program that knows them");
    if (!rule.upcast)
        throw bad_arguments(what + " and has no upcast from older ones", true, "no_upcast");
    boost::json::value const& stored = parse_arguments(job);
    old = boost::json::value(stored, boost::json::storage_ptr());
    auto const failed = [&](std::string const& why, bool may_fit) {
        return bad_arguments(
            std::string(job.name()) + ": upcast of its arguments from " + version_text(from) +
                " to " + version_text(takes) + " failed: " + why,
            may_fit,
            "upcast_failed"
        );
    };
    try {
        rule.upcast(from, old);
    } catch (fatal const& why) {
        throw failed(describe_caught(&why).message, false);
    } catch (std::exception const& why) {
        exception_text const text = describe_caught(&why);
        throw failed(text.type + ": " + text.message, true);
    } catch (...) {
        throw failed(describe_caught(nullptr).message, true);
    }
    if (!old.is_array() && !old.is_object())
        throw failed("it made " + describe_json(old) + " of them, no array or object", true);
    return old;
}

WORK_DECL std::string misfit_text(error const& fault, context const& job, args_rule const& rule)
{
    int const takes = std::max(rule.version, 1);
    std::string text = fault.what();
    if (job.args_version() < takes)
        text.append(" (after upcast from ")
            .append(version_text(job.args_version()))
            .append(" to ")
            .append(version_text(takes))
            .append(")");
    return text;
}

WORK_DECL void refuse_empty(char const* function)
{
    throw error(errc::invalid_option, std::string(function) + ": the function is empty");
}

WORK_DECL void throw_no_object(std::type_info const& type)
{
    throw provider_failed(
        "the provider of " + boost::core::demangle(type.name()) + " returned null",
        false
    );
}

WORK_DECL void rethrow_from_provider(std::type_info const& type)
{
    std::string const text = "the provider of " + boost::core::demangle(type.name()) + " threw";
    try {
        throw;
    } catch (fatal const&) {
        std::throw_with_nested(provider_failed(text, true));
    } catch (...) {
        std::throw_with_nested(provider_failed(text, false));
    }
}

WORK_DECL void refuse_empty_task(context const& job)
{
    throw std::logic_error(
        "the handler of " + std::string(job.name()) + " returned an empty task; make it a coroutine"
    );
}

WORK_DECL void check_parameter_names(std::string const& job, std::vector<std::string> const& names)
{
    for (auto name = names.begin(); name != names.end(); ++name) {
        char const* fault = name->empty() ? "is empty" : nullptr;
        if (std::find(names.begin(), name, *name) != name)
            fault = "is given twice";
        if (fault)
            throw error(
                errc::invalid_option,
                "handle(" + quote(job) + "): the parameter name " + quote(*name) + " " + fault
            );
    }
}

WORK_DECL args_rule
rule_of_handler(std::string const& name, job_options const& options, args_rule of_type)
{
    bool const said = options.args_version != 0 || options.upcast;
    if (said && of_type.version != 0)
        throw error(
            errc::invalid_option,
            "handle(" + quote(name) + "): its type says args_version " +
                std::to_string(of_type.version) +
                ", so job_options::args_version and upcast have no place; leave them away"
        );
    return said ? args_rule{options.args_version, options.upcast} : std::move(of_type);
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
    worker::of(job_).tools.log.once(
        std::move(key),
        where + " is not known to the handler and is ignored" +
            (nearest.empty() ? "" : "; did the writer mean " + std::string(nearest) + "?")
    );
}

}  // namespace work::detail
