// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/past_action.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace work {
struct admin_request;
}

namespace work::detail {

/// What a job that was cancelled or killed while it runs ends as, once it does not run any more:
/// the word ` c=` of its record, see `scripts/parts/cancelling.lua`.
struct cancel_word
{
    bool killed = false;
    std::int64_t asked_ms = 0;
    std::string text;  ///< killed: the failure's message as JSON; else the end of the ending
    std::string note;  ///< as `history_note`; "": nobody said who it was

    /// What who asked for it said, and who that was.
    WORK_DECL std::string reason() const;
    WORK_DECL std::string by() const;
    /// The ending that is kept of a cancelled one, the failure of a killed one.
    WORK_DECL std::string ending(std::int64_t now_ms) const;
    WORK_DECL std::string failure(int attempt, std::int64_t now_ms) const;
    /// As it is kept of the job: at `asked_ms`, of one that runs; nothing where nobody did it.
    WORK_DECL std::optional<past_action> action() const;
};

/// The text that an action leaves in the word, but for the note.
WORK_DECL std::string cancel_text(admin_request const& request);
WORK_DECL std::string encode_cancel(cancel_word const& word);
/// Of the value of a word; of one that somebody wrote by hand: cancelled, without a reason.
WORK_DECL cancel_word decode_cancel(std::string_view value);
/// Nothing unless the job is to end so.
WORK_DECL std::optional<cancel_word> cancel_of(std::string_view envelope);

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/broker/cancel_word.ipp>
#endif
