// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/decode.hpp>
#include <work/values/decode_record.hpp>
#include <work/values/id.hpp>
#include <work/values/options.hpp>
#include <work/values/text.hpp>
#include <work/web/json_slices.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/read_body.hpp>
#include <work/web/routes/worker_bodies.hpp>

#include <boost/describe/class.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace work::web {

struct claim_text
{
    std::optional<std::int64_t> number;
    std::int64_t want = 1;
    std::int64_t wait_ms = 0;
    std::int64_t max_bytes = 1 << 20;
    std::vector<std::string> names;
};
BOOST_DESCRIBE_STRUCT(claim_text, (), (number, want, wait_ms, max_bytes, names))

struct outcome_text
{
    std::string id;
    std::int64_t fence = 0;
    std::string outcome;
    std::optional<std::string> result;
    std::string type;
    std::string message;
    std::string backtrace;
    bool fatal = false;
    bool counts = true;
    std::optional<std::int64_t> retry_in_ms;
    std::optional<std::int64_t> in_ms;
    std::string why;
};
BOOST_DESCRIBE_STRUCT(
    outcome_text,
    (),
    (id, fence, outcome, result, type, message, backtrace, fatal, counts, retry_in_ms, in_ms, why)
)

struct extend_text
{
    std::int64_t fence = 0;
    std::vector<std::string> ids;
};
BOOST_DESCRIBE_STRUCT(extend_text, (), (fence, ids))

struct checkin_text
{
    std::string id;
    std::int64_t fence = 0;
    std::string message;
    std::optional<double> percent;
};
BOOST_DESCRIBE_STRUCT(checkin_text, (), (id, fence, message, percent))

struct log_text
{
    std::string id;
    std::int64_t fence = 0;
    std::vector<std::string> lines;
};
BOOST_DESCRIBE_STRUCT(log_text, (), (id, fence, lines))

struct seen_text
{
    std::string id;
    std::int64_t fence = 0;
};
BOOST_DESCRIBE_STRUCT(seen_text, (), (id, fence))

struct report_text
{
    std::optional<std::int64_t> number;
    std::vector<outcome_text> outcomes;
    std::vector<extend_text> extend;
    std::vector<checkin_text> checkins;
    std::vector<log_text> logs;
    std::vector<std::int64_t> close;
    std::vector<seen_text> cancels_seen;
};
BOOST_DESCRIBE_STRUCT(
    report_text,
    (),
    (number, outcomes, extend, checkins, logs, close, cancels_seen)
)

struct verb_text
{
    std::optional<std::int64_t> number;
    std::string pool;
};
BOOST_DESCRIBE_STRUCT(verb_text, (), (number, pool))

