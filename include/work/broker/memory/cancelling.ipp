// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/cancel_word.hpp>
#include <work/broker/memory/data.hpp>
#include <work/broker/policy.hpp>
#include <work/values/past_action.hpp>

#include <string_view>
#include <vector>

// Jobs that were cancelled or killed while they run, as in `scripts/parts/cancelling.lua`.

namespace work::detail {

WORK_DECL std::string_view memory_data::cancel_word_of(std::string_view id)
{
    memory_job const* const job = find_job(id);
    return job == nullptr ? std::string_view() : word_of(job->bytes->envelope, "c").value_or("");
}

WORK_DECL bool memory_data::end_cancelled(
    std::string_view id,
    envelope_header const& header,
    std::int64_t now
)
{
    memory_job& job = *find_job(id);
    if ((header.flags & envelope_flags::failed) == 0)
        return false;
    auto const word = cancel_of(job.bytes->envelope);
    if (!word)
        return false;
    std::string const list(header.list);
    int const attempts = header.attempts;
    rewrite(job, with_word(job.bytes->envelope, "c", std::nullopt));
    if (word->killed) {
        bury(id, attempts, word->failure(attempts + 1, now), now);
    } else {
        std::shared_ptr<job_bytes const> const bytes = job.bytes;
        std::string const ending = word->ending(now);
        finish(id, finish_as::cancelled, ending);
        keep(id, list, ending, bytes->envelope, policy::kept_cancelled, now);
    }
    if (word->note.empty())
        return true;
    std::string const line = end_note(word->note, to_string(job_state::active), word->asked_ms);
    std::vector<std::string_view> const lines(1, line);
    add_log(id, lines);
    return true;
}

}  // namespace work::detail
