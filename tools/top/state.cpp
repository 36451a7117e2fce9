// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "top/state.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "top/acts.hpp"
#include "top/rows.hpp"

namespace work::tool::top {
namespace {

void remember_rates(state& s, overview const& now)
{
    if (!s.seen)
        return;
    double const seconds = static_cast<double>(now.counts.now_ms - s.seen->counts.now_ms) / 1000;
    if (seconds <= 0)
        return;
    auto const a_second = [&](std::int64_t count, std::int64_t was) {
        return static_cast<double>(std::max<std::int64_t>(count - was, 0)) / seconds;
    };
    s.past.push_back(
        {a_second(now.counts.processed, s.seen->counts.processed),
         a_second(now.counts.failed, s.seen->counts.failed)}
    );
    if (s.past.size() > past_kept)
        s.past.pop_front();
}

// Another row is chosen, from the one that is, or the one on top. What is chosen is a queue, a job:
// a row that moves when the picture changes stays the one that it was.
void choose(state& s, std::ptrdiff_t by)
{
    std::vector<std::string> const keys = row_keys(s);
    if (keys.empty() || s.opened)
        return;
    auto const found = std::find(keys.begin(), keys.end(), s.chosen);
    bool const chosen = !s.chosen.empty() && found != keys.end();
    auto const last = static_cast<std::ptrdiff_t>(keys.size()) - 1;
    std::ptrdiff_t const from =
        chosen ? found - keys.begin() : static_cast<std::ptrdiff_t>(s.first) - (by > 0 ? 1 : 0);
    std::ptrdiff_t const to = std::clamp<std::ptrdiff_t>(from + by, 0, last);
    s.chosen = keys[static_cast<std::size_t>(to)];
    auto const room = static_cast<std::ptrdiff_t>(std::max<std::size_t>(s.room, 1));
    auto const first = static_cast<std::ptrdiff_t>(s.first);
    s.first = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(first, to - room + 1, to));
}

void leave_row(state& s)
{
    s.chosen.clear();
    s.opened = false;
    s.first = 0;
}

order after(order by)
{
    switch (by) {
    case order::pending: return order::oldest;
    case order::oldest: return order::name;
    case order::name: return order::pending;
    }
    return by;
}

// A key that a terminal sends as a sequence: how long that is, 0 when it is none.
std::size_t take_sequence(state& s, std::string_view bytes)
{
    struct sequence
    {
        std::string_view bytes;
        std::ptrdiff_t by;
    };
    static constexpr sequence known[] = {
        {"\x1b[A", -1},
        {"\x1bOA", -1},
        {"\x1b[B", 1},
        {"\x1bOB", 1},
        {"\x1b[5~", -10},
        {"\x1b[6~", 10},
        {"\x1b[H", -1'000'000},
        {"\x1b[1~", -1'000'000},
        {"\x1b[F", 1'000'000},
        {"\x1b[4~", 1'000'000}
    };
    for (sequence const& one : known) {
        if (bytes.starts_with(one.bytes)) {
            choose(s, one.by);
            return one.bytes.size();
        }
    }
    if (bytes.size() < 2 || (bytes[1] != '[' && bytes[1] != 'O'))
        return 0;
    // One that means nothing here, up to its letter: its parts are no keys.
    std::size_t end = 2;
    while (end < bytes.size() && (bytes[end] < '@' || bytes[end] > '~'))
        ++end;
    return std::min(end + 1, bytes.size());
}

void edit_filter(state& s, char key)
{
    if (key == '\r' || key == '\n') {
        s.filtering = false;
    } else if (key == '\x1b') {
        s.filtering = false;
        s.filter.clear();
    } else if (key == '\x7f' || key == '\b') {
        while (!s.filter.empty() && (s.filter.back() & 0xC0) == 0x80)
            s.filter.pop_back();
        if (!s.filter.empty())
            s.filter.pop_back();
    } else if (static_cast<unsigned char>(key) >= ' ' && s.filter.size() < 128) {
        s.filter.push_back(key);
    }
    leave_row(s);
}

void press(state& s, char key)
{
    s.told.clear();
    if (key >= '1' && key <= '6') {
        s.page = static_cast<page_kind>(key - '0');
        leave_row(s);
        return;
    }
    switch (key) {
    case 'q':
    case '\x03': s.ended = true; break;
    case 'p': s.paused = !s.paused; break;
    case 'j': choose(s, 1); break;
    case 'k': choose(s, -1); break;
    case 'g': choose(s, -1'000'000); break;
    case ' ': choose(s, 10); break;
    case 'b': choose(s, -10); break;
    case 'R':
    case 'K':
    case 'P': ask(s, key); break;
    case '\r':
    case '\n': s.opened = !s.opened && !s.chosen.empty(); break;
    case '/': s.filtering = true; break;
    case '\x1b':
        if (s.opened) {
            s.opened = false;
        } else {
            s.filter.clear();
            leave_row(s);
        }
        break;
    case 's':
        s.by = after(s.by);
        leave_row(s);
        break;
    default: break;
    }
}

}  // namespace

void take(state& s, observation what)
{
    s.trouble.clear();
    s.away_since_ms = 0;
    remember_rates(s, what.seen);
    if (s.paused && s.seen) {
        // What later looks are compared with goes on; what is shown does not.
        s.seen->counts.processed = what.seen.counts.processed;
        s.seen->counts.failed = what.seen.counts.failed;
        s.seen->counts.now_ms = what.seen.counts.now_ms;
        return;
    }
    s.queues = queue_views(what.seen);
    s.names = name_views(what.seen);
    if (s.seen)
        add_speeds(s.queues, *s.seen, what.seen);
    if (what.jobs) {
        s.jobs = std::move(what.jobs);
        s.jobs_of = what.page;
    }
    s.took_ms = what.took_ms;
    s.seen = std::move(what.seen);
}

void fail(state& s, std::string sentence, std::int64_t wall_ms)
{
    if (s.trouble.empty())
        s.away_since_ms = wall_ms;
    s.trouble = std::move(sentence);
}

void type(state& s, std::string_view bytes)
{
    while (!bytes.empty()) {
        if (bytes.front() == '\x1b' && !s.asked) {
            if (std::size_t const length = take_sequence(s, bytes); length != 0) {
                bytes.remove_prefix(length);
                continue;
            }
        }
        if (s.asked)
            answer(s, bytes.front());
        else if (s.filtering && bytes.front() != '\x03')
            edit_filter(s, bytes.front());
        else
            press(s, bytes.front());
        bytes.remove_prefix(1);
    }
}

}  // namespace work::tool::top
