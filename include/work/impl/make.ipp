// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/make.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/decode_report.hpp>

#include <string>

namespace work {

// What can't be read is refused here: no worker could ever run it.
WORK_DECL new_job
make_json(std::string_view name, std::string_view json, enqueue_options const& options)
{
    new_job made = detail::begin_job(name, options);
    args_parser parser;
    auto const& value = parser.parse(json, name);
    if (json.empty() || !(value.is_array() || value.is_object()))
        throw error(
            errc::invalid_arguments,
            std::string(name) + ": arguments must be a JSON array or object, found " +
                (json.empty() ? std::string("no text") : detail::describe_json(value))
        );
    made.envelope.append(json);
    return made;
}

}  // namespace work
