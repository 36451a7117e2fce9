// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/cancel_word.hpp>
#include <work/broker/memory/state.hpp>
#include <work/broker/memory/step.hpp>
#include <work/broker/policy.hpp>
#include <work/values/envelope_parts.hpp>
#include <work/values/failure.hpp>
#include <work/values/job_ending.hpp>
#include <work/values/name.hpp>

#include <algorithm>
#include <utility>

namespace work {

WORK_DECL memory_state::place memory_state::find(std::string_view id) const
{
    place at;
    std::pair<detail::scored_ids const*, job_state> const sets[] = {
        {&data_.waiting, job_state::waiting},
        {&data_.scheduled, job_state::scheduled},
        {&data_.retry, job_state::retry},
        {&data_.dead, job_state::dead}
    };
    for (auto const& [set, state] : sets) {
        if (auto const when = set->find(id)) {
            at.state = state;
            at.when = *when;
            return at;
        }
    }
    claim_number const claim = data_.jobs.find(id)->second.claim;
    if (claim != 0) {
        at.state = job_state::active;
        at.claim = claim;
        at.when = data_.claims.find(claim)->second.lapses;
        return at;
    }
    at.state = job_state::pending;
    for (auto const& [number, group] : data_.groups) {
        for (auto const& [list, ids] : group) {
            if (std::find(ids.begin(), ids.end(), id) != ids.end()) {
                at.state = job_state::suspect;
                at.group = number;
                return at;
            }
        }
    }
    return at;
}

// Takes a job out of the place where it waits, unless that is a list.
WORK_DECL void memory_state::take_from(place const& at, std::string_view id)
{
    switch (at.state) {
    case job_state::waiting: data_.untie(id); break;
    case job_state::scheduled: data_.scheduled.remove(id); break;
    case job_state::retry: data_.retry.remove(id); break;
    case job_state::dead: data_.forget_dead(id); break;
    case job_state::suspect: data_.drop_suspect(at.group, id); break;
    default: break;
    }
}

// Since when a job is in its state, as `admin_request::seen_ms` compares it.
WORK_DECL std::int64_t memory_state::in_state_since(place const& at, std::string_view id) const
{
    if (at.state == job_state::dead || at.state == job_state::set_aside ||
        at.state == job_state::completed || at.state == job_state::cancelled)
        return at.when;
    auto const failures = data_.failures.find(id);
    if (at.state == job_state::retry) {
        if (failures == data_.failures.end() || failures->second.empty())
            return 0;
        auto const last = decode_failure(failures->second.back());
        return last ? last->at_ms : 0;
    }
    auto const header = detail::read_header(data_.jobs.find(id)->second.bytes->envelope);
    return header ? header->created : 0;
}

// Where a job is, or what is kept of it.
WORK_DECL memory_state::place memory_state::look_up(std::string_view id) const
{
    if (data_.jobs.find(id) != data_.jobs.end())
        return find(id);
    place at;
    auto const kept = data_.kept.find(id);
    if (data_.set_aside.find(id) != data_.set_aside.end()) {
        at.state = job_state::set_aside;
        at.when = data_.set_aside_at.find(id).value_or(0);
    } else if (kept != data_.kept.end()) {
        at.state = detail::kept_state(kept->second);
        at.when = data_.completed.find(id).value_or(0);
    }
    return at;
}

// A job that is pending goes out of its list.
WORK_DECL void memory_state::out_of_list(
    std::string_view id,
    std::optional<detail::envelope_header> const& header
)
{
    if (!header)
        return data_.unlist(id);
    detail::memory_list& list = data_.lists_of_jobs[std::string(header->list)];
    if (header->priority != 0 && list.ahead.remove(id)) {
        data_.unready_if_empty(header->list);
    } else {
        ++list.ghosts[std::string(id)];
        ++list.ghost_total;
        data_.mark_mixed(header->list);
    }
}

WORK_DECL void memory_state::tell_pool(place const& at, std::string_view id)
{
    std::string const pool = data_.claims.find(at.claim)->second.pool;
    if (data_.pools_by_name.find(pool) == data_.pools_by_name.end())
        return;
    data_.orders[pool].emplace(at.claim, id);
    data_.give_wakeup(pool);
}

// Out of the place where it is, whatever that is.
WORK_DECL void memory_state::take_out(
    place const& at,
    std::string_view id,
    std::optional<detail::envelope_header> const& header
)
{
    if (at.state == job_state::active) {
        data_.leave(at.claim, id);
        tell_pool(at, id);
    } else if (at.state == job_state::pending) {
        out_of_list(id, header);
    } else {
        take_from(at, id);
    }
}

// Not of a process that is known to have died.
WORK_DECL bool memory_state::runs(place const& at) const
{
    if (at.state != job_state::active)
        return false;
    detail::claim_kind const kind = data_.claims.find(at.claim)->second.kind;
    return kind == detail::claim_kind::jobs || kind == detail::claim_kind::suspects ||
           kind == detail::claim_kind::isolated;
}

// A job that runs stays where it is until it does not; its pool is told.
WORK_DECL admin_code memory_state::tell(
    place const& at,
    std::string const& id,
    admin_request const& request,
    std::int64_t now
)
{
    detail::memory_job& job = *data_.find_job(id);
    detail::stored_bytes const bytes = job.bytes;
    bool const kill = request.action == admin_action::kill;
    auto const before = detail::word_of(bytes->envelope, "c");
    if (before && before->starts_with(kill ? 'k' : 'x'))
        return admin_code::already;
    detail::cancel_word const
        word{kill, now, detail::cancel_text(request), detail::history_note(request)};
    data_.rewrite(
        job,
        detail::with_word(
            detail::with_failures(bytes->envelope, detail::read_header(bytes->envelope)->attempts),
            "c",
            detail::encode_cancel(word)
        )
    );
    tell_pool(at, id);
    return admin_code::done;
}

WORK_DECL admin_code memory_state::drop(
    place const& at,
    std::string const& id,
    admin_request const& request,
    std::int64_t now
)
{
    if (at.state == job_state::set_aside) {
        data_.forget_aside(id);
        data_.forget_body(id);
        return admin_code::done;
    }
    detail::memory_job const* const job = data_.find_job(id);
    if (job == nullptr) {
        data_.drop_kept(id);
        return admin_code::done;
    }
    detail::stored_bytes const bytes = job->bytes;
    auto const header = detail::read_header(bytes->envelope);
    bool const kept = request.action == admin_action::cancel && header;
    if (kept && runs(at))
        return tell(at, id, request, now);
    take_out(at, id, header);
    std::string const ending =
        kept ? encode_ending(detail::cancelled_ending(request, now)) : std::string();
    data_.finish(id, kept ? detail::finish_as::cancelled : detail::finish_as::dropped, ending);
    bool const noted = kept && !detail::history_note(request).empty();
    if (kept)
        data_.keep(
            id,
            header->list,
            ending,
            noted ? detail::with_failures(bytes->envelope, header->attempts) : bytes->envelope,
            policy::kept_cancelled,
            now
        );
    return admin_code::done;
}

WORK_DECL admin_code memory_state::requeue(place const& at, std::string const& id, std::int64_t now)
{
    if (at.state == job_state::active)
        return admin_code::active;
    if (at.state == job_state::pending || at.state == job_state::suspect)
        return admin_code::already;
    if (at.state == job_state::set_aside)
        return bring_back(id, std::nullopt, now);
    detail::memory_job* const job = data_.find_job(id);
    if (job == nullptr)
        return admin_code::moved_on;
    detail::stored_bytes const bytes = job->bytes;
    if (at.state == job_state::dead && !data_.retake_lock(id, bytes->envelope, now))
        return admin_code::locked;
    take_from(at, id);
    auto const header = detail::read_header(bytes->envelope);
    if (!header) {
        std::vector<std::string> notes;
        data_.put_aside(id, now, notes);
        return admin_code::unreadable;
    }
    if (at.state == job_state::dead) {
        data_.rewrite(
            *job,
            detail::with_word(detail::with_attempts(bytes->envelope, 0), "s", std::nullopt)
        );
        data_.tracked_ends.erase(id);  // to those who track it that was no end
    }
    data_.enter(id, *header, detail::list_end::back, now);
    return admin_code::done;
}

WORK_DECL admin_code memory_state::kill(
    place const& at,
    std::string const& id,
    admin_request const& request,
    std::int64_t now
)
{
    if (at.state == job_state::dead)
        return admin_code::already;
    detail::memory_job const* const job = data_.find_job(id);
    if (job == nullptr)
        return admin_code::moved_on;
    detail::stored_bytes const bytes = job->bytes;
    auto const header = detail::read_header(bytes->envelope);
    if (header && runs(at))
        return tell(at, id, request, now);
    take_out(at, id, header);
    if (!header) {
        std::vector<std::string> notes;
        data_.put_aside(id, now, notes);
        return admin_code::unreadable;
    }
    failure why;
    why.attempt = header->attempts + (at.state == job_state::active ? 1 : 0);
    why.type = "killed";
    why.message = detail::killed_message(request);
    why.at_ms = now;
    data_.bury(id, header->attempts, encode_failure(why), now);
    return admin_code::done;
}

WORK_DECL admin_code memory_state::move(
    place const& at,
    std::string const& id,
    std::string const& queue,
    std::int64_t now
)
{
    if (at.state == job_state::active)
        return admin_code::active;
    detail::memory_job* const job = data_.find_job(id);
    detail::stored_bytes const bytes = job == nullptr ? nullptr : job->bytes;
    auto const header = job == nullptr ? std::nullopt : detail::read_header(bytes->envelope);
    if (!header)
        return admin_code::moved_on;
    std::string const name(detail::list_job_name(header->list));
    std::string const list = queue.empty() || queue == name ? name : queue + ":" + name;
    if (list == header->list)
        return admin_code::already;
    if (at.state == job_state::pending)
        out_of_list(id, header);
    data_.rewrite(*job, detail::with_list(bytes->envelope, list));
    if (at.state == job_state::dead)
        data_.dead_bytes.set(id, stored_bytes_of(job->bytes->envelope));
    if (at.state == job_state::pending) {
        detail::stored_bytes const moved = job->bytes;
        data_.enter(id, *detail::read_header(moved->envelope), detail::list_end::back, now);
    }
    return admin_code::done;
}

// "" of what is no live job.
WORK_DECL std::string memory_state::version_of(std::string_view id) const
{
    auto const found = data_.jobs.find(id);
    return found == data_.jobs.end() ? "" : detail::version_of(found->second.bytes->envelope);
}

WORK_DECL void memory_state::keep_history(std::string const& id, std::string const& line)
{
    detail::memory_job* const job = data_.find_job(id);
    auto const header = job ? detail::read_header(job->bytes->envelope) : std::nullopt;
    if (header && (header->flags & 8u) == 0) {
        detail::stored_bytes const bytes = job->bytes;
        data_.rewrite(*job, detail::with_failures(bytes->envelope, header->attempts));
    }
    if (!header && data_.kept.find(id) == data_.kept.end())
        return;
    std::vector<std::string_view> const lines(1, line);
    data_.add_log(id, lines);
}

WORK_DECL std::vector<std::string> memory_state::history_of(std::string_view id) const
{
    std::vector<std::string> all = logs(id);
    std::erase_if(all, [](std::string const& line) {
        return !line.starts_with(detail::history_line);
    });
    if (auto const most = static_cast<std::size_t>(policy::max_history); all.size() > most)
        all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(most));
    return all;
}

