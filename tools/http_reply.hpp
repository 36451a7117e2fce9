// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace work::tool {

/// What an HTTP server answered.
struct http_reply
{
    int status = 0;    ///< 0: the connection ended without an answer
    std::string head;  ///< status line and fields, each with its end
    std::string body;

    /// A header's value, "" where there is none. Upper and lower case are the same.
    std::string field(std::string_view name) const;
    /// The body, which must be an object.
    boost::json::object json() const;
    /// "stale-number" of a problem; "" of what is none.
    std::string slug() const;
};

}  // namespace work::tool
