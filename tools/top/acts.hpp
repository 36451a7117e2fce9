// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/records.hpp>

#include <cstdint>
#include <string>

namespace work::tool::top {

struct state;

/// What a capital asks for, of the row that is chosen.
struct wish
{
    enum class kind { requeue, kill, pause, resume };

    kind what = kind::requeue;
    std::string id;                       ///< of a job
    job_state only = job_state::unknown;  ///< in which it was seen
    std::int64_t seen_ms = 0;             ///< when it was
    pause_kind of = pause_kind::queue;    ///< to be paused
    std::string name;                     ///< of that
    std::string question;                 ///< "requeue job 01KB (mail)?"
};

/// `R`, `K`, `P`: a question in the last line, or why there is none.
void ask(state& s, char key);
/// A key while a question stands there.
void answer(state& s, char key);
/// "production / shop: kill job 01KB (mail)? Type shop, then Enter: sh"
std::string question_line(state const& s);

}  // namespace work::tool::top