WORK_DECL std::vector<admin_result> memory_state::act(admin_request const& request, std::int64_t us)
{
    std::int64_t const now = us / 1000;
    data_.begin(now);
    std::string const queue = request.queue.empty() ? "" : encode_name(request.queue);
    job_states const allowed = states_for(request.action);
    std::string const note = detail::history_note(request);
    std::vector<admin_result> results;
    for (std::string const& id : request.ids) {
        place const at = look_up(id);
        admin_result result{admin_code::gone, at.state};
        bool const asked = allowed.contains(at.state) &&
                           (request.only.empty() || request.only.contains(at.state)) &&
                           (request.seen_ms <= 0 || in_state_since(at, id) <= request.seen_ms) &&
                           (request.version.empty() || request.version == version_of(id));
        if (at.state != job_state::unknown && !asked) {
            result.code = admin_code::moved_on;
        } else if (at.state != job_state::unknown) {
            bool const told = runs(at);
            switch (request.action) {
            case admin_action::cancel:
            case admin_action::remove: result.code = drop(at, id, request, now); break;
            case admin_action::requeue: result.code = requeue(at, id, now); break;
            case admin_action::kill: result.code = kill(at, id, request, now); break;
            case admin_action::move: result.code = move(at, id, queue, now); break;
            }
            // Of one that runs its word has it until it ends, as in `scripts/act.lua`.
            if (result.code == admin_code::done && !note.empty() && !told)
                keep_history(id, detail::end_note(note, to_string(at.state), now));
        }
        results.push_back(result);
    }
    data_.wake_limits({}, now);
    data_.wake_woken();
    if (data_.soonest != 0)
        data_.due_at(data_.soonest, now, false);
    return results;
}

