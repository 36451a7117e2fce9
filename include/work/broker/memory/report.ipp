// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/report.hpp>
#include <work/broker/policy.hpp>
#include <work/error.hpp>

#include <algorithm>
#include <utility>

namespace work::detail {

WORK_DECL bool memory_reports::answered_before()
{
    auto const pool = data_.pools_by_name.find(request_.pool);
    if (pool == data_.pools_by_name.end())
        return false;
    auto const& before = pool->second.answer(request_.number);
    if (!before)
        return false;
    if (before->number > request_.number)
        throw error(
            errc::protocol,
            "STALE the exchange " + std::to_string(request_.number) + " of pool " +
                std::string(request_.pool) + " came after " + std::to_string(before->number)
        );
    if (before->number < request_.number)
        return false;
    repeat(*before);
    return true;
}

WORK_DECL void memory_reports::renew(claim_number number, memory_claim& claim)
{
    data_.leases.erase(std::pair(claim.lapses, number));
    claim.lapses = now_ + request_.lease_ms;
    data_.leases.emplace(claim.lapses, number);
}

WORK_DECL void memory_reports::repeat(stored_exchange const& before)
{
    answer_.repeated = true;
    answer_.finished = before.finished;
    answer_.outcomes = before.outcomes;
    answer_.started = before.started;
    answer_.lost = before.lost;
    auto const claim = data_.claims.find(before.claim);
    if (before.claim == 0 || claim == data_.claims.end())
        return;
    renew(claim->first, claim->second);
    answer_.claim = before.claim;
    answer_.claim_jobs = static_cast<std::int64_t>(claim->second.ids.size());
    std::int64_t longest = 0;
    for (std::string const& id : claim->second.ids) {
        memory_job const* const job = data_.find_job(id);
        if (job != nullptr && claim->second.left.find(id) == claim->second.left.end())
            taken_.push_back(data_.whole_bytes(*job));
    }
    for (stored_bytes const& bytes : taken_)
        longest = std::max(longest, read_crashes(bytes->envelope).longest);
    answer_.suspects = before.suspects != 0;
    answer_.isolate = before.suspects == 2;
    answer_.quarantine_ms = answer_.suspects ? quarantine_of(longest, request_.lease_ms) : 0;
}

// In the order in which the codec sends the sections.
WORK_DECL void memory_reports::take_reports()
{
    if (!request_.serves.empty()) {
        auto& served = data_.served[std::string(request_.pool)];
        for (served_list const& s : request_.serves) {
            served.insert_or_assign(std::string(s.list), s.rank);
            if (s.list.starts_with('*'))
                served.insert_or_assign(std::string(s.list.substr(1)), s.rank);
            else
                data_.listened.insert_or_assign(std::string(s.list), now_);
        }
        data_.pools.emplace(request_.pool);
        data_.absent.erase(std::string(request_.pool));
    }
    for (pool_limit const& limit : request_.max_concurrency) {
        memory_limit wanted;
        std::string const name = std::string(own_limit).append(limit.name);
        wanted.slots = limit.slots;
        wanted.by = "pool";
        wanted.who = request_.pool;
        wanted.scope = name;
        data_.set_limit(name, wanted, true, now_);
    }
    for (claim_number const n : request_.renew) {
        auto const claim = data_.claims.find(n);
        if (claim == data_.claims.end()) {
            answer_.lost.push_back(n);
            continue;
        }
        renew(n, claim->second);
    }
    for (job_progress const& p : request_.progress) {
        if (may_speak(p.claim, p.id) == outcome_code::ok)
            data_.claims.find(p.claim)->second.progress.insert_or_assign(
                std::string(p.id),
                std::string(p.text)
            );
    }
    for (job_log_lines const& l : request_.logs)
        log(l);
    for (finished_jobs const& f : request_.finished)
        answer_.finished.push_back(hear(f));
    auto then = request_.then.begin();
    auto writes = request_.writes.begin();
    for (job_outcome const& o : request_.outcomes) {
        std::size_t const index = answer_.outcomes.size();
        bool const writes_too = writes != request_.writes.end() && writes->outcome == index;
        answer_.outcomes.push_back(writes_too ? hear(o, *writes++) : hear(o));
        if (then == request_.then.end() || then->outcome != index)
            continue;
        if (answer_.outcomes.back() == outcome_code::ok)
            data_.store(then->jobs, now_);
        ++then;
    }
    for (started_job const& s : request_.started) {
        outcome_code code = may_speak(s.claim, s.id);
        if (code == outcome_code::ok && !data_.cancel_word_of(s.id).empty())
            code = outcome_code::cancelled;
        if (code == outcome_code::ok)
            data_.claims.find(s.claim)->second.started.emplace(s.id);
        answer_.started.push_back(code);
    }
    for (closed_claim const& c : request_.close) {
        auto const claim = data_.claims.find(c.number);
        if (claim == data_.claims.end())
            continue;
        memory_claim const& closed = claim->second;
        data_.leases.erase(std::pair(closed.lapses, c.number));
        if (closed.reported + static_cast<std::int64_t>(closed.left.size()) < c.jobs)
            take_back_forgotten(c.number, closed);
        data_.claims.erase(claim);
    }
    count();
    auto const told = data_.orders.find(owner_);
    if (told != data_.orders.end()) {
        for (job_cancel const& c : request_.cancels_seen)
            told->second.erase(std::pair(c.claim, c.id));
        for (told_order const o : request_.orders_seen)
            told->second.erase({0, "{" + to_text(o)});
        if (told->second.empty())
            data_.orders.erase(told);
    }
    if (data_.soonest != 0)
        data_.due_at(data_.soonest, now_, request_.will_wait);
    for (auto const& [claim, members] : given_back_)
        data_.new_groups(members, members.size());
}

// Of a claim that is closed fewer words were heard than it had jobs: what is left of it goes back.
WORK_DECL void memory_reports::take_back_forgotten(claim_number number, memory_claim const& claim)
{
    std::int64_t count = 0;
    for (auto id = claim.ids.rbegin(); id != claim.ids.rend(); ++id) {
        memory_job* const job = data_.find_job(*id);
        if (job == nullptr || job->claim != number)
            continue;
        job->claim = 0;
        data_.free_slot(number, claim.limits, *id);
        stored_bytes const bytes = job->bytes;
        auto const header = read_header(bytes->envelope);
        if (!header) {
            data_.put_aside(*id, now_, answer_.notes);
            continue;
        }
        if (data_.end_cancelled(*id, *header, now_))
            continue;
        data_.enter(*id, *header, list_end::front, now_);
        ++count;
    }
    if (count == 0)
        return;
    data_.forgotten_words += count;
    answer_.notes.push_back(
        "forgotten words: " + std::to_string(count) + " job(s) of claim " + std::to_string(number) +
        " are pending again; the store went back in time"
    );
}

// A suspect that was not run to its end: those of a claim are a group again.
WORK_DECL void memory_reports::give_back(claim_number claim, suspect member)
{
    auto of = std::find_if(given_back_.begin(), given_back_.end(), [&](auto const& g) {
        return g.first == claim;
    });
    if (of == given_back_.end())
        of = given_back_.insert(of, {claim, {}});
    of->second.push_back(std::move(member));
}

WORK_DECL void memory_reports::count()
{
    std::int64_t const day = now_ / policy::ms_per_day;
    for (job_counts const& c : request_.counts) {
        if ((c.processed > 0 || c.failed > 0) && data_.lists.emplace(c.list, now_).second) {
            data_.take_limits(c.list);
            if (data_.is_paused(c.list, now_))
                data_.paused_lists.emplace(c.list);
        }
        data_.stats[std::string(c.list)].add(c.processed, c.failed);
        std::string const name(list_job_name(c.list));
        data_.stats_by_day[day][name].add(c.processed, c.failed);
    }
    // A server lets a day expire.
    while (!data_.stats_by_day.empty() && data_.stats_by_day.begin()->first < day - 90)
        data_.stats_by_day.erase(data_.stats_by_day.begin());
}

WORK_DECL outcome_code memory_reports::hear(finished_jobs const& finished)
{
    auto const claim = data_.claims.find(finished.claim);
    if (claim == data_.claims.end())
        return finished.ids.empty() ? outcome_code::ok : outcome_code::lease_lost;
    outcome_code code = outcome_code::ok;
    for (std::string_view const id : finished.ids) {
        auto const job = data_.jobs.find(id);
        bool const followed = claim->second.followed.find(id) != claim->second.followed.end();
        // What can't be read ends as those that are told with it: nobody looks at it.
        bool const by_itself = followed || (finished.known_ms && job != data_.jobs.end() &&
                                            read_header(job->second.bytes->envelope));
        if (by_itself) {
            job_outcome done;
            done.claim = finished.claim;
            done.id = id;
            done.number = finished.known_ms.value_or(0);
            if (hear(done) != outcome_code::ok)
                code = outcome_code::partly;
            continue;
        }
        bool const left = claim->second.left.find(id) != claim->second.left.end();
        bool const gone = job == data_.jobs.end();
        if (gone || left)
            code = outcome_code::partly;
        else
            data_.jobs.erase(job);
        if (left || (gone && finished.known_ms))
            continue;
        if (!finished.known_ms) {
            ++claim->second.reported;
            data_.free_slot(finished.claim, claim->second.limits, id);
        } else {
            data_.leave(finished.claim, id);
            if (*finished.known_ms > 0)
                data_.traces.put(id, now_ + *finished.known_ms);
        }
        if (finished.forgets) {
            data_.forget_failures(id);
            data_.forget_log(id);
        }
    }
    return code;
}

// Whether this claim may still say something about the job.
WORK_DECL outcome_code memory_reports::may_speak(claim_number n, std::string_view id)
{
    auto const claim = data_.claims.find(n);
    if (claim == data_.claims.end() || claim->second.left.find(id) != claim->second.left.end())
        return outcome_code::lease_lost;
    return data_.find_job(id) == nullptr ? outcome_code::gone : outcome_code::ok;
}

WORK_DECL void memory_reports::log(job_log_lines const& more)
{
    if (may_speak(more.claim, more.id) != outcome_code::ok)
        return;
    memory_job& job = *data_.find_job(more.id);
    stored_bytes const bytes = job.bytes;
    auto const header = read_header(bytes->envelope);
    if (!header)
        return;
    // The flag says that there is more to forget than the record.
    if ((header->flags & envelope_flags::failed) == 0)
        data_.rewrite(job, with_failures(bytes->envelope, header->attempts));
    data_.add_log(more.id, more.lines);
}

WORK_DECL void memory_reports::drop(job_outcome const& o, finish_as end)
{
    data_.finish(o.id, end, o.text);
    data_.leave(o.claim, o.id);
    if (o.number > 0)
        data_.traces.put(o.id, now_ + o.number);
}

// Of these kinds a job would run again, failed, or can't be run here. A handler that discards its
// job has it completed.
inline bool ends_cancelled(outcome_kind kind) noexcept
{
    switch (kind) {
    case outcome_kind::retry:
    case outcome_kind::uncounted:
    case outcome_kind::dead:
    case outcome_kind::snooze:
    case outcome_kind::release:
    case outcome_kind::stage:
    case outcome_kind::discard:
    case outcome_kind::set_aside:
    case outcome_kind::unsupported:
    case outcome_kind::cancelled: return true;
    case outcome_kind::complete: break;
    }
    return false;
}

// All of the writes happen, or the job ends otherwise.
WORK_DECL outcome_code memory_reports::hear(job_outcome const& o, outcome_writes const& writes)
{
    if (may_speak(o.claim, o.id) != outcome_code::ok)
        return hear(o);
    stored_bytes const bytes = data_.find_job(o.id)->bytes;
    auto const header = read_header(bytes->envelope);
    bool const flagged = header && (header->flags & envelope_flags::failed) != 0;
    bool const is_cancelled = flagged && !data_.cancel_word_of(o.id).empty();
    if (!header || (is_cancelled && o.kind != outcome_kind::complete))
        return hear(o);
    auto const refused = data_.written.refused(writes.all, now_);
    if (!refused) {
        data_.written.carry_out(writes.all, now_);
        return hear(o);
    }
    std::string const why = "write " + std::to_string(refused->write + 1) + " (" +
                            writes.all[refused->write].words().front() + "): " + refused->why;
    std::string text(writes.text);
    if (auto const at = text.find(refused_write_mark); at != text.npos)
        text.replace(at, refused_write_mark.size(), why);
    outcome_code const code =
        hear(job_outcome{o.claim, o.id, writes.otherwise, writes.number, text});
    if (code != outcome_code::ok)
        return code;
    answer_.notes.push_back(std::string(refused_write_note).append(o.id).append(": ").append(why));
    return outcome_code::refused;
}

WORK_DECL outcome_code memory_reports::hear(job_outcome const& o)
{
    outcome_code const code = may_speak(o.claim, o.id);
    if (code != outcome_code::ok)
        return code;
    memory_job& job = *data_.find_job(o.id);
    stored_bytes const bytes = job.bytes;  // the header's views live in it
    auto const header = read_header(bytes->envelope);
    bool const flagged = header && (header->flags & envelope_flags::failed) != 0;
    if (flagged && ends_cancelled(o.kind) && !data_.cancel_word_of(o.id).empty()) {
        data_.leave(o.claim, o.id);
        data_.end_cancelled(o.id, *header, now_);
        return o.kind == outcome_kind::cancelled ? code : outcome_code::cancelled;
    }
    if (!header || o.kind == outcome_kind::set_aside) {
        data_.leave(o.claim, o.id);
        data_.put_aside(o.id, now_, answer_.notes);
        return code;
    }
    switch (o.kind) {
    case outcome_kind::complete:
        drop(o, o.text.empty() ? finish_as::completed : finish_as::kept);
        if (!o.text.empty())
            data_.keep(
                o.id,
                header->list,
                o.text,
                with_word(bytes->envelope, "c", std::nullopt),
                request_.limits.completed_per_list,
                now_
            );
        break;
    case outcome_kind::discard: drop(o, finish_as::discarded); break;
    case outcome_kind::retry:
    case outcome_kind::uncounted: {
        bool const counts = o.kind == outcome_kind::retry;
        std::string again = with_failures(
            counts ? bytes->envelope : snoozed(bytes->envelope),
            header->attempts + (counts ? 1 : 0)
        );
        data_.rewrite(job, with_word(again, "x", std::nullopt));
        data_.add_failure(o.id, o.text);
        data_.leave(o.claim, o.id);
        data_.enter_until(data_.retry, o.id, now_ + o.number);
        break;
    }
    case outcome_kind::unsupported:
        data_.leave(o.claim, o.id);
        data_.wait_for_reader(std::string(o.id), now_);
        break;
    case outcome_kind::dead:
        data_.leave(o.claim, o.id);
        data_.bury(o.id, header->attempts + 1, o.text, now_);
        break;
    case outcome_kind::snooze:
        data_.rewrite(job, with_word(snoozed(bytes->envelope), "x", std::nullopt));
        data_.leave(o.claim, o.id);
        data_.enter_until(data_.scheduled, o.id, now_ + o.number);
        break;
    case outcome_kind::stage:
        data_.leave(o.claim, o.id);
        data_.advance(o.id, *header, o.text, o.number > 0 ? now_ + o.number : 0, now_);
        break;
    case outcome_kind::release:
    case outcome_kind::cancelled:
    case outcome_kind::set_aside:
        data_.leave(o.claim, o.id);
        if (data_.claims.find(o.claim)->second.kind == claim_kind::jobs) {
            data_.enter(o.id, *header, list_end::front, now_);
            break;
        }
        give_back(o.claim, suspect(header->list, o.id));
        break;
    }
    return code;
}

}  // namespace work::detail
