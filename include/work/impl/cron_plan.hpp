// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/crons.hpp>
#include <work/broker/records.hpp>
#include <work/cron/schedule.hpp>
#include <work/cron/zones.hpp>
#include <work/cron_entry.hpp>
#include <work/error.hpp>
#include <work/values/decode_record.hpp>
#include <work/values/encode.hpp>
#include <work/values/envelope.hpp>
#include <work/values/new_job.hpp>
#include <work/values/text.hpp>

#include <boost/describe/class.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work::detail {

/// What its jobs hold, where they are unique.
struct cron_lock
{
    std::string key;
    std::string mode;
    std::int64_t time_ms = 0;
    conflict on_conflict = conflict::keep;
};
BOOST_DESCRIBE_STRUCT(cron_lock, (), (key, mode, time_ms, on_conflict))

/// The first line of what an entry has beside the broker's numbers; the envelope of its jobs
/// follows, as a job of a chosen id has it, made at 0.
struct cron_text
{
    std::string spec;
    std::string zone;
    work::missed missed = work::missed::one;
    int most_missed = 24;
    work::overlap overlap = work::overlap::allow;
    std::optional<cron_lock> lock{};
};
BOOST_DESCRIBE_STRUCT(cron_text, (), (spec, zone, missed, most_missed, overlap, lock))

inline constexpr std::size_t largest_cron_job = 64 << 10;
inline constexpr int most_missed_at_once = 256;
inline constexpr std::chrono::minutes cron_grace{1};

inline cron_time cron_at(std::int64_t ms)
{
    return cron_time(std::chrono::milliseconds(ms));
}
inline std::int64_t cron_ms(cron_time at)
{
    return at.time_since_epoch().count();
}

/// An entry that can be used on this machine.
struct cron_plan
{
    cron_plan(cron_text said_of, std::string envelope_of)
        : said(std::move(said_of)),
          schedule(said.spec),
          zone(find_time_zone(said.zone)),
          envelope(std::move(envelope_of))
    {}

    /// Errors: errc::unreadable; as `find_time_zone`
    static cron_plan read(cron_record const& record)
    {
        auto const line = record.text.find('\n');
        auto said = decode_record<cron_text>(record.text.substr(0, line), "cron entry");
        if (line == record.text.npos || !said)
            throw error(
                errc::unreadable,
                "the cron entry " + quote(record.name) + " can't be read: " +
                    (said ? std::string("it has no job") : said.error()) + "; put or delete it"
            );
        return cron_plan(std::move(*said), record.text.substr(line + 1));
    }

    std::string text() const { return to_json(said) + "\n" + envelope; }

    std::int64_t next_ms(std::int64_t after) const
    {
        auto const next = schedule.next(cron_at(after), zone);
        return next ? cron_ms(*next) : 0;
    }

    /// \par Errors errc::unreadable
    new_job job(std::string id, std::int64_t now_ms) const
    {
        auto const view = decode_envelope(envelope);
        if (!view)
            throw error(errc::unreadable, "the job of a cron entry can't be read: " + view.error());
        new_job made;
        made.id = std::move(id);
        made.list = view->list;
        made.envelope = envelope;
        made.chosen_id = true;
        made.stamp = (view->flags & envelope_flags::expires) != 0;
        made.priority = view->priority;
        if (said.lock && said.lock->mode.size() == 1) {
            made.lock.key = said.lock->key;
            made.lock.mode = said.lock->mode[0];
            made.lock.time_ms = said.lock->time_ms;
            made.lock.on_conflict = said.lock->on_conflict;
        }
        set_created(made.envelope, now_ms);
        return made;
    }

    cron_text said;
    cron_schedule schedule;
    time_zone zone;
    std::string envelope;
};

/// What of the times at which an entry was due is to fire now.
struct cron_turn
{
    std::vector<std::int64_t> fire;
    std::int64_t last = 0;    ///< the last of them, fired or not
    std::int64_t missed = 0;  ///< how many are passed over; −1: more than are counted
    std::int64_t next = 0;    ///< 0: none
};

/// The last times, at most `most`, from `first` (which is one) to `now`. `count`: how many there
/// were in all, −1: more than 10 000.
inline std::vector<std::int64_t> last_times(
    cron_plan const& plan,
    std::int64_t first,
    std::int64_t now,
    std::size_t most,
    std::int64_t& count
)
{
    constexpr std::int64_t counted = 10'000;
    auto const from = [&](std::int64_t at, std::int64_t limit) {
        std::vector<std::int64_t> found;
        for (; at != 0 && at <= now && static_cast<std::int64_t>(found.size()) < limit;
             at = plan.next_ms(at))
            found.push_back(at);
        return found;
    };
    std::vector<std::int64_t> found = from(first, counted + 1);
    count = static_cast<std::int64_t>(found.size());
    if (count > counted) {
        // From ever longer ago, until there are enough of them.
        count = -1;
        for (std::int64_t back = 1'000 * static_cast<std::int64_t>(most);; back *= 4) {
            std::int64_t const begin = std::max(first, now - back);
            found = from(begin == first ? first : plan.next_ms(begin - 1), now);
            if (found.size() >= most || begin == first)
                break;
        }
    }
    if (found.size() > most)
        found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(most));
    return found;
}

inline cron_turn turn_of(cron_plan const& plan, std::int64_t first, std::int64_t now)
{
    cron_turn turn;
    bool const all = plan.said.missed == missed::all && plan.said.overlap == overlap::allow;
    auto const most = static_cast<std::size_t>(all ? plan.said.most_missed : 1);
    std::int64_t count = 0;
    turn.fire = last_times(plan, first, now, most, count);
    turn.last = turn.fire.empty() ? first : turn.fire.back();
    auto const grace = std::chrono::milliseconds(cron_grace).count();
    if (plan.said.missed == missed::skip && now - turn.last > grace)
        turn.fire.clear();
    turn.missed = count < 0 ? -1 : count - static_cast<std::int64_t>(turn.fire.size());
    turn.next = plan.next_ms(now);
    return turn;
}

inline std::string cron_job_id(std::string_view name, std::int64_t at_ms)
{
    return std::string("cron:").append(name).append(":").append(std::to_string(at_ms));
}

}  // namespace work::detail
