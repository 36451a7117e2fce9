// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/admin.hpp>
#include <work/broker/cancel_word.hpp>
#include <work/values/failure.hpp>
#include <work/values/past_action.hpp>
#include <work/values/text.hpp>

namespace work::detail {

inline constexpr std::size_t max_reason = 512;

WORK_DECL job_ending cancelled_ending(admin_request const& by, std::int64_t now_ms)
{
    job_ending ending;
    ending.outcome = "cancelled";
    ending.at_ms = now_ms;
    ending.reason = mended_utf8(by.reason, max_reason);
    ending.by = mended_utf8(by.by, max_reason);
    return ending;
}

WORK_DECL job_cancel read_cancel(claim_number claim, std::string id, std::string_view word)
{
    job_cancel told{claim, std::move(id)};
    if (word.empty())
        return told;
    cancel_word const why = decode_cancel(word);
    told.reason = why.reason();
    told.by = why.by();
    return told;
}

WORK_DECL job_state kept_state(std::string_view ending)
{
    return ending.starts_with("{\"outcome\":\"cancelled\"") ? job_state::cancelled
                                                            : job_state::completed;
}

// Of a job whose record goes nothing is kept.
WORK_DECL std::string history_note(admin_request const& of)
{
    if (of.action == admin_action::remove)
        return {};
    past_action what;
    what.action = to_string(of.action);
    what.what = of.queue;
    what.by = of.by;
    what.reason = of.reason;
    return history_note(what);
}

WORK_DECL std::string history_note(edit_request const& of)
{
    past_action what;
    what.action = "edit";
    what.what = of.what;
    what.by = of.by;
    return history_note(what);
}

WORK_DECL std::string killed_message(admin_request const& by)
{
    std::string text = "killed";
    if (!by.by.empty())
        text.append(" by ").append(mended_utf8(by.by, max_reason));
    if (!by.reason.empty())
        text.append(": ").append(mended_utf8(by.reason, max_reason));
    return text;
}

}  // namespace work::detail
