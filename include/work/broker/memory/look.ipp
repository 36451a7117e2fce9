// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/look.hpp>
#include <work/broker/memory/state.hpp>
#include <work/broker/pause.hpp>
#include <work/values/name.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace work {
namespace detail {

/// Lists jobs of a state: what `broker/redis/look.hpp` does by reads.
class memory_look
{
public:
    memory_look(memory_data const& data, look_request const& asked)
        : data_(data),
          asked_(asked),
          queue_(asked.queue.empty() ? "" : encode_name(asked.queue)),
          name_(asked.name.empty() ? "" : encode_name(asked.name))
    {}

    found_jobs run(std::int64_t now_ms)
    {
        found_.now_ms = now_ms;
        switch (asked_.state) {
        case job_state::unknown: find_tagged(); break;
        case job_state::waiting: find_scored(data_.waiting); break;
        case job_state::scheduled: find_scored(data_.scheduled); break;
        case job_state::retry: find_scored(data_.retry); break;
        case job_state::dead: find_scored(data_.dead); break;
        case job_state::set_aside: find_scored(data_.set_aside_at); break;
        case job_state::completed:
        case job_state::cancelled: find_scored(data_.completed); break;
        case job_state::pending: find_pending(); break;
        case job_state::active: find_active(); break;
        case job_state::suspect: find_suspects(); break;
        }
        found_.more = room() <= 0 && asked_.count > 0;
        return std::move(found_);
    }

private:
    std::int64_t room() const { return asked_.count - found_.scanned; }

    // A place where a job is; an empty id: it went from there.
    void add(found_job job)
    {
        ++found_.scanned;
        found_.next = job.cursor;
        auto const kept = data_.kept.find(job.id);
        auto const aside = data_.set_aside.find(job.id);
        auto const live = data_.jobs.find(job.id);
        bool const ended =
            asked_.state == job_state::completed || asked_.state == job_state::cancelled;
        if (ended && kept != data_.kept.end())
            job.envelope = kept->second;
        else if (asked_.state == job_state::set_aside && aside != data_.set_aside.end())
            job.envelope = aside->second;
        else if (!ended && asked_.state != job_state::set_aside && live != data_.jobs.end())
            job.envelope = live->second.bytes->envelope;
        else
            return;
        if (ended) {
            std::size_t const end = std::min(job.envelope.find('\n'), job.envelope.size());
            job.kept = job.envelope.substr(0, end);
            job.envelope.erase(0, std::min(end + 1, job.envelope.size()));
            if (kept_state(job.kept) != asked_.state)
                return;
        }
        auto const failures = data_.failures.find(job.id);
        if ((asked_.state == job_state::retry || asked_.state == job_state::dead ||
             asked_.state == job_state::suspect) &&
            failures != data_.failures.end() && !failures->second.empty())
            job.failure = failures->second.back();
        found_.jobs.push_back(std::move(job));
    }

    void find_scored(scored_ids const& set)
    {
        bool const back = last_first(asked_.state) != asked_.turned;
        found_.of = static_cast<std::int64_t>(std::count_if(
            set.order().begin(),
            set.order().end(),
            [](scored_ids::entry const& e) { return !is_timer(e.second); }
        ));
        auto const take = [&](scored_ids::entry const& e) {
            if (is_timer(e.second))
                return;
            found_job job;
            job.id = e.second;
            job.when_ms = e.first;
            job.cursor = to_text(scored_cursor{e.first, e.second});
            add(std::move(job));
        };
        auto const& order = set.order();
        scored_ids::entry after;
        bool const begun = !asked_.cursor.empty();
        if (begun) {
            scored_cursor cursor = read_scored_cursor(asked_.cursor);
            after = {cursor.score, std::move(cursor.id)};
        }
        if (back) {
            auto at = begun ? std::make_reverse_iterator(order.lower_bound(after)) : order.rbegin();
            for (; at != order.rend() && room() > 0; ++at)
                take(*at);
        } else {
            auto at = begun ? order.upper_bound(after) : order.begin();
            for (; at != order.end() && room() > 0; ++at)
                take(*at);
        }
    }

    void find_tagged()
    {
        auto const found = data_.tags.find(encode_name(asked_.tag));
        if (found != data_.tags.end())
            find_scored(found->second);
    }

