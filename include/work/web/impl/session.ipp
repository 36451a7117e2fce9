// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/failure.hpp>
#include <work/values/text.hpp>
#include <work/web/head.hpp>
#include <work/web/impl/session.hpp>
#include <work/web/impl/session_bytes.hpp>
#include <work/web/impl/session_route.hpp>
#include <work/web/problem.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

#include <array>
#include <ctime>
#include <utility>

namespace work::web {

WORK_DECL std::string_view reason_of(int status) noexcept
{
    switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Content";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    default: return "Answer";
    }
}

WORK_DECL std::string write_response(web_response const& answer, bool head_only, bool close)
{
    char date[64];
    std::time_t const now = std::time(nullptr);
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    std::string out = "HTTP/1.1 " + std::to_string(answer.status) + " ";
    out += reason_of(answer.status);
    out += "\r\nDate: ";
    out += date;
    if (answer.status != 304 && answer.status != 204) {
        out += "\r\nContent-Type: " + answer.content_type;
        if (!answer.stream)
            out += "\r\nContent-Length: " + std::to_string(answer.body.size());
    }
    out += "\r\nCache-Control: " + answer.cache_control;
    out += "\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: ";
    out += answer.is_html() ? "same-origin" : "no-referrer";
    out += "\r\nContent-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
           "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; "
           "frame-ancestors 'none'";
    for (auto const& [name, value] : answer.fields)
        out.append("\r\n").append(name).append(": ").append(value);
    out += close ? "\r\nConnection: close\r\n\r\n" : "\r\nConnection: keep-alive\r\n\r\n";
    if (!head_only)
        out += answer.body;
    return out;
}

WORK_DECL web_user server_core::user_of(connection const& of, web_request const& request)
{
    if (of.trusted)
        return proxies.user_of(request);
    if (std::string_view const said = proxies.said_by(request); !said.empty()) {
        log(log_level::warning,
            "web: refused, as it says who asks and is no trusted proxy: field=" +
                std::string(said) + " peer=" + of.peer);
        throw problem(
            403,
            "forbidden",
            "The field " + detail::quote(said) +
                " says who asks, and is taken from trusted proxies alone (--trust)."
        );
    }
    if (!tokens && proxies.any())
        throw problem(
            401,
            "unauthenticated",
            "This server hears who asks from its proxy: ask that, or start it with --tokens FILE."
        )
            .with("WWW-Authenticate", "Basic realm=\"work\", charset=\"UTF-8\"");
    if (!tokens) {
        web_user everyone;
        everyone.name = "anonymous";
        everyone.roles.emplace_back("admin");
        everyone.rights = find_role("admin")->rights;
        return everyone;
    }
    tokens->refresh(steady_ms());
    auto found = find_user(tokens->tokens(), request.field("authorization"));
    if (!found)
        throw problem(
            401,
            "unauthenticated",
            request.has("authorization")
                ? "The token is unknown: work token NAME --role ROLE makes one."
                : "A token is needed: Authorization: Bearer TOKEN, or Basic with name and token."
        )
            .with("WWW-Authenticate", "Basic realm=\"work\", charset=\"UTF-8\"")
            .with("WWW-Authenticate", "Bearer realm=\"work\"");
    return std::move(*found);
}

WORK_DECL route const& server_core::admit(connection& of, web_request& request)
{
    guards.check(request);
    if (!options.authorize)
        request.user = user_of(of, request);
    if (options.hide_args)
        request.user.rights &= ~bit(right::see_args);
    if (of.by_token() && of.user != request.user.name) {
        if (!count.admit_user(request.user.name))
            throw problem(
                429,
                "too-many",
                "The token of " + detail::quote(request.user.name) + " has " +
                    std::to_string(options.limits.connections_per_token) + " connections."
            )
                .with("Retry-After", "2")
                .closing();
        if (!of.user.empty())
            count.leave_user(of.user);
        of.user = request.user.name;
    }
    route const& found = find_route(request);
    if (options.metrics_only && found.needs != right::health)
        throw problem(404, "no-route", "Only /metrics and /healthz are served here.");
    // What became of jobs is heard always: to refuse it would run them again.
    bool const report = found.body == body_kind::report || found.body == body_kind::verb;
    if (request.user.rate > 0 && !report &&
        !rates.take(request.user.name, request.user.rate, steady_ms()))
        throw problem(
            429,
            "too-many",
            "The token of " + detail::quote(request.user.name) + " may send " +
                std::to_string(request.user.rate) + " requests a second."
        )
            .with("Retry-After", "1");
    check_rights(found, request, options.read_only);
    check_query(found, request);
    check_accept(found, request);
    if (request.has_body() && found.body == body_kind::none)
        throw problem(400, "bad-request", "This takes no body.");
    return found;
}

