// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/broker_pair.hpp"
#include "support/one_job.hpp"

namespace work_test {

/// Processes with a pool each that run jobs in the time of a test, and die of them: what a pool
/// does of `exchanger` and `heartbeat`, without coroutines. A dead process is started again.
class simulated_fleet
{
public:
    struct settings
    {
        std::int64_t lease_ms = 15'000;
        std::int64_t step_ms = 1'250;  ///< how often each pool exchanges
        int processes = 2;
        int concurrency = 100;
    };

    simulated_fleet(broker_subject& broker, settings how)
        : b_(broker),
          how_(how),
          batch_(broker.now_ms()),
          born_(std::to_string(broker.now_ms()))
    {
        for (int i = 0; i != how.processes; ++i)
            start();
    }

    /// Adds a job that takes so long; `kills_after` >= 0: and then ends its process.
    void add(std::string const& id, std::int64_t takes_ms, std::int64_t kills_after = -1)
    {
        one_job const job(id, "a", b_.now_ms());
        b_.enqueue(job.batch(++batch_, 0));
        jobs_[id] = {takes_ms, kills_after};
    }

    /// Moves on by one step.
    void step()
    {
        b_.pass(how_.step_ms);
        for (std::size_t i = 0; i != pools_.size(); ++i) {
            if (std::int64_t const at = death_of(pools_[i]); at <= b_.now_ms()) {
                ++crashes;
                replace(i);
            }
        }
        for (auto& pool : pools_) {
            if (b_.now_ms() - pool.beat >= 5'000)
                beat(pool);
            run(pool);
        }
    }
    /// Ends one process as somebody from outside would.
    void kill(std::size_t which)
    {
        ++kills;
        replace(which % pools_.size());
    }
    /// The same, if it has no job.
    bool kill_idle(std::size_t which)
    {
        bool const idle = pools_[which % pools_.size()].claims.empty();
        if (idle)
            kill(which);
        return idle;
    }
    /// Ends one process in peace, if it has no job.
    bool stop(std::size_t which)
    {
        process const& p = pools_[which % pools_.size()];
        if (!p.claims.empty())
            return false;
        b_.leave(p.name, {"a"});
        replace(which % pools_.size());
        return true;
    }
    bool ran(std::string const& id) const { return done_.contains(id); }
    std::size_t done() const noexcept { return done_.size(); }

    int crashes = 0;
    int kills = 0;

private:
    struct work_item
    {
        std::int64_t takes = 0, kills_after = -1;
    };
    struct running
    {
        std::string id;
        std::int64_t since = 0;
    };
    struct held_claim
    {
        std::vector<running> jobs;
        std::int64_t quarantined_until = 0;
        bool suspects = false;
        bool isolated = false;
    };
    struct process
    {
        std::string name;
        std::int64_t number = 0, renewed = 0, born = 0, beat = 0;
        std::map<work::claim_number, held_claim> claims;
    };

    void start()
    {
        pools_.push_back({});
        replace(pools_.size() - 1);
    }
    void replace(std::size_t i)
    {
        pools_[i] = {};
        pools_[i].name = "simulated-pool-" + born_ + "-" + std::to_string(++started_);
        pools_[i].renewed = pools_[i].born = b_.now_ms();
        beat(pools_[i]);
    }
    void beat(process& p)
    {
        p.beat = b_.now_ms();
        b_.beat(p.name);
    }
    std::int64_t death_of(process const& p) const
    {
        std::int64_t first = INT64_MAX;
        for (auto const& [n, claim] : p.claims) {
            for (running const& r : claim.jobs) {
                work_item const& j = jobs_.at(r.id);
                if (j.kills_after >= 0)
                    first = std::min(first, r.since + j.kills_after);
            }
        }
        return first;
    }
    void run(process& p)
    {
        for (int turn = 0; turn != 64; ++turn) {
            std::int64_t const now = b_.now_ms();
            work::exchange_request r;
            std::deque<std::string> texts;
            r.pool = p.name;
            r.number = ++p.number;
            r.lease_ms = how_.lease_ms;
            if (r.number == 1)
                r.serves = {{"a", 0}};
            bool quarantine = false, isolated = false;
            int busy = 0;
            for (auto claim = p.claims.begin(); claim != p.claims.end();) {
                work::claim_number const n = claim->first;
                held_claim& held = claim->second;
                std::erase_if(held.jobs, [&](running const& j) {
                    work_item const& what = jobs_.at(j.id);
                    if (what.kills_after >= 0 || j.since + what.takes > now)
                        return false;
                    done_.insert(j.id);
                    r.outcomes.push_back({n, texts.emplace_back(j.id)});
                    return true;
                });
                if (held.jobs.empty()) {
                    r.close.push_back(n);
                    claim = p.claims.erase(claim);
                    continue;
                }
                busy += static_cast<int>(held.jobs.size());
                quarantine = quarantine || held.quarantined_until > now;
                r.runs_suspects = r.runs_suspects || held.suspects;
                isolated = isolated || (held.isolated && held.quarantined_until > now);
                ++claim;
            }
            if (now - p.renewed >= how_.lease_ms / 3) {
                p.renewed = now;
                for (auto const& [n, held] : p.claims)
                    r.renew.push_back(n);
            }
            r.want = isolated ? 0 : std::clamp(how_.concurrency - busy, 0, 256);
            r.fetch_order = {{"a", r.want, false}};
            r.take_suspects = !quarantine;
            r.joins_suspects = now - p.born >= 3 * how_.lease_ms / 2;
            work::exchange_answer const a = b_.exchange(r);
            for (work::claim_number const n : a.lost)
                p.claims.erase(n);
            if (a.claim != 0) {
                held_claim& got = p.claims[a.claim];
                for (auto const& j : a.jobs)
                    got.jobs.push_back({std::string(j.id), now});
                got.suspects = a.suspects;
                got.isolated = a.isolate;
                got.quarantined_until = now + a.quarantine_ms;
            }
            if (!a.more && a.claim == 0)
                return;
        }
    }

    broker_subject& b_;
    settings how_;
    std::vector<process> pools_;
    std::map<std::string, work_item> jobs_;
    std::set<std::string> done_;
    std::int64_t batch_;
    std::string born_;
    int started_ = 0;
};

}  // namespace work_test
