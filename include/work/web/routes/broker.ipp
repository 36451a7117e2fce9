// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/encode.hpp>
#include <work/values/text.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/routes.hpp>

#include <string_view>
#include <utility>

namespace work::web {

namespace detail_of_broker {

/// Holds the one place of those who look through all jobs.
class place
{
public:
    explicit place(bool& taken) : taken_(taken)
    {
        if (taken_)
            throw problem(
                429,
                "too-many",
                "Somebody looks for strays already; it is done by one at a time."
            )
                .with("Retry-After", "5");
        taken_ = true;
    }
    ~place() { taken_ = false; }
    place(place const&) = delete;
    place& operator=(place const&) = delete;

private:
    bool& taken_;
};

/// What is known of a broker that does not answer.
inline broker_info away(service const& at)
{
    broker_info about;
    about.place = at.core->broker->describe();
    about.verdict = "away";
    std::string const trouble = at.core->broker->trouble();
    std::int64_t const seconds = (wall_ms() - at.pulse->away_since_ms()) / 1'000;
    about.sentence =
        trouble.empty() ? "it has not answered for " + std::to_string(seconds) + " s" : trouble;
    about.server.kind = "redis";
    about.now_ms = at.now_ms();
    return about;
}

}  // namespace detail_of_broker

WORK_DECL task<web_response> show_broker(service& at, web_request const& request)
{
    broker_info about;
    if (at.pulse->away()) {
        about = detail_of_broker::away(at);
    } else {
        auto const read = co_await at.about->read();
        about = *read;
    }
    if (!request.user.may(right::operate)) {
        // Where it is, and what it says when it can't be reached, may name hosts.
        about.place.clear();
        if (about.verdict == "away")
            about.sentence = "the broker can't be reached; the server's log says why";
    }
    co_return web_response(to_json(about));
}

WORK_DECL task<web_response> show_doctor(service& at, web_request const& request)
{
    std::string_view const strays = request.asked("strays");
    if (!strays.empty() && strays != "true" && strays != "false")
        throw problem(
            400,
            "bad-parameter",
            "strays is " + detail::quote(strays) + ", it must be true or false.",
            "strays"
        );
    if (at.pulse->away()) {
        doctor_sight seen;
        seen.broker = detail_of_broker::away(at);
        seen.server_fault = seen.broker.sentence;
        co_return web_response(to_json(diagnose(std::move(seen))));
    }
    if (strays != "true") {
        auto const quick = co_await at.quick_diagnosis->read();
        co_return web_response(to_json(*quick));
    }
    detail_of_broker::place const mine(at.looks_for_strays);
    doctor_options const how;
    diagnosis const whole = co_await at.search.doctor(how);
    co_return web_response(to_json(whole));
}

}  // namespace work::web
