// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/text.hpp>
#include <work/web/head.hpp>
#include <work/web/problem.hpp>

namespace work::web {
namespace detail_of_head {

inline problem bad(std::string what)
{
    return problem(400, "bad-request", std::move(what)).closing();
}

inline bool is_token(std::string_view text) noexcept
{
    static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               marks.find(c) != std::string_view::npos;
    });
}

inline int digit(char c) noexcept
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

inline void read_query(web_request& to, std::string_view text, web_limits const& limits)
{
    while (!text.empty()) {
        std::string_view const one = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), one.size() + 1));
        if (one.empty())
            continue;
        auto const equals = one.find('=');
        std::string value(equals == one.npos ? std::string_view() : one.substr(equals + 1));
        std::replace(value.begin(), value.end(), '+', ' ');
        std::string name;
        std::string decoded;
        if (!percent_decode(one.substr(0, equals), name) || !percent_decode(value, decoded))
            throw problem(
                400,
                "bad-parameter",
                "The query holds a % that no two hexadecimal digits follow: write %25."
            );
        if (decoded.size() > limits.parameter_bytes)
            throw problem(
                400,
                "bad-parameter",
                "The value of " + detail::quote(name) + " is longer than " +
                    std::to_string(limits.parameter_bytes) + " bytes.",
                name
            );
        if (detail::find_invalid_utf8(name) != name.npos ||
            detail::find_invalid_utf8(decoded) != decoded.npos)
            throw problem(400, "bad-parameter", "The query is no valid UTF-8.");
        to.query.emplace_back(std::move(name), std::move(decoded));
        if (to.query.size() > limits.parameters)
            throw problem(
                400,
                "bad-parameter",
                "The query has more than " + std::to_string(limits.parameters) + " parameters."
            );
    }
}

inline void read_target(web_request& to, web_limits const& limits)
{
    std::string_view const target = to.target;
    if (target.size() > limits.target_bytes)
        throw problem(
            414,
            "too-large",
            "The target is longer than " + std::to_string(limits.target_bytes) + " bytes."
        )
            .closing();
    if (target.empty() || target[0] != '/')
        throw bad("The target must be a path that begins with a slash.");
    if (std::any_of(target.begin(), target.end(), [](char c) { return c <= ' ' || c > '~'; }) ||
        target.find_first_of("\\#") != target.npos)
        throw bad("The target holds a character that must be percent-encoded.");
    auto const question = target.find('?');
    std::string_view path = target.substr(1, question == target.npos ? target.npos : question - 1);
    while (true) {
        std::string_view const part = path.substr(0, path.find('/'));
        std::string decoded;
        if (!percent_decode(part, decoded) || (!part.empty() && !fits_path(decoded)))
            throw problem(
                400,
                "bad-parameter",
                "A part of the path is . or .., or holds a bad escape or a character that a path "
                "can't carry: give it in the query, as in /api/v1/job?id=..."
            );
        to.path.push_back(std::move(decoded));
        if (part.size() == path.size())
            break;
        path.remove_prefix(part.size() + 1);
    }
    if (question != target.npos)
        read_query(to, target.substr(question + 1), limits);
}

inline void read_line(web_request& to, std::string_view line)
{
    auto const first = line.find(' ');
    auto const last = line.rfind(' ');
    if (first == line.npos || first == last)
        throw bad("The request line must be a method, a target and HTTP/1.1.");
    to.method = line.substr(0, first);
    to.target = line.substr(first + 1, last - first - 1);
    std::string_view const version = line.substr(last + 1);
    if (!is_token(to.method) || to.method.size() > 16)
        throw bad("The method is no token of at most 16 characters.");
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        throw problem(505, "bad-request", "Only HTTP/1.1 and HTTP/1.0 are spoken here.").closing();
    to.version = version == "HTTP/1.1" ? 11 : 10;
}

inline void read_field(web_request& to, std::string_view line)
{
    auto const colon = line.find(':');
    if (colon == line.npos || !is_token(line.substr(0, colon)))
        throw bad("A field has no name, or white space before its colon.");
    std::string_view value = line.substr(colon + 1);
    for (char const c : value)
        if ((static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f')
            throw bad("A field's value holds a control character.");
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    value = value.substr(0, value.find_last_not_of(" \t") + 1);
    to.fields.emplace_back(lower(line.substr(0, colon)), value);
}

inline void read_length(web_request& to)
{
    int lengths = 0;
    int encodings = 0;
    int hosts = 0;
    for (auto const& [name, value] : to.fields) {
        if (name == "host")
            ++hosts;
        if (name == "transfer-encoding") {
            ++encodings;
            if (lower(value) != "chunked")
                throw problem(501, "bad-request", "The only Transfer-Encoding is chunked.")
                    .closing();
        }
        if (name == "content-length") {
            ++lengths;
            if (value.empty() || value.size() > 15 ||
                value.find_first_not_of("0123456789") != value.npos)
                throw bad("Content-Length must be a number.");
            to.content_length = std::stoull(value);
        }
    }
    if (lengths > 1 || encodings > 1 || (lengths > 0 && encodings > 0))
        throw bad("Content-Length and Transfer-Encoding must not be given twice, or both.");
    if (encodings > 0 && to.version == 10)
        throw bad("HTTP/1.0 knows no Transfer-Encoding.");
    if (hosts > 1 || (hosts == 0 && to.version == 11))
        throw bad("There must be one Host.");
    to.chunked = encodings > 0;
    if (to.reads() && to.has_body())
        throw bad("A GET has no body here.");
}

}  // namespace detail_of_head

WORK_DECL std::string lower(std::string_view text)
{
    std::string out(text);
    for (char& c : out)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out;
}

WORK_DECL bool percent_decode(std::string_view text, std::string& out)
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        int const high = i + 2 < text.size() ? detail_of_head::digit(text[i + 1]) : -1;
        int const low = i + 2 < text.size() ? detail_of_head::digit(text[i + 2]) : -1;
        if (high < 0 || low < 0)
            return false;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return true;
}

WORK_DECL std::string percent_encode(std::string_view text)
{
    std::string out;
    for (char const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
            std::string_view("._~-").find(c) != std::string_view::npos) {
            out += c;
            continue;
        }
        out += '%';
        out += "0123456789ABCDEF"[byte >> 4];
        out += "0123456789ABCDEF"[byte & 15u];
    }
    return out;
}

WORK_DECL bool fits_path(std::string_view value) noexcept
{
    static constexpr std::string_view marks = "._~:@!$&'()*+;=-";
    return !value.empty() && value != "." && value != ".." &&
           std::all_of(value.begin(), value.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      marks.find(c) != std::string_view::npos;
           });
}

WORK_DECL web_request read_head(std::string_view head, web_limits const& limits)
{
    web_request request;
    bool first = true;
    while (!head.empty()) {
        auto const end = head.find("\r\n");
        if (end == head.npos)
            throw detail_of_head::bad("A line does not end with CR LF.");
        std::string_view const line = head.substr(0, end);
        head.remove_prefix(end + 2);
        if (line.find_first_of(std::string_view("\r\n\0", 3)) != line.npos)
            throw detail_of_head::bad("A line holds a lone CR, LF or NUL.");
        if (first)
            detail_of_head::read_line(request, line);
        else if (!line.empty())
            detail_of_head::read_field(request, line);
        first = false;
        if (request.fields.size() > limits.fields)
            throw problem(
                431,
                "too-large",
                "There are more than " + std::to_string(limits.fields) + " fields."
            )
                .closing();
    }
    detail_of_head::read_length(request);
    detail_of_head::read_target(request, limits);
    return request;
}

}  // namespace work::web
