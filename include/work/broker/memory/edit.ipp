// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/state.hpp>
#include <work/values/envelope_parts.hpp>

#include <memory>
#include <string>
#include <utility>

namespace work {

// As in `scripts/edit.lua`.
WORK_DECL admin_result memory_state::edit(edit_request const& request, std::int64_t us)
{
    std::int64_t const now = us / 1000;
    data_.begin(now);
    std::string const& id = request.id;
    admin_result result;
    detail::memory_job* const job = data_.find_job(id);
    if (job == nullptr)
        return result;
    place const at = find(id);
    result.state = at.state;
    detail::stored_bytes const before = job->bytes;
    auto const old = detail::read_header(before->envelope);
    auto const header = detail::read_header(request.envelope);
    result.code = admin_code::unreadable;
    if (at.state == job_state::active)
        result.code = admin_code::active;
    else if (at.state == job_state::suspect ||
             detail::version_of(before->envelope) != request.version)
        result.code = admin_code::moved_on;
    else if (old && header)
        result.code = admin_code::done;
    if (result.code != admin_code::done)
        return result;
    bool const moves = at.state == job_state::pending &&
                       (old->list != header->list || old->priority != header->priority);
    if (moves)
        out_of_list(id, old);
    data_.forget_body(id);
    bool const large = is_large_envelope(request.envelope);
    if (large)
        data_.bodies.insert_or_assign(id, std::string(body_of(request.envelope)));
    data_.untag(id, before->envelope);
    data_.tag(id, request.envelope);
    data_.rewrite(*job, large ? make_head(request.envelope) : request.envelope);
    if (at.state == job_state::dead)
        data_.dead_bytes.set(id, stored_bytes_of(job->bytes->envelope));
    if (moves)
        data_.enter(id, *header, detail::list_end::back, now);
    bool const waits = at.state == job_state::scheduled || at.state == job_state::retry;
    if (waits && request.due_ms > 0) {
        auto& set = at.state == job_state::scheduled ? data_.scheduled : data_.retry;
        data_.enter_until(set, id, request.due_ms);
        data_.due_at(data_.soonest, now, false);
    }
    if (std::string const note = detail::history_note(request); !note.empty())
        keep_history(id, detail::end_note(note, to_string(at.state), now));
    data_.wake_woken();
    return result;
}

}  // namespace work
