// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "top/acts.hpp"

#include <work/values/text.hpp>

#include <algorithm>
#include <utility>

#include "top/rows.hpp"
#include "top/state.hpp"

namespace work::tool::top {
namespace {

/// The chosen row of those, or nullptr.
template <typename Row>
Row const* chosen_of(std::vector<Row> const& rows, std::string const& key, auto const& key_of)
{
    auto const found =
        std::find_if(rows.begin(), rows.end(), [&](Row const& row) { return key_of(row) == key; });
    return found == rows.end() ? nullptr : &*found;
}

void ask_of_job(state& s, wish::kind what)
{
    std::vector<job_row> const rows = listed_jobs(s);
    job_row const* const row = chosen_of(rows, s.chosen, [](job_row const& one) { return one.id; });
    if (row == nullptr) {
        s.told = "R and K are for jobs: choose one with j and k on the pages 4 and 5";
        return;
    }
    bool const requeue = what == wish::kind::requeue;
    if (requeue != (row->state == job_state::dead)) {
        s.told = requeue ? "it runs: R is for the dead jobs of page 5"
                         : "it is dead already: K is for the jobs that run, on page 4";
        return;
    }
    wish asked;
    asked.what = what;
    asked.id = row->id;
    asked.only = row->state;
    asked.seen_ms = s.jobs->now_ms;
    asked.question = std::string(requeue ? "requeue" : "kill") + " job " + detail::quote(row->id) +
                     ", " + detail::quote(row->name) + "?";
    s.asked = std::move(asked);
}

bool is_paused(state const& s, pause_kind of, std::string const& name)
{
    return s.seen && std::any_of(
                         s.seen->counts.paused.begin(),
                         s.seen->counts.paused.end(),
                         [&](pause_info const& one) { return one.kind == of && one.name == name; }
                     );
}

void ask_to_pause(state& s)
{
    wish asked;
    if (s.page == page_kind::queues && !s.chosen.empty()) {
        asked.name = s.chosen;
    } else if (s.page == page_kind::names && !s.chosen.empty()) {
        asked.of = pause_kind::name;
        asked.name = s.chosen;
    } else {
        std::vector<job_row> const rows = listed_jobs(s);
        job_row const* const row =
            chosen_of(rows, s.chosen, [](job_row const& one) { return one.id; });
        asked.name = row == nullptr ? "" : row->queue;
    }
    if (asked.name.empty()) {
        s.told = "P is for the queue of a row: choose one with j and k";
        return;
    }
    bool const paused = is_paused(s, asked.of, asked.name);
    asked.what = paused ? wish::kind::resume : wish::kind::pause;
    asked.question = std::string(paused ? "resume " : "pause ") +
                     (asked.of == pause_kind::queue ? "queue " : "jobs named ") +
                     detail::quote(asked.name) + "?";
    s.asked = std::move(asked);
}

}  // namespace

void ask(state& s, char key)
{
    s.told.clear();
    s.typed.clear();
    if (key == 'P')
        ask_to_pause(s);
    else
        ask_of_job(s, key == 'R' ? wish::kind::requeue : wish::kind::kill);
}

void answer(state& s, char key)
{
    auto const give_up = [&s] {
        s.asked.reset();
        s.told = "nothing was done";
    };
    if (key == '\x1b' || key == '\x03')
        return give_up();
    if (!s.alarming) {
        if (key != 'y' && key != 'Y')
            return give_up();
        s.wished = std::exchange(s.asked, std::nullopt);
        return;
    }
    if (key == '\r' || key == '\n') {
        if (s.typed != s.ns)
            return give_up();
        s.wished = std::exchange(s.asked, std::nullopt);
    } else if (key == '\x7f' || key == '\b') {
        while (!s.typed.empty() && (s.typed.back() & 0xC0) == 0x80)
            s.typed.pop_back();
        if (!s.typed.empty())
            s.typed.pop_back();
    } else if (static_cast<unsigned char>(key) >= ' ' && s.typed.size() < 128) {
        s.typed.push_back(key);
    }
}

std::string question_line(state const& s)
{
    return s.place + ": " + s.asked->question +
           (s.alarming ? " Type " + s.ns + " and Enter: " + s.typed + "_" : " [y/N]");
}

}  // namespace work::tool::top
