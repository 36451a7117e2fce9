// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "filter_flags.hpp"

#include <work/error.hpp>
#include <work/values/duration.hpp>

#include <algorithm>
#include <initializer_list>

#include "named_states.hpp"

namespace work::tool {
namespace {

/// "2h" as that long before now.
std::int64_t ago(char const* option, std::string const& text, std::int64_t now_ms)
{
    if (text.empty())
        return 0;
    auto const time = parse_duration(text);
    if (!time)
        throw error(
            errc::invalid_option,
            std::string(option) + ": " + time.error() + "; it is that long ago"
        );
    return now_ms - time->count();
}

}  // namespace

void filter_flags::add_to(CLI::App& command, bool with_state)
{
    if (with_state)
        command.add_option("--state", states, "In these states: retry,dead")->delimiter(',');
    command.add_option("--queue", queue, "In this queue");
    command.add_option("--name", name, "Of this name");
    command.add_option("--pool", pool, "Run by this pool");
    command.add_option("--tag", tag, "With this tag");
    command.add_option("--failure", failure, "Whose last failure is of this type");
    command.add_option("--message", message, "With this text in that failure's message");
    command.add_option("--args", args, "With this text in their arguments");
    command.add_option("--since", since, "Since so long ago: 2h");
    command.add_option("--until", until, "Until so long ago");
    command.add_option("--min-attempt", min_attempt, "That failed so often");
}

kept_job_filter filter_flags::filter(std::int64_t now_ms) const
{
    job_filter filter;
    filter.states = states_named("--state", states);
    filter.queue = queue;
    filter.name = name;
    filter.pool = pool;
    filter.tag = tag;
    filter.failure = failure;
    filter.message = message;
    filter.args = args;
    filter.min_attempt = min_attempt;
    filter.since_ms = ago("--since", since, now_ms);
    filter.until_ms = ago("--until", until, now_ms);
    return kept_job_filter::of(filter);
}

bool filter_flags::empty() const
{
    auto const texts = {&queue, &name, &pool, &tag, &failure, &message, &args, &since, &until};
    bool const silent = std::all_of(texts.begin(), texts.end(), [](std::string const* text) {
        return text->empty();
    });
    return silent && states.empty() && min_attempt == 0;
}

}  // namespace work::tool
