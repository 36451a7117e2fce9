// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/batch_plan.hpp>
#include <work/broker/memory/dump.hpp>
#include <work/broker/memory/exchange.hpp>
#include <work/broker/memory/state.hpp>
#include <work/broker/policy.hpp>
#include <work/error.hpp>
#include <work/values/envelope.hpp>

#include <algorithm>

namespace work {
namespace detail {

inline void forget_expired(text_map<stored_batch>& batches, std::size_t& keep, std::int64_t now)
{
    if (batches.size() <= keep)
        return;
    std::erase_if(batches, [&](auto const& b) { return b.second.expires <= now; });
    keep = std::max<std::size_t>(64, 2 * batches.size());
}

}  // namespace detail

WORK_DECL boost::json::object memory_state::written(std::int64_t now_us) const
{
    return data_.written.show(now_us / 1000);
}

WORK_DECL enqueue_answer memory_state::enqueue(enqueue_request const& request, std::int64_t us)
{
    std::int64_t const now = us / 1000;
    data_.begin(now);
    std::string key(request.producer);
    key.append(1, ':').append(std::to_string(request.number % policy::stored_batches));
    enqueue_answer answer;
    answer.now_ms = now;

    auto const before = data_.batches.find(key);
    if (before != data_.batches.end() && before->second.expires > now) {
        if (before->second.number > request.number)
            throw error(
                errc::protocol,
                "STALE the batch " + std::to_string(request.number) + " of producer " +
                    std::string(request.producer) + " came after " +
                    std::to_string(before->second.number)
            );
        if (before->second.number == request.number) {
            answer.repeated = true;
            answer.jobs.resize(request.jobs.size());
            detail::read_enqueued(before->second.codes, request.jobs, answer.jobs);
            return answer;
        }
    }

    detail::bound_check asked(data_);
    answer.jobs = data_.store(request.jobs, now, data_.bounds.empty() ? nullptr : &asked);
    std::string codes = detail::enqueued_text(request.jobs, answer.jobs);
    asked.settle(now);
    data_.wake_woken();
    if (data_.soonest != 0)
        data_.due_at(data_.soonest, now, false);
    data_.batches.insert_or_assign(
        std::move(key),
        detail::stored_batch{request.number, std::move(codes), now + keep_answers_ms}
    );
    detail::forget_expired(data_.batches, data_.batches_kept, now);
    return answer;
}

WORK_DECL exchange_answer memory_state::exchange(exchange_request const& request, std::int64_t us)
{
    data_.begin(us / 1000);
    detail::memory_exchange exchange(data_, request, us);
    return exchange.run();
}

WORK_DECL exchange_answer memory_state::peek(std::string_view pool, std::int64_t us) const
{
    exchange_answer a;
    a.now_ms = us / 1000;
    for (detail::scored_ids const* const set : {&data_.scheduled, &data_.retry}) {
        std::int64_t const due = set->empty() ? 0 : set->order().begin()->first;
        if (due != 0 && (a.next_due_ms == 0 || due < a.next_due_ms))
            a.next_due_ms = due;
    }
    if (!data_.leases.empty())
        a.next_lapse_ms = data_.leases.begin()->first;
    a.more =
        std::any_of(data_.lists_of_jobs.begin(), data_.lists_of_jobs.end(), [&](auto const& list) {
            return data_.serves(pool, list.first);
        });
    return a;
}

WORK_DECL exchange_answer
memory_state::peek_at(std::vector<std::string> const& served, std::int64_t us) const
{
    exchange_answer a = peek({}, us);
    for (std::string const& one : served) {
        bool const ready = std::any_of(
            data_.lists_of_jobs.begin(),
            data_.lists_of_jobs.end(),
            [&](auto const& list) {
                return list.first == one ||
                       (one.starts_with('*') &&
                        detail::list_job_name(list.first) == std::string_view(one).substr(1));
            }
        );
        if (ready)
            a.left.push_back(list_left{one, 1});
    }
    a.more = !a.left.empty();
    return a;
}

WORK_DECL void memory_state::leave(
    std::string_view pool,
    std::vector<std::string> const& lists,
    std::int64_t us
)
{
    data_.begin();
    std::int64_t const now = us / 1000;
    data_.forget_pool(pool);
    data_.absent[std::string(pool)] = now;
    data_.status.erase(std::string(pool));
    detail::memory_alarm& a = data_.alarm;
    if (a.backup == pool)
        a.backup.reset();
    if (a.holder == pool) {
        a.holder.reset();
        if (a.backup) {
            data_.give_wakeup(*a.backup);
        } else {
            for (std::string const& other : data_.some_pools(1, pool, now))
                data_.give_wakeup(other);
        }
    }
    for (std::string const& waited : lists) {
        bool const name = waited.starts_with('*');
        if (data_.ready.find(waited) != data_.ready.end() ||
            (name && data_.ready.find(waited.substr(1)) != data_.ready.end()))
            data_.give_wakeup(waited);
    }
    if (!data_.suspects.empty()) {
        for (std::string const& other : data_.some_pools(8, pool, now))
            data_.give_wakeup(other);
    }
}

WORK_DECL std::vector<std::string> memory_state::logs(std::string_view id) const
{
    auto const found = data_.logs.find(id);
    return found == data_.logs.end() ? std::vector<std::string>() : found->second;
}

WORK_DECL job_record memory_state::job(std::string_view id, std::int64_t us) const
{
    job_record r;
    r.now_ms = us / 1000;
    auto const found = data_.jobs.find(id);
    if (found != data_.jobs.end()) {
        place const at = find(id);
        r.state = at.state;
        r.when_ms = at.when;
        r.claim = at.claim;
        r.envelope = data_.whole_bytes(found->second)->envelope;
        r.version = detail::version_of(found->second.bytes->envelope);
        if (at.claim != 0) {
            detail::memory_claim const& claim = data_.claims.find(at.claim)->second;
            r.pool = claim.pool;
            auto const progress = claim.progress.find(id);
            if (progress != claim.progress.end())
                r.progress = progress->second;
        }
        auto const failures = data_.failures.find(id);
        if (failures != data_.failures.end())
            r.failures = failures->second;
        r.history = history_of(id);
        r.bonds = data_.bonds_of(id);
        return r;
    }
    auto const kept = data_.kept.find(id);
    auto const aside = data_.set_aside.find(id);
    if (kept != data_.kept.end()) {
        std::size_t const end = kept->second.find('\n');
        r.state = detail::kept_state(kept->second);
        r.kept = kept->second.substr(0, end);
        r.envelope = kept->second.substr(end + 1);
        r.when_ms = data_.completed.find(id).value_or(0);
        r.history = history_of(id);
    } else if (aside != data_.set_aside.end()) {
        r.state = job_state::set_aside;
        r.when_ms = data_.set_aside_at.find(id).value_or(0);
        r.envelope = aside->second;
        auto const body = data_.bodies.find(id);
        if (has_body_apart(r.envelope) && body != data_.bodies.end())
            r.envelope = whole_envelope(r.envelope, body->second);
    }
    return r;
}

WORK_DECL std::vector<pause_info> memory_state::pauses() const
{
    std::vector<pause_info> all;
    for (auto const& [key, value] : data_.settings)
        if (auto one = detail::read_pause(key, value))
            all.push_back(std::move(*one));
    return all;
}

WORK_DECL broker_counts memory_state::counts(std::int64_t us) const
{
    broker_counts c;
    c.now_ms = us / 1000;
    c.scheduled = static_cast<std::int64_t>(data_.scheduled.size());
    for (auto const& [key, value] : data_.settings) {
        c.scheduled -= detail::paused_until(value) > 0 ? 1 : 0;  // its timer
    }
    c.scheduled -= static_cast<std::int64_t>(data_.uncommitted.size() + data_.tellings.size());
    c.waiting = static_cast<std::int64_t>(data_.waiting.size());
    c.unsupported = static_cast<std::int64_t>(data_.unread.size());
    c.paused = pauses();
    c.retry = static_cast<std::int64_t>(data_.retry.size());
    c.dead = static_cast<std::int64_t>(data_.dead.size());
    c.set_aside = static_cast<std::int64_t>(data_.set_aside.size());
    for (auto const& [name, count] : data_.suspects)
        c.suspect += count;
    std::map<std::string_view, std::int64_t> active;
    for (auto const& [id, job] : data_.jobs) {
        if (job.claim == 0)
            continue;
        ++c.active;  // also one whose record can't be read any more, though it is of no list
        if (auto const header = detail::read_header(job.bytes->envelope))
            ++active[header->list];
    }
    auto const today = data_.stats_by_day.find(c.now_ms / policy::ms_per_day);
    if (today != data_.stats_by_day.end()) {
        for (auto const& [name, numbers] : today->second) {
            c.processed_today += numbers.processed;
            c.failed_today += numbers.failed;
        }
    }
    c.forgotten = data_.forgotten_words;
    auto const others = data_.stats.find("*");
    if (others != data_.stats.end()) {
        c.processed = others->second.processed;
        c.failed = others->second.failed;
    }
    std::map<std::string_view, std::int64_t> const lists(data_.lists.begin(), data_.lists.end());
    for (auto const& [name, used] : lists) {
        queue_info one = queue_of_list(std::string(name));
        one.active = active[name];
        auto const list = data_.lists_of_jobs.find(name);
        if (list != data_.lists_of_jobs.end()) {
            one.pending = list->second.pending();
            auto const look_at = [&](std::string_view id) {
                auto const front = data_.jobs.find(id);
                if (front == data_.jobs.end())
                    return;
                if (auto const since = detail::waits_since(front->second.bytes->envelope))
                    one.oldest_ms = one.oldest_ms == 0 ? *since : std::min(one.oldest_ms, *since);
            };
            if (!list->second.ids.empty())
                look_at(list->second.ids.front());
            if (!list->second.ahead.empty())
                look_at(list->second.ahead.order().begin()->second);
        }
        auto const limited = data_.limited_lists.find(name);
        if (limited != data_.limited_lists.end()) {
            one.limited = detail::limit_names(limited->second.names);
            if (!limited->second.parked.empty())
                one.waits_at = detail::limit_name(limited->second.parked);
        }
        auto const stats = data_.stats.find(name);
        if (stats != data_.stats.end()) {
            one.processed = stats->second.processed;
            one.failed = stats->second.failed;
        }
        c.pending += one.pending;
        c.processed += one.processed;
        c.failed += one.failed;
        c.lists.push_back(std::move(one));
    }
    detail::mark_paused(c);
    return c;
}

WORK_DECL outstanding_jobs memory_state::outstanding(std::vector<std::string> const& served) const
{
    outstanding_jobs left;
    detail::text_set asked(served.begin(), served.end());
    for (std::string_view what : served) {
        bool const name = what.starts_with('*');
        what.remove_prefix(name ? 1 : 0);
        auto const list = data_.lists_of_jobs.find(what);
        // What is paused is not ready.
        if (list != data_.lists_of_jobs.end() && data_.ready.find(what) != data_.ready.end())
            left.pending += list->second.pending();
        auto const queues = data_.queues.find(what);
        if (name && queues != data_.queues.end())
            left.pending += static_cast<std::int64_t>(queues->second.size());
    }
    // Nor is what waits at a limit, though somebody will run it.
    for (auto const& [name, limited] : data_.limited_lists) {
        bool const is_asked =
            asked.contains(name) || asked.contains("*" + std::string(detail::list_job_name(name)));
        auto const list = data_.lists_of_jobs.find(name);
        if (is_asked && !limited.parked.empty() && list != data_.lists_of_jobs.end() &&
            data_.paused_lists.find(name) == data_.paused_lists.end())
            left.pending += list->second.pending();
    }
    auto const asked_for = [&](std::string const& id, claim_number claim) {
        auto const job = data_.jobs.find(id);
        if (job == data_.jobs.end() || job->second.claim != claim)
            return false;
        auto const header = detail::read_header(job->second.bytes->envelope);
        return header && (asked.contains(header->list) ||
                          asked.contains("*" + std::string(detail::list_job_name(header->list))));
    };
    for (auto const& [number, group] : data_.groups) {
        for (auto const& [list, ids] : group) {
            if (asked.contains(list) ||
                asked.contains("*" + std::string(detail::list_job_name(list))))
                left.pending += static_cast<std::int64_t>(ids.size());
        }
    }
    for (auto const& [number, claim] : data_.claims) {
        for (std::string const& id : claim.ids)
            left.active += asked_for(id, number);
    }
    return left;
}

WORK_DECL void memory_state::let_expire(std::int64_t us)
{
    std::int64_t const now = us / 1000;
    end_histories(now);
    if (now < data_.first_expiry)
        return;
    std::erase_if(data_.status, [&](auto const& one) { return one.second.expires <= now; });
    std::erase_if(data_.workers, [&](auto const& one) { return one.second.expires <= now; });
    if (data_.operations_expire <= now)
        data_.operations.clear();
    data_.first_expiry = std::numeric_limits<std::int64_t>::max();
    if (!data_.operations.empty())
        data_.first_expiry = data_.operations_expire;
    for (auto const& [pool, worker] : data_.workers)
        data_.first_expiry = std::min(data_.first_expiry, worker.expires);
    for (auto const& [pool, stored] : data_.status)
        data_.first_expiry = std::min(data_.first_expiry, stored.expires);
}

WORK_DECL bool memory_state::heartbeat(
    std::string_view pool,
    std::string_view status,
    std::int64_t us,
    std::int64_t keep_ms
)
{
    detail::stored_status& stored = data_.status[std::string(pool)];
    bool const shown = stored.expires > us / 1000;
    stored = detail::stored_status{std::string(status), us / 1000 + keep_ms};
    data_.first_expiry = std::min(data_.first_expiry, stored.expires);
    return shown;
}

WORK_DECL bool memory_state::heartbeat_together(
    shared_status const& all,
    std::int64_t us,
    std::int64_t keep_ms
)
{
    for (std::string const& pool : all.left)
        data_.status.erase(pool);
    bool known = true;
    for (pool_status const& one : all.pools) {
        bool const shown = heartbeat(one.pool, one.status, us, keep_ms);
        auto const& joined = all.joined;
        known =
            known && (shown || std::find(joined.begin(), joined.end(), one.pool) != joined.end());
    }
    return known;
}

WORK_DECL std::vector<pool_status> memory_state::pools(std::int64_t us) const
{
    std::vector<pool_status> shown;
    for (std::string const& pool : data_.pools) {
        auto const status = data_.status.find(pool);
        if (status != data_.status.end() && status->second.expires > us / 1000)
            shown.push_back(pool_status{pool, status->second.text});
    }
    return shown;
}

WORK_DECL void memory_state::give_wakeup(std::string_view pool)
{
    data_.begin();
    data_.give_wakeup(pool);
}

WORK_DECL bool memory_state::take_wakeup(std::string_view list_or_pool)
{
    auto const found = data_.wakeups.find(list_or_pool);
    if (found == data_.wakeups.end())
        return false;
    data_.wakeups.erase(found);
    return true;
}

WORK_DECL void memory_state::overwrite(std::string_view id, std::string_view envelope)
{
    if (detail::memory_job* const job = data_.find_job(id))
        data_.rewrite(*job, std::string(envelope));
}

WORK_DECL std::map<std::string, std::string> memory_state::dump(std::int64_t us) const
{
    return detail::dump(data_, us);
}

}  // namespace work
