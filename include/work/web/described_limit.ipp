// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/decode.hpp>
#include <work/values/text.hpp>
#include <work/web/described_job.hpp>
#include <work/web/described_limit.hpp>
#include <work/web/problem.hpp>

#include <utility>
#include <vector>

namespace work::web {

/// The members of a body; those that it has not are nullopt.
struct limit_text
{
    std::optional<std::int64_t> slots{};
    std::optional<std::vector<std::string>> queues{};
    std::optional<std::vector<std::string>> names{};
};
BOOST_DESCRIBE_STRUCT(limit_text, (), (slots, queues, names))

WORK_DECL described_limit read_described_limit(std::string_view text)
{
    check_object(text);
    limit_text said;
    args_parser parser;
    try {
        said = decode<limit_text>(parser.parse(text, "body"), "body", "member");
    } catch (error const& fault) {
        throw problem(422, "invalid-option", fault.what());
    }
    if (!said.slots)
        throw problem(
            422,
            "invalid-option",
            "slots is missing: how many jobs may run at a time.",
            "slots"
        );
    described_limit what;
    what.slots = *said.slots;
    if (said.queues || said.names) {
        what.scope.emplace();
        what.scope->queues = std::move(said.queues).value_or(std::vector<std::string>());
        what.scope->names = std::move(said.names).value_or(std::vector<std::string>());
    }
    return what;
}

WORK_DECL task<put_limit> put_described(
    work::limits into,
    std::string name,
    described_limit what,
    std::string by
)
{
    std::string asked = name;
    std::optional<limit_state> const before = co_await into.get(std::move(asked));
    if (!before && !what.scope && name.starts_with(detail::own_limit)) {
        what.scope.emplace();
        what.scope->names.push_back(name.substr(detail::own_limit.size()));
    }
    bool const is_for_nothing =
        what.scope ? what.scope->queues.empty() && what.scope->names.empty() : !before;
    if (is_for_nothing)
        throw error(
            errc::invalid_option,
            "limit " + detail::quote(name) +
                " is for nothing: name queues, job names or both that it is to limit"
        );
    limit_options how;
    how.slots = what.slots;
    how.scope = std::move(what.scope);
    how.by = std::move(by);
    std::string set = name;
    limit_code const code = co_await into.set(std::move(set), std::move(how));
    put_limit answer;
    answer.code = code == limit_code::already ? limit_put::unchanged
                  : before                    ? limit_put::changed
                                              : limit_put::created;
    std::string again = name;
    std::optional<limit_state> now = co_await into.get(std::move(again));
    if (now)
        answer.limit = std::move(*now);
    else
        answer.limit.name = std::move(name);
    co_return answer;
}

}  // namespace work::web
