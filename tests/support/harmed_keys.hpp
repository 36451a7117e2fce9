// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client.hpp>
#include <work/inspector.hpp>

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <cstdio>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/broker_redis.hpp"
#include "support/broker_subject.hpp"
#include "support/run_task.hpp"

namespace work_test {

/// A namespace with jobs in every state and three pools: `busy` runs jobs for long, `gone` has just
/// died with some, and `worker` takes whatever it is given and is done with it half a second later.
/// Then somebody harms a key.
class harmed_keys
{
public:
    static constexpr std::int64_t lease_ms = 3'000, round_ms = 500;

    explicit harmed_keys(std::shared_ptr<private_redis> server, script_mutation mutation = {})
        : server_(server),
          broker_(server, mutation)
    {
        prepare();
    }

    redis_subject& broker() { return broker_; }
    std::vector<std::string> const& notes() const { return notes_; }
    /// Whether jobs are looked for that are in no place.
    bool sweeps()
    {
        auto& redis = broker_.connection();
        return redis.call("EXISTS", broker_.prefix() + "sweep").integer() == 1 ||
               !redis.call("HGET", broker_.prefix() + "broker", "astray").is_null();
    }

    /// At most three of a kind; of claims, groups and what belongs to them all.
    static std::vector<std::string> some_of(state_dump const& dump)
    {
        std::map<std::string, int> kinds;
        std::vector<std::string> some;
        for (auto const& [key, text] : dump) {
            std::string const kind = key.substr(0, key.find(':'));
            bool const all = kind == "claim" || kind == "left" || kind == "group";
            if (++kinds[kind] <= 3 || all)
                some.push_back(key);
        }
        return some;
    }

    void overwrite(std::string const& key)
    {
        broker_.connection().call("SET", broker_.prefix() + key, "by hand");
        remember();
    }
    void remove(std::string const& key)
    {
        broker_.connection().call("DEL", broker_.prefix() + key);
        remember();
    }
    /// The pools go on.
    void live(std::int64_t ms)
    {
        for (; ms > 0; ms -= round_ms) {
            broker_.pass(round_ms);
            exchange_busy();
            exchange_worker();
        }
    }
    /// `busy` is done with what it runs.
    void finish_busy()
    {
        words_ said;
        for (auto& [claim, ids] : held_) {
            for (std::string const& id : ids)
                done_.insert(id);
            said.finished.push_back({claim, {ids.begin(), ids.end()}});
            said.close.emplace_back(claim, sizes_[claim]);
        }
        exchange("busy", said);
        held_.clear();
    }
    /// As `work doctor --repair`.
    std::size_t repair()
    {
        boost::asio::io_context io;
        work::client_options options;
        options.ns = "t";
        work::client client(io, "unix://" + server_->socket(), options);
        work::inspector look(client);
        auto found = work::testing::run_task(io, look.strays());
        std::size_t const count = found.size();
        if (count > 0)
            work::testing::run_task(io, look.take_back(std::move(found)));
        return count;
    }

    /// What is wrong: jobs that did not run, or ran when they should not.
    std::vector<std::string> wrong()
    {
        std::vector<std::string> all = wrong_;
        for (std::string const& id : expected_) {
            if (!done_.contains(id))
                all.push_back(id + " did not run");
        }
        for (std::string const& id : dead_) {
            if (remaining_.contains(id) &&
                broker_.connection().call("ZSCORE", broker_.prefix() + "dead", id).is_null())
                all.push_back(id + " is not dead any more");
        }
        return all;
    }
    /// Jobs that were to run when the key was harmed, and whose records remained.
    std::size_t expected() const { return expected_.size(); }

private:
    struct words_
    {
        std::vector<work::finished_jobs> finished{};
        std::vector<work::job_outcome> outcomes{};
        std::vector<work::closed_claim> close{};
        std::vector<work::claim_number> renew{};
        std::vector<work::job_progress> progress{};
        std::string list{};
        int want = 0;
        bool suspects = false, chores = false;
    };

