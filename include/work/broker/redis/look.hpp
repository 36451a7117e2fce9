// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/envelope_header.hpp>
#include <work/broker/look.hpp>
#include <work/broker/redis/admin.hpp>
#include <work/broker/redis/ghosts.hpp>
#include <work/broker/redis/scored.hpp>
#include <work/values/id.hpp>
#include <work/values/name.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace work::detail {

/// Lists jobs of a state by plain reads, none of which holds the server up: what moves between two
/// of them is left out, or seen where it was.
class redis_look
{
public:
    redis_look(std::string prefix, redis_port& commands, redis_admin& admin, look_request asked)
        : prefix_(std::move(prefix)),
          commands_(commands),
          admin_(admin),
          asked_(std::move(asked)),
          queue_(asked_.queue.empty() ? "" : encode_name(asked_.queue)),
          name_(asked_.name.empty() ? "" : encode_name(asked_.name))
    {}

    static task<found_jobs> run(
        std::string prefix,
        redis_port& commands,
        redis_admin& admin,
        look_request asked
    )
    {
        redis_look look(std::move(prefix), commands, admin, std::move(asked));
        co_await look.find();
        co_return std::move(look.found_);
    }

private:
    static constexpr std::int64_t claims_at_once = 4;
    static constexpr std::size_t lists_at_once = 256;
    using replies = std::vector<redis::reply>;

    task<void> find()
    {
        switch (asked_.state) {
        case job_state::unknown:
            if (!asked_.tag.empty())
                co_await find_scored();
            break;
        case job_state::pending: co_await find_pending(); break;
        case job_state::active: co_await find_active(); break;
        case job_state::suspect: co_await find_suspects(); break;
        default: co_await find_scored(); break;
        }
        redis::reply const time = co_await commands_.execute(redis::command("TIME"));
        found_.now_ms = whole(time[0]) * 1000 + whole(time[1]) / 1000;
        found_.more = room() <= 0 && asked_.count > 0;
    }

    task<replies> read(redis::command commands)
    {
        return commands_.connection().execute_all(std::move(commands));
    }
    static std::string last_line(std::string_view lines)
    {
        return std::string(lines.substr(lines.rfind('\n') + 1));
    }
    static bool is_there(redis::reply const& r) { return !r.is_null() && !r.is_error(); }
    std::int64_t room() const { return asked_.count - found_.scanned; }
    std::string key_of(char const* kind, std::string_view id) const
    {
        auto const segment = id_segment(id);
        return prefix_ + kind + std::string(segment.data(), segment.size());
    }
    std::string record_key(std::string_view id) const { return key_of("jobs:", id); }

    // Sets by score.
    std::string set_key() const
    {
        switch (asked_.state) {
        case job_state::waiting: return "waiting";
        case job_state::unknown: return "tag:" + encode_name(asked_.tag);
        case job_state::scheduled: return "scheduled";
        case job_state::retry: return "retry";
        case job_state::dead: return "dead";
        case job_state::set_aside: return "set_aside_at";
        default: return "completed";
        }
    }
    task<void> find_scored()
    {
        std::string const key = prefix_ + set_key();
        bool const back = last_first(asked_.state) != asked_.turned;
        scored_cursor after;
        std::int64_t from = 0;
        bool const begun = !asked_.cursor.empty();
        redis::command where("ZCARD", key);
        if (begun) {
            after = read_scored_cursor(asked_.cursor);
            // How many come before those of its score.
            std::string const beyond = "(" + std::to_string(after.score);
            where.push("ZCOUNT", key, back ? beyond : "-inf", back ? "+inf" : beyond);
        }
        // Pauses that end by themselves stand beside scheduled jobs, and the timers of flows.
        bool const timed = asked_.state == job_state::scheduled;
        if (timed) {
            where.push("ZCARD", prefix_ + "uncommitted");
            where.push("HLEN", prefix_ + "tellings");
            where.push("HVALS", prefix_ + "settings");
        }
        replies const at = co_await read(std::move(where));
        std::int64_t const all = at[0].is_error() ? 0 : at[0].integer();
        found_.of = all;
        if (begun && !at[1].is_error())
            from = at[1].integer();
        if (timed && !at.back().is_error()) {
            for (redis::value const v : at.back())
                found_.of -= paused_until(v.text()) > 0;
            for (std::size_t i = at.size() - 3; i != at.size() - 1; ++i)
                found_.of -= at[i].is_error() ? 0 : at[i].integer();
        }
        found_.of = std::max<std::int64_t>(found_.of, 0);
        while (room() > 0 && from < all) {
            std::int64_t const step = room() + 16;
            std::vector<scored> const page = co_await read_scored(commands_, key, from, step, back);
            std::vector<found_job> some;
            for (scored const& one : page) {
                bool const seen = begun && one.score == after.score &&
                                  (back ? one.id >= after.id : one.id <= after.id);
                if (seen || is_timer(one.id) || static_cast<std::int64_t>(some.size()) == room())
                    continue;
                found_job job;
                job.id = one.id;
                job.when_ms = one.score;
                job.cursor = to_text(scored_cursor{one.score, one.id});
                some.push_back(std::move(job));
            }
            from += step;
            co_await add(std::move(some));
        }
    }