namespace detail_of_worker_bodies {

inline problem bad(std::string field, std::string detail)
{
    return problem(422, "invalid-option", std::move(detail), std::move(field));
}

template <typename T>
T read(std::string_view text)
{
    args_parser parser;
    try {
        return decode<T>(parser.parse(text, "body"), "body", "member");
    } catch (error const& fault) {
        throw bad("", fault.what());
    }
}

inline void check_range(
    std::string const& field,
    std::int64_t value,
    std::int64_t low,
    std::int64_t high
)
{
    if (value < low || value > high)
        throw bad(
            field,
            field + " is " + std::to_string(value) + ", it must be " + std::to_string(low) +
                " to " + std::to_string(high) + "."
        );
}

inline std::int64_t check_number(std::optional<std::int64_t> number, std::int64_t most)
{
    if (!number || *number < 1 || *number > most)
        throw problem(
            400,
            "bad-parameter",
            "number " + (number ? "is " + std::to_string(*number) : std::string("is missing")) +
                ": each request has the next one, from 1 to " + std::to_string(most) +
                ", and a repeated request the same.",
            "number"
        );
    return *number;
}

inline void check_size(std::string const& field, std::size_t size, std::size_t most)
{
    if (size > most)
        throw bad(
            field,
            field + " has " + std::to_string(size) + " elements, it may have " +
                std::to_string(most) + "."
        );
}

inline void check_job(std::string const& field, std::string_view id, std::int64_t fence)
{
    if (id_fault(id) != nullptr)
        throw bad(field, field + " names the id " + detail::quote(id) + ", which is none.");
    if (fence <= 0)
        throw bad(field, field + " lacks the fence of job " + detail::quote(id) + ".");
}

/// Members that would change what runs, and that nothing here heeds.
inline void refuse_absent(std::string_view object, std::string const& where)
{
    for (json_member const& one : json_members(object)) {
        // Lines are of a report, whatever becomes of the job; what follows is of an outcome.
        bool const misplaced = one.key == (where == "a report" ? "then" : "logs");
        bool const counts = one.key == "counts" && where == "a report" && one.value != "true";
        if (one.key != "next" && !misplaced && !counts)
            continue;
        throw bad(
            std::string(one.key),
            "This server does not know " + detail::quote(one.key) + " of " + where +
                ", and without it something else would happen than was asked for."
        );
    }
}

inline std::string_view member(std::string_view object, std::string_view name)
{
    for (json_member const& one : json_members(object))
        if (one.key == name)
            return one.value;
    return {};
}

inline constexpr std::array<std::string_view, 6>
    outcome_words{"complete", "fail", "snooze", "discard", "release", "next"};

inline worker_outcome outcome_named(std::string const& word)
{
    for (std::size_t i = 0; i != outcome_words.size(); ++i)
        if (outcome_words[i] == word)
            return static_cast<worker_outcome>(i);
    throw bad(
        "outcome",
        "outcome is " + detail::quote(word) +
            ", it must be complete, fail, snooze, discard, release or next."
    );
}

inline void check_result(outcome_text const& text)
{
    constexpr std::size_t most = 1 << 20;
    if (text.result->size() > most)
        throw bad(
            "result",
            "The result of job " + detail::quote(text.id) + " has " +
                std::to_string(text.result->size()) + " bytes, it may have " +
                std::to_string(most) + "."
        );
    if (text.result->empty() || !detail::is_json(*text.result))
        throw bad(
            "result",
            "The result of job " + detail::quote(text.id) +
                " is no JSON text: send it as JSON in a string, \"\\\"done\\\"\" for a text."
        );
}

/// What the job is to be, without what the outcome says beside it.
inline std::string read_stage(std::string_view object)
{
    static constexpr std::array<std::string_view, 6>
        others{"id", "fence", "outcome", "then", "number", "pool"};
    std::string stage = "{";
    for (json_member const& one : json_members(object)) {
        if (std::find(others.begin(), others.end(), one.key) != others.end())
            continue;
        if ((one.key == "at_ms" || one.key == "in_ms") && one.value == "null")
            continue;
        stage += stage.size() > 1 ? ",\"" : "\"";
        stage.append(one.key).append("\":").append(one.value);
    }
    if (stage.size() == 1)
        throw bad("outcome", "next says nothing of the next stage: its queue, name or args.");
    return stage + "}";
}

inline std::vector<std::string> read_then(std::string_view object)
{
    std::vector<std::string> all;
    std::string_view const then = member(object, "then");
    if (then.empty())
        return all;
    if (!then.starts_with('['))
        throw bad("then", "then must be an array of jobs, as POST /jobs takes them.");
    for (std::string_view const one : json_elements(then))
        all.emplace_back(one);
    return all;
}

/// `object` is what `text` was read from.
inline reported_outcome read_outcome(outcome_text const& text, std::string_view object)
{
    constexpr std::int64_t furthest = longest_option.count();
    reported_outcome one;
    check_job("outcomes", text.id, text.fence);
    one.id = text.id;
    one.fence = text.fence;
    one.what = outcome_named(text.outcome);
    if (text.result && one.what != worker_outcome::complete)
        throw bad("result", "result is for complete alone.");
    if (text.result) {
        check_result(text);
        one.result = *text.result;
    }
    if (text.type.size() > 128)
        throw bad(
            "type",
            "type has " + std::to_string(text.type.size()) + " bytes, it may have 128."
        );
    if (text.backtrace.size() > 8 << 10)
        throw bad(
            "backtrace",
            "backtrace has " + std::to_string(text.backtrace.size()) + " bytes, it may have 8192."
        );
    if (one.what == worker_outcome::fail) {
        one.type = text.type.empty() ? "failed" : text.type;
        one.message = text.message;
        if (!text.backtrace.empty())
            one.message += (one.message.empty() ? "" : "\n") + text.backtrace;
        one.fatal = text.fatal;
        one.counts = text.counts;
        if (one.fatal && !one.counts)
            throw bad(
                "counts",
                "fatal makes the job dead, counts: false has it run again: one of both."
            );
        one.in_ms = text.retry_in_ms;
    } else if (one.what == worker_outcome::snooze) {
        if (!text.in_ms)
            throw bad("in_ms", "A snooze needs in_ms: when the job is to come again.");
        one.in_ms = text.in_ms;
    } else if (one.what == worker_outcome::discard) {
        one.message = text.why;
    } else if (one.what == worker_outcome::next) {
        one.stage = read_stage(object);
    }
    if (!text.counts && one.what != worker_outcome::fail)
        throw bad("counts", "counts is for fail alone: the others cost no attempt.");
    one.then = read_then(object);
    bool const ends = one.what == worker_outcome::complete || one.what == worker_outcome::discard ||
                      one.what == worker_outcome::next;
    if (!one.then.empty() && !ends)
        throw bad("then", "then is for complete, discard and next alone.");
    if (one.in_ms)
        check_range(text.in_ms ? "in_ms" : "retry_in_ms", *one.in_ms, 0, furthest);
    return one;
}

inline reported_checkin read_checkin(checkin_text const& text)
{
    check_job("checkins", text.id, text.fence);
    if (text.percent && !(*text.percent >= 0 && *text.percent <= 100))
        throw bad("percent", "percent of job " + detail::quote(text.id) + " is not 0 to 100.");
    return reported_checkin{text.id, text.fence, text.message, text.percent.value_or(-1)};
}

inline std::vector<extended_claim> read_extend(std::vector<extend_text> const& texts)
{
    std::vector<extended_claim> all;
    std::size_t ids = 0;
    for (extend_text const& one : texts) {
        if (one.ids.empty())
            throw bad("extend", "extend names no ids: those of the jobs that still run.");
        for (std::string const& id : one.ids)
            check_job("extend", id, one.fence);
        ids += one.ids.size();
        all.push_back(extended_claim{one.fence, one.ids});
    }
    check_size("extend", ids, max_report_rows);
    return all;
}

/// A worker that was late may speak of a job under the lease it lost and under the one it has.
inline void check_twice(std::vector<reported_outcome> const& all)
{
    std::set<std::pair<std::string_view, std::int64_t>> runs;
    for (reported_outcome const& one : all)
        if (!runs.emplace(one.id, one.fence).second)
            throw bad(
                "outcomes",
                "outcomes names job " + detail::quote(one.id) + " twice with the fence " +
                    std::to_string(one.fence) + "."
            );
}

}  // namespace detail_of_worker_bodies

