// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstdint>
#include <deque>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/broker_invariants.hpp"
#include "support/broker_subject.hpp"
#include "support/broker_text.hpp"

namespace work_test {

/// What a test asks of an exchange; ids and lists are literals or outlive it.
struct said
{
    std::vector<work::finished_jobs> finished{};
    std::vector<work::job_outcome> outcomes{};
    std::vector<work::follow_ups> then{};
    std::vector<work::outcome_writes> writes{};
    std::vector<work::started_job> started{};
    std::vector<work::closed_claim> close{};
    std::vector<work::claim_number> renew{};
    std::vector<work::job_progress> progress{};
    std::vector<work::wanted_list> fetch_order{};
    std::vector<work::job_log_lines> logs{};
    std::vector<work::job_counts> counts{};
    std::vector<work::job_cancel> cancels_seen{};
    std::vector<work::told_order> orders_seen{};
    int want = 256;
    bool suspects = false;
    bool joins = false;
    bool discover = false;
    bool wait = false;
    bool chores = false;
    std::int64_t max_bytes = 1 << 20;
    work::retention_limits limits{};
    work::record_reader reads{};
};

/// A test of the transitions, run against memory and against a server of its own.
class transitions : public testing::TestWithParam<char const*>
{
protected:
    transitions() { start_over(); }
    void TearDown() override
    {
        if (check_invariants_) {
            for (std::string const& broken : broker_invariants::broken(b().dump()))
                ADD_FAILURE() << broken;
        }
    }

    broker_subject& b() { return *brokers_; }
    /// The same as a test at its beginning.
    void start_over()
    {
        brokers_.reset();
        numbers_.clear();
        if (std::string_view(GetParam()) == "memory") {
            brokers_ = std::make_unique<memory_subject>();
        } else {
            static auto const server = std::make_shared<private_redis>();
            brokers_ = std::make_unique<redis_subject>(server);
        }
    }

    work::new_job job(std::string id, std::string list = "a", std::string options = {})
    {
        char head[40];
        unsigned const flags = options.starts_with(" p=") ? 2 : 0;
        std::snprintf(
            head,
            sizeof head,
            "2 %04X 0000 %013lld ",
            flags,
            static_cast<long long>(b().now_ms())
        );
        work::new_job j;
        j.id = keep(std::move(id));
        j.list = keep(list);
        j.envelope = keep(head + list + options + "\n\n{}");
        if (flags != 0)
            j.priority = std::stoi(options.substr(3));
        return j;
    }
    work::new_job chosen(std::string id, std::string list = "a")
    {
        work::new_job j = job(std::move(id), std::move(list));
        std::string envelope(j.envelope);
        envelope[5] = '1';
        j.envelope = keep(std::move(envelope));
        j.chosen_id = true;
        return j;
    }
    work::enqueue_answer enqueue(std::vector<work::new_job> jobs)
    {
        return enqueue_as(++batch_, std::move(jobs));
    }
    work::enqueue_answer enqueue_as(std::int64_t number, std::vector<work::new_job> jobs)
    {
        work::enqueue_request r;
        r.producer = "p";
        r.number = number;
        r.jobs = std::move(jobs);
        return b().enqueue(r);
    }
    /// Jobs `j0`, `j1` … in one list.
    void enqueue_many(int count, std::string const& list = "a")
    {
        std::vector<work::new_job> jobs;
        for (int i = 0; i != count; ++i)
            jobs.push_back(job("j" + std::to_string(i), list));
        enqueue(std::move(jobs));
    }

