// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Check-ins, results and logs never fail, repeat or delay a job.

#include <work/broker/broker.hpp>

#include <algorithm>
#include <limits>
#include <random>
#include <stdexcept>

#include "bench.hpp"
#include "support/hostile_text.hpp"

namespace pool_tests {
namespace {

using testing::HasSubstr;
using work::testing::hostile_text;
using work::testing::is_fit_to_show;

std::size_t lines_with(bench const& b, std::string_view part)
{
    return static_cast<std::size_t>(std::count_if(
        b.lines.begin(),
        b.lines.end(),
        [part](std::string const& line) { return line.find(part) != std::string::npos; }
    ));
}

TEST(side_channels, any_check_in_is_shown_and_fails_nothing)
{
    bench b;
    int ended = 0;
    bool seen = false;
    std::vector<std::string> shown;
    b.pool->handle(
        "a",
        [&](work::context& job, int seed) -> work::task<void> {
            std::mt19937 random(static_cast<unsigned>(seed));
            for (double const percent :
                 {50.5,
                  -1.0,
                  1e9,
                  std::numeric_limits<double>::quiet_NaN(),
                  std::numeric_limits<double>::infinity()}) {
                std::string first = hostile_text(random, 200'000);
                std::string second = hostile_text(random, 200'000);
                co_await job.checkin(std::move(first));
                co_await job.checkin(std::move(second), percent);
            }
            while (!seen)
                co_await wait_for(1ms);
            ++ended;
        },
        at_once(1)
    );
    std::vector<std::string> ids;
    for (int seed = 0; seed != 10; ++seed)
        ids.push_back(b.enqueue("a", seed));
    b.start();
    while (shown.size() != ids.size()) {
        work::job_record const record = b.job(ids[shown.size()]);
        ASSERT_EQ(ended, 0);
        if (record.progress.empty())
            b.until([] { return false; }, 1ms);
        else
            shown.push_back(record.progress);
    }
    seen = true;
    EXPECT_TRUE(b.until([&] { return ended == 10; }));
    b.stop();
    EXPECT_EQ(b.counts().failed, 0);
    EXPECT_EQ(b.counts().processed, 10);
    for (std::string const& text : shown)
        EXPECT_LE(text.size(), work::max_progress);
    EXPECT_EQ(lines_with(b, "check-in of job"), 1u);
}

TEST(side_channels, a_result_that_cannot_be_kept_leaves_the_job_done)
{
    bench b;
    int runs = 0;
    b.pool->handle(
        "a",
        [&](work::context&, int which) -> work::task<std::vector<std::string>> {
            ++runs;
            std::vector<std::string> result(1);
            result[0] = which == 0 ? "caf\xe9" : std::string(work::max_result, 'x');
            co_return result;
        },
        at_once()
    );
    b.pool->handle(
        "nan",
        [&](work::context&) -> work::task<double> {
            ++runs;
            co_return std::numeric_limits<double>::quiet_NaN();
        },
        at_once()
    );
    std::vector<std::string> const ids{b.enqueue("a", 0), b.enqueue("a", 1), b.enqueue("nan")};
    b.drain();
    EXPECT_EQ(runs, 3);
    EXPECT_EQ(b.counts().processed, 3);
    EXPECT_EQ(b.counts().failed, 0);
    for (std::string const& id : ids) {
        EXPECT_EQ(b.job(id).state, work::job_state::completed);
        EXPECT_THAT(b.job(id).kept, HasSubstr("\"result_fault\":"));
        EXPECT_THAT(b.job(id).kept, Not(HasSubstr("\"result\":")));
        EXPECT_LT(b.job(id).kept.size(), 1000u);
    }
    EXPECT_EQ(lines_with(b, "is not kept"), 2u);
}

TEST(side_channels, what_jobs_say_makes_one_line_each_that_is_fit_to_show)
{
    bench b;
    std::vector<std::string> lines;
    b.pool->use(work::log_jobs([&](work::log_level, std::string_view line) {
        lines.emplace_back(line);
        throw std::runtime_error("the disk is full");
    }));
    std::string const name = "evil\u202e name=x";
    std::mt19937 random(3);
    b.pool->handle(
        name,
        [&](work::context&, int n) -> work::task<void> {
            if (n == 0)
                throw std::runtime_error(std::string(1 << 20, 'x'));
            throw std::runtime_error(hostile_text(random, 5000));
            co_return;
        },
        at_once(1)
    );
    for (int n = 0; n != 50; ++n)
        b.enqueue(name, n);
    b.drain();
    EXPECT_EQ(b.counts().dead, 50);
    ASSERT_EQ(lines.size(), 100u);
    for (std::string const& line : lines) {
        EXPECT_TRUE(is_fit_to_show(line));
        EXPECT_LE(line.size(), 1700u);
        EXPECT_THAT(line, HasSubstr(R"( name="evil\u202e name=x" attempt=1)"));
    }
    EXPECT_EQ(
        std::count_if(
            lines.begin(),
            lines.end(),
            [](std::string const& line) { return line.ends_with("... (1048576 bytes)"); }
        ),
        1
    );
}

TEST(side_channels, a_discard_for_any_reason_is_kept)
{
    bench b;
    std::mt19937 random(5);
    b.pool->handle("a", [&](work::context&) -> work::task<work::outcome> {
        co_return work::discard(hostile_text(random, 50'000));
    });
    std::vector<std::string> ids;
    for (int i = 0; i != 8; ++i)
        ids.push_back(b.enqueue("a"));
    b.drain();
    EXPECT_EQ(b.counts().failed, 0);
    for (std::string const& id : ids)
        EXPECT_THAT(b.job(id).kept, HasSubstr("discarded"));
}

}  // namespace
}  // namespace pool_tests