WORK_DECL pause_result memory_state::pause(pause_request const& request, std::int64_t us)
{
    data_.begin();
    pause_result result;
    result.now_ms = us / 1000;
    std::string const key = detail::pause_key(request);
    std::string const timer = std::string(detail::resume_timer) + key;
    auto const before = data_.settings.find(key);
    bool const was = before != data_.settings.end();
    if (!request.pause) {
        result.code = was ? admin_code::done : admin_code::already;
        if (was) {
            data_.settings.erase(before);
            data_.scheduled.remove(timer);
            data_.settle(result.now_ms);
        }
        data_.wake_woken();
        return result;
    }
    result.code = was ? admin_code::already : admin_code::done;
    std::int64_t const until =
        request.for_ms > 0 ? result.now_ms + request.for_ms : request.until_ms;
    std::int64_t since = result.now_ms;
    if (auto const old = was ? detail::read_pause(key, before->second) : std::nullopt)
        since = detail::is_in_force(*old, since) ? old->since_ms : since;
    std::string value = detail::pause_value(until, since, detail::pause_text(request));
    result.info = detail::read_pause(key, value);
    data_.settings[key] = std::move(value);
    data_.settle(result.now_ms);
    data_.scheduled.remove(timer);
    if (until > 0) {
        data_.scheduled.put(timer, until);
        data_.due_at(until, result.now_ms, false);
    }
    data_.wake_woken();
    return result;
}

