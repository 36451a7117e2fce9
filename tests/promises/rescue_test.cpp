// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Promise 2 where a pool had claimed its jobs one by one: as many claims as jobs lapse at once.

#include <set>
#include <string>

#include "scene.hpp"

namespace promises {
namespace {

/// A pool of this process that serves one name, and how late each lone job of it starts.
class bystander
{
public:
    explicit bystander(scene& s) : at_(s), client_(at_.io, at_.server.url(), scene::quiet_options())
    {
        work::pool_options how;
        how.concurrency = 4;
        pool_.emplace(client_, how);
        pool_->handle("ping", [this](work::context&, std::int64_t index) -> work::task<void> {
            late_ms.push_back(static_cast<double>(steady_us() - sent_[index]) / 1000);
            co_return;
        });
        boost::asio::co_spawn(at_.io, pool_->run(), [this](std::exception_ptr) { ended_ = true; });
    }
    ~bystander()
    {
        pool_->stop();
        turn([&] { return ended_; }, 10s);
    }
    /// One more job, and waits until it has started.
    void ping()
    {
        auto const index = static_cast<std::int64_t>(sent_.size());
        sent_[index] = steady_us();
        std::size_t const before = late_ms.size();
        at_.get(at_.enqueuer.enqueue("ping", index));
        turn([&] { return late_ms.size() != before; }, 30s);
    }

    std::vector<double> late_ms;

private:
    void turn(std::function<bool()> const& done, std::chrono::milliseconds patience)
    {
        at_.io.restart();
        auto const until = std::chrono::steady_clock::now() + patience;
        while (!done() && std::chrono::steady_clock::now() < until)
            at_.io.run_one_for(10ms);
    }

    scene& at_;
    work::client client_;
    std::optional<work::worker_pool> pool_;
    std::map<std::int64_t, std::int64_t> sent_;
    bool ended_ = false;
};

class rescue : public testing::TestWithParam<std::int64_t>
{};

TEST_P(rescue, of_lone_claims_takes_a_lease_and_a_second)
{
    std::int64_t const jobs = GetParam();
    constexpr int lease_ms = 2000;
    scene s;
    auto options = s.worker_options();
    options["lease"] = std::to_string(lease_ms);
    options["concurrency"] = std::to_string(jobs);
    options["batch"] = "1";
    fleet pools(s.server.directory(), options);
    ::pid_t const first = pools.start();
    s.enqueue("sleep", 0, jobs, 600'000'000);
    auto const started = [&] {
        std::map<std::int64_t, std::int64_t> times;
        for (entry const& one : s.journal_entries())
            times[one.index] += one.kind == '+';
        return times;
    };
    auto const all = static_cast<std::size_t>(jobs);
    ASSERT_TRUE(work::testing::soon([&] { return started().size() == all; }, 120s));
    pools.start({{"batch", "256"}});
    bystander other(s);
    for (int i = 0; i != 20; ++i)
        other.ping();
    other.late_ms.clear();
    s.server.ask("CONFIG SET slowlog-log-slower-than 5000");
    s.server.ask("SLOWLOG RESET");
    pools.kill(first);
    std::int64_t again = 0;
    auto const until = std::chrono::steady_clock::now() + 60s;
    while (again != jobs && std::chrono::steady_clock::now() < until) {
        for (int i = 0; i != 10; ++i) {
            other.ping();
            std::this_thread::sleep_for(5ms);
        }
        again = 0;
        for (auto const& [index, times] : started())
            again += times == 2;
    }
    ASSERT_EQ(again, jobs) << "so many began again";
    std::int64_t last = 0;
    for (entry const& one : s.journal_entries())
        last = std::max(last, one.kind == '+' ? one.at_us : 0);
    std::int64_t const slowest_ms = (last - pools.ended_at_us().at(first)) / 1000;
    auto late = other.late_ms;
    std::sort(late.begin(), late.end());
    double const p99 = late[late.size() * 99 / 100];
    std::cout << "[ figures  ] " << jobs << " claims of one job: the last ran again after "
              << slowest_ms << " ms; lone jobs of others meanwhile: p50 " << late[late.size() / 2]
              << " ms, p99 " << p99 << ", slowest " << late.back() << " (" << late.size()
              << "); scripts over 5 ms " << s.server.ask("SLOWLOG LEN");
    in_time(slowest_ms, lease_ms + (jobs > 10'000 ? 4000 : 1000));
    in_time(p99, long_run() ? 10 : 100);
    EXPECT_EQ(s.counts().dead, 0);
}

std::vector<std::int64_t> sizes()
{
    if (long_run())
        return {2'000, 10'000, 100'000};
    return {2'000};
}

INSTANTIATE_TEST_SUITE_P(, rescue, testing::ValuesIn(sizes()));

}  // namespace
}  // namespace promises
