// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/pause.hpp>
#include <work/explanation.hpp>
#include <work/values/duration.hpp>
#include <work/values/text.hpp>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace work {
namespace detail {

/// Puts together what is known of a job, in the order in which it matters.
class explainer
{
public:
    explainer(job_info const& job, std::int64_t ahead) : job_(job)
    {
        out_.id = job.id;
        out_.state = job.state;
        out_.now_ms = job.now_ms;
        out_.name = job.name;
        out_.queue = job.queue;
        out_.ahead = job.state == job_state::pending ? ahead : -1;
    }

    /// Whether it may still run, and does not.
    bool waits() const
    {
        return job_.state == job_state::scheduled || job_.state == job_state::retry ||
               job_.state == job_state::pending || job_.state == job_state::suspect;
    }

    void add_state()
    {
        switch (job_.state) {
        case job_state::unknown:
            add("unknown", "there is no such job: it never existed, or it ended and is not kept");
            break;
        case job_state::completed:
        case job_state::cancelled: add_ending(); break;
        case job_state::dead: add_death(); break;
        case job_state::set_aside:
            add("set_aside",
                "its record can't be read (" + job_.unreadable +
                    "): it is kept aside, and runs again when it is requeued with a record that "
                    "can",
                job_.when_ms);
            break;
        case job_state::active: add_run(); break;
        case job_state::scheduled: add_time("scheduled", "it is to run "); break;
        case job_state::retry: add_time("retry", last_failure() + "; the next attempt is "); break;
        case job_state::suspect:
            add("suspect",
                "the process that ran it last died: it runs again, apart from other jobs, "
                "so that it can't take them along");
            break;
        case job_state::waiting: add_needs(); break;
        case job_state::pending: break;
        }
    }

    void add_pauses(std::vector<pause_info> const& paused)
    {
        for (pause_info const& one : paused) {
            bool const of_queue = one.kind == pause_kind::queue;
            if (one.name != (of_queue ? job_.queue : job_.name) || !is_in_force(one, job_.now_ms))
                continue;
            std::string text = (of_queue ? "queue " : "the name ") + quote(one.name) + " is paused";
            if (!one.by.empty())
                text += " by " + one.by;
            text += " since " + spoken(job_.now_ms - one.since_ms);
            if (!one.reason.empty())
                text += ": " + quote(one.reason, 200);
            text += one.until_ms != 0
                        ? "; it goes on by itself in " + spoken(one.until_ms - job_.now_ms)
                        : "; it goes on when somebody resumes it";
            add(of_queue ? "queue_paused" : "name_paused", text, one.since_ms, one.until_ms);
        }
    }

    // Those of its list that have no slot free.
    void add_limits(std::vector<limit_state> const& limits)
    {
        if (job_.state != job_state::pending && job_.state != job_state::suspect)
            return;
        for (limit_state const& one : limits) {
            if (one.held < one.slots)
                continue;
            std::string text = "limit " + quote(one.name) + " lets " + counted(one.slots, "job") +
                               " run at a time, and " + std::to_string(one.held) +
                               (one.held == 1 ? " runs" : " run");
            for (std::size_t i = 0; i != one.holders.size(); ++i)
                text += (i == 0 ? ": " : ", ") + one.holders[i];
            if (one.held > static_cast<std::int64_t>(one.holders.size()) && !one.holders.empty())
                text += " and others";
            if (one.slots == 0)
                text += "; it goes on when somebody raises it";
            add("limit", text);
            count("slots", one.slots);
            count("held", one.held);
        }
    }