    // Those that are ready, and those that are paused.
    task<std::vector<std::string>> lists()
    {
        std::vector<std::string> all;
        if (!queue_.empty() && !name_.empty()) {
            all.push_back(list_id(asked_.queue, asked_.name));
            co_return all;
        }
        if (!name_.empty()) {
            std::string const key = "queues:" + name_;
            all = co_await admin_.members("SSCAN", key.c_str());
            all.push_back(name_);
        } else {
            all = co_await admin_.members("SSCAN", "ready");
            std::erase_if(all, [&](std::string const& list) {
                return list.starts_with('*') || list.starts_with('!') ||
                       !list_is_of(list, queue_, name_);
            });
        }
        std::vector<std::string> paused = co_await admin_.paused_lists();
        for (std::string& list : paused)
            if (list_is_of(list, queue_, name_))
                all.push_back(std::move(list));
        std::sort(all.begin(), all.end());
        all.erase(std::unique(all.begin(), all.end()), all.end());
        co_return all;
    }
    task<void> find_pending()
    {
        if (!asked_.cursor.empty()) {
            co_await find_pending_on();
            co_return;
        }
        std::vector<std::string> const all = co_await lists();
        co_await count_pending(all);
        for (std::string const& list : all)
            co_await find_pending_of(list, nullptr);
    }
    // Which lists there are is asked for when the one of the cursor is at its end; how many jobs
    // they have is for the first part of a walk. Both are O(lists).
    task<void> find_pending_on()
    {
        found_.of = -1;
        listed_cursor const after = read_listed_cursor(asked_.cursor);
        co_await find_pending_of(after.list, &after);
        if (room() <= 0)
            co_return;
        std::vector<std::string> const all = co_await lists();
        for (std::string const& list : all) {
            if (list > after.list)
                co_await find_pending_of(list, nullptr);
        }
    }
    task<void> find_pending_of(std::string const& list, listed_cursor const* after)
    {
        if (room() > 0 && (after == nullptr || after->beside))
            co_await find_beside(list, after);
        if (room() > 0)
            co_await find_in(list, after != nullptr && !after->beside ? after : nullptr);
    }
    task<void> count_pending(std::vector<std::string> const& all)
    {
        for (std::size_t at = 0; at < all.size(); at += lists_at_once) {
            redis::command reads;
            std::size_t const end = std::min(at + lists_at_once, all.size());
            for (std::size_t i = at; i != end; ++i) {
                reads.push("LLEN", prefix_ + "list:" + all[i]);
                reads.push("ZCARD", prefix_ + "prio:" + all[i]);
                reads.push("HGET", prefix_ + "side:" + all[i], "");
            }
            replies const lengths = co_await read(std::move(reads));
            for (std::size_t i = 0; i + 2 < lengths.size(); i += 3) {
                for (std::size_t part = 0; part != 2; ++part)
                    found_.of += lengths[i + part].is_error() ? 0 : lengths[i + part].integer();
                found_.of -= is_there(lengths[i + 2]) ? whole(lengths[i + 2].root()) : 0;
            }
        }
    }
    // Jobs with priorities, in the order of their scores.
    task<void> find_beside(std::string const& list, listed_cursor const* after)
    {
        std::string const key = prefix_ + "prio:" + list;
        std::int64_t from = 0;
        if (after != nullptr) {
            redis::command before("ZCOUNT", key, "-inf", "(" + std::to_string(after->at));
            redis::reply const count = co_await commands_.execute(std::move(before));
            from = count.is_error() ? 0 : count.integer();
        }
        while (room() > 0) {
            std::int64_t const step = room() + 16;
            std::vector<scored> const page =
                co_await read_scored(commands_, key, from, step, false);
            std::vector<found_job> some;
            for (scored const& one : page) {
                bool const seen = after != nullptr && one.score == after->at && one.id <= after->id;
                if (seen || static_cast<std::int64_t>(some.size()) == room())
                    continue;
                found_job job;
                job.id = one.id;
                job.cursor = to_text(listed_cursor{list, true, one.score, one.id});
                some.push_back(std::move(job));
            }
            from += step;
            co_await add(std::move(some), list);
            if (static_cast<std::int64_t>(page.size()) < step)
                break;
        }
    }
    task<void> find_in(std::string const& list, listed_cursor const* after)
    {
        std::string const key = prefix_ + "list:" + list;
        std::int64_t from = 0;
        if (after != nullptr) {
            std::int64_t const low = std::max<std::int64_t>(0, after->at - look_window);
            redis::command near("LRANGE", key, low, after->at + look_window);
            redis::reply const ids = co_await commands_.execute(std::move(near));
            from = low;
            bool seen = false;
            std::int64_t index = low;
            for (redis::value const v : ids) {
                if (!ids.is_error() && v.text() == after->id) {
                    seen = true;
                    from = index + 1;
                    if (index >= after->at)
                        break;
                }
                ++index;
            }
            found_.skipped = found_.skipped || (!seen && low > 0);
        }
        redis_ghosts ghosts(prefix_, commands_, list, from);
        while (room() > 0) {
            std::int64_t const step = room();
            redis::command page("LRANGE", key, from, from + step - 1);
            redis::reply const ids = co_await commands_.execute(std::move(page));
            if (ids.is_error())
                break;
            std::vector<found_job> some;
            for (redis::value const v : ids) {
                found_job job;
                job.id = v.text();
                std::int64_t const index = from + static_cast<std::int64_t>(some.size());
                job.cursor = to_text(listed_cursor{list, false, index, job.id});
                some.push_back(std::move(job));
            }
            if (some.empty())
                break;
            std::size_t const count = some.size();
            co_await ghosts.clear(some);
            co_await add(std::move(some), list);
            from += step;
            if (static_cast<std::int64_t>(count) < step)
                break;
        }
    }