    void find_pending()
    {
        std::map<std::string_view, memory_list const*> lists;
        for (auto const& [list, jobs] : data_.lists_of_jobs) {
            if (list_is_of(list, queue_, name_)) {
                lists.emplace(list, &jobs);
                found_.of += jobs.pending();
            }
        }
        listed_cursor after;
        bool const begun = !asked_.cursor.empty();
        if (begun)
            after = read_listed_cursor(asked_.cursor);
        for (auto const& [list, jobs] : lists) {
            if (room() <= 0)
                break;
            if (begun && list < after.list)
                continue;
            bool const within = begun && list == after.list;
            if (!within || after.beside)
                find_beside(std::string(list), *jobs, within ? &after : nullptr);
            if (room() > 0)
                find_in(std::string(list), *jobs, within && !after.beside ? &after : nullptr);
        }
    }
    void find_beside(std::string const& list, memory_list const& jobs, listed_cursor const* after)
    {
        auto const& order = jobs.ahead.order();
        auto at = after == nullptr ? order.begin()
                                   : order.upper_bound(scored_ids::entry(after->at, after->id));
        for (; at != order.end() && room() > 0; ++at) {
            found_job job;
            job.id = at->second;
            job.cursor = to_text(listed_cursor{list, true, at->first, at->second});
            add(std::move(job));
        }
    }
    void find_in(std::string const& list, memory_list const& jobs, listed_cursor const* after)
    {
        auto const size = static_cast<std::int64_t>(jobs.ids.size());
        std::int64_t from = 0;
        if (after != nullptr) {
            from = std::max<std::int64_t>(0, after->at - look_window);
            std::int64_t const low = from;
            bool seen = false;
            for (std::int64_t i = low; i < size && i <= after->at + look_window; ++i) {
                if (jobs.ids[static_cast<std::size_t>(i)] != after->id)
                    continue;
                seen = true;
                from = i + 1;
                if (i >= after->at)
                    break;
            }
            found_.skipped = found_.skipped || (!seen && low > 0);
        }
        std::map<std::string, std::int64_t> passed;
        for (std::int64_t i = 0; i != (jobs.ghosts.empty() ? 0 : from); ++i) {
            std::string const& id = jobs.ids[static_cast<std::size_t>(i)];
            if (jobs.ghosts.find(id) != jobs.ghosts.end())
                ++passed[id];
        }
        for (std::int64_t i = from; i < size && room() > 0; ++i) {
            found_job job;
            job.id = jobs.ids[static_cast<std::size_t>(i)];
            job.cursor = to_text(listed_cursor{list, false, i, job.id});
            auto const ghost = jobs.ghosts.find(job.id);
            auto const live = data_.jobs.find(job.id);
            if (ghost != jobs.ghosts.end() && ++passed[job.id] <= ghost->second)
                job.id.clear();
            else if (live != data_.jobs.end()) {
                auto const header = read_header(live->second.bytes->envelope);
                if (header && header->list != list)
                    job.id.clear();
            }
            add(std::move(job));
        }
    }

    void find_active()
    {
        found_.of = -1;
        counted_cursor after;
        if (!asked_.cursor.empty())
            after = read_counted_cursor(asked_.cursor);
        for (auto at = data_.claims.lower_bound(after.number); at != data_.claims.end(); ++at) {
            std::int64_t seen = 0;
            for (std::string const& id : at->second.ids) {
                ++seen;
                if (at->first == after.number && seen <= after.seen)
                    continue;
                if (room() <= 0)
                    return;
                found_job job;
                job.cursor = to_text(counted_cursor{"", at->first, seen});
                job.claim = at->first;
                job.pool = at->second.pool;
                job.when_ms = at->second.lapses;
                if (at->second.left.find(id) == at->second.left.end())
                    job.id = id;
                add(std::move(job));
            }
        }
    }

    void find_suspects()
    {
        counted_cursor after;
        bool const begun = !asked_.cursor.empty();
        if (begun)
            after = read_counted_cursor(asked_.cursor);
        for (auto const& [name, count] : data_.suspects) {
            if (!name_.empty() && name != name_)
                continue;
            found_.of += count;
            auto const groups = data_.groups_by_name.find(name);
            if ((begun && name < after.name) || groups == data_.groups_by_name.end())
                continue;
            bool const within = begun && name == after.name;
            for (auto number = groups->second.rbegin(); number != groups->second.rend(); ++number) {
                if (within && *number > after.number)
                    continue;
                std::int64_t const passed = within && *number == after.number ? after.seen : 0;
                std::int64_t seen = 0;
                for (auto const& [list, ids] : data_.groups.find(*number)->second) {
                    if (!list_is_of(list, "", name))
                        continue;
                    for (std::string const& id : ids) {
                        if (++seen <= passed || room() <= 0)
                            continue;
                        found_job job;
                        job.id = id;
                        job.cursor = to_text(counted_cursor{name, *number, seen});
                        add(std::move(job));
                    }
                }
            }
        }
    }

    memory_data const& data_;
    look_request const& asked_;
    std::string queue_;
    std::string name_;
    found_jobs found_;
};

}  // namespace detail

WORK_DECL found_jobs memory_state::look(look_request const& request, std::int64_t us) const
{
    return detail::memory_look(data_, request).run(us / 1000);
}

}  // namespace work
