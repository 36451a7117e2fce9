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

    /// Each time others, which lie elsewhere in the table.
    void fill(int members)
    {
        eval(
            "redis.call('DEL', 's') for i = 1, ARGV[1] do "
            "redis.call('SADD', 's', 'user_' .. i .. ':name" +
                std::to_string(++fills_) + "') end",
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
    /// Where a member lies is the server's luck, and who lies behind empty places is drawn more
    /// often: nobody is left out wherever he lies, and nobody is preferred for his name.
    void expect_even(int n, int members)
    {
        constexpr int sets = 8;
        double const mean = 500.0 * n / members;
        std::map<std::string, int> in_all;
        for (int set = 0; set != sets; ++set) {
            fill(members);
            auto const times = draw(n);
            EXPECT_EQ(times.size(), static_cast<std::size_t>(members)) << n << " of " << members;
            for (auto const& [member, count] : times) {
                EXPECT_GE(count, mean / 16) << member << ", " << n << " of " << members;
                in_all[member.substr(0, member.find(':'))] += count;
            }
        }
        for (auto const& [member, count] : in_all) {
            EXPECT_GE(count, mean * sets / 4) << member << ", " << n << " of " << members;
            EXPECT_LE(count, mean * sets * 4) << member << ", " << n << " of " << members;
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
    int fills_ = 0;
    std::int64_t us_ = 1'700'000'000'000'000;
};

TEST_F(draws, are_even_from_few)
{
    expect_even(20, 30);
    expect_even(29, 30);
    expect_even(8, 30);
}

TEST_F(draws, are_even_from_many)
{
    expect_even(256, 2'000);
    expect_even(100, 2'000);
}

TEST_F(draws, of_all_there_are_bring_all)
{
    fill(200);
    EXPECT_EQ(draw(200).size(), 200u);
    EXPECT_EQ(draw(256).size(), 200u);
}

}  // namespace
