// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/policy.hpp>
#include <work/error.hpp>
#include <work/values/failure.hpp>
#include <work/values/text.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/known_worker.hpp>
#include <work/web/routes/reported_exchange.ipp>
#include <work/web/routes/routes.hpp>
#include <work/web/routes/worker_bodies.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace work::web {
namespace detail_of_report {

inline std::string_view word(outcome_code code) noexcept
{
    switch (code) {
    case outcome_code::gone: return "gone";
    case outcome_code::cancelled: return "cancelled";
    case outcome_code::lease_lost: return "lease_lost";
    case outcome_code::refused: return "refused";
    case outcome_code::ok:
    case outcome_code::partly: break;
    }
    return "ok";
}

inline void append_extended(std::string& out, attempt const& of, exchange_answer const& heard)
{
    std::size_t at = of.said.outcomes.size();
    for (extended_claim const& one : of.said.extend) {
        bool const lost =
            mine(of, one.fence) == nullptr ||
            std::find(heard.lost.begin(), heard.lost.end(), one.fence) != heard.lost.end();
        out += out.back() == '[' ? "{\"fence\":" : ",{\"fence\":";
        out += std::to_string(one.fence) + ",\"code\":\"" + (lost ? "lease_lost" : "ok") +
               "\",\"timed_out\":[";
        for (std::string const& id : one.ids) {
            outcome_code const code = heard.outcomes.at(at++);
            if (code != outcome_code::ok && code != outcome_code::cancelled)
                continue;
            out += out.back() == '[' ? "" : ",";
            detail::append_json_string(out, id);
        }
        out += "]}";
    }
}

inline web_response answer(attempt const& of, exchange_answer const& heard)
{
    std::string out = "{\"now_ms\":" + std::to_string(heard.now_ms) +
                      ",\"number\":" + std::to_string(of.said.number) +
                      ",\"repeated\":" + (heard.repeated ? "true" : "false") + ",\"outcomes\":[";
    for (std::size_t i = 0; i != of.said.outcomes.size(); ++i) {
        out += i == 0 ? "{\"id\":" : ",{\"id\":";
        detail::append_json_string(out, of.said.outcomes[i].id);
        out.append(",\"code\":\"").append(word(heard.outcomes.at(i))).append("\"");
        if (!of.then[i].empty() && heard.outcomes[i] == outcome_code::ok) {
            out += ",\"then\":[";
            for (new_job const& job : of.then[i]) {
                out += out.back() == '[' ? "" : ",";
                detail::append_json_string(out, job.id);
            }
            out += "]";
        }
        out += "}";
    }
    out += "],\"extended\":[";
    append_extended(out, of, heard);
    return web_response(out + "]" + orders_json(heard.cancels, heard.orders) + "}");
}

/// Claims that the pool holds no longer are noted no longer.
inline task<void> note_closed(service& at, attempt const& of)
{
    worker_change over;
    over.pool = of.worker.pool;
    for (noted_claim const& one : of.worker.record.claims) {
        auto const& closed = of.request.close;
        bool const ends = std::any_of(
                              closed.begin(),
                              closed.end(),
                              [&](closed_claim const& other) { return other.number == one.claim; }
                          ) ||
                          (of.held.contains(one.claim) && mine(of, one.claim) == nullptr);
        if (ends)
            over.closed.push_back(one.claim);
    }
    if (!over.closed.empty())
        co_await at.core->broker->keep_worker(std::move(over));
}

inline problem another_body(attempt const& of)
{
    return problem(
        422,
        "invalid-option",
        "The report " + std::to_string(of.said.number) +
            " was made before, of other jobs: only the same body gets its answer again.",
        "number"
    );
}

/// With little that is kept: failures are cut, records of what is done and results are dropped.
inline void make_lean(attempt& of)
{
    of.request.lean = true;
    of.request.progress.clear();
    of.request.logs.clear();
    for (job_outcome& one : of.request.outcomes) {
        if (one.kind == outcome_kind::complete)
            one.text = {};
        auto const why = decode_failure(one.text);
        if (!one.text.empty() && why)
            one.text = of.texts.emplace_back(encode_failure(*why, lean_failure_message));
    }
}

inline task<exchange_answer> send(service& at, attempt& of)
{
    exchange_answer heard;
    for (int round = 0; round != 2; ++round) {
        try {
            exchange_request sent = of.request;
            heard = co_await at.core->broker->exchange(std::move(sent));
            break;
        } catch (error const& failure) {
            if (is_stale(failure))
                throw stale_number("report", of.said.number, of.said.number + 1);
            if (of.repeated && failure.code() == errc::protocol)
                throw another_body(of);
            if (failure.code() != errc::full || of.request.lean)
                throw;
        }
        // What drains a broker that is out of memory must go on.
        make_lean(of);
    }
    co_return heard;
}

inline task<web_response> run(service& at, web_request const& request, attempt of)
{
    of.worker = co_await find_worker(at, request, std::move(of.worker.pool));
    if (!at.traffic.begin_report(of.worker.pool))
        throw problem(
            409,
            "in-flight",
            "Three reports of the pool " + detail::quote(of.worker.pool) +
                " are under way: wait for one of them."
        );
    traffic_guard const ends(at.traffic, of.worker.pool, &worker_traffic::end_report);
    for (stored_number const& one : of.worker.record.reports) {
        if (one.number % policy::stored_answers != of.said.number % policy::stored_answers)
            continue;
        of.repeated = one.number == of.said.number;
        if (one.number > of.said.number)
            throw stale_number("report", of.said.number, next_report(of.worker.record));
    }
    of.by = &request;
    read_follow_ups(at, request, of);
    co_await look_up(at, of);
    of.now_ms = at.now_ms();
    of.repeated ? fill_repeated(of) : fill(at, of);
    std::string const stream = of.worker.pool + std::string(heartbeat_suffix);
    of.request.pool = stream;
    of.request.number = of.said.number;
    of.request.lease_ms = of.worker.is.lease_ms;
    of.request.deadline_ms = 10'000;
    exchange_answer heard;
    try {
        heard = co_await send(at, of);
    } catch (...) {
        at.refused.put_back(of.taken_back);
        throw;
    }
    if (heard.outcomes.size() != of.request.outcomes.size())
        throw another_body(of);
    for (counted_outcome const& one : of.counted)
        if (!heard.repeated && heard.outcomes[one.outcome] != outcome_code::ok)
            at.refused.add(one.list, one.failed);
    for (measured_attempt const& one : of.measured)
        if (!heard.repeated && heard.outcomes[one.outcome] == outcome_code::ok)
            at.times->add(one.list, one.counts);
    at.hall->lapses_at(heard.next_lapse_ms);
    try {
        co_await note_closed(at, of);
    } catch (error const&) {
        // It is noted that the pool holds a claim which it does not: DELETE finds that out.
    }
    held_work has = of.worker.has();
    std::string_view const state = state_of(of.worker.record.orders);
    co_await at.presence->show(of.worker.pool, of.worker.is, std::move(has), state);
    co_return answer(of, heard);
}

inline task<web_response> run_verb(service& at, web_request const& request, worker_verb verb)
{
    verb_body said = read_verb(request, verb);
    web_request of = request;
    of.parameters.assign(1, {"pool", said.pool});
    attempt one;
    one.worker.pool = checked_pool(of);
    one.said = std::move(said.report);
    co_return co_await run(at, request, std::move(one));
}

}  // namespace detail_of_report

