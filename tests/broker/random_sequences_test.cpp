// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/job_change.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>
#include <map>

#include "support/broker_actors.hpp"

namespace {

using namespace work_test;

std::uint64_t from_environment(char const* name, std::uint64_t otherwise)
{
    char const* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// One sequence of steps on an empty broker, and its end: all jobs done, all pools gone.
class sequence
{
public:
    sequence(
        std::shared_ptr<private_redis> server,
        std::uint64_t seed,
        script_mutation mutation = {},
        bool sweeps = false
    )
        : brokers_(std::move(server), mutation),
          chance_(seed)
    {
        // A mutant is met after so many steps: these stay as they were.
        brokers_.writes = mutation.name.empty();
        if (sweeps)
            brokers_.sweep();
        for (char const* const name : {"p1", "p2"})
            producers_.emplace_back(brokers_, chance_, name);
        start_pool();
        start_pool();
    }

    void run(int steps)
    {
        for (int i = 1; i <= steps; ++i) {
            step();
            if (i % compare_every_ == 0)
                brokers_.compare(true);
        }
        brokers_.compare(true);
        drain();
    }

private:
    void start_pool()
    {
        pools_.emplace_back(brokers_, chance_, "pool-" + std::to_string(++started_));
    }
    std::string some_id()
    {
        if (chance_.percent(50))
            return "chosen" + std::to_string(chance_.between(0, 29));
        auto const& ids = chance_.one_of(producers_).ids;
        return ids.empty() ? "none" : chance_.one_of(ids);
    }
    std::vector<std::string> some_ids()
    {
        std::vector<std::string> ids;
        for (std::int64_t i = chance_.between(1, 4); i > 0; --i)
            ids.push_back(some_id());
        return ids;
    }
    static std::string joined(std::vector<std::string> const& ids)
    {
        std::string all;
        for (auto const& id : ids)
            all += " " + id;
        return all;
    }

    void step()
    {
        std::int64_t const what = chance_.between(0, 999);
        if (what < 200)
            producers_[static_cast<std::size_t>(chance_.between(0, 1))].step();
        else if (what < 640)
            pools_[static_cast<std::size_t>(chance_.between(0, 1))].step();
        else if (what < 740)
            pass();
        else if (what < 835)
            act();
        else if (what < 839)
            restore();
        else if (what < 845)
            pause();
        else if (what < 849)
            limit();
        else if (what < 851)
            bound();
        else if (what < 853)
            order();
        else if (what < 857)
            write_garbage();
        else if (what < 863)
            edit();
        else if (what < 875)
            cron();
        else if (what < 883)
            follow();
        else if (what < 900)
            take_wakeup();
        else if (what < 975)
            look();
        else if (what < 985)
            let_lapse();
        else if (what < 988)
            poison();
        else
            lose_pool(what < 995);
    }

    void pass()
    {
        switch (chance_.between(0, 19)) {
        case 0: brokers_.pass(-chance_.between(0, 60'000)); break;
        case 1: brokers_.pass(chance_.between(0, 120'000)); break;
        case 2:
            brokers_.pass(
                chance_.percent(10) ? 91 * std::int64_t{86'400'000}
                                    : chance_.between(3'600'000, 7'300'000)
            );
            break;
        case 3:
        case 4:
        case 5: brokers_.pass(chance_.between(5'000, 20'000)); break;
        default: brokers_.pass(chance_.between(0, 3'000)); break;
        }
    }
    void act()
    {
        using enum work::admin_action;
        using enum work::job_state;
        static work::admin_action const actions[] = {cancel, cancel, requeue, kill, remove, move};
        static work::job_states const states[] = {
            {},
            {},
            {pending, suspect, retry},
            {active, scheduled, dead, waiting},
            {dead, completed, cancelled, set_aside}
        };
        static std::string const queues[] = {"", "a", "b", "q", "an odd/queue"};
        work::admin_request request;
        request.action = chance_.one_of(actions);
        request.ids = some_ids();
        request.only = chance_.one_of(states);
        if (chance_.percent(30))
            request.seen_ms = brokers_.now_ms() - chance_.between(0, 60'000);
        request.queue = chance_.one_of(queues);
        if (chance_.percent(50))
            request.reason = "\"quoted\" \xff and \x1b";
        if (chance_.percent(50))
            request.by = "ada";
        std::string const name(work::to_string(request.action));
        brokers_.on_both(name + joined(request.ids), [&](auto& b) { return b.act(request); });
    }
    void pause()
    {
        work::pause_request request;
        request.kind = chance_.percent(60) ? work::pause_kind::queue : work::pause_kind::name;
        static std::string const queues[] = {"a", "b", "q", "an odd/queue"};
        static std::string const names[] = {"a", "b"};
        request.name = request.kind == work::pause_kind::queue ? chance_.one_of(queues)
                                                               : chance_.one_of(names);
        request.pause = chance_.percent(50);
        if (chance_.percent(50))
            request.for_ms = chance_.between(1, 20'000);
        else if (chance_.percent(40))
            request.until_ms = brokers_.now_ms() + chance_.between(-1'000, 90'000);
        if (chance_.percent(50))
            request.reason = "\"until_ms\":5 \xff,{";
        request.by = "ada";
        brokers_.on_both((request.pause ? "pause " : "resume ") + request.name, [&](auto& b) {
            return b.pause(request);
        });
    }
    // Whoever acts on an entry saw it now, or some time before.
    void cron()
    {
        std::string const name = "cron" + std::to_string(chance_.between(0, 2));
        work::cron_record seen;
        if (chance_.percent(80)) {
            auto const now =
                brokers_.on_both("show " + name, [&](auto& b) { return b.cron(name); });
            seen = now.record.value_or(work::cron_record());
            crons_seen_[name] = seen;
        } else {
            seen = crons_seen_[name];
        }
        std::int64_t const next = brokers_.now_ms() + chance_.between(-5'000, 60'000);
        if (chance_.percent(55)) {
            work::cron_fire fire;
            fire.name = name;
            fire.seen_revision = seen.revision;
            fire.seen_next_ms = seen.next_ms;
            fire.next_ms = seen.next_ms == 0 ? 0 : next;
            fire.unless_live = chance_.percent(40);
            fire.text = ",\"jobs\":" + std::to_string(chance_.between(0, 9)) + "}";
            for (std::int64_t i = chance_.between(0, 3); i > 0; --i) {
                std::string const id = "chosen" + std::to_string(chance_.between(0, 29));
                work::new_job job;
                job.id = id;
                job.list = chance_.percent(70) ? "a" : "q:b";
                job.envelope = "2 0001 0000 " + std::to_string(brokers_.now_ms()) + " " + job.list +
                               "\n\n{}" + std::string(chance_.percent(20) ? 9'000 : 0, 'x');
                job.chosen_id = true;
                fire.jobs.push_back(std::move(job));
                fire.job = id;
            }
            brokers_.on_both("fire " + name, [&](auto& b) { return b.fire_cron(fire); });
        } else {
            work::cron_change change;
            change.name = name;
            change.seen_revision = seen.revision;
            change.seen_next_ms = seen.next_ms;
            change.remove = chance_.percent(20);
            bool const paused = chance_.percent(30);
            change.next_ms = paused ? 0 : next;
            change.paused_ms = paused ? -1 : 0;
            change.text = chance_.percent(50) ? "{}\nx" : "";
            brokers_.on_both("change " + name, [&](auto& b) { return b.change_cron(change); });
        }
        auto const most = static_cast<std::size_t>(chance_.between(1, 3));
        brokers_.on_both("due entries", [&](auto& b) { return b.ask_due_crons(most); });
    }
    void order()
    {
        static work::told_order const orders[] = {
            work::pool_order::quiet,
            work::pool_order::resume,
            work::pool_order::resume,
            work::pool_order::stop,
            {work::pool_order::stop, 5'000}
        };
        work::told_order const what = chance_.one_of(orders);
        std::string const pool =
            chance_.percent(90) ? pools_[static_cast<std::size_t>(chance_.between(0, 1))].name()
                                : "none";
        brokers_.on_both(to_text(what) + " " + pool, [&](auto& b) { return b.order(pool, what); });
    }
    void limit()
    {
        static std::string const limits[] = {"x", "y", "name:a"};
        work::limit_change change;
        change.name = chance_.one_of(limits);
        change.remove = chance_.percent(15);
        change.slots = chance_.percent(20) ? 300 : chance_.between(0, 4);
        change.who = "ada";
        if (chance_.percent(70)) {
            change.scope.emplace();
            for (char const* const queue : {"a", "b", "q", "an odd/queue"})
                if (chance_.percent(30))
                    change.scope->queues.emplace_back(queue);
            for (char const* const name : {"a", "b"})
                if (chance_.percent(30))
                    change.scope->names.emplace_back(name);
        }
        brokers_.on_both("limit " + change.name, [&](auto& b) { return b.change_limit(change); });
    }
    void bound()
    {
        static std::string const queues[] = {"a", "b", "mail", "d ", "an odd/queue"};
        static work::when_full const answers[] =
            {work::when_full::refuse, work::when_full::wait, work::when_full::drop_oldest};
        work::bound_change change;
        change.queue = chance_.one_of(queues);
        change.remove = chance_.percent(25);
        change.most = chance_.between(1, 30);
        change.full = chance_.one_of(answers);
        change.who = "ada";
        brokers_.on_both("bound " + change.queue, [&](auto& b) { return b.change_bound(change); });
    }
    void remove_bounds()
    {
        for (work::bound_state const& one :
             brokers_.on_both("bounds", [](auto& b) { return b.bounds(); }).bounds) {
            work::bound_change change;
            change.queue = one.queue;
            change.remove = true;
            brokers_.on_both("unbound " + one.queue, [&](auto& b) {
                return b.change_bound(change);
            });
        }
    }
    // None lets nothing through for ever; all are gone at the end.
    void open_limits(bool remove)
    {
        for (work::limit_state const& one :
             brokers_.on_both("limits", [](auto& b) { return b.limits({}); }).limits) {
            work::limit_change change;
            change.name = one.name;
            change.remove = remove;
            change.slots = std::max<std::int64_t>(one.slots, 1);
            brokers_.on_both("open " + one.name, [&](auto& b) { return b.change_limit(change); });
        }
    }
    void resume_all()
    {
        for (work::pause_info const& one :
             brokers_.on_both("counts", [](auto& b) { return b.counts(); }).paused) {
            work::pause_request request;
            request.kind = one.kind;
            request.name = one.name;
            request.pause = false;
            brokers_.on_both("resume " + one.name, [&](auto& b) { return b.pause(request); });
        }
    }
    void restore()
    {
        static std::string const records[] = {
            "2 0008 0003 1790000000000 b\n\n{}",
            "2 00 0000 1790000000000 b\n\n{}",
            "2 0000 0000 1790000000000 c\n\n" + std::string(9'000, 'z')
        };
        // Few records are set aside: one of them, where there is one.
        auto const aside = broker_invariants::members(brokers_.dump(), "set_aside_at");
        std::string const id = aside.empty() ? some_id() : chance_.one_of(aside);
        std::string const& bytes = chance_.one_of(records);
        if (chance_.percent(30)) {
            std::vector<std::string> const ids{id};
            brokers_.on_both("requeue " + id, [&](auto& b) { return b.requeue(ids); });
            return;
        }
        brokers_.on_both("restore " + id, [&](auto& b) { return b.restore(id, bytes); });
    }
    /// Other bytes for a job that waits: in place, into another list, beside it, apart.
    void edit()
    {
        std::string const id = some_id();
        auto const seen = brokers_.on_both("job " + id, [&](auto& b) { return b.job(id); });
        if (seen.envelope.empty())
            return;
        work::job_change change;
        std::string const args = "[" + std::string(chance_.percent(10) ? 9'000 : 3, '1') + "]";
        if (chance_.percent(50))
            change.args = args;
        if (chance_.percent(40))
            change.priority = static_cast<int>(chance_.between(-2, 2));
        if (chance_.percent(40))
            change.queue = chance_.percent(50) ? "" : "other";
        if (chance_.percent(40))
            change.options = chance_.percent(50) ? R"({"tags":["x"]})" : R"({"tags":null})";
        work::edit_request request;
        request.id = id;
        request.version = chance_.percent(10) ? "another" : seen.version;
        if (chance_.percent(50))
            request.due_ms = brokers_.now_ms() + chance_.between(-1'000, 60'000);
        try {
            request.envelope = work::detail::edited_envelope(seen.envelope, change);
        } catch (work::error const&) {
            request.envelope = "garbage";
        }
        brokers_.on_both("edit " + id, [&](auto& b) { return b.edit(request); });
    }
    void follow()
    {
        std::vector<std::string> const ids = some_ids();
        std::string const who =
            chance_.percent(20) ? "{" : "client" + std::to_string(chance_.between(0, 19));
        brokers_.on_both("follow " + who + joined(ids), [&](auto& b) {
            return b.follow(ids, who);
        });
    }
    void write_garbage()
    {
        static std::string const garbage[] = {
            "",
            "garbage",
            "2 00 0000 1790000000000 a\n\n{}",
            "2 000G 0000 1790000000000 a\n\n{}",
            std::string("\0\n,\xff", 4)
        };
        std::string const id = some_id();
        std::string const& bytes = chance_.one_of(garbage);
        brokers_.do_both("garbage into " + id, [&](auto& b) { b.overwrite(id, bytes); });
    }
    void take_wakeup()
    {
        std::string const list = chance_.one_of(random_served(chance_.percent(60)));
        bool mine = false, theirs = false;
        int turn = 0;
        brokers_.do_both("take wakeup " + list, [&](auto& b) {
            (turn++ == 0 ? mine : theirs) = b.take_wakeup(list);
        });
        if (mine != theirs)
            brokers_.disagree("a wakeup is on one side only");
    }
    void look()
    {
        std::string const id = some_id();
        std::vector<std::string> const lists{
            chance_.one_of(random_served(chance_.percent(50))),
            "never used"
        };
        switch (chance_.between(0, 9)) {
        case 0: brokers_.on_both("counts", [](auto& b) { return b.counts(); }); break;
        case 1:
            brokers_.on_both("outstanding", [&](auto& b) { return b.outstanding(lists); });
            break;
        default: brokers_.on_both("job " + id, [&](auto& b) { return b.job(id); }); break;
        }
    }
    // One pool hangs for longer than its lease, while the other goes on.
    void let_lapse()
    {
        auto& other = pools_[static_cast<std::size_t>(chance_.between(0, 1))];
        for (int i = 0; i != 8; ++i) {
            brokers_.pass(chance_.between(2'000, 2'900));
            other.step();
        }
    }
    // Pools come, take what there is, and are gone: what they took is suspect.
    // No more than three pools are known at a time: of more, chores look at some by lot.
    void poison()
    {
        if (!dead_.empty())
            leave(std::exchange(dead_, {}));
        for (std::int64_t round = chance_.between(3, 12); round > 0; --round) {
            random_pool victim(brokers_, chance_, "pool-" + std::to_string(++started_), true);
            victim.exchange();
            leave(victim.name());
            for (int i = 0; i != 7; ++i) {
                brokers_.pass(2'500);
                pools_[static_cast<std::size_t>(i % 2)].keep();
            }
        }
    }
    // It dies, and is forgotten later (by somebody's `leave` or by chores), or it leaves.
    void lose_pool(bool dies)
    {
        auto& pool = pools_[static_cast<std::size_t>(chance_.between(0, 1))];
        std::string const name = pool.name();
        if (dies && dead_.empty()) {
            brokers_.do_both("last beat of " + name, [&](auto& b) { b.beat(name); });
            dead_ = name;
        } else {
            if (dies)
                brokers_.do_both("kill " + name, [&](auto& b) { b.silence(name); });
            leave(dies ? std::exchange(dead_, name) : name);
        }
        pool = random_pool(brokers_, chance_, "pool-" + std::to_string(++started_));
    }
    void leave(std::string const& name)
    {
        std::vector<std::string> const lists = random_served(chance_.percent(50));
        brokers_.do_both("leave " + name, [&](auto& b) { b.leave(name, lists); });
    }

    void drain()
    {
        for (auto const& pool : pools_)
            leave(pool.name());
        if (!dead_.empty())
            leave(dead_);
        resume_all();
        open_limits(false);
        random_pool last(brokers_, chance_, "pool-last", true);
        for (int turn = 0; turn != 1'000; ++turn) {
            brokers_.pass(2'000);  // longer steps would be taken for outages
            last.exchange();
            auto const state = brokers_.dump();
            auto const dead = broker_invariants::members(state, "dead");
            if (!dead.empty())
                brokers_.on_both("cancel dead", [&](auto& b) { return b.remove(dead); });
            auto const counts = brokers_.on_both("counts", [](auto& b) { return b.counts(); });
            if (counts.pending + counts.active + counts.suspect + counts.scheduled + counts.retry +
                        counts.dead ==
                    0 &&
                !state.contains("leases") && last.holds_nothing()) {
                if (counts.waiting == 0 && !state.contains("uncommitted"))
                    break;
                brokers_.pass(200'000);  // till what was never stored whole is given up
            }
        }
        for (work::limit_state const& one :
             brokers_.on_both("limits", [](auto& b) { return b.limits({}); }).limits) {
            if (one.held != 0 || !one.waiters.empty())
                brokers_.disagree("limit " + one.name + " has holders or waiters after the drain");
        }
        open_limits(true);
        remove_bounds();
        leave("pool-last");
        brokers_.do_both("silence", [](auto& b) { b.silence("pool-last"); });
        brokers_.compare(true);
        auto const left = broker_invariants::left_behind(brokers_.dump());
        if (!left.empty())
            brokers_.disagree("left after the drain:" + joined(left));
    }

    broker_pair brokers_;
    dice chance_;
    std::deque<random_producer> producers_;
    std::map<std::string, work::cron_record> crons_seen_;
    std::deque<random_pool> pools_;
    std::string dead_;
    int started_ = 0;
    int compare_every_ = static_cast<int>(from_environment("WORK_COMPARE_EVERY", 100));
};

/// Four of 8 000 steps each, so that none takes long; with a seed the first alone. In every other
/// one chores sweep all the time.
class random_sequences : public testing::TestWithParam<int>
{};

TEST_P(random_sequences, memory_and_redis_agree_and_keep_the_invariants)
{
    constexpr std::uint64_t per_sequence = 1'000;
    std::uint64_t const steps = from_environment("WORK_STEPS", 8'000);
    std::uint64_t const now = static_cast<std::uint64_t>(
        std::chrono::system_clock::now().time_since_epoch().count() / 1000
    );
    std::uint64_t const seed = from_environment("WORK_SEED", now);
    bool const always = from_environment("WORK_SWEEPS", 0) != 0;
    if (seed != now && GetParam() > 0)
        GTEST_SKIP() << "WORK_SEED is replayed by the first";
    std::printf(
        "replay: WORK_SEED=%llu WORK_STEPS=%llu\n",
        static_cast<unsigned long long>(seed),
        static_cast<unsigned long long>(steps)
    );
    auto const server = std::make_shared<private_redis>();
    for (std::uint64_t done = 0; done < steps; done += per_sequence) {
        try {
            sequence one(server, seed + done, {}, GetParam() % 2 == 1 || always);
            one.run(static_cast<int>(std::min(per_sequence, steps - done)));
        } catch (std::exception const& e) {
            FAIL() << "WORK_SEED=" << seed + done << " WORK_STEPS=" << per_sequence
                   << " WORK_SWEEPS=" << (GetParam() % 2 == 1 || always ? 1 : 0)
                   << " replays this\n"
                   << e.what();
        }
    }
}

INSTANTIATE_TEST_SUITE_P(parts, random_sequences, testing::Range(0, 4));

// The test must be able to fail: each of these mistakes in the scripts has to be noticed.
constexpr script_mutation mutations[] = {
    {"a_word_about_a_job_that_left_is_taken",
     "if v.left and call('SISMEMBER', K .. 'left:' .. n, id) == 1 then return nil, nil, 'l' end",
     ""},
    {"a_word_after_the_lease_is_taken",
     "local v = lease_valid(n)\n",
     "local v = lease_valid(n) or {}\n  valid[n] = v\n"},
    {"finished_ignores_what_left",
     "of.left and call('SISMEMBER', K .. 'left:' .. c, id) == 1",
     "false"},
    {"a_repeated_exchange_runs_twice", "if was == number then", "if false then"},
    {"a_repeated_batch_runs_twice", "if number == ARGV[2] then return", "if false then return"},
    {"a_stale_exchange_is_heard", "elseif num(was) > tonumber(number) then", "elseif false then"},
    {"a_stale_batch_is_taken", "if num(number) > tonumber(ARGV[2]) then", "if false then"},
    {"an_outage_gives_no_grace", "elseif till - from > lease / 2 and", "elseif false and"},
    {"an_outage_is_forgotten", "  from, till = last_exchange, now\n", ""},
    {"suspects_split_off_by_one", "math.ceil(#part / 8)", "math.ceil(#part / 8) + 1"},
    {"who_was_tried_last_runs_beside_others",
     "return alone > 0 and now < alone + QUARANTINE_MAX",
     "return false"},
    {"who_was_tried_last_waits_for_ever",
     "return alone > 0 and now < alone + QUARANTINE_MAX",
     "return alone > 0"},
    {"forgotten_words_lose_jobs", "look_for_forgotten(c, tonumber(ARGV[i + 2]), spoken_of)", ""},
    {"words_are_counted_in_one_exchange_alone",
     "if valid[c] then call('INCRBY', K .. 'reported:' .. c, int(k)) end",
     ""},
    {"a_second_death_alone_is_final", "counted >= 2", "counted >= 1"},
    {"a_storm_counts", "if p ~= process and p ~= '=' .. id then return true end", ""},
    {"a_known_death_is_missed", "if not known[j] then", "if true then"},
    {"a_first_crash_makes_suspect", "if c.kind == 'j' and not longest then", "if false then"},
    {"a_retry_keeps_the_crashes",
     "call('HSET', record_key(id), id, envelope.with_word(env, 'x'))",
     "call('HSET', record_key(id), id, env)"},
    {"a_snooze_keeps_the_crashes",
     "envelope.with_word(envelope.snoozed(env), 'x')",
     "envelope.snoozed(env)"},
    {"retries_together_keep_the_crashes", "then env = envelope.with_word(env, 'x') end", "then end"
    },
    {"retries_together_forget_failures_before", "failures.with(lines[all[j - 1]], all[j])", "all[j]"
    },
    {"jobs_that_end_together_keep_failures", "gather(forgotten, s, id)", ""},
    {"jobs_that_end_together_keep_logs",
     "if not keeps_log then logs[#logs + 1] = K .. 'log:' .. id end",
     ""},
    {"jobs_that_end_together_keep_bodies", "if head.large then gather(bodies, s, id) end", ""},
    {"jobs_that_end_together_are_forgotten",
     "gather(places, 'traces', int(now + tonumber(number)), id)",
     ""},
    {"jobs_that_end_together_stay_in_the_index", "write_all('HDEL', K .. 'claimed:', indexed)", ""},
    {"jobs_that_die_together_have_no_bytes", "keeping.count_all('dead', buried, sizes)", ""},
    {"a_second_word_in_a_row_is_taken", "if spoken[id] then", "if false then"},
    {"a_word_in_a_row_about_a_job_that_left_is_taken", "not lease or left[p] then", "not lease then"
    },
    {"a_word_in_a_row_about_a_cancelled_job_is_another", "or head.failed and cancel_word(env)", ""},
    {"what_left_together_is_not_written", "write_all('SADD', K .. 'left:', leaving)", ""},
    {"known_ids_are_stored_together", "if (known[id] or 0) <= now", "if true"},
    {"known_jobs_are_stored_together", "ARGV[i + 3]) == 1 then", "ARGV[i + 3]) ~= 2 then"},
    {"priorities_stored_together_are_not_told",
     "made_ready(list)\n        mixed[list], woken",
     "mixed[list], woken"},
    {"due_jobs_are_lost", "for _, list in ipairs(back) do enter_back(list, back[list]) end", ""},
    {"due_jobs_with_priorities_lose_them", "elseif head.priority then", "elseif false then"},
    {"jobs_due_later_do_not_say_when", "later and with_due(env, due) or env", "env"},
    {"dead_jobs_that_go_keep_their_bodies",
     "{'jobs:', 'failures:', 'bodies:'}",
     "{'jobs:', 'failures:'}"},
    {"dead_jobs_that_go_keep_their_failures",
     "{'jobs:', 'failures:', 'bodies:'}",
     "{'jobs:', 'bodies:'}"},
    {"dead_jobs_that_go_are_counted", "keeping.uncount_all(what, ids, freed)", ""},
    {"a_released_suspect_is_pending", "return valid[n].kind ~= 'j'", "return false"},
    {"the_older_group_is_first",
     "return tonumber(a) > tonumber(b)",
     "return tonumber(a) < tonumber(b)"},
    {"a_quarantine_is_too_short", "math.max(2 * longest,", "math.max(longest,"},
    {"the_reaper_forgets_what_left",
     "local left = some_left and has_left(n) or NONE",
     "local left = {}"},
    {"a_lease_is_clamped_to_anothers",
     "if lease and ends > now + 2 * lease then",
     "if lease and ends > now + 2 * lease_ms then"},
    {"what_did_not_start_is_buried",
     "if call('SISMEMBER', K .. 'started:' .. c.n, id) == 0 then",
     "if false then"},
    {"a_start_after_the_job_left_is_taken",
     "if v and not (v.left and call('SISMEMBER'",
     "if v and not (false and call('SISMEMBER'"},
    {"a_pool_that_is_to_stop_soon_is_given_jobs", "string.sub(order, 1, 7)", "order"},
    {"what_people_did_is_not_kept", "call('RPUSH', K .. 'log:' .. id, line)", "call('TIME')"},
    {"what_people_did_is_kept_without_the_flag",
     "if h and not bit(h.flags, 8) then",
     "if false then"},
    {"a_pause_never_ends_by_itself", "settles = gate.fire(id)", ""},
    {"a_paused_list_wakes",
     "if not gate.shut[list] then\n      local name",
     "if true then\n      local name"},
    {"a_cancel_leaves_no_ghost", "call('HINCRBY', K .. 'side:' .. h.list, id, 1)", ""},
    {"a_cancel_tells_nobody", "call('SADD', K .. 'orders:' .. who, n .. ' ' .. id)", ""},
    {"a_running_job_is_cancelled_at_once",
     "return kind == 'j' or kind == 's' or kind == 'i'",
     "return false"},
    {"a_cancelled_job_runs_again", "if ends_cancelled[kind] and h", "if false and h"},
    {"a_killed_job_is_cancelled", "if how == 'k' then", "if false then"},
    {"a_release_goes_to_the_end", "how == 'front' and 'LPUSH' or 'RPUSH'", "'RPUSH'"},
    {"what_is_due_now_waits",
     "if due > now then return due end",
     "if due >= now then return due end"},
    {"priority_wins_too_early", "if h and h.created < zscore then", "if false then"},
    {"priority_overtakes_behind_ghosts", "to >= #all and #all < asked)", "to >= #all)"},
    {"an_empty_list_stays_ready",
     "in_steps(#emptied, function(i, j) call('SREM', K .. 'ready', unpack(emptied, i, j)) end)",
     ""},
    {"an_empty_queue_stays_known", "for_all('SREM', K .. 'queues:' .. name, queues)", ""},
    {"a_name_stays_ready", "ready[#ready + 1] = '*' .. name\n      ready", "ready"},
    {"a_name_stays_mixed", "ready[#ready + 1] = '!' .. name\n", ""},
    {"a_queue_with_priorities_is_not_marked", "    mixed[list] = true\n  elseif", "  elseif"},
    {"a_queue_with_a_ghost_is_not_marked", "call('SADD', K .. 'ready', '!' .. name)\n    end", "end"
    },
    {"marked_queues_are_taken_as_plain", "call('SISMEMBER', ready, '!' .. name) == 0", "true"},
    {"a_plain_queue_stays_ready", "call('SREM', ready, unpack(gone))", ""},
    {"a_plain_queue_stays_known", "call('SREM', queues, unpack(gone))", ""},
    {"counts_replace_counts", "num(old) + more", "more"},
    {"a_queue_is_ready_under_its_list_alone", "ready[#ready + 1] = '*' .. name\n    for", "for"},
    {"a_queue_is_not_found_by_name", "for_all('SADD', K .. 'queues:' .. name, queues)", ""},
    {"a_list_is_not_known", "for_all('ZADD', K .. 'lists', used)", ""},
    {"nobody_is_heard_to_wait_for_a_list", "listened[list] = at[m + 1] and true", ""},
    {"the_name_is_not_woken",
     "if call('LLEN', key) == 0 and any_open(lists) then redis.call('RPUSH', key, '1') end",
     ""},
    {"other_queues_get_nothing", "pop(name, math.floor((k + number % 2) / 2))", "pop(name, k)"},
    {"all_queues_get_the_same_in_the_end", "drawn, part = rest, k", "drawn = {}"},
    {"suspects_of_a_name_are_not_served", "not (rank[1] or rank[2])", "not rank[1]"},
    {"a_dead_pool_stays_known", "if #gone > 0 then drop_pools(gone) end", ""},
    {"an_absent_pool_stays", "call('ZREM', K .. 'absent', p)", ""},
    {"a_renewal_is_of_any_claim", "lost[#lost + 1] = ARGV[j]", ""},
    {"a_trace_is_forgotten", "if trace_ms > 0 then", "if false then"},
    {"a_fence_goes_back", "fence = math.max(fence + 1, us)", "fence = us"},
    {"nobody_holds_the_alarm", "if a[1] == pool or not holder_ok then", "if a[1] == pool then"},
    {"failures_have_no_flag", "(bit(h.flags, 8) and 0 or 8)", "0"},
    {"a_job_that_left_stays_in_the_index",
     "if tonumber(n) % 2 == 0 then call('HDEL'",
     "if false then call('HDEL'"},
    {"a_finished_job_stays_in_the_index",
     "if indexed then call('HDEL', K .. 'claimed:' .. s, unpack",
     "if false then x(0, unpack"},
    {"a_lapsed_claim_stays_in_the_index",
     "if not of_segment[s] then of_segment[s] = {} end",
     "of_segment[s] = {}"},
    {"a_large_claim_stays_listed", "call('ZREM', K .. 'large_claims', c)", ""},
    {"a_requeued_dead_job_keeps_its_bytes",
     "if state == 'dead' then keeping.count('dead', id) end",
     ""},
    {"kept_records_are_not_cut", "if #text <= 1024 then return text end", "do return text end"},
    {"what_is_kept_grows", "if trims then", "if false then"},
    {"old_samples_stay", "tonumber(oldest[2]) > now - limits[3]", "true"},
    {"an_edited_job_is_lost", "if moves then enter(id, h, 'back') end", ""},
    {"an_edited_job_is_twice_there", "if moves then out_of_list(id, old) end", ""},
    {"an_action_is_on_any_state", "if not string.find(states, LETTER[state], 1, true) or", "if"},
    {"an_action_is_on_what_came_later", "since > seen", "false"},
    {"a_cancelled_job_is_not_kept", "  if ending then\n", "  if false then\n"},
    {"a_cancelled_job_is_kept_as_completed",
     "and 'cancelled' or 'completed'",
     "and 'completed' or 'completed'"},
    {"a_kill_counts_an_attempt",
     "int(h.attempts + (state == 'active' and 1 or 0))",
     "int(h.attempts + 1)"},
    {"a_moved_job_stays_in_its_list", "if state == 'pending' then out_of_list(id, h) end", ""},
    {"a_lock_keeps_nobody_out", "      elseif owner then\n", "      elseif false then\n"},
    {"a_lock_is_not_taken", "if lock then holdings.take(id", "if false then holdings.take(id"},
    {"a_lock_outlives_its_job",
     "  end\n  holdings.release(id, env, 'ended')\nend\nbury",
     "  end\nend\nbury"},
    {"a_lock_outlives_jobs_that_end_together", "lets_go(id, env, head, 'ended', outcome, text)", ""
    },
    {"a_lock_outlives_jobs_that_die_together",
     "lets_go(id, env, head, 'dead', 'dead', ARGV[p + 5])",
     ""},
    {"a_lock_outlives_dead_jobs_that_go", "holdings.release(id, envs[j], 'ended')", ""},
    {"a_lock_outlives_the_claim", "holdings.release(id, env, 'claimed')", ""},
    {"a_dead_job_lets_its_lock_go_whatever_it_is", "\n      or how == 'dead' and mode == 'u'", ""},
    {"a_lock_of_another_is_let_go",
     "if call('HGET', locks_of(key), key) == id then call('HDEL'",
     "if true then call('HDEL'"},
    {"a_lock_for_a_time_never_ends", "if tonumber(till) > now then return", "if true then return"},
    {"a_running_job_is_replaced",
     "if not h or call('HEXISTS', K .. 'claimed:' .. segment(id), id) == 1\n      or",
     "if not h or"},
    {"locks_are_lost_on_the_way_to_a_stage",
     "bit(h.flags, 32) and envelope.word(before, key) or nil",
     "nil"},
    {"a_stage_brings_a_lock_of_its_own", "    env = envelope.with_word(env, key, word)\n", ""},
    {"who_follows_is_lost_on_the_way_to_a_stage",
     "bit(flags, 64) and envelope.word(before, 'w') or nil",
     "nil"},
    {"a_dead_job_stays_followed", "  env = holdings.unfollowed(env)\n", ""},
    {"dead_jobs_together_stay_followed",
     "if dies and head.followed then env = holdings.unfollowed(env) end",
     ""},
    {"nobody_is_told_whom_it_waits_for", "      holdings.ended(id, outcome, text)\n", ""},
    {"a_job_goes_before_all_have_ended",
     "if redis.call('EXISTS', key) == 0 then let_go(child) end",
     "let_go(child)"},
    {"a_dead_job_forgets_who_waits_for_it",
     "    call('ZADD', K .. 'then:' .. e.id, '0', child)\n",
     ""},
    {"a_gate_opens_for_too_few", "num(has) ~= jobs", "false"},
    {"a_member_of_a_flow_ends_uncounted", "call('HINCRBY', key, '{left', '-1') <= 0", "false"},
    {"what_is_given_is_lost", "call('HSET', key, from, STATE_OF[letter] .. '\\n' .. text)", ""},
    {"a_running_job_is_followed_unseen",
     "if state == 'active' then call('SADD', K .. 'followed:' .. n, id) end",
     ""},
    {"a_body_stays_behind", "not string.find(env, '^%d %x%x[02468ACE]%x ')", "false"},
    {"a_cron_entry_has_a_revision_again", "'HINCRBY', K .. 'broker', 'crons', '1'", "'INCR', K"},
    {"a_cron_entry_overlaps", "and not call('ZSCORE', K .. 'dead', job) then", "and false then"},
    {"a_paused_cron_entry_is_due", "if at == '0' then", "if false then"},
    {"a_slot_stays_after_words", "if slots.known[n] then slots.free(n, leaving[n]) end", ""},
    {"a_slot_stays_after_the_fast_path", "if slots.known[c] then slots.free(c, out) end", ""},
    {"a_slot_stays_after_a_close",
     "if slots.known[c] and leaving[c] then slots.free(c, leaving[c]) end",
     ""},
    {"a_slot_stays_after_a_lapse", "slots.free_all(with_jobs)", ""},
    {"a_slot_stays_with_who_left", "  slots.free(n, {id})\n", ""},
    {"what_runs_gets_no_slot", "call('HSET', K .. 'held:' .. name, unpack(held[name]))", ""},
    {"a_slot_is_not_charged", "if slots.room(name) < math.huge then", "if false then"},
    {"a_suspect_needs_no_slot",
     "if limits[part.list] then slots.charge(limits[part.list], {id}, 1) end",
     ""},
    {"nobody_is_woken_for_a_slot", "if slots.touched[1] then slots.wake() end", ""},
    {"what_waits_at_a_limit_is_ready",
     "if not gate.shut[list] then open[#open + 1] = list end",
     "open[#open + 1] = list"},
    {"a_new_list_has_no_limits", "limited = takes_limits(list)", "limited = false"},
    {"a_replaced_job_keeps_its_body", "elseif was.large then", "elseif false then"},
    {"a_replaced_job_expires_as_before", "(bit(n, 4) and 4 or 0) +", ""},
    {"a_retrying_job_is_as_old_as_its_creation", "if state == 'retry' then", "if false then"},
    {"a_moved_dead_job_has_other_bytes",
     "if state == 'dead' then keeping.count('dead', id, whole_size(env)) end",
     ""},
    {"an_outage_gives_grace_for_ever", "and till + lease > now then", "then"},
    {"a_bound_is_for_nobody", "if not gate.bounds.on then return k end", "if true then return k end"
    },
    {"what_waited_before_is_not_counted", "waiting = gate.bounds.count(queue)", "waiting = 0"},
    {"a_refused_job_leaves_its_record",
     "call('HDEL', K .. 'jobs:' .. s, unpack(parts[s])) end\nend",
     "end\nend"},
    {"a_new_list_of_a_bounded_queue_is_not_met",
     "  gate.bounds.meet(list)\n  local names",
     "  local names"},
    {"the_newest_list_is_dropped_from", "one[3] < fronts[oldest][3]", "one[3] > fronts[oldest][3]"},
    {"a_dropped_job_keeps_what_it_holds",
     "if not h then return put_aside(id, env) end\n  local ending",
     "local function finish(id) call('HDEL', record_key(id), id) end\n  local ending"},
};

class mutants : public testing::TestWithParam<script_mutation>
{};

TEST_P(mutants, are_caught)
{
    static auto const server = std::make_shared<private_redis>();
    std::uint64_t const seed = from_environment("WORK_SEED", 20'261'122);
    int constexpr steps = 1'000;
    int constexpr sequences = 100;
    std::string caught;
    for (int done = 0; done != sequences && caught.empty(); ++done) {
        sequence one(server, seed + static_cast<std::uint64_t>(done * steps), GetParam());
        try {
            one.run(steps);
        } catch (std::exception const& e) {
            caught = e.what();
            RecordProperty("caught_in_sequence", done + 1);
        }
    }
    EXPECT_FALSE(caught.empty()) << "nothing noticed that " << GetParam().name;
    if (std::getenv("WORK_SHOW_MUTANTS") != nullptr)
        std::printf("%s\n", caught.substr(0, caught.find("--- the last")).c_str());
}

// The same while chores sweep: what has a place is never put back.
constexpr script_mutation sweep_mutations[] = {
    {"what_came_into_a_list_is_put_back", "  has_place(id)\n", ""},
    {"lists_are_not_read",
     "LRANGE', K .. 'list:' .. list, int(-from - most)",
     "LRANGE', K .. 'list:' .. list .. '?', int(-from - most)"},
    {"groups_are_not_read", "groups_of(name_of(h.list))[id]", "false"},
};

class sweep_mutants : public testing::TestWithParam<script_mutation>
{};

TEST_P(sweep_mutants, are_caught)
{
    static auto const server = std::make_shared<private_redis>();
    std::string caught;
    for (std::uint64_t seed = 20'270'000; seed != 20'270'060 && caught.empty(); ++seed) {
        sequence one(server, seed, GetParam(), true);
        try {
            one.run(1'000);
        } catch (std::exception const& e) {
            caught = e.what();
            RecordProperty("caught_in_sequence", static_cast<int>(seed - 20'269'999));
            if (std::getenv("WORK_SHOW_MUTANTS") != nullptr)
                std::printf("%d %s\n", static_cast<int>(seed), caught.c_str());
        }
    }
    EXPECT_FALSE(caught.empty()) << "nothing noticed that " << GetParam().name;
}

INSTANTIATE_TEST_SUITE_P(
    scripts,
    sweep_mutants,
    testing::ValuesIn(sweep_mutations),
    [](auto const& mutant) { return std::string(mutant.param.name); }
);

INSTANTIATE_TEST_SUITE_P(scripts, mutants, testing::ValuesIn(mutations), [](auto const& mutant) {
    return std::string(mutant.param.name);
});

}  // namespace
