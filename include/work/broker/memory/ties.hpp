// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/envelope_header.hpp>
#include <work/broker/records.hpp>
#include <work/values/envelope.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work::detail {

/// How a job comes to its end.
enum class finish_as {
    completed,
    kept,  ///< completed, and kept for people
    discarded,
    cancelled,
    dropped,  ///< a dead one: there are too many
    dead,
    set_aside
};

/// What a new job is bound to, as it was found.
struct job_ties
{
    struct left
    {
        std::string from;
        std::pair<char, std::string> end;
    };
    std::optional<enqueued> code;                            ///< why it can't be
    std::vector<std::pair<std::string, std::string>> needs;  ///< who, and policy and label
    std::vector<left> given;                                 ///< of those that have ended
    std::vector<std::pair<std::string, std::string>> after;  ///< who is to need it, and the policy

    void refuse(std::string who)
    {
        if (!code)
            code = enqueued{enqueue_code::unmet, std::move(who)};
    }
};

/// An end that others are told of.
struct end_to_tell
{
    std::string id;
    std::string text;
    char letter = 'c';
    bool aborted = false;
    std::int64_t number = 0;  ///< of what was put by; 0: it is told for the first time
    std::int64_t now = 0;
};

/// What those that a job needed left.
struct memory_given
{
    std::map<std::string, std::string, std::less<>> of;
    std::int64_t bytes = 0;
    bool counted = false;
};

using flow_hash = std::map<std::string, std::string, std::less<>>;

// As in `scripts/parts/needs.lua` and `flows.lua`.
inline bool is_gate(std::string_view id) noexcept
{
    return id.starts_with('{');
}

inline bool is_done(char letter, std::string_view text) noexcept
{
    return letter == 'c' && !text.starts_with(R"({"outcome":"expired")");
}

inline std::string_view state_of_letter(char letter) noexcept
{
    switch (letter) {
    case 'c': return "completed";
    case 'd': return "dead";
    case 'q': return "set_aside";
    case 'g': return "gone";
    default: return "cancelled";
    }
}

inline char letter_of(finish_as end) noexcept
{
    switch (end) {
    case finish_as::completed:
    case finish_as::kept:
    case finish_as::discarded: return 'c';
    case finish_as::cancelled: return 'x';
    case finish_as::dead: return 'd';
    case finish_as::set_aside: return 'q';
    case finish_as::dropped: break;
    }
    return 'g';
}

inline bool is_needed(std::string_view envelope)
{
    std::string const who(word_of(envelope, "w").value_or(""));
    return ("," + who + ",").find(",{,") != std::string::npos;
}

inline std::string needed(std::string_view envelope)
{
    std::string who(word_of(envelope, "w").value_or(""));
    who.append(who.empty() ? "{" : ",{");
    auto const header = read_header(envelope);
    return with_flags(with_word(envelope, "w", who), header->flags | envelope_flags::followed);
}

inline std::string unfollowed(std::string_view envelope)
{
    std::string left;
    std::string const who(word_of(envelope, "w").value_or(""));
    for (std::string_view rest = who; !rest.empty();) {
        std::string_view const one = rest.substr(0, rest.find(','));
        if (one.starts_with('{'))
            left.append(left.empty() ? "" : ",").append(one);
        rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    }
    std::optional<std::string_view> word;
    if (!left.empty())
        word = left;
    return with_word(envelope, "w", word);
}

inline std::string flow_of(std::string_view envelope)
{
    auto const header = read_header(envelope);
    if (!header || (header->flags & envelope_flags::holds) == 0)
        return {};
    return std::string(word_of(envelope, "f").value_or(""));
}

}  // namespace work::detail
