// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// How lists are drawn from many, as servers do it; the other tests draw in a known order.

#include <work/broker/redis/scripts/bundle.hpp>

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/broker_subject.hpp"

namespace {

using namespace work_test;

/// A set `s` of so many members, and draws from it at one moment after the other.
class draws : public testing::Test
{
protected:
    draws() : b_(std::make_shared<private_redis>()) {}

    void fill(int members)
    {
        eval(
            "for i = 1, ARGV[1] do redis.call('SADD', 's', 'user_' .. i .. ':name') end",
            std::to_string(members),
            "0"
        );
        members_ = members;
    }
    /// Which were drawn how often, in 500 draws of n.
    std::map<std::string, int> draw(int n)
    {
        std::map<std::string, int> times;
        for (int i = 0; i != 500; ++i) {
            us_ += 7'919 + i % 13;
            auto const reply = eval(
                "return draw('s', tonumber(ARGV[1]), "
                "redis.call('SCARD', 's'))",
                std::to_string(n),
                std::to_string(us_)
            );
            std::set<std::string> some;
            for (work::redis::value const member : reply.root()) {
                EXPECT_TRUE(some.emplace(member.text()).second) << member.text() << " twice";
                ++times[std::string(member.text())];
            }
            EXPECT_LE(some.size(), static_cast<std::size_t>(n));
            EXPECT_GE(some.size(), static_cast<std::size_t>(std::min(n, members_)));
        }
        return times;
    }
    void expect_even(int n)
    {
        auto const times = draw(n);
        EXPECT_EQ(times.size(), static_cast<std::size_t>(members_)) << n << " of " << members_;
        double const mean = 500.0 * n / members_;
        for (auto const& [member, count] : times) {
            EXPECT_GE(count, mean / 4) << member << ", " << n << " of " << members_;
            EXPECT_LE(count, mean * 4) << member << ", " << n << " of " << members_;
        }
    }

private:
    work::redis::reply eval(std::string const& body, std::string const& n, std::string const& us)
    {
        std::string const script = "local us, call = tonumber(ARGV[2]), redis.call "
                                   "local function int(x) return string.format('%d', x) end\n" +
                                   std::string(work::scripts::bundle::server_draw) + body;
        return b_.connection().call("EVAL", script, "0", n, us);
    }

    redis_subject b_;
    int members_ = 0;
    std::int64_t us_ = 1'700'000'000'000'000;
};

TEST_F(draws, are_even_from_few)
{
    fill(30);
    expect_even(20);
    expect_even(29);
    expect_even(8);
}

TEST_F(draws, are_even_from_many)
{
    fill(2'000);
    expect_even(256);
    expect_even(100);
}

TEST_F(draws, of_all_there_are_bring_all)
{
    fill(200);
    EXPECT_EQ(draw(200).size(), 200u);
    EXPECT_EQ(draw(256).size(), 200u);
}

}  // namespace
