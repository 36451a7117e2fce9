// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/diagnosis.hpp>
#include <work/printable.hpp>
#include <work/values/duration.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <utility>

namespace work {
namespace detail {

/// Turns what was looked at into findings, check by check.
class doctor
{
public:
    explicit doctor(doctor_sight const& seen) : seen_(seen) {}

    std::vector<finding> run()
    {
        look_at_server();
        look_at_broker();
        if (seen_.broker.verdict != "away") {
            look_at_pools();
            look_at_names();
            look_at_pauses();
            look_at_waiting();
            look_at_schedule();
            look_at_crons();
            look_at_limits();
            look_at_records();
            look_at_strays();
        } else {
            for (std::string_view const check : doctor_checks)
                if (std::none_of(found_.begin(), found_.end(), [&](finding const& one) {
                        return one.check == check;
                    }))
                    add(check, "unseen", "the broker can't be reached");
        }
        return std::move(found_);
    }

private:
    static constexpr std::int64_t clocks_apart_ms = 2'000;
    static constexpr std::int64_t long_wait_ms = 300'000;
    static constexpr std::int64_t late_ms = 10'000;
    static constexpr std::int64_t cron_late_ms = 60'000;
    static constexpr std::int64_t blocked_ms = 5'000;
    static constexpr std::int64_t silent_ms = 30'000;
    static constexpr std::size_t most_named = 20;

    void add(std::string_view check, std::string_view level, std::string sentence)
    {
        std::string anchor(check);
        std::replace(anchor.begin(), anchor.end(), '_', '-');
        found_.push_back(
            {std::string(check),
             std::string(level),
             std::move(sentence),
             "operations.md#doctor-" + anchor}
        );
    }
    static std::string jobs(std::int64_t count)
    {
        return std::to_string(count) + (count == 1 ? " job" : " jobs");
    }
    static std::string jobs_wait(std::int64_t count)
    {
        return jobs(count) + (count == 1 ? " waits" : " wait");
    }
    static std::string span(std::int64_t ms)
    {
        return ms < 120'000       ? std::to_string(ms / 1'000) + " s"
               : ms < 7'200'000   ? std::to_string(ms / 60'000) + " min"
               : ms < 172'800'000 ? std::to_string(ms / 3'600'000) + " h"
                                  : std::to_string(ms / 86'400'000) + " days";
    }
    /// `a, b and 3 more`, made printable.
    static std::string listed(std::vector<std::string> const& names)
    {
        std::string text;
        std::size_t const shown = std::min<std::size_t>(names.size(), 3);
        for (std::size_t i = 0; i != shown; ++i)
            text += (i == 0 ? "\"" : ", \"") + printable(names[i], 128) + "\"";
        if (names.size() > shown)
            text += " and " + std::to_string(names.size() - shown) + " more";
        return text;
    }

    void look_at_server()
    {
        if (seen_.server_fault.empty())
            add("server",
                "ok",
                "answers, is new enough, evicts nothing, and lets this user do what is needed");
        else
            add("server", "problem", seen_.server_fault);
    }

