// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/envelope.hpp>
#include <work/values/name.hpp>
#include <work/values/new_job.hpp>
#include <work/values/stored_options.hpp>
#include <work/values/tag_word.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace work {
namespace detail {

// The past is now.
inline std::int64_t due_ms(std::chrono::milliseconds delay)
{
    return std::max<std::int64_t>(delay.count(), 0);
}

// The broker counts whole ms, and no job is early.
inline std::int64_t due_ms(std::chrono::system_clock::time_point time)
{
    return due_ms(std::chrono::ceil<std::chrono::milliseconds>(time.time_since_epoch()));
}

inline void refuse_second_time(new_job const& job)
{
    if (job.delay_ms > 0 || job.at_ms > 0)
        throw error(
            errc::invalid_option,
            job.name() + " is told twice when to run: leave all but one of enqueue_in, enqueue_at, "
                         "enqueue_options::in and enqueue_options::at away"
        );
}

WORK_DECL new_job begin_job(std::string_view name, enqueue_options const& options)
{
    validate_name("job name", name);
    options.validate();
    new_job job;
    job.id = options.id;
    job.chosen_id = !options.id.empty();
    job.list = list_id(options.queue, name);
    job.priority = options.priority;
    job.stamp = options.expires_in.has_value() || options.deadline.has_value();
    job.at_ms = due_ms(options.at);
    job.delay_ms = due_ms(options.in);
    if (!options.unique_key.empty()) {
        job.unique.kind = 'k';
        job.unique.text = options.unique_key;
    } else if (options.unique) {
        job.unique.kind = 'a';
    }
    job.unique.until = options.unique_until;
    job.unique.time = options.unique_for;
    job.unique.on_conflict = options.on_conflict;
    std::string const stored = encode_options(options);
    envelope_view e;
    e.flags = (job.chosen_id ? envelope_flags::chosen_id : 0u) |
              (job.priority != 0 ? envelope_flags::priority : 0u) |
              (job.stamp ? envelope_flags::expires : 0u);
    e.list = job.list;
    e.priority = job.priority;
    e.options = stored;
    job.envelope.reserve(envelope_size(e) + 64);
    append_envelope(job.envelope, e);
    write_tags(job.envelope, options.tags.list());
    return job;
}

// What a type says of its arguments holds: they were made from it.
WORK_DECL new_job begin_job(job_identity const& type, enqueue_options const& options)
{
    int const own = type.args_version;
    if (own > 0 && options.args_version > 0 && options.args_version != own)
        throw error(
            errc::invalid_option,
            "args_version is " + std::to_string(options.args_version) + ", but arguments made of " +
                std::string(type.name) + " are of its args_version, " + std::to_string(own) +
                "; leave enqueue_options::args_version away, or enqueue by name"
        );
    enqueue_options how = options;
    if (own > 0)
        how.args_version = own;
    new_job job = begin_job(type.name, how);
    job.type = &type;
    return job;
}

WORK_DECL new_job begin_jobs(job_identity const& type, enqueue_options const& options)
{
    if (!options.id.empty())
        throw error(
            errc::invalid_option,
            "the id " + std::string(options.id) + " can't be given to more than one job of " +
                std::string(type.name) + "; leave enqueue_options::id empty"
        );
    return begin_job(type, options);
}

inline envelope_view read_new(new_job const& job)
{
    auto const read = decode_envelope(job.envelope);
    if (!read)
        throw error(errc::unreadable, "the new job can't be read: " + read.error());
    return *read;
}

// Before it has words but those of its options.
inline void rewrite(new_job& job, stored_options const& options, std::string_view args)
{
    enqueue_options how = as_enqueue_options(options);
    if (job.type != nullptr && job.type->args_version > 0)
        how.args_version = job.type->args_version;
    how.validate();
    envelope_view view = read_new(job);
    std::string const stored = encode_options(how);
    unsigned const own = envelope_flags::priority | envelope_flags::expires | envelope_flags::holds;
    job.priority = how.priority;
    job.stamp = how.expires_in.has_value() || how.deadline.has_value();
    view.flags = (view.flags & ~own) | (job.priority != 0 ? envelope_flags::priority : 0u) |
                 (job.stamp ? envelope_flags::expires : 0u);
    view.priority = job.priority;
    view.options = stored;
    view.args = args;
    std::string text;
    text.reserve(envelope_size(view) + 64);
    append_envelope(text, view);
    write_tags(text, options.tags);
    job.envelope = std::move(text);
}

WORK_DECL void write_lock(new_job& job)
{
    if (!job.unique.asked() || !job.lock.key.empty())
        return;
    if (job.unique.kind == '-')
        throw error(
            errc::invalid_option,
            job.name() + " is not unique, so unique_until, unique_for and on_conflict mean "
                         "nothing: set enqueue_options::unique or unique_key as well, or give "
                         "the job a work::unique_by"
        );
    std::string const text =
        job.unique.kind == 'k'
            ? job.unique.text
            : canonical_arguments(job.unique.kind == 'm' ? job.unique.text : job.arguments());
    job.lock.key = lock_key(job.name(), job.unique.kind, text);
    job.lock.mode = job.unique.time ? 't' : mode_of(job.unique.until.value_or(until::ended));
    job.lock.time_ms = job.unique.time ? job.unique.time->count() : 0;
    job.lock.on_conflict = job.unique.on_conflict.value_or(conflict::keep);
    std::string const word = std::string(" u=").append(1, job.lock.mode).append(job.lock.key);
    job.envelope.insert(job.envelope.find('\n'), word);
    set_envelope_flag(job.envelope, envelope_flags::holds);
}

WORK_DECL void follow_with(new_job& job, std::string_view follower)
{
    job.envelope.insert(job.envelope.find('\n'), std::string(" w=").append(follower));
    set_envelope_flag(job.envelope, envelope_flags::followed);
}

WORK_DECL new_job due(new_job job, std::chrono::milliseconds delay)
{
    refuse_second_time(job);
    job.delay_ms = due_ms(delay);
    return job;
}

WORK_DECL new_job due(new_job job, std::chrono::system_clock::time_point time)
{
    refuse_second_time(job);
    job.at_ms = due_ms(time);
    return job;
}

}  // namespace detail

