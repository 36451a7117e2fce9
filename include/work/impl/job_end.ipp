// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/job_end.hpp>
#include <work/values/text.hpp>

#include <utility>

namespace work {

WORK_DECL void job_end::check() const
{
    if (completed())
        return;
    std::string text = "job " + detail::quote(id);
    if (state == job_state::dead)
        text += last_failure ? " is dead: " + last_failure->type + ": " + last_failure->message
                             : std::string(" is dead");
    else if (state == job_state::cancelled)
        text += " was cancelled" + (ending.by.empty() ? std::string() : " by " + ending.by) +
                (ending.reason.empty() ? std::string() : ": " + ending.reason);
    else if (state == job_state::set_aside)
        text += " is set aside: its record can't be read; look at it with work job";
    else
        text += " was deleted";
    throw error(errc::job_failed, std::move(text));
}

WORK_DECL std::string_view job_end::checked_result() const
{
    if (result.empty())
        throw error(
            errc::invalid_arguments,
            "job " + detail::quote(id) + " has no result" +
                (ending.result_fault.empty() ? std::string() : ": " + ending.result_fault)
        );
    return result;
}

namespace detail {

WORK_DECL job_end read_end(std::string id, job_state state, std::string_view text)
{
    job_end end;
    end.id = std::move(id);
    end.state = state;
    if (text.empty()) {
        if (state == job_state::completed)
            end.ending.outcome = "done";
        return end;
    }
    if (state == job_state::dead) {
        if (auto read = decode_failure(text))
            end.last_failure = std::move(*read);
    } else if (auto read = decode_ending(text)) {
        end.ending = std::move(read->ending);
        end.result = std::move(read->result);
    }
    return end;
}

}  // namespace detail
}  // namespace work
