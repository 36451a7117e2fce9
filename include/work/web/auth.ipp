// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/name.hpp>
#include <work/values/text.hpp>
#include <work/web/auth.hpp>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <utility>

namespace work::web {
namespace detail_of_auth {

inline error bad_line(std::size_t line, std::string what)
{
    return error(
        errc::invalid_option,
        "line " + std::to_string(line) + " of the tokens: " + std::move(what) +
            "; write: name role[,role] sha256:<64 hex> [queues=a,b] [rate=200/s], as work token "
            "prints it"
    );
}

inline std::vector<std::string> split(std::string_view text, char at)
{
    std::vector<std::string> parts;
    while (!text.empty()) {
        std::string_view const one = text.substr(0, text.find(at));
        if (!one.empty())
            parts.emplace_back(one);
        text.remove_prefix(std::min(text.size(), one.size() + 1));
    }
    return parts;
}

inline digest read_hash(std::string_view text, std::size_t line)
{
    digest out{};
    auto const digit = [](char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    };
    if (!text.starts_with("sha256:") || text.size() != 71)
        throw bad_line(line, "the third word is no sha256: with 64 hexadecimal digits");
    for (std::size_t i = 0; i != 32; ++i) {
        int const high = digit(text[7 + 2 * i]);
        int const low = digit(text[8 + 2 * i]);
        if (high < 0 || low < 0)
            throw bad_line(line, "the hash holds a character that is none of 0-9a-f");
        out[i] = static_cast<unsigned char>(high * 16 + low);
    }
    return out;
}

/// "200/s": 1 to 100 000.
inline int read_rate(std::string_view text, std::size_t line)
{
    int rate = 0;
    auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), rate);
    if (fault != std::errc() || std::string_view(end, text.data() + text.size()) != "/s" ||
        rate < 1 || rate > 100'000)
        throw bad_line(line, "rate= is no number of requests a second from 1/s to 100000/s");
    return rate;
}

inline token read_token(std::vector<std::string> const& words, std::size_t line)
{
    if (words.size() < 3 || words.size() > 5)
        throw bad_line(line, std::to_string(words.size()) + " words instead of 3 to 5");
    token one;
    one.user.name = words[0];
    if (one.user.name.find(':') != std::string::npos || name_fault(one.user.name) != nullptr)
        throw bad_line(line, "the name is no name, or holds a colon");
    for (std::string const& name : split(words[1], ',')) {
        role_rights const* const found = find_role(name);
        if (found == nullptr)
            throw bad_line(
                line,
                "there is no role " + detail::quote(name) +
                    ", only metrics, viewer, producer, worker, operator and admin"
            );
        one.user.rights |= found->rights;
        one.user.roles.push_back(name);
    }
    one.hash = read_hash(words[2], line);
    for (std::size_t i = 3; i < words.size(); ++i) {
        std::string_view const word = words[i];
        if (word.starts_with("queues=") && !one.user.bound) {
            one.user.bound = true;
            one.user.queues = split(word.substr(7), ',');
        } else if (word.starts_with("rate=") && one.user.rate == 0) {
            one.user.rate = read_rate(word.substr(5), line);
        } else {
            throw bad_line(line, "what follows the hash is no queues= or rate=, or is there twice");
        }
    }
    return one;
}

}  // namespace detail_of_auth

WORK_DECL std::vector<token> read_tokens(std::string_view text)
{
    std::vector<token> all;
    for (std::size_t line = 1; !text.empty(); ++line) {
        std::string_view const one = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), one.size() + 1));
        std::string plain(one);
        for (char& c : plain)
            c = c == '\t' || c == '\r' ? ' ' : c;
        auto const words = detail_of_auth::split(plain, ' ');
        if (words.empty() || words[0][0] == '#')
            continue;
        all.push_back(detail_of_auth::read_token(words, line));
    }
    return all;
}

WORK_DECL std::optional<std::string> base64_decode(std::string_view text)
{
    static constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (text.size() % 4 != 0)
        return std::nullopt;
    std::size_t const padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
    text.remove_suffix(padding);
    std::string out;
    unsigned bits = 0;
    unsigned have = 0;
    for (char const c : text) {
        auto const value = digits.find(c);
        if (value == digits.npos)
            return std::nullopt;
        bits = (bits << 6 | static_cast<unsigned>(value)) & 0xFFFFFFu;
        have += 6;
        if (have >= 8) {
            have -= 8;
            out += static_cast<char>((bits >> have) & 0xFFu);
        }
    }
    return out;
}

WORK_DECL std::optional<web_user> find_user(
    std::vector<token> const& known,
    std::string_view authorization
)
{
    auto const space = authorization.find(' ');
    std::string scheme(authorization.substr(0, space));
    for (char& c : scheme)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (space == authorization.npos || authorization.size() > 1024)
        return std::nullopt;
    std::string secret(authorization.substr(space + 1));
    std::string name;
    if (scheme == "basic") {
        auto const decoded = base64_decode(secret);
        auto const colon = decoded ? decoded->find(':') : std::string::npos;
        if (colon == std::string::npos)
            return std::nullopt;
        name = decoded->substr(0, colon);
        secret = decoded->substr(colon + 1);
    } else if (scheme != "bearer") {
        return std::nullopt;
    }
    digest const hash = sha256(secret);
    digest const name_hash = sha256(name);
    token const* found = nullptr;
    for (token const& one : known) {
        // Both always, whatever the first says.
        bool const same = equal_in_constant_time(one.hash, hash);
        bool const named = equal_in_constant_time(sha256(one.user.name), name_hash);
        if (same & (named | (scheme == "bearer")))
            found = &one;
    }
    if (found == nullptr)
        return std::nullopt;
    return found->user;
}

WORK_DECL token_file::token_file(std::string path, logger to)
    : path_(std::move(path)),
      log_(std::move(to)),
      stamp_(stamp())
{
    load();
}

WORK_DECL std::string token_file::stamp() const
{
    struct ::stat is{};
    if (::stat(path_.c_str(), &is) != 0)
        return std::string("absent: ") + std::strerror(errno);
    return std::to_string(is.st_ino) + " " + std::to_string(is.st_size) + " " +
           std::to_string(is.st_mtim.tv_sec) + " " + std::to_string(is.st_mtim.tv_nsec) + " " +
           std::to_string(is.st_mode);
}

WORK_DECL void token_file::load()
{
    struct ::stat is{};
    if (::stat(path_.c_str(), &is) != 0)
        throw error(
            errc::invalid_option,
            "the file of tokens " + path_ + " can't be read: " + std::strerror(errno)
        );
    if ((is.st_mode & 026) != 0)
        throw error(
            errc::invalid_option,
            "the file of tokens " + path_ +
                " can be written by its group, or read or written by others: chmod 640"
        );
    std::ifstream file(path_, std::ios::binary);
    std::string const text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!file)
        throw error(errc::invalid_option, "the file of tokens " + path_ + " can't be read");
    tokens_ = read_tokens(text);
}

WORK_DECL void token_file::refresh(std::int64_t steady_ms)
{
    if (steady_ms - looked_ms_ < 1'000)
        return;
    looked_ms_ = steady_ms;
    std::string now = stamp();
    if (now == stamp_)
        return;
    stamp_ = std::move(now);
    try {
        load();
        log_(
            log_level::warning,
            "web: the file of tokens changed and was read again, tokens=" +
                std::to_string(tokens_.size())
        );
    } catch (error const& fault) {
        log_(log_level::error, std::string("web: the old tokens hold, since ") + fault.what());
    }
}

}  // namespace work::web
