// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/cancel_word.hpp>
#include <work/error.hpp>
#include <work/job_info.hpp>
#include <work/printable.hpp>
#include <work/values/decode_record.hpp>
#include <work/values/envelope.hpp>
#include <work/values/text.hpp>

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

inline void read_envelope(job_info& out, std::string_view text)
{
    auto const envelope = decode_envelope(text);
    if (!envelope) {
        out.unreadable = envelope.error();
        out.bytes = printable(text);
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
    out.cut_from = envelope->cut_from;
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
    return job;
}

}  // namespace work