    void look_at_broker()
    {
        broker_info const& broker = seen_.broker;
        bool const here = broker.server.kind == "memory";
        add("broker",
            broker.verdict == "fine"   ? "ok"
            : broker.verdict == "away" ? "problem"
                                       : "warning",
            broker.verdict + ": " + broker.sentence);
        if (broker.verdict == "away")
            return;
        std::string const& keeps = broker.server.persistence;
        if (keeps.empty())
            add("persistence", "unseen", "the server does not tell whether it writes to its disk");
        else if (keeps == "none" && !here)
            add("persistence",
                "warning",
                "the server writes nothing to its disk: a restart loses all jobs; set appendonly "
                "to yes");
        else if (keeps == "rdb")
            add("persistence",
                "warning",
                "the server only writes snapshots: a crash loses what came after the last one; set "
                "appendonly to yes");
        else
            add("persistence",
                "ok",
                here ? "a broker in memory keeps nothing, as is meant"
                     : "what is acknowledged is written to its disk (" + keeps + ")");
        if (here)
            add("memory", "ok", "that of this process");
        else if (broker.memory.policy.empty() && broker.memory.limit_bytes == 0)
            add("memory", "unseen", broker.unseen.empty() ? "it is not told" : broker.unseen);
        else if (broker.memory.limit_bytes == 0)
            add("memory",
                "warning",
                "there is no limit: when memory runs out the kernel ends the server; set "
                "maxmemory, below what the machine has");
        else
            add("memory",
                "ok",
                std::to_string(broker.memory.bytes * 100 / broker.memory.limit_bytes) + " % of " +
                    std::to_string(broker.memory.limit_bytes >> 20) + " MiB");
        std::int64_t const apart = seen_.here_ms - seen_.counts.now_ms;
        if (apart > -clocks_apart_ms && apart < clocks_apart_ms)
            add("clock", "ok", "the broker's and this machine's agree");
        else
            add("clock",
                "warning",
                "this machine's clock is " + span(apart < 0 ? -apart : apart) +
                    (apart < 0 ? " behind" : " ahead of") +
                    " the broker's: times that programs here give (at_ms) are off by that; mend "
                    "the clock that is wrong");
    }

    static std::vector<std::string> stalled_names(pool_info const& pool)
    {
        std::vector<std::string> names;
        for (running_jobs const& one : pool.in_flight)
            if (one.stalled > 0)
                names.push_back(one.name.empty() ? "other names" : one.name);
        return names;
    }

    void look_at_pools()
    {
        broker_counts const& c = seen_.counts;
        std::int64_t const wait = c.pending + c.suspect;
        if (seen_.pools.empty()) {
            if (wait > 0)
                add("pools", "warning", "none is alive, and " + jobs_wait(wait));
            else
                add("pools", "ok", "none is alive");
            return;
        }
        std::size_t const before = found_.size();
        for (pool_info const& one : seen_.pools) {
            std::string const who = printable(one.name.empty() ? one.pool : one.name, 128) +
                                    " on " + printable(one.host, 128);
            if (found_.size() - before >= most_named)
                break;
            if (!one.trouble.empty())
                add("pools", "warning", who + ": " + printable(one.trouble, 512));
            else if (one.loop_lag_ms >= blocked_ms)
                add("pools",
                    "warning",
                    who + " has had its thread blocked for " + span(one.loop_lag_ms) +
                        (one.blocked ? " " + describe(*one.blocked) : "") +
                        ": a handler computes there; move that to a thread of its own");
            else if (one.stalled > 0)
                add("pools",
                    "warning",
                    who + " runs " + jobs(one.stalled) + " of " + listed(stalled_names(one)) +
                        " that should have ended: given up, and still there, as their handlers "
                        "do not heed it; each keeps a worker until the process ends");
            else if (one.exchange_age_ms >= silent_ms && one.state == "running" &&
                     one.busy < one.concurrency)
                add("pools",
                    "warning",
                    who + " has fetched nothing for " + span(one.exchange_age_ms) + ": see its log"
                );
        }
        if (found_.size() == before)
            add("pools", "ok", std::to_string(seen_.pools.size()) + " alive");
    }

    void look_at_names()
    {
        std::set<std::string_view> handled;
        bool unknown = false;
        for (pool_info const& one : seen_.pools) {
            handled.insert(one.job_names.begin(), one.job_names.end());
            unknown = unknown || one.job_names.empty();
        }
        std::set<std::string> without;
        std::int64_t count = 0;
        for (queue_info const& list : seen_.counts.lists) {
            if (list.pending == 0 || handled.contains(list.name))
                continue;
            without.insert(list.name);
            count += list.pending;
        }
        if (without.empty() || seen_.pools.empty())
            add("names", "ok", "a living pool handles each name that waits, or none waits");
        else if (unknown)
            add("names", "unseen", "some pools do not tell what they handle");
        else
            add("names",
                "warning",
                "no living pool has a handler for " +
                    listed(std::vector<std::string>(without.begin(), without.end())) + "; " +
                    jobs_wait(count) + " for one: start it, or is a name misspelt?");
        if (seen_.pools.empty() && !without.empty()) {
            found_.back().level = "unseen";
            found_.back().sentence = "no pool is alive";
        }
    }

