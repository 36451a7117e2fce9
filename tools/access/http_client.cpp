// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "access/http_client.hpp"

#include <work/error.hpp>
#include <work/values/duration.hpp>
#include <work/values/text.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <optional>
#include <utility>

#include "tls_for.hpp"

namespace work::tool {
namespace {

using namespace std::chrono_literals;
using boost::asio::use_awaitable;
using std::chrono::steady_clock;

/// A server keeps a connection for 15 s. On one that may end just now nothing is asked that must
/// not be asked twice.
constexpr auto fresh = 5s;
constexpr auto longest_connect = 5s;
/// What no answer of the API comes near.
constexpr std::size_t most_bytes = 256u << 20;

task<std::size_t> read_some(redis::transport& from, boost::asio::mutable_buffer into)
{
    return boost::asio::async_initiate<
        boost::asio::use_awaitable_t<> const,
        void(boost::system::error_code, std::size_t)>(
        [&from](auto done, boost::asio::mutable_buffer room) {
            from.read_some(room, redis::transport::handler(std::move(done)));
        },
        use_awaitable,
        into
    );
}

task<std::size_t> write_some(redis::transport& to, boost::asio::const_buffer from)
{
    return boost::asio::async_initiate<
        boost::asio::use_awaitable_t<> const,
        void(boost::system::error_code, std::size_t)>(
        [&to](auto done, boost::asio::const_buffer bytes) {
            to.write_some(bytes, redis::transport::handler(std::move(done)));
        },
        use_awaitable,
        from
    );
}

[[noreturn]] void bad_url(std::string_view url)
{
    throw error(
        errc::invalid_url,
        "the URL " + detail::quote(url) +
            " is no server's: write http://HOST:PORT or https://HOST:PORT, and the path below "
            "which it is served where there is one"
    );
}

std::uint16_t read_port(std::string_view text, std::string_view url)
{
    std::uint16_t port = 0;
    auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (ec != std::errc() || end != text.data() + text.size() || port == 0)
        bad_url(url);
    return port;
}

/// What stands before the first of these; it and what is before it are taken off.
std::string_view take_line(std::string& from, std::string& into)
{
    auto const end = from.find("\r\n");
    into = from.substr(0, end);
    from.erase(0, end + 2);
    return into;
}

// The stream under it speaks of the servers that it was made for.
std::string for_people(std::string text, server_url const& where)
{
    auto const replace = [&text](std::string const& from, std::string_view to) {
        for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
            text.replace(at, from.size(), to);
    };
    replace("the Redis server " + redis::describe(where.at), "it");
    replace("tls_options::ca_file", "WORK_TLS_CA_FILE");
    return text;
}

std::string why_of(std::exception_ptr const& failure)
{
    try {
        std::rethrow_exception(failure);
    } catch (error const& e) {
        return e.what();
    } catch (boost::system::system_error const& e) {
        return e.code().message();
    } catch (std::exception const& e) {
        return e.what();
    }
}

}  // namespace

std::string server_url::text() const
{
    std::string const host = at.host.find(':') == at.host.npos ? at.host : "[" + at.host + "]";
    return (at.tls ? "https://" : "http://") + host + ":" + std::to_string(at.port) + prefix;
}

server_url parse_server_url(std::string_view url)
{
    server_url found;
    std::string_view rest = url;
    found.at.tls = rest.starts_with("https://");
    if (!found.at.tls && !rest.starts_with("http://"))
        bad_url(url);
    rest.remove_prefix(found.at.tls ? 8 : 7);
    found.at.port = found.at.tls ? 443 : 80;
    std::string_view place = rest.substr(0, rest.find('/'));
    rest.remove_prefix(place.size());
    // A password in a URL is seen by everybody: WORK_TOKEN is not.
    if (rest.find_first_of("?# ") != rest.npos || place.find('@') != place.npos)
        bad_url(url);
    if (place.starts_with('[')) {
        auto const end = place.find(']');
        if (end == place.npos)
            bad_url(url);
        found.at.host = place.substr(1, end - 1);
        place.remove_prefix(end + 1);
    } else {
        found.at.host = place.substr(0, place.find(':'));
        place.remove_prefix(found.at.host.size());
    }
    if (found.at.host.empty() || (!place.empty() && place[0] != ':'))
        bad_url(url);
    if (!place.empty())
        found.at.port = read_port(place.substr(1), url);
    while (rest.ends_with('/'))
        rest.remove_suffix(1);
    found.prefix = rest;
    return found;
}

struct http_client::link
{
    std::unique_ptr<redis::transport> stream;
    std::string unread{};
    bool connected = false;
    bool late = false;
    steady_clock::time_point since{};
};

struct http_client::exchange
{
    exchange(std::shared_ptr<link> over, http_request asked, boost::asio::any_io_executor const& on)
        : with(std::move(over)),
          request(std::move(asked)),
          clock(on)
    {}