WORK_DECL claim_body read_claim(web_request const& request)
{
    using namespace detail_of_worker_bodies;
    check_object(request.body);
    claim_text const text = read<claim_text>(request.body);
    claim_body all;
    all.number = check_number(text.number, max_claim_number);
    check_range("want", text.want, 1, 256);
    check_range("wait_ms", text.wait_ms, 0, max_claim_wait_ms);
    check_range("max_bytes", text.max_bytes, 1, 1 << 20);
    check_size("names", text.names.size(), max_claim_names);
    all.want = static_cast<int>(text.want);
    all.wait_ms = text.wait_ms;
    all.max_bytes = text.max_bytes;
    all.names = text.names;
    return all;
}

WORK_DECL report_body read_report(web_request const& request)
{
    using namespace detail_of_worker_bodies;
    check_object(request.body);
    refuse_absent(request.body, "a report");
    std::string_view const outcomes = member(request.body, "outcomes");
    if (outcomes.starts_with('['))
        for (std::string_view const one : json_elements(outcomes))
            if (one.starts_with('{'))
                refuse_absent(one, "an outcome");
    report_text const text = read<report_text>(request.body);
    report_body all;
    all.number = check_number(text.number, max_report_number);
    check_size("outcomes", text.outcomes.size(), max_report_outcomes);
    check_size("checkins", text.checkins.size(), max_report_rows);
    check_size("logs", text.logs.size(), max_report_rows);
    check_size("close", text.close.size(), max_report_rows);
    check_size("cancels_seen", text.cancels_seen.size(), max_report_rows);
    std::vector<std::string_view> const objects =
        outcomes.starts_with('[') ? json_elements(outcomes) : std::vector<std::string_view>();
    std::size_t follow = 0;
    for (std::size_t i = 0; i != text.outcomes.size(); ++i) {
        all.outcomes.push_back(read_outcome(text.outcomes[i], objects.at(i)));
        follow += all.outcomes.back().then.size();
    }
    check_size("then", follow, max_report_then);
    check_twice(all.outcomes);
    all.extend = read_extend(text.extend);
    for (checkin_text const& one : text.checkins)
        all.checkins.push_back(read_checkin(one));
    for (log_text const& one : text.logs) {
        check_job("logs", one.id, one.fence);
        check_size("lines", one.lines.size(), max_job_log_lines);
        all.logs.push_back(reported_log{one.id, one.fence, one.lines});
    }
    for (std::int64_t const fence : text.close) {
        check_range("close", fence, 1, INT64_MAX);
        all.close.push_back(fence);
    }
    for (seen_text const& one : text.cancels_seen) {
        check_job("cancels_seen", one.id, one.fence);
        all.cancels_seen.push_back(job_cancel{one.fence, one.id});
    }
    return all;
}

WORK_DECL verb_body read_verb(web_request const& request, worker_verb verb)
{
    using namespace detail_of_worker_bodies;
    check_object(request.body);
    refuse_absent(request.body, "an outcome");
    verb_text const text = read<verb_text>(request.body);
    verb_body all;
    all.pool = text.pool;
    all.report.number = check_number(text.number, max_report_number);
    std::string const id(request.parameter("id"));
    if (verb == worker_verb::extend) {
        extend_text one = read<extend_text>(request.body);
        one.ids.assign(1, id);
        all.report.extend = read_extend({one});
    } else if (verb == worker_verb::checkin) {
        checkin_text one = read<checkin_text>(request.body);
        one.id = id;
        all.report.checkins.push_back(read_checkin(one));
    } else if (verb == worker_verb::logs) {
        log_text one = read<log_text>(request.body);
        check_job("logs", id, one.fence);
        check_size("lines", one.lines.size(), max_job_log_lines);
        all.report.logs.push_back(reported_log{id, one.fence, std::move(one.lines)});
    } else {
        outcome_text one = read<outcome_text>(request.body);
        one.id = id;
        one.outcome = outcome_words[static_cast<std::size_t>(verb)];
        all.report.outcomes.push_back(read_outcome(one, request.body));
        check_size("then", all.report.outcomes.back().then.size(), max_report_then);
    }
    return all;
}

}  // namespace work::web