    void add_pools(std::vector<pool_info> const& pools)
    {
        std::int64_t quiet = 0;
        std::int64_t workers = 0;
        std::int64_t busy = 0;
        for (pool_info const& one : pools) {
            if (std::find(one.job_names.begin(), one.job_names.end(), job_.name) ==
                one.job_names.end())
                continue;
            if (one.state != "running") {
                ++quiet;
                continue;
            }
            out_.runnable_by.push_back(one.pool);
            workers += one.concurrency;
            busy += std::min(one.busy, one.concurrency);
        }
        std::string const name = quote(job_.name);
        if (!out_.runnable_by.empty()) {
            if (busy < workers)
                return;
            add("pools_busy",
                "all " + counted(workers, "worker") + " of the " +
                    counted(out_.runnable_by.size(), "pool") + " with a handler for " + name +
                    " are busy");
            count("pools", static_cast<std::int64_t>(out_.runnable_by.size()));
            count("workers", workers);
            count("busy", busy);
        } else if (quiet > 0) {
            add("pools_quiet",
                "no running pool has a handler for " + name + ": " + counted(quiet, "pool") +
                    " that has one claims nothing (quiet or stopping)");
            count("pools", quiet);
        } else {
            add("no_pool",
                pools.empty() ? "no pool runs: start one that has a handler for " + name
                              : "none of the " + counted(pools.size(), "pool") +
                                    " that are seen has a handler for " + name +
                                    ": start one, or cancel the job");
            count("pools", static_cast<std::int64_t>(pools.size()));
        }
    }

    void add_place()
    {
        if (job_.state != job_state::pending)
            return;
        if (out_.ahead > 0) {
            add("position",
                (out_.ahead >= explanation::places_looked_at ? "at least " : "") +
                    counted(out_.ahead, "job") + " of its list " +
                    (out_.ahead == 1 ? "is" : "are") + " taken before it",
                job_.created_ms);
            count("ahead", out_.ahead);
        } else if (out_.reasons.empty())
            add("next",
                out_.ahead == 0 ? "it is the next of its list: a pool may take it at any moment"
                                : "it moves just now: look again");
    }

    explanation take() { return std::move(out_); }

private:
    void add(
        std::string_view gate,
        std::string sentence,
        std::int64_t since_ms = 0,
        std::int64_t until_ms = 0
    )
    {
        out_.reasons.push_back({std::string(gate), std::move(sentence), since_ms, until_ms, {}});
    }
    /// Of the reason that was added last.
    void count(std::string_view what, std::int64_t number)
    {
        out_.reasons.back().values.emplace(what, number);
    }

    void add_ending()
    {
        if (!job_.ended) {
            add("ended", "it ended", job_.when_ms);
            return;
        }
        job_ending const& end = *job_.ended;
        std::string text = "it ended " + ago(end.at_ms) + ": " + end.outcome;
        if (end.attempt > 0)
            text += ", at attempt " + std::to_string(end.attempt);
        if (!end.by.empty())
            text += ", by " + end.by;
        if (!end.reason.empty())
            text += ": " + quote(end.reason, 200);
        add("ended", std::move(text), end.at_ms);
    }

    void add_needs()
    {
        if (!job_.unreadable.empty())
            add("reader",
                "it waits for a newer program, and goes on when one starts: " + job_.unreadable,
                job_.when_ms);
        else if (!job_.bound || job_.bound->waits_for.empty())
            add("waiting", "it moves just now: look again", job_.when_ms);
        if (!job_.bound || job_.bound->waits_for.empty())
            return;
        std::string text;
        std::int64_t gates = 0;
        std::size_t shown = 0;
        for (job_bond const& one : job_.bound->waits_for) {
            if (one.id.starts_with('{'))
                ++gates;
            else if (++shown <= 3)
                text += (shown == 1 ? "" : ", ") + quote(one.id, 128);
        }
        std::int64_t const others = job_.bound->waits_for_count - gates;
        if (gates > 0)
            add("flow", "its flow is not stored whole yet", job_.when_ms);
        if (others > static_cast<std::int64_t>(std::min<std::size_t>(shown, 3)))
            text += " and " + std::to_string(others - 3) + " more";
        if (others > 0)
            add("waiting", "it needs " + text + " to end first", job_.when_ms);
        count("needs", others);
    }

