// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Many schedulers of the same entries, which die between seeing one due and firing it, or before
// they hear that they did; and people who change entries meanwhile.

#include <boost/asio/co_spawn.hpp>

#include <map>
#include <random>
#include <set>

#include "cron/clocked.hpp"

namespace {

using namespace cron_tests;

enum class accident { none, before, after };

/// The way of one scheduler to the broker.
class frail : public work::forwarding_broker
{
public:
    frail(std::shared_ptr<work::broker> to, std::function<accident()> next)
        : forwarding_broker(std::move(to)),
          next_(std::move(next))
    {}

    work::task<work::cron_answer> fire_cron(work::cron_fire fire) override
    {
        accident const happens = next_();
        if (happens == accident::before)
            throw work::error(work::errc::closed);
        work::cron_answer answer = co_await to().fire_cron(std::move(fire));
        if (answer.code == work::cron_code::done)
            ++done;
        if (answer.code == work::cron_code::known)
            ++known;
        if (happens == accident::after)
            throw work::error(work::errc::closed);
        co_return answer;
    }

    int done = 0, known = 0;

private:
    std::function<accident()> next_;
};

struct scheduler
{
    std::shared_ptr<frail> way;
    std::unique_ptr<work::client> client;
    std::optional<work::cron> cron;
};

class cron_fleet : public clocked
{
protected:
    void start(scheduler& one)
    {
        done += one.way ? one.way->done : 0;
        known += one.way ? one.way->known : 0;
        one.cron.reset();
        one.client.reset();
        one.way = std::make_shared<frail>(make_broker(), [this] {
            auto const lot = random_() % 100;
            return lot < 4 ? accident::before : lot < 8 ? accident::after : accident::none;
        });
        one.client = make_client(one.way);
        one.cron.emplace(*one.client);
    }
    // All of them see the same, and each acts on it.
    void let_all(std::vector<scheduler*> const& some)
    {
        std::size_t left = some.size();
        std::vector<scheduler*> dead;
        io.restart();
        for (scheduler* const one : some)
            boost::asio::co_spawn(
                io,
                one->cron->fire_due(),
                [&, one](std::exception_ptr failure, std::size_t) {
                    --left;
                    if (failure)
                        dead.push_back(one);
                }
            );
        auto const until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (left > 0 && io.run_one_until(until) != 0) {
        }
        ASSERT_EQ(left, 0u);
        for (scheduler* const one : dead) {
            ++killed;
            start(*one);
        }
    }

    std::mt19937 random_{20'261'130};
    int done = 0, known = 0, killed = 0;
};

TEST_P(cron_fleet, of_32_fires_a_thousand_times_once_each_across_changes_of_clocks)
{
    constexpr int schedulers = 32;
    std::string const zones[] = {
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "America/St_Johns",
        "Pacific/Auckland"
    };
    work::cron_options all;
    all.missed = work::missed::all;
    all.most_missed = 256;
    std::map<std::string, std::set<std::int64_t>> expected;
    std::int64_t const begin = now(), end = ms("2026-04-10T00:00:00Z");
    std::size_t times = 0;
    for (std::string const& zone : zones) {
        std::string const name = zone.substr(zone.find('/') + 1);
        all.zone = zone;
        put(name, "*/30 1-3 * * *", all);
        work::cron_schedule const schedule("*/30 1-3 * * *");
        auto const where = work::find_time_zone(zone);
        auto at = work::cron_time(std::chrono::milliseconds(begin));
        for (auto next = schedule.next(at, where); next && next->time_since_epoch().count() <= end;
             next = schedule.next(*next, where)) {
            expected[name].insert(next->time_since_epoch().count());
            ++times;
        }
    }
    EXPECT_GT(times, 1'000u);
    std::vector<scheduler> fleet(schedulers);
    for (scheduler& one : fleet)
        start(one);
    while (now() < end) {
        // To the next time, and now and then past some of them, or a little back.
        work::due_crons const look = get(client->broker()->ask_due_crons(1));
        std::int64_t to = std::max(look.next_ms, now());
        if (random_() % 10 == 0)
            to += 1'000 * static_cast<std::int64_t>(random_() % 20'000);
        if (random_() % 20 == 0)
            set_time(now() - 600'000);
        set_time(std::min(to, end));
        std::vector<scheduler*> some;
        for (scheduler& one : fleet)
            if (random_() % 3 == 0)
                some.push_back(&one);
        let_all(some);
    }
    fire();
    for (scheduler& one : fleet) {
        done += one.way->done;
        known += one.way->known;
    }
    EXPECT_GT(killed, 100);
    EXPECT_EQ(known, 0) << "only the ids kept some time from firing twice";
    EXPECT_EQ(pending(), static_cast<std::int64_t>(times));
    for (auto const& [name, instants] : expected)
        for (std::int64_t const at : instants)
            ASSERT_TRUE(is_pending("cron:" + name + ":" + std::to_string(at)))
                << name << " at " << work::format_rfc3339(at);
    RecordProperty("killed", killed);
}

// What the scheduler saw due is changed before it fires; then it is due as it is now.
TEST_P(cron_fleet, fires_nothing_that_was_changed_after_it_was_seen)
{
    put("a", "* * * * *");
    std::function<void()> meanwhile;
    auto const changing = [&](std::function<work::task<void>()> change) {
        struct late final : work::forwarding_broker
        {
            late(std::shared_ptr<work::broker> to, std::function<work::task<void>()> first_of)
                : forwarding_broker(std::move(to)),
                  first(std::move(first_of))
            {}
            work::task<work::cron_answer> fire_cron(work::cron_fire fire) override
            {
                if (auto const now = std::exchange(first, {})) {
                    co_await now();
                }
                work::cron_answer answer = co_await to().fire_cron(std::move(fire));
                co_return answer;
            }
            std::function<work::task<void>()> first;
        };
        auto const own = make_client(std::make_shared<late>(make_broker(), std::move(change)));
        work::cron other{*own};
        return get(other.fire_due());
    };
    set_time("2026-03-01T00:01:00Z");
    EXPECT_EQ(
        changing([&]() -> work::task<void> {
            work::new_job job = work::make("tick", 2);
            co_await cron->put("a", "30 * * * *", job);
        }),
        0u
    );
    EXPECT_EQ(pending(), 0);
    set_time("2026-03-01T00:30:00Z");
    EXPECT_EQ(changing([&]() -> work::task<void> { co_await cron->pause("a"); }), 0u);
    EXPECT_EQ(pending(), 0);
    get(cron->resume("a"));
    set_time("2026-03-01T01:30:00Z");
    EXPECT_EQ(changing([&]() -> work::task<void> { co_await cron->remove("a"); }), 0u);
    EXPECT_EQ(pending(), 0);
    put("a", "* * * * *");
    set_time("2026-03-01T01:31:00Z");
    // Somebody else fired it: both saw it.
    EXPECT_EQ(changing([&]() -> work::task<void> { co_await cron->fire_due(); }), 0u);
    EXPECT_EQ(pending(), 1);
    // Run by hand meanwhile: it still is due, and fires.
    set_time("2026-03-01T01:32:00Z");
    EXPECT_EQ(changing([&]() -> work::task<void> { co_await cron->trigger("a"); }), 1u);
    EXPECT_EQ(pending(), 3);
}

INSTANTIATE_TEST_SUITE_P(on, cron_fleet, testing::Values("memory", "redis"), broker_name);

}  // namespace
