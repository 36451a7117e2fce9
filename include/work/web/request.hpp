// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/roles.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work {

/// Whoever waits for the answer of a request that may take long.
struct web_caller
{
    void hang_up()
    {
        gone = true;
        if (when_gone)
            when_gone();
    }

    bool gone = false;                  ///< the connection ended
    std::function<void()> when_gone{};  ///< called, once, when it does
};

/// One request, as routes see it.
struct web_request
{
    using pairs = std::vector<std::pair<std::string, std::string>>;

    std::string method;
    std::string target;             ///< as it came
    std::vector<std::string> path;  ///< its parts, percent-decoded once
    pairs query;                    ///< decoded
    pairs fields;                   ///< names in lower case
    pairs parameters;               ///< of the path, or of the query where the path has none
    int version = 11;               ///< 10 or 11
    std::optional<std::uint64_t> content_length{};
    bool chunked = false;
    std::string body;
    std::string peer;  ///< its address
    bool loopback = false;
    web_user user;
    std::shared_ptr<web_caller> caller{};  ///< of a route that waits

    /// A field's value, "" where there is none.
    std::string_view field(std::string_view name) const noexcept { return find(fields, name); }
    bool has(std::string_view name) const noexcept
    {
        return std::any_of(fields.begin(), fields.end(), [&](auto const& one) {
            return one.first == name;
        });
    }
    /// A parameter of the query, "" where there is none.
    std::string_view asked(std::string_view name) const noexcept { return find(query, name); }
    std::string_view parameter(std::string_view name) const noexcept
    {
        return find(parameters, name);
    }
    bool has_body() const noexcept { return chunked || content_length.value_or(0) > 0; }
    bool reads() const noexcept { return method == "GET" || method == "HEAD"; }

private:
    static std::string_view find(pairs const& all, std::string_view name) noexcept
    {
        for (auto const& [key, value] : all)
            if (key == name)
                return value;
        return {};
    }
};

}  // namespace work
