// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "http_reply.hpp"

#include <work/values/text.hpp>

#include <boost/json/parse.hpp>

#include <algorithm>

namespace work::tool {
namespace {

char lower_case(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

}  // namespace

std::string http_reply::field(std::string_view name) const
{
    std::string const begin = "\r\n" + std::string(name) + ":";
    auto const at =
        std::search(head.begin(), head.end(), begin.begin(), begin.end(), [](char a, char b) {
            return lower_case(a) == lower_case(b);
        });
    if (at == head.end())
        return {};
    auto const from = static_cast<std::size_t>(at - head.begin()) + begin.size();
    std::string_view const all(head);
    return std::string(detail::trimmed(all.substr(from, all.find("\r\n", from) - from)));
}

boost::json::object http_reply::json() const
{
    boost::system::error_code ec;
    auto value = boost::json::parse(body, ec);
    return ec || !value.is_object() ? boost::json::object() : value.as_object();
}

std::string http_reply::slug() const
{
    if (field("Content-Type") != "application/problem+json")
        return {};
    auto const all = json();
    auto const* type = all.if_contains("type");
    constexpr std::string_view begin = "urn:work:";
    return type != nullptr && type->is_string() && type->as_string().starts_with("urn:work:")
               ? std::string(type->as_string()).substr(begin.size())
               : std::string();
}

}  // namespace work::tool