    void add_death()
    {
        std::string text = "it died " + ago(job_.when_ms);
        // Somebody's doing is no attempt.
        bool const killed = !job_.failures.empty() && job_.failures.back().type == "killed";
        if (killed && !job_.failures.back().message.empty())
            text += ": " + quote(job_.failures.back().message, 200);
        else {
            text += " after " + counted(job_.failed_attempts, "failed attempt");
            if (!job_.failures.empty())
                text += "; " + last_failure();
        }
        add("dead", text + "; requeue makes it pending again", job_.when_ms);
        count("failed_attempts", job_.failed_attempts);
    }

    void add_run()
    {
        std::string const by = "pool " + quote(job_.pool, 128);
        if (job_.cancelling)
            add_cancelling(*job_.cancelling);
        if (job_.when_ms > job_.now_ms)
            add("active",
                by + " runs it; its lease ends in " + spoken(job_.when_ms - job_.now_ms) +
                    " unless it is renewed",
                0,
                job_.when_ms);
        else
            add("lease_ended",
                by + " ran it, and its lease ended " + ago(job_.when_ms) +
                    ": another pool will take it back",
                job_.when_ms);
    }

    void add_cancelling(job_cancelling const& asked)
    {
        std::string text = "it was ";
        text += asked.killed ? "killed " : "cancelled ";
        text += ago(asked.asked_ms) + (asked.by.empty() ? "" : " by " + asked.by) +
                (asked.reason.empty() ? "" : ": " + quote(asked.reason, 200)) +
                "; its handler was told, and the job ends when that returns, or some seconds later "
                "without it";
        add("cancelling", std::move(text), asked.asked_ms);
    }

    void add_time(std::string_view gate, std::string text)
    {
        text += job_.when_ms > job_.now_ms ? "in " + spoken(job_.when_ms - job_.now_ms)
                                           : "due since " + spoken(job_.now_ms - job_.when_ms) +
                                                 ": any running pool will make it pending";
        bool const failed = job_.state == job_state::retry && !job_.failures.empty();
        add(gate,
            std::move(text),
            failed ? job_.failures.back().at_ms : job_.created_ms,
            job_.when_ms);
        if (failed)
            count("attempt", job_.failures.back().attempt);
    }

    std::string last_failure() const
    {
        if (job_.failures.empty())
            return "its last attempt failed";
        failure const& last = job_.failures.back();
        std::string text = "attempt " + std::to_string(last.attempt) + " failed " +
                           ago(last.at_ms) + " with " + last.type;
        if (!last.message.empty())
            text += ": " + quote(last.message, 200);
        return text;
    }

    std::string ago(std::int64_t time_ms) const { return spoken(job_.now_ms - time_ms) + " ago"; }

    // To two units of those that matter.
    static std::string spoken(std::int64_t ms)
    {
        constexpr std::int64_t second = 1000;
        constexpr std::int64_t minute = 60 * second;
        constexpr std::int64_t day = 24 * 60 * minute;
        std::int64_t const size = ms >= 2 * day        ? 60 * minute
                                  : ms >= 120 * minute ? minute
                                  : ms >= second       ? second
                                                       : 1;
        return format_duration(
            std::chrono::milliseconds(std::max<std::int64_t>(ms, 0) / size * size)
        );
    }
    template <typename Number>
    static std::string counted(Number number, std::string_view what)
    {
        std::string text = std::to_string(number);
        text += ' ';
        text += what;
        if (number != 1)
            text += 's';
        return text;
    }

    job_info const& job_;
    explanation out_;
};

}  // namespace detail

WORK_DECL std::string explanation::text() const
{
    return reasons.empty() ? std::string() : reasons.front().sentence;
}

WORK_DECL explanation explain_job(
    job_info const& job,
    std::vector<pause_info> const& paused,
    std::vector<pool_info> const& pools,
    std::int64_t ahead,
    std::vector<limit_state> const& limits
)
{
    detail::explainer out(job, ahead);
    out.add_state();
    if (out.waits()) {
        out.add_pauses(paused);
        out.add_limits(limits);
        out.add_pools(pools);
        out.add_place();
    }
    return out.take();
}

}  // namespace work