    // Claims.
    task<void> find_active()
    {
        found_.of = -1;
        if (asked_.count == 0)
            co_return;
        std::vector<std::string> const leased = co_await admin_.members("ZSCAN", "leases");
        std::vector<std::int64_t> claims;
        for (std::string const& n : leased)
            claims.push_back(whole(n));
        std::sort(claims.begin(), claims.end());
        counted_cursor after;
        if (!asked_.cursor.empty())
            after = read_counted_cursor(asked_.cursor);
        std::size_t at = static_cast<std::size_t>(
            std::lower_bound(claims.begin(), claims.end(), after.number) - claims.begin()
        );
        while (at < claims.size() && room() > 0) {
            std::size_t const end = std::min(at + claims_at_once, claims.size());
            redis::command reads;
            for (std::size_t i = at; i != end; ++i) {
                std::string const n = std::to_string(claims[i]);
                reads.push("GET", prefix_ + "claim:" + n);
                reads.push("SMEMBERS", prefix_ + "left:" + n);
                reads.push("ZSCORE", prefix_ + "leases", n);
            }
            replies const got = co_await read(std::move(reads));
            for (std::size_t i = at; i != end && room() > 0; ++i) {
                std::size_t const r = 3 * (i - at);
                if (is_there(got[r]) && is_there(got[r + 2]))
                    co_await add_claim(claims[i], got[r], got[r + 1], got[r + 2], after);
            }
            at = end;
        }
    }
    task<void> add_claim(
        std::int64_t number,
        redis::reply const& blob,
        redis::reply const& left,
        redis::reply const& lapses,
        counted_cursor const& after
    )
    {
        std::string_view text = blob.text();
        std::string_view const pool = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.find('\n') + 1, text.size()));
        std::vector<std::string> gone;
        if (!left.is_error()) {
            for (redis::value const v : left)
                gone.emplace_back(v.text());
        }
        std::vector<found_job> some;
        std::int64_t seen = 0;
        while (!text.empty() && static_cast<std::int64_t>(some.size()) < room()) {
            std::string id(take_part(text, ','));
            if (id.empty())
                continue;
            ++seen;
            if (number == after.number && seen <= after.seen)
                continue;
            found_job job;
            job.cursor = to_text(counted_cursor{"", number, seen});
            job.claim = number;
            job.pool = pool;
            job.when_ms = whole(lapses.root());
            if (std::find(gone.begin(), gone.end(), id) == gone.end())
                job.id = std::move(id);
            some.push_back(std::move(job));
        }
        co_await add(std::move(some));
    }

    // Groups of suspects.
    task<void> find_suspects()
    {
        std::vector<std::string> names = co_await admin_.members("ZSCAN", "suspects");
        std::erase_if(names, [&](std::string const& name) {
            return !name_.empty() && name != name_;
        });
        counted_cursor after;
        bool const begun = !asked_.cursor.empty();
        if (begun)
            after = read_counted_cursor(asked_.cursor);
        for (std::string const& name : names) {
            redis::command reads("ZSCORE", prefix_ + "suspects", name);
            reads.push("ZREVRANGE", prefix_ + "suspects:" + name, 0, -1);
            replies const got = co_await read(std::move(reads));
            found_.of += is_there(got[0]) ? whole(got[0].root()) : 0;
            if (got[1].is_error() || (begun && name < after.name))
                continue;
            bool const within = begun && name == after.name;
            for (redis::value const v : got[1]) {
                std::int64_t const number = whole(v);
                if (room() <= 0)
                    break;
                if (within && number > after.number)
                    continue;
                bool const goes_on = within && number == after.number;
                std::int64_t const passed = goes_on ? after.seen : 0;
                co_await add_group(name, number, passed);
            }
        }
    }
    task<void> add_group(std::string const& name, std::int64_t number, std::int64_t passed)
    {
        redis::command get("GET", prefix_ + "group:" + std::to_string(number));
        redis::reply const group = co_await commands_.execute(std::move(get));
        if (!is_there(group))
            co_return;
        std::vector<found_job> some;
        std::int64_t seen = 0;
        std::string_view lines = group.text();
        while (!lines.empty()) {
            std::string_view line = take_part(lines, '\n');
            if (!list_is_of(take_part(line, ','), "", name))
                continue;
            while (!line.empty()) {
                std::string const id(take_part(line, ','));
                if (++seen <= passed || static_cast<std::int64_t>(some.size()) >= room())
                    continue;
                found_job job;
                job.id = id;
                job.cursor = to_text(counted_cursor{name, number, seen});
                some.push_back(std::move(job));
            }
        }
        co_await add(std::move(some));
    }

    // Reads the records of what was met, and takes what is there; ids that are empty have gone.
    task<void> add(std::vector<found_job> some, std::string list = {})
    {
        bool const kept =
            asked_.state == job_state::completed || asked_.state == job_state::cancelled;
        bool const aside = asked_.state == job_state::set_aside;
        bool const failed = asked_.state == job_state::retry || asked_.state == job_state::dead ||
                            asked_.state == job_state::suspect;
        if (some.empty())
            co_return;
        found_.scanned += static_cast<std::int64_t>(some.size());
        found_.next = some.back().cursor;
        redis::command reads;
        for (found_job const& job : some) {
            reads.push(
                "HGET",
                kept ? prefix_ + "kept" : (aside ? prefix_ + "set_aside" : record_key(job.id)),
                job.id
            );
            if (failed)
                reads.push("HGET", key_of("failures:", job.id), job.id);
        }
        replies const got = co_await read(std::move(reads));
        std::size_t const stride = failed ? 2 : 1;
        for (std::size_t i = 0; i != some.size(); ++i) {
            redis::reply const& record = got[i * stride];
            if (some[i].id.empty() || !is_there(record))
                continue;
            found_job& job = some[i];
            job.envelope = record.text();
            if (failed && is_there(got[i * stride + 1]))
                job.failure = last_line(got[i * stride + 1].text());
            if (kept) {
                std::size_t const end = std::min(job.envelope.find('\n'), job.envelope.size());
                job.kept = job.envelope.substr(0, end);
                job.envelope.erase(0, std::min(end + 1, job.envelope.size()));
                if (kept_state(job.kept) != asked_.state)
                    continue;
            }
            if (!list.empty()) {
                auto const header = read_header(job.envelope);
                if (header && header->list != list)
                    continue;
            }
            found_.jobs.push_back(std::move(job));
        }
    }

    std::string prefix_;
    redis_port& commands_;
    redis_admin& admin_;
    look_request asked_;
    std::string queue_;
    std::string name_;
    found_jobs found_;
};

}  // namespace work::detail