WORK_DECL stored_options new_job::options() const
{
    auto read = decode_options(detail::read_new(*this).options);
    if (!read)
        throw error(errc::unreadable, "the options of the new job can't be read: " + read.error());
    return std::move(*read);
}

WORK_DECL new_job& new_job::set_options(stored_options const& options)
{
    std::string const args(arguments());
    detail::rewrite(*this, options, args);
    return *this;
}

WORK_DECL new_job& new_job::set_header(std::string_view name, std::string_view value)
{
    stored_options all = options();
    auto const found = std::find_if(all.headers.begin(), all.headers.end(), [&](auto const& one) {
        return one.first == name;
    });
    if (found != all.headers.end())
        found->second = value;
    else
        all.headers.emplace_back(name, value);
    return set_options(all);
}

WORK_DECL new_job& new_job::set_arguments(std::string_view json)
{
    args_parser parser;
    boost::json::value const& args = parser.parse(json, "the arguments");
    if (!args.is_array() && !args.is_object())
        throw error(
            errc::invalid_arguments,
            "the arguments of " + name() + " must be a JSON array or object"
        );
    stored_options const own = options();
    std::string const text(json);
    detail::rewrite(*this, own, text);
    return *this;
}

WORK_DECL std::string new_job::name() const
{
    return parse_list_id(list).name;
}

WORK_DECL std::string new_job::queue() const
{
    return parse_list_id(list).queue;
}

// What follows the second line.
WORK_DECL std::string_view new_job::arguments() const noexcept
{
    std::string_view const body = body_of(envelope);
    auto const line = body.find('\n');
    return line == std::string_view::npos ? std::string_view() : body.substr(line + 1);
}

WORK_DECL new_job& new_job::with(enqueue_options const& options) &
{
    new_job other =
        type != nullptr ? detail::begin_job(*type, options) : detail::begin_job(name(), options);
    other.envelope.append(arguments());
    // What its type says holds for what the options leave open.
    if (unique.kind == 'm' && other.unique.kind == '-') {
        other.unique.kind = 'm';
        other.unique.text = unique.text;
    }
    if (other.unique.kind == 'm' && !other.unique.until && !other.unique.time) {
        other.unique.until = unique.until;
        other.unique.time = unique.time;
    }
    if (other.unique.kind == 'm' && !other.unique.on_conflict)
        other.unique.on_conflict = unique.on_conflict;
    return *this = std::move(other);
}

}  // namespace work
