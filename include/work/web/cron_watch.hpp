// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/cron.hpp>
#include <work/error.hpp>
#include <work/task.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace work::web {

/// What metrics say of a cron entry. Times are the broker's, in ms since 1970.
struct cron_figures
{
    std::string name;
    std::int64_t next_ms = 0;   ///< 0: it is paused, or never due again
    std::int64_t fired_ms = 0;  ///< 0: never
    /// Times that were passed over, of the last 100 that it fired; −1: not looked at so far.
    std::int64_t missed = -1;
};

struct all_cron_figures
{
    std::int64_t now_ms = 0;
    std::int64_t count = 0;
    std::int64_t paused = 0;
    std::int64_t overdue_ms = 0;  ///< of those that have no name here, the one due for longest
    std::vector<cron_figures> named{};
};

/// Looks at cron entries for metrics: without their plans, of which there may be 10 000, and at
/// what they fired only when they have fired since. So a look costs one HGETALL and a few short
/// scripts.
/// \par Thread safety none; all on one executor, one look at a time
class cron_watch
{
public:
    static constexpr std::size_t most_named = 200;
    static constexpr std::size_t most_histories = 20;  ///< in one look; the others in later ones
    static constexpr std::int64_t many_missed = 10'000;

    cron_watch(cron face, std::shared_ptr<broker> at) : face_(std::move(face)), at_(std::move(at))
    {}

    static task<all_cron_figures> look(std::shared_ptr<cron_watch> self)
    {
        all_cron_figures all;
        std::vector<cron_record> records = co_await self->at_->crons();
        all.now_ms = time_ms(*self->at_);
        all.count = static_cast<std::int64_t>(records.size());
        // The same ones have names in each look.
        std::sort(records.begin(), records.end(), [](auto const& a, auto const& b) {
            return a.name < b.name;
        });
        std::map<std::string, known> now;
        for (cron_record& one : records) {
            all.paused += one.paused_ms != 0 ? 1 : 0;
            if (all.named.size() == most_named) {
                if (one.next_ms != 0)
                    all.overdue_ms = std::max(all.overdue_ms, all.now_ms - one.next_ms);
                continue;
            }
            auto const found = self->known_.find(one.name);
            if (found != self->known_.end())
                now.insert(*found);
            all.named.push_back({std::move(one.name), one.next_ms, one.fired_ms, -1});
        }
        self->known_ = std::move(now);
        std::vector<std::size_t> const due = self->to_look_at(all.named);
        for (std::size_t const i : due) {
            cron_figures const& of = all.named[i];
            std::string name = of.name;
            std::int64_t const missed = co_await self->missed_by(std::move(name));
            self->known_[of.name] = known{of.next_ms, missed, ++self->looks_};
        }
        for (cron_figures& one : all.named) {
            auto const found = self->known_.find(one.name);
            one.missed = found == self->known_.end() ? -1 : found->second.missed;
        }
        co_return all;
    }

private:
    struct known
    {
        std::int64_t next_ms = -1;
        std::int64_t missed = -1;
        std::int64_t look = 0;
    };

    /// Those that are due at another time than when they were looked at, as each fire makes them:
    /// those first that were not looked at for longest, since some fire every second.
    std::vector<std::size_t> to_look_at(std::vector<cron_figures> const& all) const
    {
        std::vector<std::pair<std::int64_t, std::size_t>> order;
        for (std::size_t i = 0; i != all.size(); ++i) {
            auto const found = known_.find(all[i].name);
            if (found == known_.end())
                order.emplace_back(0, i);
            else if (found->second.next_ms != all[i].next_ms)
                order.emplace_back(found->second.look, i);
        }
        std::sort(order.begin(), order.end());
        order.resize(std::min(order.size(), most_histories));
        std::vector<std::size_t> places;
        for (auto const& [look, place] : order)
            places.push_back(place);
        return places;
    }
    task<std::int64_t> missed_by(std::string name)
    {
        std::int64_t sum = 0;
        try {
            std::vector<cron_fired> const fires = co_await face_.history(std::move(name));
            for (cron_fired const& one : fires)
                sum += one.missed < 0 ? many_missed : one.missed;
        } catch (error const& gone) {
            if (gone.code() != errc::invalid_name)
                throw;
        }
        co_return sum;
    }

    cron face_;
    std::shared_ptr<broker> at_;
    std::map<std::string, known> known_{};
    std::int64_t looks_ = 0;
};

/// HGETALL takes Redis 1 us an entry or less: of 10 000 once in 30 s.
inline std::int64_t pace_of_crons(all_cron_figures const& last)
{
    return std::max<std::int64_t>(1'000, last.count * 3);
}

}  // namespace work::web