    work::exchange_answer exchange(std::string const& pool, words_ const& said)
    {
        work::exchange_request r;
        r.pool = pool;
        r.number = ++numbers_[pool];
        r.lease_ms = lease_ms;
        if (r.number == 1)
            r.serves = {{"*a", 0}, {"*b", 1}};
        r.finished = said.finished;
        r.outcomes = said.outcomes;
        r.close = said.close;
        r.renew = said.renew;
        r.progress = said.progress;
        r.want = said.want;
        r.take_suspects = said.suspects;
        r.chores = said.chores;
        r.discover = said.list.empty() && said.want > 0;
        if (!said.list.empty())
            r.fetch_order = {{said.list, said.want, false}};
        broker_.show(pool);
        auto answer = broker_.exchange(r);
        notes_.insert(notes_.end(), answer.notes.begin(), answer.notes.end());
        return answer;
    }

    void exchange_busy()
    {
        words_ said;
        for (auto const& [claim, ids] : held_)
            said.renew.push_back(claim);
        for (auto const lost : exchange("busy", said).lost)
            held_.erase(lost);
    }
    void exchange_worker()
    {
        words_ said;
        said.want = 64;
        said.suspects = said.chores = true;
        for (auto const& [claim, ids] : worked_) {
            said.finished.push_back({claim, {ids.begin(), ids.end()}});
            said.close.emplace_back(claim, static_cast<std::int64_t>(ids.size()));
        }
        auto const got = exchange("worker", said);
        // What it said after the lease was lost changes nothing: the job runs again.
        for (std::size_t i = 0; i != said.finished.size(); ++i) {
            auto const& ids = worked_[said.finished[i].claim];
            if (got.finished[i] != work::outcome_code::lease_lost)
                done_.insert(ids.begin(), ids.end());
        }
        worked_.clear();
        for (auto const& job : got.jobs) {
            std::string const id(job.id);
            if (done_.contains(id))
                wrong_.push_back(id + " runs again");
            if (dead_.contains(id))
                wrong_.push_back(id + " was dead and runs");
            for (auto const& [claim, ids] : held_) {
                if (ids.contains(id))
                    wrong_.push_back(id + " runs twice at once");
            }
            if (!worked_[got.claim].insert(id).second)
                wrong_.push_back(id + " is handed out twice at once");
        }
    }