    /// From now on; it ends the connection when it is over.
    void allow(std::chrono::milliseconds time)
    {
        clock.expires_after(time);
        clock.async_wait([of = std::weak_ptr<link>(with)](boost::system::error_code ec) {
            auto const open = of.lock();
            if (ec || !open)
                return;
            open->late = true;
            open->stream->close();
        });
    }
    task<bool> more()
    {
        std::array<char, 16'384> room;
        std::size_t const got = co_await read_some(*with->stream, boost::asio::buffer(room));
        received += got;
        with->unread.append(room.data(), got);
        if (received > most_bytes)
            throw error(errc::protocol, "its answer is longer than any of work's");
        co_return got != 0;
    }

    std::shared_ptr<link> with;
    http_request request;
    boost::asio::steady_timer clock;
    http_reply reply;
    std::size_t sent = 0;
    std::size_t received = 0;
};

http_client::http_client(boost::asio::any_io_executor on, server_url where, std::string token)
    : on_(std::move(on)),
      where_(std::move(where)),
      token_(std::move(token)),
      how_(connection_over_tls(where_.at.tls, "an https:// URL"))
{}

std::shared_ptr<http_client::link> http_client::new_link() const
{
    auto made = std::make_shared<link>();
    made->stream =
        how_.make_transport ? how_.make_transport(on_) : redis::make_socket_transport(on_);
    return made;
}

std::shared_ptr<http_client::link> http_client::idle_link(bool only_looks)
{
    while (!idle_.empty()) {
        auto last = std::move(idle_.back());
        idle_.pop_back();
        bool const young = only_looks || steady_clock::now() - last->since < fresh;
        if (young && last->stream->alive())
            return last;
    }
    return nullptr;
}

std::string http_client::text_of(http_request const& request) const
{
    std::string text = request.method + " " + where_.prefix + request.target + " HTTP/1.1\r\n";
    std::string const host = where_.text().substr(where_.at.tls ? 8 : 7);
    text += "Host: " + host.substr(0, host.find('/')) + "\r\nAccept: application/json\r\n";
    if (!token_.empty())
        text += "Authorization: Bearer " + token_ + "\r\n";
    if (!request.if_match.empty())
        text += "If-Match: " + request.if_match + "\r\n";
    if (!request.body.empty())
        text += "Content-Type: " + request.content_type + "\r\n";
    if (!request.only_looks())
        text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    return text + "\r\n" + request.body;
}

task<void> http_client::read_answer(std::shared_ptr<exchange> of)
{
    std::string& unread = of->with->unread;
    http_reply& reply = of->reply;
    for (;;) {
        std::size_t end = unread.find("\r\n\r\n");
        while (end == unread.npos) {
            co_await of->more();
            end = unread.find("\r\n\r\n");
        }
        reply.head = unread.substr(0, end + 2);
        unread.erase(0, end + 4);
        if (!reply.head.starts_with("HTTP/1.") || reply.head.size() < 12)
            throw error(errc::protocol, "what it says is no HTTP");
        int const status = std::atoi(reply.head.c_str() + 9);
        if (status >= 200) {
            reply.status = status;
            break;
        }
    }
    if (reply.status == 204 || reply.status == 304)
        co_return;
    std::string line;
    if (reply.field("Transfer-Encoding") == "chunked") {
        for (;;) {
            std::size_t end = unread.find("\r\n");
            while (end == unread.npos) {
                co_await of->more();
                end = unread.find("\r\n");
            }
            take_line(unread, line);
            std::size_t const size = std::strtoul(line.c_str(), nullptr, 16);
            while (unread.size() < size + 2)
                co_await of->more();
            reply.body.append(unread, 0, size);
            unread.erase(0, size + 2);
            if (size == 0)
                co_return;
        }
    }
    std::string const length = reply.field("Content-Length");
    if (length.empty())
        throw error(errc::protocol, "its answer does not say how long it is");
    std::size_t const size = std::strtoul(length.c_str(), nullptr, 10);
    while (unread.size() < size)
        co_await of->more();
    reply.body = unread.substr(0, size);
    unread.erase(0, size);
}

task<void> http_client::send_and_read(std::shared_ptr<exchange> of)
{
    link& with = *of->with;
    if (!with.connected) {
        of->allow(longest_connect);
        redis::endpoint to = where_.at;
        co_await with.stream->connect(std::move(to));
        with.connected = true;
    }
    of->allow(of->request.longest);
    std::string const text = text_of(of->request);
    std::exception_ptr unsent;
    try {
        for (std::string_view rest = text; !rest.empty();) {
            std::size_t const wrote =
                co_await write_some(*with.stream, boost::asio::buffer(rest.data(), rest.size()));
            of->sent += wrote;
            rest.remove_prefix(wrote);
        }
    } catch (boost::system::system_error const&) {
        unsent = std::current_exception();
    }
    // A server may answer, and hang up, before it has read all.
    co_await read_answer(of);
}

task<http_reply> http_client::call(http_request request)
{
    for (bool again = false;; again = true) {
        if (closed_)
            throw error(errc::closed);
        std::shared_ptr<link> with;
        if (!again)
            with = idle_link(request.only_looks());
        bool const used_before = with != nullptr;
        if (!with)
            with = new_link();
        auto const of = std::make_shared<exchange>(with, request, on_);
        std::erase_if(under_way_, [](auto const& one) { return one.expired(); });
        under_way_.emplace_back(with);
        std::exception_ptr failure;
        try {
            co_await send_and_read(of);
        } catch (std::exception const&) {
            failure = std::current_exception();
        }
        of->clock.cancel();
        if (!failure) {
            with->since = steady_clock::now();
            bool const stays = of->reply.field("Connection") != "close" && with->unread.empty();
            if (stays)
                idle_.push_back(with);
            else
                with->stream->close();
            co_return std::move(of->reply);
        }
        with->stream->close();
        if (closed_)
            throw error(errc::closed);
        bool const ended_before = used_before && of->received == 0 && !with->late;
        if (ended_before && !again && request.only_looks())
            continue;
        std::string const server = "the server at " + where_.text();
        if (!with->connected)
            throw error(
                errc::unavailable,
                server + " can't be reached: " +
                    (with->late ? "it does not answer" : for_people(why_of(failure), where_))
            );
        std::string text = server;
        if (with->late)
            text += " did not answer within " + format_duration(request.longest);
        else
            text += " ended the connection before it answered (" + why_of(failure) + ")";
        if (request.only_looks() || of->sent == 0)
            throw error(errc::unavailable, std::move(text));
        throw error(
            errc::outcome_unknown,
            text + "; it may have been done: look before asking again"
        );
    }
}

void http_client::close() noexcept
{
    closed_ = true;
    idle_.clear();
    for (auto const& one : under_way_)
        if (auto const open = one.lock())
            open->stream->close();
}

}  // namespace work::tool
