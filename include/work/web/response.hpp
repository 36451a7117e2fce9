// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/task.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace work {

/// The connection of an answer that goes on.
class web_stream
{
public:
    /// Errors: boost::system::system_error when the caller is gone or takes nothing for 10 s.
    virtual task<void> write(std::string text) = 0;

protected:
    ~web_stream() = default;
};

/// One answer, as routes give it. The transport adds length, date and what guards browsers.
struct web_response
{
    web_response() = default;
    explicit web_response(std::string json, int with = 200) : status(with), body(std::move(json)) {}

    int status = 200;
    std::string content_type = "application/json";
    std::string cache_control = "no-store";
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;
    bool close = false;  ///< and the connection ends
    /// Writes what follows the head, as long as it likes; the connection ends with it. `body` must
    /// be empty.
    std::function<task<void>(web_stream&)> stream{};

    bool is_html() const noexcept { return content_type.starts_with("text/html"); }
};

}  // namespace work