// Of a worker pool over HTTP an order stays for as long as it holds.
WORK_DECL admin_code memory_state::order(std::string_view pool, told_order what)
{
    if (data_.pools_by_name.find(pool) == data_.pools_by_name.end())
        return admin_code::gone;
    bool const over_http = data_.workers.find(pool) != data_.workers.end();
    bool const kept = !over_http || what.order != pool_order::resume;
    auto const found = data_.orders.find(pool);
    std::pair<claim_number, std::string> const said(0, "{" + to_text(what));
    if (kept && found != data_.orders.end() && found->second.contains(said))
        return admin_code::already;
    std::size_t went = 0;
    if (found != data_.orders.end())
        went = std::erase_if(found->second, [](auto const& one) {
            return one.first == 0 && read_order(one.second);
        });
    if (kept)
        data_.orders[std::string(pool)].insert(said);
    else if (found != data_.orders.end() && found->second.empty())
        data_.orders.erase(found);
    data_.give_wakeup(pool);
    return kept || went > 0 ? admin_code::done : admin_code::already;
}

// A set-aside record back into its list, with other bytes where they are given. Its id counts as a
// chosen one: it may be enqueued again while the claim is there in which it ends.
WORK_DECL admin_code
memory_state::bring_back(std::string_view id, std::optional<std::string> envelope, std::int64_t now)
{
    auto const found = data_.set_aside.find(id);
    if (found == data_.set_aside.end())
        return admin_code::gone;
    if (data_.find_job(id) != nullptr)
        return admin_code::already;
    std::string bytes = envelope ? *envelope : found->second;
    auto const seen = detail::read_header(bytes);
    if (!seen)
        return admin_code::unreadable;
    if (!data_.retake_lock(id, bytes, now))
        return admin_code::locked;
    bytes = detail::with_flags(bytes, seen->flags | envelope_flags::chosen_id);
    bytes = detail::with_word(bytes, "c", std::nullopt);
    data_.forget_aside(id);
    if (envelope)
        data_.forget_body(id);
    if (envelope && is_large_envelope(bytes)) {
        data_.bodies.insert_or_assign(std::string(id), std::string(body_of(bytes)));
        bytes = make_head(bytes);
    }
    auto stored = std::make_shared<detail::job_bytes const>(
        detail::job_bytes{std::string(id), std::move(bytes)}
    );
    auto const header = detail::read_header(stored->envelope);
    data_.jobs.insert_or_assign(std::string(id), detail::memory_job{stored, 0});
    data_.tag(id, stored->envelope);
    data_.enter(id, *header, detail::list_end::back, now);
    return admin_code::done;
}

WORK_DECL admin_code
memory_state::restore(std::string_view id, std::string envelope, std::int64_t us)
{
    data_.begin(us / 1000);
    admin_code const code = bring_back(id, std::move(envelope), us / 1000);
    data_.wake_woken();
    return code;
}

}  // namespace work
