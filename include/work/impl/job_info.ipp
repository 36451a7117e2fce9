// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/cancel_word.hpp>
#include <work/error.hpp>
#include <work/job_info.hpp>
#include <work/printable.hpp>
#include <work/values/decode_record.hpp>
#include <work/values/envelope.hpp>
#include <work/values/stored_options.hpp>
#include <work/values/text.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace work {
namespace detail {

// What can't be read is shown as it is.
inline failure read_failure(std::string_view text)
{
    auto read = decode_failure(text);
    if (read)
        return std::move(*read);
    failure shown;
    shown.type = "unreadable";
    shown.message = mended_utf8(text, max_failure_message);
    return shown;
}

inline std::optional<job_uniqueness> uniqueness_of(std::string_view envelope)
{
    auto const header = read_header(envelope);
    auto const word = word_of(envelope, "u");
    if (!header || (header->flags & envelope_flags::holds) == 0 || !word || word->size() < 2)
        return std::nullopt;
    job_uniqueness out;
    out.digest = word->substr(1);
    for (until const one : {until::started, until::succeeded, until::ended})
        if (mode_of(one) == word->front())
            out.until = enumerator_name(one);
    if (word->front() == 't')
        out.until = "time";
    return out;
}

inline void read_envelope(job_info& out, std::string_view text)
{
    auto const envelope = decode_envelope(text);
    if (!envelope) {
        out.unreadable = envelope.error();
        out.bytes = printable(text);
        if (auto const header = read_header(text); header && unsupported_envelope(text)) {
            queue_info list = queue_of_list(std::string(header->list));
            out.name = std::move(list.name);
            out.queue = std::move(list.queue);
            out.created_ms = header->created;
        }
        return;
    }
    queue_info list = queue_of_list(std::string(envelope->list));
    out.name = std::move(list.name);
    out.queue = std::move(list.queue);
    out.created_ms = envelope->created_ms;
    out.priority = envelope->priority;
    out.failed_attempts = envelope->attempts;
    out.snoozes = envelope->snoozes;
    out.stages = envelope->stages;
    out.unique = uniqueness_of(text);
    out.cut_from = envelope->cut_from;
    if (envelope->options.find("\"args_version\"") != std::string_view::npos)
        if (auto const own = decode_options(envelope->options))
            out.args_version = own->args_version;
    std::string_view const options = envelope->options.empty() ? "{}" : envelope->options;
    if (is_json(options))
        out.options.text = options;
    out.args = sanitized_utf8(envelope->args, envelope->args.size() * 3);
}

}  // namespace detail

WORK_DECL std::string_view job_info::checked_result() const
{
    if (result.empty())
        throw error(
            errc::invalid_arguments,
            "job " + detail::quote(id) + " has no result" +
                (ended && !ended->result_fault.empty() ? ": " + ended->result_fault
                                                       : " that is kept")
        );
    return result;
}

WORK_DECL std::string_view job_info::checked_args() const
{
    if (cut_from > 0)
        throw error(
            errc::invalid_arguments,
            "of the completed job " + detail::quote(id) +
                " only the beginning of its arguments is kept"
        );
    return args;
}

namespace detail {

inline std::string_view otherwise_of(char letter) noexcept
{
    return to_string(
        letter == 'r'   ? otherwise::run
        : letter == 'h' ? otherwise::wait
                        : otherwise::cancel
    );
}

inline std::optional<job_bindings> read_bindings(job_record const& record)
{
    auto const header = read_header(record.envelope);
    constexpr unsigned flags = envelope_flags::holds | envelope_flags::followed;
    if (!header || (header->flags & flags) == 0)
        return std::nullopt;
    job_bindings bound;
    bound.flow = word_of(record.envelope, "f").value_or("");
    auto const needed = word_of(record.envelope, "n").value_or("");
    std::from_chars(needed.data(), needed.data() + needed.size(), bound.needed);
    std::int64_t others = record.bonds.needs_left;
    for (auto const& [id, how] : record.bonds.needs)
        if (id == reader_gate)
            --others;
        else if (!how.empty())
            bound.waits_for.push_back({id, std::string(otherwise_of(how[0])), how.substr(1)});
    bound.waits_for_count = others;
    bound.needed_by = record.bonds.needed_by;
    bound.needed_by_count = record.bonds.needed_by_count;
    for (auto const& [from, text] : record.bonds.given)
        bound.given.push_back(read_gift(from, text));
    if (bound == job_bindings())
        return std::nullopt;
    return bound;
}

}  // namespace detail

WORK_DECL job_info read_record(std::string id, job_record const& record)
{
    job_info job;
    job.id = std::move(id);
    job.state = record.state;
    job.now_ms = record.now_ms;
    job.when_ms = record.when_ms;
    if (record.state == job_state::unknown)
        return job;
    job.version = record.version;
    if (record.state == job_state::active) {
        job.fence = record.claim;
        job.pool = record.pool;
        if (auto const word = detail::cancel_of(record.envelope))
            job.cancelling =
                job_cancelling{word->killed, word->asked_ms, word->reason(), word->by()};
    }
    detail::read_envelope(job, record.envelope);
    if (!record.progress.empty()) {
        if (auto progress = decode_progress(record.progress))
            job.progress = std::move(*progress);
    }
    if (!record.kept.empty()) {
        if (auto ended = decode_ending(record.kept)) {
            job.ended = std::move(ended->ending);
            job.result = std::move(ended->result);
        }
    }
    for (std::string const& text : record.failures)
        job.failures.push_back(detail::read_failure(text));
    job.history = detail::read_history(record.history);
    // What is kept of a cancel that is still under way stands in its word.
    if (auto const word = detail::cancel_of(record.envelope))
        if (auto last = word->action())
            job.history.push_back(std::move(*last));
    job.bound = detail::read_bindings(record);
    return job;
}

}  // namespace work
