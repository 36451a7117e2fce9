// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/decode.hpp>
#include <work/web/described_bound.hpp>
#include <work/web/described_job.hpp>
#include <work/web/problem.hpp>

#include <utility>

namespace work::web {

/// The members of a body; those that it has not are nullopt.
struct bound_text
{
    std::optional<std::int64_t> most{};
    std::optional<when_full> full{};
};
BOOST_DESCRIBE_STRUCT(bound_text, (), (most, full))

WORK_DECL described_bound read_described_bound(std::string_view text)
{
    check_object(text);
    bound_text said;
    args_parser parser;
    try {
        said = decode<bound_text>(parser.parse(text, "body"), "body", "member");
    } catch (error const& fault) {
        throw problem(422, "invalid-option", fault.what());
    }
    if (!said.most)
        throw problem(
            422,
            "invalid-option",
            "most is missing: how many jobs may wait in the queue.",
            "most"
        );
    described_bound what;
    what.most = *said.most;
    what.full = said.full;
    return what;
}

WORK_DECL task<put_bound> put_described_bound(
    work::bounds into,
    std::string queue,
    described_bound what,
    std::string by
)
{
    std::string asked = queue;
    std::optional<bound_state> const before = co_await into.get(std::move(asked));
    bound_options how;
    how.most = what.most;
    how.full = what.full.value_or(before ? before->full : when_full::refuse);
    how.by = std::move(by);
    std::string set = queue;
    bound_code const code = co_await into.set(std::move(set), std::move(how));
    put_bound answer;
    answer.code = code == bound_code::already ? bound_put::unchanged
                  : before                    ? bound_put::changed
                                              : bound_put::created;
    std::string again = queue;
    std::optional<bound_state> now = co_await into.get(std::move(again));
    if (now)
        answer.bound = std::move(*now);
    else
        answer.bound.queue = std::move(queue);
    co_return answer;
}

}  // namespace work::web
