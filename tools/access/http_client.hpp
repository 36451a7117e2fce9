// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/redis/connection.hpp>
#include <work/redis/endpoint.hpp>
#include <work/redis/transport.hpp>
#include <work/task.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http_reply.hpp"

namespace work::tool {

/// Where a work server is.
struct server_url
{
    redis::endpoint at;  ///< host, port, and whether it is https
    std::string prefix;  ///< "/jobs", what stands before every path; "" for none

    /// "https://jobs.example:8443/jobs", without what is secret.
    std::string text() const;
};

/// `http://HOST[:PORT][/PREFIX]`, or https.
/// Errors: errc::invalid_url: says what it must be
server_url parse_server_url(std::string_view url);

/// A request, but for where it goes.
struct http_request
{
    // Not an aggregate: g++ 12 destroys those twice inside a co_await.
    http_request(std::string_view how, std::string what) : method(how), target(std::move(what)) {}

    std::string method;
    std::string target;  ///< behind the prefix, percent-encoded
    std::string body{};
    std::string content_type = "application/json";
    std::string if_match{};
    std::chrono::milliseconds longest{30'000};  ///< until the last byte of the answer

    /// Whether asking once more changes nothing.
    bool only_looks() const noexcept { return method == "GET"; }
};

/// Asks one server, over connections that are used again. Several calls may be under way.
class http_client
{
public:
    /// Errors: errc::invalid_url: https without OpenSSL
    http_client(boost::asio::any_io_executor on, server_url where, std::string token);

    /// Errors: errc::unavailable: it was not reached, nothing was done; errc::outcome_unknown: the
    /// answer did not come, and it may have been done
    task<http_reply> call(http_request request);

    server_url const& where() const noexcept { return where_; }
    boost::asio::any_io_executor const& executor() const noexcept { return on_; }
    /// Ends what is under way; nothing works after it.
    void close() noexcept;

private:
    struct link;
    struct exchange;

    std::shared_ptr<link> idle_link(bool fresh_enough_to_change);
    std::shared_ptr<link> new_link() const;
    std::string text_of(http_request const& request) const;
    task<void> send_and_read(std::shared_ptr<exchange> of);
    task<void> read_answer(std::shared_ptr<exchange> of);

    boost::asio::any_io_executor on_;
    server_url where_;
    std::string token_;
    redis::connection_options how_;
    std::vector<std::shared_ptr<link>> idle_;
    std::vector<std::weak_ptr<link>> under_way_;
    bool closed_ = false;
};

}  // namespace work::tool
