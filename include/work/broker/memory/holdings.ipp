// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/ledger.hpp>
#include <work/broker/memory/data.hpp>
#include <work/values/envelope_parts.hpp>
#include <work/values/id.hpp>

#include <algorithm>
#include <charconv>

namespace work::detail {

// As `scripts/parts/holdings.lua`.
inline std::optional<held_lock> lock_of(std::string_view envelope)
{
    auto const header = read_header(envelope);
    if (!header || (header->flags & envelope_flags::holds) == 0)
        return std::nullopt;
    auto const word = word_of(envelope, "u");
    if (!word || word->size() < 2)
        return std::nullopt;
    return held_lock{word->front(), std::string(word->substr(1))};
}

WORK_DECL std::string memory_data::lock_owner(std::string_view key, std::int64_t now) const
{
    auto const found = locks.find(key);
    if (found == locks.end())
        return {};
    memory_lock const& lock = found->second;
    if (lock.until > 0)
        return lock.until > now ? lock.id : std::string();
    auto const job = jobs.find(lock.id);
    auto const has =
        job == jobs.end() ? std::nullopt : lock_of(std::string_view(job->second.bytes->envelope));
    return has && has->key == key ? lock.id : std::string();
}

// Of each tag that the record names, as it is encoded.
template <typename Function>
void each_tag(std::string_view envelope, Function what)
{
    auto const header = read_header(envelope);
    auto const word = word_of(envelope, "t");
    if (!header || !word || (header->flags & envelope_flags::holds) == 0)
        return;
    for (std::string_view rest = *word; !rest.empty();) {
        std::string_view const one = rest.substr(0, rest.find(','));
        if (!one.empty())
            what(std::string(one), header->created);
        rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    }
}

WORK_DECL void memory_data::tag(std::string_view id, std::string_view envelope)
{
    each_tag(envelope, [&](std::string const& tag, std::int64_t created) {
        tags[tag].put(id, created);
    });
}

WORK_DECL void memory_data::untag(std::string_view id, std::string_view envelope)
{
    each_tag(envelope, [&](std::string const& tag, std::int64_t) {
        auto const found = tags.find(tag);
        if (found == tags.end())
            return;
        found->second.remove(id);
        if (found->second.order().empty())
            tags.erase(found);
    });
}

WORK_DECL void memory_data::take_lock(
    std::string_view id,
    char mode,
    std::string const& key,
    std::int64_t until
)
{
    locks[key] = memory_lock{std::string(id), mode == 't' ? until : 0};
    until_claim = until_claim || mode == 's';
}

WORK_DECL void memory_data::release_lock(
    std::string_view id,
    std::string_view envelope,
    lock_release how
)
{
    auto const lock = lock_of(envelope);
    if (!lock || lock->mode == 't' || (how == lock_release::claimed && lock->mode != 's') ||
        (how == lock_release::dead && lock->mode == 'u'))
        return;
    auto const found = locks.find(lock->key);
    if (found != locks.end() && found->second.until == 0 && found->second.id == id)
        locks.erase(found);
}

WORK_DECL bool memory_data::retake_lock(
    std::string_view id,
    std::string_view envelope,
    std::int64_t now
)
{
    auto const lock = lock_of(envelope);
    if (lock && lock->mode != 't') {
        std::string const owner = lock_owner(lock->key, now);
        if (!owner.empty() && owner != id)
            return false;
        take_lock(id, lock->mode, lock->key, 0);
    }
    if (std::string const flow = flow_of(envelope); !flow.empty())
        member_again(flow, id);
    return true;
}

// Whether it is known to wait for its turn: `unknown`, if it does not, or is suspect.
WORK_DECL job_state memory_data::waiting_state(std::string_view id) const
{
    if (waiting.find(id))
        return job_state::waiting;
    if (scheduled.find(id))
        return job_state::scheduled;
    if (retry.find(id))
        return job_state::retry;
    memory_job const& job = jobs.find(id)->second;
    auto const header = read_header(job.bytes->envelope);
    if (dead.find(id) || !header || job.claim != 0 ||
        suspects.find(list_job_name(header->list)) != suspects.end())
        return job_state::unknown;
    return job_state::pending;
}

// The arguments and options of a new job for one that waits, whose first line stays, but for what
// says how they are stored, and whether they expire.
WORK_DECL void memory_data::replace(std::string_view id, new_job const& by, std::int64_t now)
{
    constexpr unsigned taken = envelope_flags::expires | envelope_flags::body_apart;
    memory_job& job = *find_job(id);
    std::string text(by.envelope);
    forget_body(id);
    if (by.large()) {
        bodies.insert_or_assign(std::string(id), std::string(body_of(text)));
        text = make_head(text);
    }
    std::string const line = with_word(job.bytes->envelope, "b", std::nullopt);
    std::string envelope = line.substr(0, line.find('\n'));
    if (auto const bytes = word_of(text, "b"))
        envelope.append(" b=").append(*bytes);
    envelope.append(text, text.find('\n'));
    unsigned const old = read_header(job.bytes->envelope)->flags;
    // When it expires is counted from now, but for one that has its place by when it was made.
    if ((read_header(text)->flags & envelope_flags::expires) != 0 &&
        (old & envelope_flags::priority) == 0)
        set_created(envelope, now);
    envelope = with_word(envelope, "t", word_of(text, "t"));
    envelope = with_flags(envelope, (old & ~taken) | (read_header(text)->flags & taken));
    untag(id, job.bytes->envelope);
    tag(id, envelope);
    rewrite(job, envelope);
}

WORK_DECL enqueued memory_data::resolve_conflict(
    std::string const& owner,
    new_job const& by,
    std::int64_t due,
    std::int64_t now
)
{
    enqueued answer{enqueue_code::kept, owner};
    conflict const what = by.lock.on_conflict;
    memory_job const* const old = find_job(owner);
    if (what == conflict::keep || old == nullptr)
        return answer;
    // Not one that has gone on to a stage of another name, nor another one under its id.
    auto const has = lock_of(std::string_view(old->bytes->envelope));
    auto const header = read_header(old->bytes->envelope);
    if (!has || has->key != by.lock.key || !header ||
        list_job_name(header->list) != list_job_name(by.list))
        return answer;
    job_state const state = waiting_state(owner);
    if (state != job_state::unknown && what != conflict::extend) {
        replace(owner, by, now);
        answer.code = enqueue_code::replaced;
    }
    if (state == job_state::scheduled && what != conflict::replace) {
        due = std::max(due, now);
        memory_job& job = *find_job(owner);
        rewrite(job, with_word(job.bytes->envelope, "d", std::to_string(due)));
        enter_until(scheduled, owner, due);
        answer.code =
            answer.code == enqueue_code::replaced ? enqueue_code::renewed : enqueue_code::extended;
    }
    return answer;
}

inline std::string_view told_state(finish_as end) noexcept
{
    switch (end) {
    case finish_as::completed:
    case finish_as::kept:
    case finish_as::discarded: return "completed";
    case finish_as::cancelled: return "cancelled";
    case finish_as::dead: return "dead";
    case finish_as::set_aside: return "set_aside";
    case finish_as::dropped: break;
    }
    return "unknown";
}

WORK_DECL void memory_data::tell(
    std::string_view id,
    std::string_view envelope,
    finish_as end,
    std::string_view text
)
{
    auto const header = read_header(envelope);
    if (!header) {
        if (auto const left = given.find(id); left != given.end())
            given.erase(left);
        if (then.find(id) != then.end())
            ended(id, letter_of(end), text, time_ms);
        return;
    }
    if (std::string const flow = flow_of(envelope); !flow.empty())
        member_ended(flow, id, letter_of(end), time_ms);
    auto const word = word_of(envelope, "w");
    if (!word || (header->flags & envelope_flags::followed) == 0)
        return;
    if (end == finish_as::discarded && text.empty())
        text = R"({"outcome":"discarded"})";
    std::string message(id);
    message.append("\n").append(told_state(end)).append("\n").append(text);
    for (std::string_view rest = *word; !rest.empty();) {
        std::string_view const one = rest.substr(0, rest.find(','));
        if (one == followed_by_jobs)
            ended(id, letter_of(end), text, time_ms);
        else if (one == followed_by_trackers)
            note_tracked_end(id, end);
        else
            messages.emplace_back("ended." + std::string(one), message);
        rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    }
}

WORK_DECL void memory_data::note_tracked_end(std::string_view id, finish_as end)
{
    auto const before = tracked_ends.find(id);
    bool const was_dead = before != tracked_ends.end() && before->second.starts_with("dead ");
    // What was dead and is deleted ended as that.
    if (tracked.find(id) == tracked.end() || (end == finish_as::dropped && was_dead))
        return;
    tracked_ends[std::string(id)] = std::string(told_state(end)) + " " + std::to_string(time_ms);
}

WORK_DECL void memory_data::sweep_locks(std::int64_t now)
{
    constexpr std::string_view digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    std::int64_t const first = now / 5'000 % 64 * 16;
    std::erase_if(locks, [&](auto const& one) {
        auto const segment = id_segment(one.first);
        auto const at = static_cast<std::int64_t>(
            digits.find(segment[0]) * digits.size() + digits.find(segment[1])
        );
        return at >= first && at < first + 16 && lock_owner(one.first, now).empty();
    });
}

}  // namespace work::detail
