// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/envelope_header.hpp>
#include <work/error.hpp>
#include <work/job_change.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/check_option.hpp>
#include <work/values/envelope.hpp>
#include <work/values/name.hpp>
#include <work/values/stored_options.hpp>
#include <work/values/tag_word.hpp>
#include <work/values/text.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <string>

namespace work::detail {

inline constexpr std::string_view changeable_options[] = {
    "max_attempts",
    "timeout_ms",
    "expires_in_ms",
    "deadline_ms",
    "backoff",
    "skip_dead",
    "args_version",
    "headers",
    "tags"
};

inline boost::json::object parse_object(std::string_view text, std::string_view what)
{
    args_parser parser;
    boost::json::value const& value = parser.parse(text.empty() ? "{}" : text, what);
    if (!value.is_object())
        throw error(errc::invalid_option, std::string(what) + " is no JSON object");
    return boost::json::object(value.get_object(), boost::json::storage_ptr());
}

/// The stored options with what takes their places; "" when all are defaults.
inline std::string edited_options(std::string_view stored, job_change const& change)
{
    boost::json::object all = parse_object(stored, "options");
    boost::json::object const changed = parse_object(change.options, "options");
    for (auto const& member : changed) {
        std::string_view const name(member.key().data(), member.key().size());
        auto const known =
            std::find(std::begin(changeable_options), std::end(changeable_options), name);
        if (known == std::end(changeable_options))
            throw error(
                errc::invalid_option,
                "options has " + quote(name) +
                    ", which can't be changed; these can: max_attempts, "
                    "timeout_ms, expires_in_ms, deadline_ms, backoff, skip_dead, "
                    "args_version, headers, tags"
            );
        if (member.value().is_null())
            all.erase(member.key());
        else
            all[member.key()] = member.value();
    }
    if (change.priority) {
        check_integer("priority", *change.priority, -100, 100);
        all.erase("priority");
        if (*change.priority != 0)
            all["priority"] = *change.priority;
    }
    std::string text = all.empty() ? std::string() : boost::json::serialize(all);
    auto const read = decode_options(text);
    if (!read)
        throw error(errc::invalid_option, read.error());
    return text;
}

inline std::string with_flag(std::string const& envelope, unsigned flag, bool on)
{
    unsigned const before = read_header(envelope)->flags;
    return with_flags(envelope, on ? before | flag : before & ~flag);
}

WORK_DECL std::string edited_envelope(std::string_view envelope, job_change const& change)
{
    auto const old = decode_envelope(envelope);
    if (!old)
        throw error(errc::invalid_option, "the job's record can't be read: " + old.error());
    if (change.args) {
        args_parser parser;
        boost::json::value const& args = parser.parse(*change.args, "args");
        if (!args.is_array() && !args.is_object())
            throw error(errc::invalid_arguments, "args must be a JSON array or object");
    }
    std::string const options = edited_options(old->options, change);
    std::string text(envelope.substr(0, envelope.find('\n')));
    text.append("\n").append(options).append("\n").append(change.args.value_or(old->args));
    // Where the body is apart the broker says so itself.
    text = with_word(with_flag(text, envelope_flags::body_apart, false), "b", {});
    auto const read = decode_options(options);
    text = with_flag(text, envelope_flags::expires, read->expires_in.has_value());
    text = with_flag(text, envelope_flags::priority, read->priority != 0);
    std::string const priority = std::to_string(read->priority);
    text = with_word(
        text,
        "p",
        read->priority == 0 ? std::optional<std::string_view>() : std::string_view(priority)
    );
    std::string const tags = tags_word(read->tags);
    text = with_word(
        text,
        "t",
        tags.empty() ? std::optional<std::string_view>() : std::string_view(tags)
    );
    text = with_flag(
        std::move(text),
        envelope_flags::holds,
        !tags.empty() || word_of(text, "u") || word_of(text, "n") || word_of(text, "f")
    );
    if (change.due_ms > 0 && old->due_ms > 0)
        text = with_word(text, "d", std::to_string(change.due_ms));
    if (!change.queue)
        return text;
    std::string const name(list_job_name(old->list));
    std::string queue;
    if (!change.queue->empty()) {
        validate_name("queue", *change.queue);
        queue = encode_name(*change.queue);
    }
    return with_list(text, queue.empty() || queue == name ? name : queue + ":" + name);
}

WORK_DECL std::string changed_parts(job_change const& change)
{
    std::string parts;
    auto const add = [&parts](bool there, char const* what) {
        if (there)
            parts.append(parts.empty() ? "" : ", ").append(what);
    };
    add(change.args.has_value(), "args");
    add(change.queue.has_value(), "queue");
    add(change.priority.has_value(), "priority");
    add(change.due_ms > 0, "time");
    add(!change.options.empty(), "options");
    return parts;
}

}  // namespace work::detail