    /// The pool's next exchange. Each serves the lists a, b and c.
    work::exchange_answer exchange(std::string const& pool, said words = {})
    {
        std::int64_t& number = numbers_[pool];
        return exchange_as(pool, ++number, std::move(words));
    }
    work::exchange_answer exchange_as(std::string const& pool, std::int64_t number, said words = {})
    {
        work::exchange_request r;
        r.pool = pool;
        r.number = number;
        r.lease_ms = lease_ms;
        r.finished = std::move(words.finished);
        r.outcomes = std::move(words.outcomes);
        r.then = std::move(words.then);
        r.writes = std::move(words.writes);
        r.started = std::move(words.started);
        r.close = std::move(words.close);
        r.renew = std::move(words.renew);
        r.progress = std::move(words.progress);
        r.logs = std::move(words.logs);
        r.counts = std::move(words.counts);
        r.cancels_seen = std::move(words.cancels_seen);
        r.orders_seen = std::move(words.orders_seen);
        r.fetch_order = std::move(words.fetch_order);
        r.want = words.want;
        r.take_suspects = words.suspects;
        r.joins_suspects = words.joins;
        r.discover = words.discover;
        r.will_wait = words.wait;
        r.chores = words.chores;
        r.max_bytes = words.max_bytes;
        r.limits = words.limits;
        r.reads = words.reads;
        if (number == 1)
            r.serves = {{"*a", 0}, {"*b", 1}, {"*c", 2}};
        return b().exchange(r);
    }
    /// Claims from one list.
    work::exchange_answer claim(
        std::string const& pool,
        int take = 256,
        std::string_view list = "*a"
    )
    {
        return exchange(pool, {.fetch_order = {{list, take, false}}, .want = take});
    }
    /// Somebody beats often enough that no time passed counts as an outage.
    void live_through(std::int64_t ms, std::vector<work::claim_number> renewed = {})
    {
        for (; ms > 0; ms -= 5'000) {
            b().pass(std::min<std::int64_t>(ms, 5'000));
            exchange("beat", {.renew = renewed, .want = 0});
        }
    }
    /// Jobs are cancelled, and those that run have ended.
    void cancel_all(std::vector<std::string> const& ids)
    {
        b().cancel(ids);
        for (std::string const& id : ids) {
            auto const record = b().job(id);
            if (record.state == work::job_state::active)
                exchange(
                    record.pool,
                    {.outcomes = {{record.claim, id, work::outcome_kind::cancelled, 0, {}}},
                     .want = 0}
                );
        }
    }
    /// Somebody claims all of a list and dies, twice: its jobs are suspect. Others live on.
    void make_suspect(std::string_view list = "*a", std::vector<work::claim_number> renewed = {})
    {
        for (int i = 0; i != 2; ++i) {
            claim("victim" + std::to_string(++victims_), 256, list);
            live_through(i == 0 ? 16'000 : 22'000, renewed);
        }
    }
    static std::string ids(work::exchange_answer const& a)
    {
        std::string all;
        for (auto const& j : a.jobs)
            all += (all.empty() ? "" : " ") + std::string(j.id);
        return all;
    }
    static std::string codes(work::exchange_answer const& a)
    {
        std::string all;
        for (auto const c : a.finished)
            all += static_cast<char>(c);
        for (auto const c : a.outcomes)
            all += static_cast<char>(c);
        for (auto const c : a.started)
            all += static_cast<char>(c);
        return all;
    }
    work::job_state state(std::string const& id) { return b().job(id).state; }
    /// The failures that are kept of the jobs of this one's segment.
    std::string failures_key(std::string_view id)
    {
        auto const segment = work::id_segment(id);
        return key("failures:" + std::string(segment.data(), segment.size()));
    }
    std::string key(std::string const& name)
    {
        auto const dump = b().dump();
        auto const found = dump.find(name);
        return found == dump.end() ? "-" : found->second;
    }
    std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

    std::int64_t lease_ms = 15'000;
    bool check_invariants_ = true;

private:
    std::unique_ptr<broker_subject> brokers_;
    std::deque<std::string> texts_;
    std::map<std::string, std::int64_t> numbers_;
    std::int64_t batch_ = 0;
    int victims_ = 0;
};

inline auto const both_sides = testing::Values("memory", "redis");
inline std::string side_name(testing::TestParamInfo<char const*> const& side)
{
    return side.param;
}

}  // namespace work_test
