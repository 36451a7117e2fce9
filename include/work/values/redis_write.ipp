// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/redis_write.hpp>
#include <work/values/text.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace work {

namespace detail {

// What a command takes behind its key: words that come in groups, `least` at least.
struct write_shape
{
    std::string_view name;
    std::size_t least;
    std::size_t most;
    std::size_t group = 1;
    std::string_view takes;
};

inline constexpr std::size_t any_number = 1'000;
inline constexpr write_shape write_shapes[] = {
    {"SET", 1, 3, 2, "key value [EX seconds | PX milliseconds]"},
    {"DEL", 0, 0, 1, "key"},
    {"EXPIRE", 1, 1, 1, "key seconds"},
    {"PEXPIRE", 1, 1, 1, "key milliseconds"},
    {"INCRBY", 1, 1, 1, "key number"},
    {"HSET", 2, any_number, 2, "key field value [field value ...]"},
    {"HDEL", 1, any_number, 1, "key field [field ...]"},
    {"HINCRBY", 2, 2, 1, "key field number"},
    {"SADD", 1, any_number, 1, "key member [member ...]"},
    {"SREM", 1, any_number, 1, "key member [member ...]"},
    {"ZADD", 2, any_number, 2, "key score member [score member ...]"},
    {"ZREM", 1, any_number, 1, "key member [member ...]"},
    {"LPUSH", 1, any_number, 1, "key value [value ...]"},
    {"RPUSH", 1, any_number, 1, "key value [value ...]"},
    {"XADD", 3, any_number, 1, "key [MAXLEN [~] count] * field value [field value ...]"},
};

WORK_DECL bool is_write_number(std::string_view text, std::int64_t& value) noexcept
{
    auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    return ec == std::errc() && end == text.data() + text.size() && text == std::to_string(value) &&
           value >= -max_write_number && value <= max_write_number;
}

inline std::string write_name(std::string_view command)
{
    std::string name(command);
    for (char& c : name)
        if (c >= 'a' && c <= 'z')
            c = static_cast<char>(c - 'a' + 'A');
    return name;
}

[[noreturn]] inline void refuse_write(std::string const& name, std::string const& why)
{
    throw error(errc::invalid_option, "a write with " + sanitized_utf8(name, 40) + ": " + why);
}

inline void check_write_number(
    std::string const& name,
    std::string const& what,
    std::string const& text,
    std::int64_t low,
    std::int64_t high
)
{
    std::int64_t value = 0;
    if (!is_write_number(text, value) || value < low || value > high)
        refuse_write(
            name,
            what + " is \"" + sanitized_utf8(text, 40) + "\", and has to be a whole number from " +
                std::to_string(low) + " to " + std::to_string(high)
        );
}

// Until it is forgotten, in 30 years at most.
inline void check_write_time(std::string const& name, std::string const& text, bool milliseconds)
{
    constexpr std::int64_t most_s = 1'000'000'000;
    check_write_number(name, "the time", text, 1, milliseconds ? most_s * 1'000 : most_s);
}

inline void check_write_score(std::string const& name, std::string const& text)
{
    char* end = nullptr;
    double const value = text.empty() ? 0 : std::strtod(text.c_str(), &end);
    if (text.empty() || end != text.c_str() + text.size() || !std::isfinite(value) ||
        text.find_first_not_of("+-.0123456789eE") != std::string::npos)
        refuse_write(
            name,
            "the score is \"" + sanitized_utf8(text, 40) + "\", and has to be a finite number"
        );
}

inline void check_xadd(std::string const& name, std::vector<std::string> const& words)
{
    std::size_t at = 2;
    if (write_name(words[at]) == "MAXLEN") {
        at += words[at + 1] == "~" ? 2 : 1;
        if (at < words.size())
            check_write_number(name, "MAXLEN", words[at], 1, max_write_number);
        ++at;
    }
    if (at >= words.size() || words[at] != "*")
        refuse_write(name, "the id has to be *, the next one");
    ++at;
    if (at == words.size() || (words.size() - at) % 2 != 0)
        refuse_write(name, "its fields are no pairs of field and value");
}

}  // namespace detail

WORK_DECL void redis_write::check()
{
    std::string const name = words_[0] = detail::write_name(words_[0]);
    auto const* const shape = std::find_if(
        std::begin(detail::write_shapes),
        std::end(detail::write_shapes),
        [&](detail::write_shape const& one) { return one.name == name; }
    );
    if (shape == std::end(detail::write_shapes)) {
        std::string known;
        for (detail::write_shape const& one : detail::write_shapes)
            known.append(known.empty() ? "" : ", ").append(one.name);
        detail::refuse_write(
            name,
            "only these can be foreseen, and so may happen with the end of an attempt: " + known
        );
    }
    if (words_[1].empty())
        detail::refuse_write(name, "its key is empty");
    if (bytes() > max_write_bytes)
        detail::refuse_write(
            name,
            "it has " + std::to_string(bytes()) + " bytes; at most " +
                std::to_string(max_write_bytes)
        );
    std::size_t const count = words_.size() - 2;
    bool const odd = name == "SET" ? count % 2 == 0 : count % shape->group != 0;
    if (count < shape->least || count > shape->most || odd)
        detail::refuse_write(name, "it takes: " + std::string(shape->takes));
    if (name == "SET" && count == 3) {
        words_[3] = detail::write_name(words_[3]);
        if (words_[3] != "EX" && words_[3] != "PX")
            detail::refuse_write(name, "it takes: " + std::string(shape->takes));
        detail::check_write_time(name, words_[4], words_[3] == "PX");
    }
    if (name == "EXPIRE" || name == "PEXPIRE")
        detail::check_write_time(name, words_[2], name == "PEXPIRE");
    if (name == "INCRBY" || name == "HINCRBY")
        detail::check_write_number(
            name,
            "the number",
            words_.back(),
            -max_write_number,
            max_write_number
        );
    for (std::size_t i = 2; name == "ZADD" && i < words_.size(); i += 2)
        detail::check_write_score(name, words_[i]);
    if (name == "XADD")
        detail::check_xadd(name, words_);
}

}  // namespace work
