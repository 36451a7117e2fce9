// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/policy.hpp>
#include <work/client/client_core.hpp>
#include <work/error.hpp>
#include <work/inspector.hpp>
#include <work/values/decode_record.hpp>
#include <work/values/encode.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace work {
namespace detail {

/// What is kept of a job that is tracked: as it was then.
struct tracked_text
{
    std::string name;
    std::string queue;
    std::int64_t since_ms = 0;
    std::string by;
    job_state state = job_state::unknown;
};
BOOST_DESCRIBE_STRUCT(tracked_text, (), (name, queue, since_ms, by, state))

inline tracked_job read_tracked(tracked_note note, job_state now)
{
    tracked_job out;
    out.id = std::move(note.id);
    auto const text = decode_record<tracked_text>(note.text, "note");
    if (text) {
        out.name = text->name;
        out.queue = text->queue;
        out.since_ms = text->since_ms;
        out.by = text->by;
    }
    out.there = now != job_state::unknown;
    out.state = now;
    std::size_t const space = note.end.find(' ');
    if (space != note.end.npos)
        std::from_chars(
            note.end.data() + space + 1,
            note.end.data() + note.end.size(),
            out.ended_ms
        );
    if (!out.there && space != note.end.npos)
        (void)find_enumerator(std::string_view(note.end).substr(0, space), out.state);
    else if (!out.there && text && ended_states.contains(text->state))
        out.state = text->state;
    return out;
}

inline task<std::vector<admin_result>> track_and_tell(
    std::shared_ptr<client_core> core,
    std::vector<std::string> ids,
    std::string by
)
{
    std::vector<admin_result> results;
    track_request request;
    std::vector<std::size_t> places;
    std::vector<std::string> live;
    for (std::string const& id : ids) {
        std::string asked = id;
        job_record const record = co_await core->broker->job(std::move(asked));
        job_info const job = read_record(id, record);
        results.push_back(admin_result{admin_code::gone, job.state});
        if (job.state == job_state::unknown)
            continue;
        places.push_back(results.size() - 1);
        if (!ended_states.contains(job.state))
            live.push_back(id);
        std::string text = to_json(tracked_text{job.name, job.queue, job.now_ms, by, job.state});
        request.add.push_back(tracked_note{id, std::move(text), {}});
    }
    audit_entry entry;
    entry.by = by;
    entry.action = "track";
    entry.what = list_ids(ids);
    entry.asked = static_cast<std::int64_t>(ids.size());
    if (places.empty())
        co_return results;
    track_answer const answer = co_await core->broker->track(std::move(request));
    if (answer.full)
        throw error(
            errc::too_many,
            std::to_string(policy::most_tracked) +
                " jobs are tracked, which is as many as there may be; none was added: untrack some"
        );
    // One that ended meanwhile is not to be followed any more.
    std::string follower(followed_by_trackers);
    if (!live.empty())
        (void)co_await core->broker->follow(std::move(live), std::move(follower));
    for (std::size_t i = 0; i != places.size(); ++i)
        results[places[i]].code = answer.changed[i] ? admin_code::done : admin_code::already;
    entry.done = std::count(answer.changed.begin(), answer.changed.end(), true);
    co_await tell_audit(core, std::move(entry));
    co_return results;
}

inline task<std::vector<admin_code>> untrack_and_tell(
    std::shared_ptr<client_core> core,
    std::vector<std::string> ids,
    std::string by
)
{
    audit_entry entry;
    entry.by = std::move(by);
    entry.action = "untrack";
    entry.what = list_ids(ids);
    entry.asked = static_cast<std::int64_t>(ids.size());
    track_request request;
    request.remove = std::move(ids);
    track_answer const answer = co_await core->broker->track(std::move(request));
    std::vector<admin_code> codes;
    for (bool const one : answer.changed)
        codes.push_back(one ? admin_code::done : admin_code::already);
    entry.done = std::count(answer.changed.begin(), answer.changed.end(), true);
    co_await tell_audit(core, std::move(entry));
    co_return codes;
}

inline task<std::vector<tracked_job>> read_all_tracked(std::shared_ptr<broker> at)
{
    track_request nothing;
    track_answer answer = co_await at->track(std::move(nothing));
    std::vector<std::string> ids;
    for (tracked_note const& one : answer.all)
        ids.push_back(one.id);
    std::vector<tracked_job> all;
    if (ids.empty())
        co_return all;
    std::vector<job_state> const states = co_await at->states(std::move(ids));
    for (std::size_t i = 0; i != answer.all.size(); ++i)
        all.push_back(read_tracked(std::move(answer.all[i]), states.at(i)));
    std::sort(all.begin(), all.end(), [](tracked_job const& one, tracked_job const& other) {
        return one.since_ms != other.since_ms ? one.since_ms > other.since_ms : one.id < other.id;
    });
    co_return all;
}

}  // namespace detail

WORK_DECL task<std::vector<admin_result>> inspector::track(
    std::vector<std::string> ids,
    std::string_view by
)
{
    return core_->here(detail::track_and_tell(core_, std::move(ids), std::string(by)));
}

WORK_DECL task<std::vector<admin_code>> inspector::untrack(
    std::vector<std::string> ids,
    std::string_view by
)
{
    return core_->here(detail::untrack_and_tell(core_, std::move(ids), std::string(by)));
}

WORK_DECL task<std::vector<tracked_job>> inspector::tracked()
{
    return core_->here(detail::read_all_tracked(core_->broker));
}

}  // namespace work
