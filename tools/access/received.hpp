// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/job_info.hpp>
#include <work/values/decode.hpp>
#include <work/web/head.hpp>

#include <boost/json/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>

#include "access/http_client.hpp"

namespace work::tool {

/// A path and what is asked of it.
class query
{
public:
    explicit query(std::string path) : text_(std::move(path)) {}

    query& add(std::string_view name, std::string_view value)
    {
        text_.append(std::exchange(mark_, "&")).append(name).append("=");
        text_ += web::percent_encode(value);
        return *this;
    }
    /// What is empty, or 0, asks for nothing.
    query& add_said(std::string_view name, std::string_view value)
    {
        return value.empty() ? *this : add(name, value);
    }
    query& add_said(std::string_view name, std::int64_t value)
    {
        return value == 0 ? *this : add(name, std::to_string(value));
    }
    std::string const& text() const noexcept { return text_; }

private:
    std::string text_;
    char const* mark_ = "?";
};

/// Throws what a reply means that is not what was asked for: the server's own sentence, with the
/// code that the same trouble has without a server between.
[[noreturn]] void throw_refusal(
    http_reply const& reply,
    server_url const& from,
    std::string_view method,
    std::string_view target
);
/// The same of one job among many, as JSON.
[[noreturn]] void throw_problem(boost::json::object const& problem);

/// The JSON of a good answer. What is hidden from who asks stands there as "(hidden)", or not at
/// all. Errors: errc::protocol
boost::json::value received_json(http_reply const& reply, server_url const& from);
[[noreturn]] void throw_strange(server_url const& from, std::string const& why);

/// As a value. Errors: errc::protocol
template <typename T>
T received(http_reply const& reply, server_url const& from)
{
    boost::json::value const json = received_json(reply, from);
    try {
        return decode<T>(json, "its answer", "member");
    } catch (error const& fault) {
        throw_strange(from, fault.what());
    }
}

/// The same of a job, whose options are not read.
job_info received_job(http_reply const& reply, server_url const& from);

}  // namespace work::tool