namespace detail_of_session {

using boost::asio::buffer;
using boost::asio::redirect_error;
using boost::asio::use_awaitable;

/// How much of the bodies' memory one request holds.
class share
{
public:
    explicit share(connections& of) : of_(of) {}
    share(share const&) = delete;
    share& operator=(share const&) = delete;
    ~share() { of_.release(held_); }

    void take(std::size_t bytes)
    {
        if (!of_.reserve(bytes))
            throw problem(
                429,
                "too-many",
                "The bodies of the requests under way hold all the memory that they may: try again."
            )
                .with("Retry-After", "2")
                .closing();
        held_ += bytes;
    }

private:
    connections& of_;
    std::size_t held_ = 0;
};

inline problem late(char const* what)
{
    return problem(408, "timeout", what).closing();
}

/// The head, with the empty line; "" when the connection ended between two requests.
inline task<std::string> read_head_text(
    std::shared_ptr<server_core> core,
    std::shared_ptr<connection> of,
    bool first
)
{
    web_limits const& limits = core->options.limits;
    auto const wait = first ? limits.head_in : limits.keep_alive;
    of->until_ms = steady_ms() + wait.count();
    bool begun = false;
    std::size_t looked = 0;
    while (true) {
        if (!begun && !of->buffer.empty()) {
            begun = true;
            of->idle = false;
            of->until_ms = steady_ms() + limits.head_in.count();
        }
        auto const end = of->buffer.find("\r\n\r\n", looked > 3 ? looked - 3 : 0);
        looked = of->buffer.size();
        if (end != std::string::npos && end + 4 <= limits.head_bytes) {
            std::string head = of->buffer.substr(0, end + 4);
            of->buffer.erase(0, end + 4);
            of->until_ms = connection::no_limit;
            co_return head;
        }
        if (end != std::string::npos || of->buffer.size() > limits.head_bytes)
            throw problem(
                431,
                "too-large",
                "The head is larger than " + std::to_string(limits.head_bytes) + " bytes."
            )
                .closing();
        bool const more = co_await read_some(of);
        if (more)
            continue;
        if (of->late && begun)
            throw late("The head of the request did not come in time.");
        co_return std::string();
    }
}

inline task<void> read_body(
    std::shared_ptr<server_core> core,
    std::shared_ptr<connection> of,
    exchange& with,
    std::string const& head,
    route const& to,
    share& memory
)
{
    web_limits const& limits = core->options.limits;
    web_request& request = with.request;
    std::size_t const most = to.body == body_kind::jobs     ? limits.bulk_bytes
                             : to.body == body_kind::report ? limits.report_bytes
                                                            : limits.body_bytes;
    std::size_t const announced = static_cast<std::size_t>(request.content_length.value_or(most));
    if (announced > most)
        throw problem(
            413,
            "too-large",
            "The body is larger than " + std::to_string(most) + " bytes."
        )
            .closing();
    memory.take(announced);
    body_reader reader(head, most);
    reader.take(of->buffer);
    if (!reader.done() && lower(request.field("expect")) == "100-continue") {
        std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        co_await write_all(core, of, std::move(go_on));
    }
    of->until_ms = steady_ms() + body_time(limits, announced).count();
    while (!reader.done()) {
        bool const more = co_await read_some(of);
        if (!more && of->late)
            throw late("The body of the request did not come in time.");
        if (!more)
            throw problem(400, "bad-request", "The body ended before its end.").closing();
        reader.take(of->buffer);
    }
    of->until_ms = connection::no_limit;
    request.body = reader.body();
}

/// Who asks, as the program says in which the server is.
inline task<void> identify(std::shared_ptr<server_core> core, web_request& request)
{
    core->guards.check(request);
    std::optional<web_user> who = co_await core->options.authorize(request);
    if (!who)
        throw problem(401, "unauthenticated", "This server does not know who asks.");
    request.user = std::move(*who);
    if (request.user.name.empty())
        request.user.name = "anonymous";
}

/// Everything from the head to the answer. False: the connection ended, and nobody waits for one.
inline task<bool> handle(
    std::shared_ptr<server_core> core,
    std::shared_ptr<connection> of,
    exchange& with,
    bool first
)
{
    share memory(core->count);
    std::exception_ptr failure;
    try {
        std::string const head = co_await read_head_text(core, of, first);
        if (head.empty())
            co_return false;
        with.began_ms = steady_ms();
        with.request = read_head(head, core->options.limits);
        with.read = true;
        with.request.peer = of->peer;
        with.request.loopback = of->loopback;
        with.whole = !with.request.has_body();
        if (core->options.authorize)
            co_await identify(core, with.request);
        route const& to = core->admit(*of, with.request);
        with.route = to.path;
        if (with.request.has_body()) {
            co_await read_body(core, of, with, head, to, memory);
            with.whole = true;
        }
        with.ran = true;
        co_await run_route(core, of, with, to);
        co_return true;
    } catch (...) {
        failure = std::current_exception();
    }
    problem const why = problem_of(failure);
    if (!with.ran || why.status() == 429)
        core->at.served.refuse(why.slug());
    if (why.status() == 500)
        core->log(
            log_level::error,
            "web: a request failed: " + describe_exception(failure).message
        );
    with.answer = why.response(core->at.now_ms());
    co_return true;
}

inline void count_exchange(server_core& core, connection const& of, exchange const& with)
{
    std::int64_t const took = with.began_ms == 0 ? 0 : steady_ms() - with.began_ms;
    core.at.served.add(with.route, with.answer.status, took);
    core.log(
        with.answer.status >= 500 ? log_level::warning : log_level::info,
        "web: method=" + detail::log_field(with.read ? with.request.method : "-") +
            " target=" + detail::log_field(with.read ? with.request.target : "-") +
            " status=" + std::to_string(with.answer.status) +
            " bytes=" + std::to_string(with.answer.body.size()) + " ms=" + std::to_string(took) +
            " peer=" + of.peer + " user=" +
            detail::log_field(with.request.user.name.empty() ? "-" : with.request.user.name)
    );
}

/// What a route writes on behind the head of its answer.
class session_stream final : public web_stream
{
public:
    session_stream(std::shared_ptr<server_core> core, std::shared_ptr<connection> of)
        : core_(std::move(core)),
          of_(std::move(of))
    {}