    void look_at_pauses()
    {
        std::vector<std::string> held;
        std::int64_t count = 0;
        for (pause_info const& pause : seen_.counts.paused) {
            std::int64_t here = 0;
            for (queue_info const& list : seen_.counts.lists)
                if ((pause.kind == pause_kind::queue ? list.queue : list.name) == pause.name)
                    here += list.pending;
            if (here > 0 && pause.until_ms == 0)
                held.push_back(pause.name);
            count += pause.until_ms == 0 ? here : 0;
        }
        if (held.empty())
            add("paused", "ok", "no jobs wait for a pause without an end");
        else
            add("paused",
                "warning",
                listed(held) + " paused without an end, and " + jobs_wait(count) +
                    " there; work resume lets it go on");
    }

    void look_at_waiting()
    {
        queue_info const* oldest = nullptr;
        for (queue_info const& list : seen_.counts.lists)
            if (list.oldest_ms != 0 && list.pending > 0 && !list.paused &&
                (!oldest || list.oldest_ms < oldest->oldest_ms))
                oldest = &list;
        std::int64_t const age = oldest ? seen_.counts.now_ms - oldest->oldest_ms : 0;
        if (age < long_wait_ms)
            add("waiting",
                "ok",
                oldest ? "the oldest pending job was created " + span(age) + " ago"
                       : "nothing is pending");
        else
            add("waiting",
                "warning",
                "a job of queue \"" + printable(oldest->queue, 128) + "\" was created " +
                    span(age) + " ago and waits" +
                    (oldest->waits_at.empty()
                         ? ": add workers, or see work explain"
                         : " at limit " + quote(oldest->waits_at) +
                               ": raise it, or see who holds its slots with work limits show"));
    }

    void look_at_schedule()
    {
        std::int64_t const late = seen_.due_ms == 0 ? 0 : seen_.counts.now_ms - seen_.due_ms;
        if (late < late_ms)
            add("schedule", "ok", "nothing is late");
        else
            add("schedule",
                "warning",
                "a job that was due " + span(late) +
                    " ago is not pending yet: pools make due jobs pending, and none does");
    }

    // The longest overdue are first.
    void look_at_crons()
    {
        std::int64_t const now = seen_.crons.now_ms;
        std::vector<cron_record> const& due = seen_.crons.due;
        auto const late = std::count_if(due.begin(), due.end(), [&](cron_record const& one) {
            return one.next_ms <= now - cron_late_ms;
        });
        if (late == 0) {
            add("crons", "ok", "no cron entry is overdue");
            return;
        }
        add("crons",
            "warning",
            "cron entry " + quote(due.front().name) + " was due " +
                span(now - due.front().next_ms) + " ago" +
                (late > 1 ? ", and " + std::to_string(late - 1) + " more are overdue" : "") +
                ": nobody fires it; run work server without --no-cron, or a pool with "
                "pool.beside(cron.duty())");
    }

    static std::string counted(std::size_t count, char const* one)
    {
        return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
    }

    void look_at_limits()
    {
        limit_leaks const& leaks = seen_.leaks;
        std::string found;
        if (!leaks.holders.empty())
            found = counted(leaks.holders.size(), "slot") + " of limit " +
                    quote(leaks.holders.front().limit) +
                    (std::all_of(
                         leaks.holders.begin(),
                         leaks.holders.end(),
                         [&](auto const& one) { return one.limit == leaks.holders.front().limit; }
                     )
                         ? ""
                         : " and others") +
                    " held by jobs that do not run";
        if (!leaks.lists.empty())
            found += (found.empty() ? "" : ", and ") + counted(leaks.lists.size(), "list") +
                     " waiting at a limit that does not know of it: " + listed(leaks.lists);
        if (!leaks.none() && seen_.repaired) {
            add("limits", "ok", "mended: " + found);
            return;
        }
        if (!leaks.none()) {
            add("limits",
                "problem",
                found + ", as after keys were written by hand; work doctor --repair mends it");
            return;
        }
        std::vector<std::string> shut;
        for (limit_state const& one : seen_.limits)
            if (one.slots == 0 && one.waiting > 0)
                shut.push_back(one.name);
        if (shut.empty())
            add("limits", "ok", "their slots are held by jobs that run");
        else
            add("limits",
                "warning",
                listed(shut) + " with 0 slots, and jobs wait there; work limits set lets some run");
    }

