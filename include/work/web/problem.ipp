// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_clock.hpp>
#include <work/values/text.hpp>
#include <work/web/problem.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <atomic>

namespace work::web {

WORK_DECL std::string problem::json(std::int64_t now_ms) const
{
    std::string title = slug_;
    for (char& c : title)
        c = c == '-' ? ' ' : c;
    title[0] = static_cast<char>(title[0] >= 'a' ? title[0] - 32 : title[0]);
    std::string out = "{\"type\":\"urn:work:" + slug_ + "\",\"title\":\"" + title +
                      "\",\"status\":" + std::to_string(status_) + ",\"detail\":";
    detail::append_json_string(out, detail::mended_utf8(detail_, 1024));
    if (!field_.empty()) {
        out += ",\"field\":";
        detail::append_json_string(out, detail::mended_utf8(field_, 128));
    }
    out += more_;
    return out + ",\"now_ms\":" + std::to_string(now_ms) + "}";
}

WORK_DECL web_response problem::response(std::int64_t now_ms) const
{
    web_response answer(json(now_ms), status_);
    answer.content_type = "application/problem+json";
    answer.fields = fields_;
    answer.close = close_;
    return answer;
}

namespace detail_of_problem {

inline std::string retry_after()
{
    static std::atomic<unsigned> turn{0};
    return std::to_string(1 + turn.fetch_add(1) * 3 % 5);
}

inline problem of_error(error const& failure)
{
    auto const code = failure.code();
    auto const kind = [&](int status, char const* slug, std::string detail, char const* name) {
        return problem(status, slug, std::move(detail)).member("errc", name);
    };
    if (code == errc::invalid_option || code == errc::invalid_name || code == errc::invalid_id)
        return problem(422, "invalid-option", failure.what());
    if (code == errc::invalid_arguments)
        return problem(422, "invalid-arguments", failure.what());
    if (code == errc::payload_too_large)
        return problem(413, "too-large", failure.what());
    if (code == errc::outcome_unknown)
        return kind(
            502,
            "outcome-unknown",
            "The connection to the broker was lost after the request was sent, so it may have been "
            "carried out: repeat it with the same key or id.",
            "\"outcome_unknown\""
        );
    if (code == errc::full)
        return kind(
            507,
            "broker-full",
            "The broker is out of memory and nothing was stored: let workers drain it, or raise "
            "maxmemory.",
            "\"full\""
        );
    if (code == errc::too_many)
        return kind(409, "too-many-entries", failure.what(), "\"too_many\"");
    if (code == errc::buffer_full)
        return kind(
                   429,
                   "queue-full",
                   "Too much waits in the server to be stored, and nothing was: slow down.",
                   "\"buffer_full\""
        )
            .with("Retry-After", retry_after());
    if (code == errc::queue_full)
        return kind(429, "queue-full", failure.what(), "\"queue_full\"")
            .with("Retry-After", retry_after());
    if (code == errc::closed)
        return kind(503, "shutting-down", "The server is shutting down.", "\"closed\"")
            .with("Retry-After", retry_after());
    return kind(
               503,
               "broker-unavailable",
               "The broker can't be reached or refuses the server, and nothing was changed: try "
               "again later; the server's log and work doctor say why.",
               code == errc::refused     ? "\"refused\""
               : code == errc::may_evict ? "\"may_evict\""
                                         : "\"unavailable\""
    )
        .with("Retry-After", retry_after());
}

}  // namespace detail_of_problem

WORK_DECL problem broker_away(std::int64_t since_ms, std::string_view server, bool under_way)
{
    std::int64_t const seconds = std::max<std::int64_t>(1, (wall_ms() - since_ms) / 1'000);
    std::string text = server.empty() ? "The broker" : "The broker (" + std::string(server) + ")";
    text += " has not answered for " + std::to_string(seconds) + " s";
    text += under_way ? ", and did not while this was under way, so it may have been carried out: "
                        "repeat it with the same key or id."
                      : ", and nothing was changed: try again later; the server's log and work "
                        "doctor say why.";
    problem why = under_way ? problem(502, "outcome-unknown", std::move(text))
                            : problem(503, "broker-unavailable", std::move(text));
    why.with("Retry-After", detail_of_problem::retry_after());
    why = std::move(why)
              .member("errc", under_way ? "\"outcome_unknown\"" : "\"unavailable\"")
              .member("since_ms", std::to_string(since_ms));
    if (server.empty())
        return why;
    std::string quoted;
    detail::append_json_string(quoted, detail::mended_utf8(std::string(server), 512));
    return std::move(why).member("server", quoted);
}

WORK_DECL problem problem_of(std::exception_ptr failure)
{
    try {
        std::rethrow_exception(std::move(failure));
    } catch (problem const& known) {
        return known;
    } catch (error const& known) {
        return detail_of_problem::of_error(known);
    } catch (boost::system::system_error const& known) {
        if (known.code() == boost::asio::error::operation_aborted)
            return problem(503, "shutting-down", "The server is shutting down.")
                .with("Retry-After", detail_of_problem::retry_after());
    } catch (std::exception const&) {
    }
    return problem(
        500,
        "internal",
        "The server failed at this request in a way that it does not know; its log says how."
    );
}

}  // namespace work::web