    task<void> write(std::string text) override { return write_all(core_, of_, std::move(text)); }

private:
    std::shared_ptr<server_core> core_;
    std::shared_ptr<connection> of_;
};

/// Until the route has no more to say, the caller goes, or the server stops.
inline task<void> write_stream(
    std::shared_ptr<server_core> core,
    std::shared_ptr<connection> of,
    exchange& with
)
{
    session_stream to(core, of);
    try {
        co_await with.answer.stream(to);
    } catch (boost::system::system_error const&) {
        // Who watched has gone, or is too slow to watch.
    } catch (std::exception const& fault) {
        core->log(
            log_level::error,
            std::string("web: a stream failed: ") + detail::log_field(fault.what())
        );
    }
}

inline bool wants_close(web_request const& request)
{
    std::string const said = lower(request.field("connection"));
    if (said.find("close") != said.npos)
        return true;
    return request.version == 10 && said.find("keep-alive") == said.npos;
}

}  // namespace detail_of_session

WORK_DECL task<void> serve(std::shared_ptr<server_core> core, std::shared_ptr<connection> of)
{
    using namespace detail_of_session;
    if (of->tls) {
        bool const agreed = co_await shake_hands(core, of);
        if (!agreed)
            co_return;
    }
    std::size_t const most = core->options.limits.requests_per_connection;
    for (std::size_t served = 1;; ++served) {
        exchange with;
        of->idle = of->buffer.empty();
        bool const answers = co_await handle(core, of, with, served == 1);
        if (!answers)
            co_return;
        bool const head_only = with.request.method == "HEAD";
        bool const streams = static_cast<bool>(with.answer.stream);
        bool const close = !with.read || !with.whole || with.answer.close || streams ||
                           served == most || core->stopping || wants_close(with.request);
        std::string text = write_response(with.answer, head_only, close);
        co_await write_all(core, of, std::move(text));
        if (streams && !head_only)
            co_await write_stream(core, of, with);
        count_exchange(*core, *of, with);
        if (close) {
            co_await hang_up(of);
            co_return;
        }
    }
}

}  // namespace work::web
