// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/crons.hpp>
#include <work/broker/exchange.hpp>
#include <work/broker/records.hpp>
#include <work/values/encode.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace work_test {

// Answers as texts, to be compared and read. What Redis gives in no order is sorted.

inline std::string text_of(work::enqueue_answer const& a)
{
    std::string s = "now " + std::to_string(a.now_ms) + (a.repeated ? " repeated " : " ");
    for (work::enqueued const& one : a.jobs) {
        s += static_cast<char>(one.code);
        if (!one.other.empty())
            s += one.other + ",";
    }
    return s;
}

inline std::string text_of(work::exchange_answer const& a)
{
    std::string s = "now " + std::to_string(a.now_ms) +
                    (a.repeated ? " repeated " + std::to_string(a.claim_jobs) : "");
    auto const field = [&](char const* name, std::int64_t n) {
        s += std::string("\n") + name + " " + std::to_string(n);
    };
    s += "\ncodes ";
    for (auto const c : a.finished)
        s += static_cast<char>(c);
    s += "/";
    for (auto const c : a.outcomes)
        s += static_cast<char>(c);
    s += "/";
    for (auto const c : a.started)
        s += static_cast<char>(c);
    for (auto const n : a.lost)
        field("lost", n);
    field("claim", a.claim);
    field("suspects", a.suspects);
    field("quarantine", a.isolate ? -a.quarantine_ms : a.quarantine_ms);
    field("due", a.next_due_ms);
    field("lapse", a.next_lapse_ms);
    field("alarm", a.alarm_ms);
    field("more", a.more);
    field("forgotten", a.forgotten);
    field("chores", a.chores_left);
    std::vector<std::string> cancels;
    for (auto const& c : a.cancels)
        cancels.push_back(
            "\ncancel " + std::to_string(c.claim) + " " + c.id + " " + c.reason + " " + c.by
        );
    for (auto const o : a.orders)
        cancels.push_back("\norder " + to_text(o));
    std::sort(cancels.begin(), cancels.end());
    for (auto const& c : cancels)
        s += c;
    for (auto const& l : a.left)
        s += "\nleft " + l.list + " " + std::to_string(l.length);
    for (auto const& n : a.notes)
        s += "\nnote " + n;
    for (auto const& j : a.jobs)
        s += "\njob " + std::string(j.id) + " = " + std::string(j.envelope);
    return s;
}

/// The codes alone.
inline std::string text_of(std::vector<work::admin_result> const& results)
{
    std::string s;
    for (auto const& r : results)
        s += static_cast<char>(r.code);
    return s;
}

inline std::string text_of(work::pause_result const& r)
{
    return work::to_json(r);
}

inline std::string text_of(work::limit_code code)
{
    return std::to_string(static_cast<int>(code));
}

inline std::string text_of(work::bound_code code)
{
    return std::to_string(static_cast<int>(code));
}

inline std::string text_of(work::bounds_answer const& a)
{
    std::string s = std::to_string(a.now_ms);
    for (work::bound_state const& one : a.bounds)
        s += "\n" + work::to_json(one);
    return s;
}

/// Without who holds a slot: of more than five some are named.
inline std::string text_of(work::limits_answer const& a)
{
    std::string s = std::to_string(a.now_ms) + " " + a.waits_at;
    for (work::limit_state one : a.limits) {
        one.holders.clear();
        s += "\n" + work::to_json(one);
    }
    return s;
}

inline std::string text_of(work::admin_code code)
{
    return {static_cast<char>(code)};
}

inline std::string text_of(work::admin_result const& r)
{
    return std::string(1, static_cast<char>(r.code)) + " " + std::string(work::to_string(r.state));
}

inline std::string text_of(work::job_record const& r)
{
    std::string s(work::to_string(r.state));
    s += " now " + std::to_string(r.now_ms) + " when " + std::to_string(r.when_ms) + " claim " +
         std::to_string(r.claim) + " pool " + r.pool + "\nenvelope " + r.envelope + "\nversion " +
         r.version + "\nprogress " + r.progress + "\nkept " + r.kept;
    for (auto const& f : r.failures)
        s += "\nfailure " + f;
    return s;
}

inline std::string text_of(work::broker_counts const& c)
{
    std::string s;
    for (auto const n :
         {c.now_ms,
          c.pending,
          c.active,
          c.suspect,
          c.scheduled,
          c.retry,
          c.dead,
          c.set_aside,
          c.processed,
          c.failed,
          c.processed_today,
          c.failed_today,
          c.forgotten})
        s += std::to_string(n) + " ";
    for (auto const& l : c.lists) {
        s += "\n" + l.list;
        for (auto const n : {l.pending, l.active, l.processed, l.failed, l.oldest_ms})
            s += " " + std::to_string(n);
        s += l.paused ? " paused" : "";
    }
    for (auto const& one : c.paused)
        s += "\n" + work::to_json(one);
    return s;
}

inline std::string text_of(std::optional<work::cron_record> const& r)
{
    return r ? r->name + " " + work::detail::cron_value(*r) : "none";
}

inline std::string text_of(work::cron_answer const& a)
{
    return std::to_string(a.now_ms) + " " + static_cast<char>(a.code) + " " + text_of(a.record);
}

inline std::string text_of(work::cron_details const& d)
{
    std::string s = std::to_string(d.now_ms) + " " + text_of(d.record);
    for (std::string const& one : d.fires)
        s += "\n" + one;
    return s;
}

inline std::string text_of(work::due_crons const& d)
{
    std::string s = std::to_string(d.now_ms) + " next " + std::to_string(d.next_ms);
    for (work::cron_record const& one : d.due)
        s += "\n" + text_of(std::optional<work::cron_record>(one));
    return s;
}

inline std::string text_of(work::outstanding_jobs const& o)
{
    return std::to_string(o.pending) + " " + std::to_string(o.active);
}

}  // namespace work_test