    void look_at_records()
    {
        broker_counts const& c = seen_.counts;
        if (c.suspect > 0)
            add("suspects",
                "warning",
                jobs(c.suspect) + " may have killed their processes, and are tried a few at a time"
            );
        else
            add("suspects", "ok", "none");
        if (c.set_aside > 0)
            add("set_aside",
                "warning",
                std::to_string(c.set_aside) +
                    " records can't be read; work jobs --state set_aside shows them, work requeue "
                    "brings back what can be read again, work delete drops them");
        else
            add("set_aside", "ok", "none");
        if (c.unsupported > 0)
            add("unsupported",
                "warning",
                jobs_wait(c.unsupported) +
                    " for a newer program: those that claimed them do not know "
                    "all that their records ask for; update the workers");
        else
            add("unsupported", "ok", "none");
        if (seen_.histories_full)
            add("histories",
                "warning",
                "histories are kept of " + std::to_string(policy::history_lists) +
                    " lists, and there are more: the others are counted together as other; fewer "
                    "names, or queues of one name, leave room 90 days later");
        else
            add("histories", "ok", "each list has its own, or those of its name");
        if (c.forgotten > 0)
            add("restored",
                "warning",
                jobs(c.forgotten) + " ran again since the store was restored from an older copy, "
                                    "or keys were overwritten");
        else
            add("restored", "ok", "the store never went back in time");
    }

    void look_at_strays()
    {
        auto const count = static_cast<std::int64_t>(seen_.strays.size());
        if (!seen_.looked_for_strays)
            add("strays", "unseen", "not looked for: it takes a look at every job");
        else if (count == 0)
            add("strays", "ok", "none: every job is in a list, a claim or a set");
        else if (!seen_.repaired)
            add("strays",
                "problem",
                jobs(count) + " in no list, claim or set, as after keys were deleted by hand; "
                              "work doctor --repair gives them back");
        else
            add("strays", "ok", repaired_sentence(count, seen_.taken_back));
    }

    doctor_sight const& seen_;
    std::vector<finding> found_;
};

}  // namespace detail

WORK_DECL std::string_view diagnosis::worst() const
{
    constexpr std::string_view levels[] = {"problem", "warning", "unseen"};
    for (std::string_view const level : levels)
        for (finding const& one : findings)
            if (one.level == level)
                return level;
    return "ok";
}

WORK_DECL std::string repaired_sentence(std::int64_t strays, std::int64_t taken_back)
{
    auto const jobs = [](std::int64_t count) {
        return std::to_string(count) + (count == 1 ? " job" : " jobs");
    };
    if (strays == 0)
        return "none: every job is in a list, a claim or a set";
    return jobs(taken_back) + " given back; " + jobs(strays - taken_back) + " had only moved";
}

WORK_DECL diagnosis diagnose(doctor_sight seen)
{
    diagnosis all;
    all.findings = detail::doctor(seen).run();
    all.now_ms = seen.counts.now_ms != 0 ? seen.counts.now_ms : seen.broker.now_ms;
    all.server = std::move(seen.server_fault);
    all.pools = static_cast<std::int64_t>(seen.pools.size());
    all.waiting = seen.counts.pending + seen.counts.suspect;
    all.suspect = seen.counts.suspect;
    all.set_aside = seen.counts.set_aside;
    all.forgotten = seen.counts.forgotten;
    all.strays = std::move(seen.strays);
    all.taken_back = seen.taken_back;
    return all;
}

}  // namespace work