WORK_DECL task<web_response> report_jobs(service& at, web_request const& request)
{
    detail_of_report::attempt one;
    one.worker.pool = checked_pool(request);
    one.said = read_report(request);
    co_return co_await detail_of_report::run(at, request, std::move(one));
}

WORK_DECL task<web_response> complete_job(service& at, web_request const& request)
{
    return detail_of_report::run_verb(at, request, worker_verb::complete);
}

WORK_DECL task<web_response> fail_job(service& at, web_request const& request)
{
    return detail_of_report::run_verb(at, request, worker_verb::fail);
}

WORK_DECL task<web_response> snooze_job(service& at, web_request const& request)
{
    return detail_of_report::run_verb(at, request, worker_verb::snooze);
}

WORK_DECL task<web_response> discard_job(service& at, web_request const& request)
{
    return detail_of_report::run_verb(at, request, worker_verb::discard);
}

WORK_DECL task<web_response> release_job(service& at, web_request const& request)
{
    return detail_of_report::run_verb(at, request, worker_verb::release);
}

WORK_DECL task<web_response> go_on_with_job(service& at, web_request const& request)
{
    return detail_of_report::run_verb(at, request, worker_verb::next);
}

WORK_DECL task<web_response> add_job_logs(service& at, web_request const& request)
{
    return detail_of_report::run_verb(at, request, worker_verb::logs);
}

WORK_DECL task<web_response> extend_job(service& at, web_request const& request)
{
    return detail_of_report::run_verb(at, request, worker_verb::extend);
}

WORK_DECL task<web_response> check_in_job(service& at, web_request const& request)
{
    return detail_of_report::run_verb(at, request, worker_verb::checkin);
}

}  // namespace work::web
