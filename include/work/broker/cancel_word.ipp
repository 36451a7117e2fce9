// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/admin.hpp>
#include <work/broker/cancel_word.hpp>
#include <work/broker/envelope_header.hpp>
#include <work/values/failure.hpp>
#include <work/values/job_ending.hpp>
#include <work/values/past_action.hpp>
#include <work/values/text.hpp>

#include <charconv>

namespace work::detail {

inline constexpr std::string_view cancelled_before_time = "{\"outcome\":\"cancelled\",\"at_ms\":";

// The word ends at a space.
inline std::string without_spaces(std::string_view text)
{
    std::string out;
    out.reserve(text.size() + 16);
    for (char const c : text) {
        if (c == ' ')
            out += "%20";
        else if (c == '%')
            out += "%25";
        else
            out += c;
    }
    return out;
}

inline std::string with_spaces(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i != text.size(); ++i) {
        unsigned code = 0;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(text.data() + i + 1, text.data() + i + 3, code, 16).ptr ==
                text.data() + i + 3) {
            out += static_cast<char>(code);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

WORK_DECL std::string cancel_word::ending(std::int64_t now_ms) const
{
    return std::string(cancelled_before_time).append(std::to_string(now_ms)).append(text);
}

WORK_DECL std::string cancel_word::failure(int attempt, std::int64_t now_ms) const
{
    return "{\"attempt\":" + std::to_string(attempt) + ",\"type\":\"killed\",\"message\":" + text +
           ",\"at_ms\":" + std::to_string(now_ms) + "}";
}

WORK_DECL std::optional<past_action> cancel_word::action() const
{
    if (note.empty())
        return std::nullopt;
    auto all = read_history({end_note(note, to_string(job_state::active), asked_ms)});
    return all.empty() ? std::nullopt : std::optional(std::move(all.front()));
}

WORK_DECL std::string cancel_word::reason() const
{
    if (auto const what = action(); what && killed)
        return what->reason;
    if (killed) {
        auto read = decode_failure(failure(1, 0));
        return read ? std::move(read->message) : std::string();
    }
    auto read = decode_ending(ending(0));
    return read ? std::move(read->ending.reason) : std::string();
}

WORK_DECL std::string cancel_word::by() const
{
    if (auto const what = action(); what && killed)
        return what->by;
    auto read = killed ? parsed<ended_job>::failed("") : decode_ending(ending(0));
    return read ? std::move(read->ending.by) : std::string();
}

WORK_DECL std::string cancel_text(admin_request const& request)
{
    std::string text;
    if (request.action == admin_action::kill) {
        append_json_string(text, killed_message(request));
        return text;
    }
    return encode_ending(cancelled_ending(request, 0)).substr(cancelled_before_time.size() + 1);
}

WORK_DECL std::string encode_cancel(cancel_word const& word)
{
    return (word.killed ? "k" : "x") + std::to_string(word.asked_ms) + "," +
           without_spaces(word.text + word.note);
}

WORK_DECL cancel_word decode_cancel(std::string_view value)
{
    cancel_word word;
    word.text = "}";
    bool const killed = value.starts_with('k');
    std::size_t const comma = value.find(',');
    if (comma == std::string_view::npos || (!killed && !value.starts_with('x')))
        return word;
    auto const [end, failure] =
        std::from_chars(value.data() + 1, value.data() + comma, word.asked_ms);
    if (failure != std::errc() || end != value.data() + comma)
        return word;
    word.killed = killed;
    word.text = with_spaces(value.substr(comma + 1));
    // In a JSON string it would have other quotes.
    if (auto const at = word.text.find(history_line); at != word.text.npos) {
        word.note = word.text.substr(at);
        word.text.resize(at);
    }
    return word;
}

WORK_DECL std::optional<cancel_word> cancel_of(std::string_view envelope)
{
    auto const value = word_of(envelope, "c");
    return value ? std::optional(decode_cancel(*value)) : std::nullopt;
}

}  // namespace work::detail
