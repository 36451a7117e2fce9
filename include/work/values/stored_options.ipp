// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/args_version.hpp>
#include <work/values/check_option.hpp>
#include <work/values/decode.hpp>
#include <work/values/encode.hpp>
#include <work/values/stored_options.hpp>

#include <boost/describe/class.hpp>

namespace work {
namespace detail {

struct backoff_text
{
    work::backoff::shape kind = work::backoff::shape::polynomial;
    std::optional<std::int64_t> base_ms;
    std::optional<double> factor;
    std::optional<std::int64_t> cap_ms;
    std::optional<double> jitter;
};
BOOST_DESCRIBE_STRUCT(backoff_text, (), (kind, base_ms, factor, cap_ms, jitter))

struct options_text
{
    std::optional<int> priority;
    std::optional<int> max_attempts;
    std::optional<std::int64_t> timeout_ms;
    std::optional<std::int64_t> expires_in_ms;
    std::optional<std::int64_t> deadline_ms;
    std::optional<backoff_text> backoff;
    std::optional<bool> skip_dead;
    std::optional<int> args_version;
    std::optional<boost::json::object> headers;
    std::optional<std::vector<std::string>> tags;
};
BOOST_DESCRIBE_STRUCT(
    options_text,
    (),
    (priority,
     max_attempts,
     timeout_ms,
     expires_in_ms,
     deadline_ms,
     backoff,
     skip_dead,
     args_version,
     headers,
     tags)
)

/// Writes the members that have a value, with a comma between them.
class options_writer
{
public:
    explicit options_writer(std::string& out) : out_(out) {}

    template <typename T>
    void member(std::string_view name, T const& value)
    {
        key(name);
        encode_value(out_, value, json_path("options", "member"));
    }

    template <typename T>
    void member(std::string_view name, std::optional<T> const& value)
    {
        if (value)
            member(name, *value);
    }

    void key(std::string_view name)
    {
        out_ += empty_ ? "{" : ",";
        empty_ = false;
        encode_string(out_, name, json_path("options", "member"));
        out_ += ':';
    }

    void finish()
    {
        if (!empty_)
            out_ += '}';
    }

private:
    std::string& out_;
    bool empty_ = true;
};

inline backoff backoff_from_text(backoff_text const& text)
{
    backoff out;
    out.kind = text.kind;
    if (text.base_ms)
        out.base = std::chrono::milliseconds(*text.base_ms);
    if (text.factor)
        out.factor = *text.factor;
    if (text.cap_ms)
        out.cap = std::chrono::milliseconds(*text.cap_ms);
    if (text.jitter)
        out.jitter = *text.jitter;
    return out;
}

inline stored_options options_from_text(options_text&& text)
{
    using std::chrono::milliseconds;
    auto const time = [](std::optional<std::int64_t> const& ms) {
        return ms ? std::optional(milliseconds(*ms)) : std::nullopt;
    };
    stored_options out;
    out.priority = text.priority.value_or(0);
    out.max_attempts = text.max_attempts;
    out.timeout = time(text.timeout_ms);
    out.expires_in = time(text.expires_in_ms);
    out.deadline = time(text.deadline_ms);
    if (text.backoff)
        out.backoff = backoff_from_text(*text.backoff);
    out.skip_dead = text.skip_dead;
    out.args_version = text.args_version.value_or(1);
    if (text.tags)
        out.tags = std::move(*text.tags);
    if (text.headers)
        for (auto const& header : *text.headers) {
            std::string_view const name(header.key().data(), header.key().size());
            auto const& value = header.value();
            out.headers.emplace_back(name, decode<std::string>(value, "options", "header"));
        }
    return out;
}

// The ranges that enqueue_options::validate() holds its caller to.
inline void check_stored_options(stored_options const& options)
{
    enqueue_options same;
    same.priority = options.priority;
    same.max_attempts = options.max_attempts;
    same.timeout = options.timeout;
    same.expires_in = options.expires_in;
    same.deadline = options.deadline;
    same.backoff = options.backoff;
    check_integer("args_version", options.args_version, 1, most_args_version);
    same.validate();
}

}  // namespace detail

WORK_DECL void append_options(std::string& out, enqueue_options const& options)
{
    detail::options_writer writer(out);
    if (options.priority != 0)
        writer.member("priority", options.priority);
    writer.member("max_attempts", options.max_attempts);
    writer.member("timeout_ms", options.timeout);
    writer.member("expires_in_ms", options.expires_in);
    writer.member("deadline_ms", options.deadline);
    if (options.backoff) {
        backoff const& from = *options.backoff;
        backoff const plain;
        writer.key("backoff");
        detail::options_writer inner(out);
        inner.member("kind", from.kind);
        if (from.base != plain.base)
            inner.member("base_ms", from.base);
        if (from.factor != plain.factor)
            inner.member("factor", from.factor);
        if (from.cap != plain.cap)
            inner.member("cap_ms", from.cap);
        if (from.jitter != plain.jitter)
            inner.member("jitter", from.jitter);
        inner.finish();
    }
    writer.member("skip_dead", options.skip_dead);
    if (options.args_version > 1)
        writer.member("args_version", options.args_version);
    // A container of the caller's may have nothing in it.
    auto const headers = options.headers.list();
    auto const tags = options.tags.list();
    if (!headers.empty()) {
        writer.key("headers");
        detail::options_writer inner(out);
        for (auto const& [name, value] : headers)
            inner.member(name, value);
        inner.finish();
    }
    if (!tags.empty())
        writer.member("tags", tags);
    writer.finish();
}

WORK_DECL std::string encode_options(enqueue_options const& options)
{
    std::string out;
    append_options(out, options);
    return out;
}

WORK_DECL parsed<stored_options> decode_options(std::string_view text)
{
    if (text.empty())
        return stored_options();
    try {
        args_parser parser;
        detail::options_text read;
        detail::decode_report report;
        detail::json_path const root("options", "member");
        if (!detail::decode_value(parser.parse(text, "options"), read, root, report))
            return parsed<stored_options>::failed(report.text());
        stored_options options = detail::options_from_text(std::move(read));
        detail::check_stored_options(options);
        return options;
    } catch (error const& fault) {
        return parsed<stored_options>::failed(fault.what());
    }
}

WORK_DECL enqueue_options as_enqueue_options(stored_options const& stored)
{
    enqueue_options how;
    how.priority = stored.priority;
    how.max_attempts = stored.max_attempts;
    how.timeout = stored.timeout;
    how.expires_in = stored.expires_in;
    how.deadline = stored.deadline;
    how.backoff = stored.backoff;
    how.skip_dead = stored.skip_dead;
    how.args_version = stored.args_version > 1 ? stored.args_version : 0;
    how.headers = header_list(stored.headers);
    how.tags = tag_list(stored.tags);
    return how;
}

}  // namespace work