    void add(
        std::string const& kind,
        int count,
        std::string const& list = "a",
        std::int64_t delay_ms = 0,
        int priority = 0
    )
    {
        work::enqueue_request r;
        r.producer = "p";
        r.number = ++batches_;
        for (int i = 0; i != count; ++i) {
            work::new_job job;
            job.id = texts_.emplace_back(kind + std::to_string(i));
            job.list = texts_.emplace_back(list);
            char head[40];
            std::snprintf(
                head,
                sizeof head,
                "2 %04X 0000 %013lld ",
                priority ? 2 : 0,
                static_cast<long long>(broker_.now_ms())
            );
            job.envelope = texts_.emplace_back(
                head + list + (priority ? " p=" + std::to_string(priority) : "") + "\n\n{}"
            );
            job.delay_ms = delay_ms;
            job.priority = priority;
            r.jobs.push_back(job);
            ids_.insert(std::string(job.id));
        }
        broker_.enqueue(r);
    }
    void hold(work::exchange_answer const& a)
    {
        for (auto const& job : a.jobs)
            held_[a.claim].insert(std::string(job.id));
        sizes_[a.claim] = static_cast<std::int64_t>(a.jobs.size());
    }
    void pass(std::int64_t ms)
    {
        for (; ms > 0; ms -= round_ms) {
            broker_.pass(round_ms);
            exchange_busy();
        }
    }
    work::exchange_answer claim(std::string const& pool, int want, std::string list)
    {
        return exchange(pool, {.list = std::move(list), .want = want});
    }
    void prepare()
    {
        // Twice their pools died: suspects. One group of them has died a third time.
        add("suspect", 40, "b");
        for (char const* const victim : {"victim1", "victim2"}) {
            claim(victim, 64, "*b");
            pass(5'000);
        }
        add("long", 3);
        hold(claim("busy", 3, "*a"));
        add("longer", 40);
        hold(claim("busy", 40, "*a"));
        exchange("victim3", {.list = "*b", .want = 64, .suspects = true});
        add("dead", 3);
        words_ said;
        std::deque<std::string> names;
        auto const speak = [&](work::exchange_answer const& a,
                               work::outcome_kind kind,
                               std::int64_t number,
                               std::string_view text) {
            for (auto const& job : a.jobs)
                said.outcomes.push_back({a.claim, names.emplace_back(job.id), kind, number, text});
        };
        auto a = claim("busy", 3, "*a");
        speak(a, work::outcome_kind::dead, 0, "{}");
        for (auto const& job : a.jobs)
            dead_.insert(std::string(job.id));
        said.close = {{a.claim, 3}};
        exchange("busy", said);
        add("retried", 5);
        add("done", 3);
        add("left", 2);
        a = claim("busy", 5, "*a");
        said = {};
        speak(a, work::outcome_kind::retry, 15'000, "{}");
        said.close = {{a.claim, 5}};
        exchange("busy", said);
        a = claim("busy", 3, "*a");
        said = {};
        speak(a, work::outcome_kind::complete, 100'000, "{}");
        for (auto const& job : a.jobs)
            done_.insert(std::string(job.id));
        said.close = {{a.claim, 3}};
        exchange("busy", said);
        // Of one claim a job has left, one is done, and one says how far it is.
        add("half", 2);
        a = claim("busy", 4, "*a");
        hold(a);
        said = {};
        said.outcomes = {{a.claim, "left0", work::outcome_kind::retry, 15'000, "{}"}};
        said.finished = {{a.claim, {"left1"}}};
        said.progress = {{a.claim, "half0", "half"}};
        exchange("busy", said);
        held_[a.claim].erase("left0");
        held_[a.claim].erase("left1");
        done_.insert("left1");
        pass(3'500);  // victim3 has lapsed, and was not settled yet
        add("lapsing", 4);
        a = claim("gone", 4, "*a");
        said = {};
        said.outcomes = {{a.claim, "lapsing0", work::outcome_kind::retry, 15'000, "{}"}};
        exchange("gone", said);
        add("lapsed", 40);
        claim("gone", 40, "*a");
        add("plain", 40);
        add("other", 10, "q:a");
        add("first", 5, "a", 0, 1);
        add("otherfirst", 2, "q:a", 0, 1);
        add("later", 8, "a", 15'000);
        add("ghost", 2);
        broker_.cancel({"ghost0", "ghost1"});
    }
    void remember()
    {
        for (std::string const& id : ids_) {
            auto const segment = work::id_segment(id);
            std::string const key =
                broker_.prefix() + "jobs:" + std::string(segment.data(), segment.size());
            auto const found = broker_.connection().call("HEXISTS", key, id);
            if (found.is_error() || found.integer() == 0)
                continue;
            remaining_.insert(id);
            if (!dead_.contains(id))
                expected_.insert(id);
        }
    }

    std::shared_ptr<private_redis> server_;
    redis_subject broker_;
    std::map<std::string, std::int64_t> numbers_;
    std::int64_t batches_ = 0;
    std::deque<std::string> texts_;
    std::vector<std::string> notes_, wrong_;
    std::set<std::string> ids_, dead_, done_, remaining_, expected_;
    std::map<work::claim_number, std::set<std::string>> held_, worked_;
    std::map<work::claim_number, std::int64_t> sizes_;
};

}  // namespace work_test
