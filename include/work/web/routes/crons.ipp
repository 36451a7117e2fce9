// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/cron.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/decode.hpp>
#include <work/values/encode.hpp>
#include <work/values/text.hpp>
#include <work/web/etag.hpp>
#include <work/web/hidden.hpp>
#include <work/web/json_slices.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/asked_number.hpp>
#include <work/web/routes/check_seen.hpp>
#include <work/web/routes/read_body.hpp>
#include <work/web/routes/routes.hpp>
#include <work/web/sha256.hpp>

#include <boost/describe/class.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace work::web {

/// What says when an entry is due; the members of its job stand beside these.
struct cron_body
{
    std::string spec;
    std::string zone = "UTC";
    work::missed missed = work::missed::one;
    int most_missed = 24;
    work::overlap overlap = work::overlap::allow;
    bool paused = false;
};
BOOST_DESCRIBE_STRUCT(cron_body, (), (spec, zone, missed, most_missed, overlap, paused))

/// An entry, with the tag that a change of it may name.
struct shown_cron : cron_entry
{
    std::string etag;
};
BOOST_DESCRIBE_STRUCT(shown_cron, (cron_entry), (etag))

struct crons_answer
{
    std::vector<shown_cron> crons;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(crons_answer, (), (crons, now_ms))

struct cron_answer_shown
{
    shown_cron cron;
    std::vector<cron_fired> history;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(cron_answer_shown, (), (cron, history, now_ms))

struct cron_put_answer
{
    std::string name;
    cron_put code = cron_put::created;
    std::int64_t next_ms = 0;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(cron_put_answer, (), (name, code, next_ms, now_ms))

struct cron_acted_answer
{
    std::string name;
    admin_code code = admin_code::done;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(cron_acted_answer, (), (name, code, now_ms))

struct cron_run_answer
{
    std::string name;
    std::string job;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(cron_run_answer, (), (name, job, now_ms))

struct cron_times_answer
{
    std::string spec;
    std::string zone;
    std::string words;
    std::vector<std::int64_t> upcoming;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(cron_times_answer, (), (spec, zone, words, upcoming, now_ms))

namespace detail_of_crons {

inline problem no_such_cron(std::string_view name)
{
    return problem(404, "no-such-cron", "There is no cron entry " + detail::quote(name) + ".");
}

/// Over how it is set, not over when it fired and is due, nor whether it is paused, which a PUT
/// leaves as it is. From a tag over what is hidden one could
/// guess it.
inline std::string etag_of(cron_entry one, bool hide)
{
    one.words.clear();
    one.paused = false;
    one.paused_ms = one.next_ms = one.fired_ms = one.revision = 0;
    one.upcoming.clear();
    one.last_job.clear();
    one.fault.clear();
    return "\"" + hex(sha256(shown_json(to_json(one), hide))).substr(0, 32) + "\"";
}

inline shown_cron shown(cron_entry one, bool hide)
{
    shown_cron all;
    all.etag = etag_of(one, hide);
    static_cast<cron_entry&>(all) = std::move(one);
    return all;
}

inline task<void> check_match(service& at, web_request const& request)
{
    if (!asks_for_tags(request))
        co_return;
    std::string name(request.parameter("cron"));
    std::string what = "The cron entry " + detail::quote(name);
    auto const now = co_await at.crons.get(std::move(name));
    bool const hide = hides(request);
    auto const tag_of = [hide](cron_entry const& one) { return etag_of(one, hide); };
    check_seen(request, now, tag_of, std::move(what));
}

/// Errors: `problem` 404 no-such-cron; as `cron::get`
inline task<cron_entry> there(service& at, std::string name)
{
    std::string asked = name;
    std::optional<cron_entry> found = co_await at.crons.get(std::move(asked));
    if (!found)
        throw no_such_cron(name);
    co_return std::move(*found);
}

inline cron_body read_cron_body(web_request const& request)
{
    check_object(request.body);
    std::vector<json_member> const all = json_members(request.body);
    if (std::none_of(all.begin(), all.end(), [](auto const& one) { return one.key == "spec"; }))
        throw problem(422, "invalid-option", "spec is missing: as \"0 3 * * *\".", "spec");
    cron_body said;
    args_parser parser;
    try {
        said = decode<cron_body>(parser.parse(request.body, "body"), "body", "member");
    } catch (error const& fault) {
        throw problem(422, "invalid-option", fault.what());
    }
    return said;
}

inline task<web_response> pause(service& at, web_request const& request, bool pauses)
{
    if (!request.body.empty())
        check_object(request.body);
    cron_acted_answer answer;
    answer.name = request.parameter("cron");
    std::string name = answer.name;
    co_await there(at, std::move(name));
    std::string again = answer.name;
    std::string who = request.user.name;
    if (pauses)
        answer.code = co_await at.crons.pause(std::move(again), std::move(who));
    else
        answer.code = co_await at.crons.resume(std::move(again), std::move(who));
    answer.now_ms = at.now_ms();
    co_return web_response(to_json(answer));
}

}  // namespace detail_of_crons

WORK_DECL task<web_response> list_crons(service& at, web_request const& request)
{
    crons_answer answer;
    std::vector<cron_entry> all = co_await at.crons.list();
    for (cron_entry& one : all)
        answer.crons.push_back(detail_of_crons::shown(std::move(one), hides(request)));
    answer.now_ms = at.now_ms();
    co_return web_response(shown_json(to_json(answer), hides(request)));
}

WORK_DECL task<web_response> show_cron(service& at, web_request const& request)
{
    cron_answer_shown answer;
    std::string name(request.parameter("cron"));
    cron_entry found = co_await detail_of_crons::there(at, std::move(name));
    answer.cron = detail_of_crons::shown(std::move(found), hides(request));
    std::string again = answer.cron.name;
    answer.history = co_await at.crons.history(std::move(again));
    answer.now_ms = at.now_ms();
    web_response shown(shown_json(to_json(answer), hides(request)));
    shown.fields.emplace_back("ETag", answer.cron.etag);
    co_return shown;
}

WORK_DECL task<web_response> put_cron(service& at, web_request const& request)
{
    cron_body const said = detail_of_crons::read_cron_body(request);
    new_job job = read_job(at, request, request.body, 0);
    cron_options how;
    how.zone = said.zone;
    how.missed = said.missed;
    how.most_missed = said.most_missed;
    how.overlap = said.overlap;
    how.paused = said.paused;
    how.by = request.user.name;
    co_await detail_of_crons::check_match(at, request);
    cron_put_answer answer;
    answer.name = request.parameter("cron");
    std::string name = answer.name;
    std::string spec = said.spec;
    answer.code = co_await at.crons.put(std::move(name), std::move(spec), std::move(job), how);
    std::string again = answer.name;
    std::optional<cron_entry> const now = co_await at.crons.get(std::move(again));
    answer.next_ms = now ? now->next_ms : 0;
    answer.now_ms = at.now_ms();
    web_response done(to_json(answer), answer.code == cron_put::created ? 201 : 200);
    if (now)
        done.fields.emplace_back("ETag", detail_of_crons::etag_of(*now, hides(request)));
    co_return done;
}

WORK_DECL task<web_response> delete_cron(service& at, web_request const& request)
{
    co_await detail_of_crons::check_match(at, request);
    cron_acted_answer answer;
    answer.name = request.parameter("cron");
    std::string name = answer.name;
    std::string who = request.user.name;
    bool const went = co_await at.crons.remove(std::move(name), std::move(who));
    if (!went)
        throw detail_of_crons::no_such_cron(answer.name);
    answer.now_ms = at.now_ms();
    co_return web_response(to_json(answer));
}

WORK_DECL task<web_response> pause_cron(service& at, web_request const& request)
{
    return detail_of_crons::pause(at, request, true);
}

WORK_DECL task<web_response> resume_cron(service& at, web_request const& request)
{
    return detail_of_crons::pause(at, request, false);
}

WORK_DECL task<web_response> run_cron(service& at, web_request const& request)
{
    if (!request.body.empty())
        check_object(request.body);
    cron_run_answer answer;
    answer.name = request.parameter("cron");
    std::string name = answer.name;
    co_await detail_of_crons::there(at, std::move(name));
    std::string again = answer.name;
    std::string who = request.user.name;
    answer.job = co_await at.crons.trigger(std::move(again), std::move(who));
    answer.now_ms = at.now_ms();
    co_return web_response(to_json(answer), 201);
}

WORK_DECL task<web_response> show_cron_times(service& at, web_request const& request)
{
    cron_times_answer answer;
    answer.spec = request.asked("spec");
    answer.zone = request.asked("zone").empty() ? "UTC" : request.asked("zone");
    std::int64_t const count = asked_number(request, "count", 5, 1, 100);
    cron_schedule const schedule(answer.spec);
    time_zone const zone = find_time_zone(answer.zone);
    answer.words = schedule.describe();
    answer.now_ms = co_await at.core->broker->ask_now_ms();
    auto const from = cron_time(std::chrono::milliseconds(answer.now_ms));
    for (cron_time const one : schedule.next(from, zone, static_cast<std::size_t>(count)))
        answer.upcoming.push_back(one.time_since_epoch().count());
    co_return web_response(to_json(answer));
}

}  // namespace work::web
