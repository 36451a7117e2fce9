// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace work {

/// One answer, as routes give it. The transport adds length, date and what guards browsers.
struct web_response
{
    web_response() = default;
    explicit web_response(std::string json, int with = 200) : status(with), body(std::move(json)) {}

    int status = 200;
    std::string content_type = "application/json";
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;
    bool close = false;  ///< and the connection ends

    bool is_html() const noexcept { return content_type.starts_with("text/html"); }
};

}  // namespace work
