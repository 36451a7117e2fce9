// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// The records that pools write for people and programs to read.

#include <work/values/job_ending.hpp>
#include <work/values/pool_info.hpp>
#include <work/values/progress.hpp>

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <string>

#include "support/hostile_text.hpp"

namespace {

using testing::HasSubstr;

/// Texts that look like what stands around them.
std::string text(std::mt19937& random)
{
    static std::string const pieces[] =
        {"", "a", ",\"result\":", "}", "\"", "\\", "\n", "h\u00e4", "{\"pool\":", ",", "\\\""};
    std::string out;
    for (int i = static_cast<int>(random() % 5); i > 0; --i)
        out += pieces[random() % std::size(pieces)];
    return out;
}

TEST(records, an_ending_reads_back_as_it_was_with_its_result_untouched)
{
    std::mt19937 random(20261128);
    std::string const results[] = {
        "",
        "null",
        "42",
        "9223372036854775808000",
        "1.10",
        R"("}")",
        R"({"result":1,"a":[{},"\",\"result\":"]})",
        R"(",\"result\":")"
    };
    for (int i = 0; i != 5'000; ++i) {
        work::job_ending end;
        end.outcome = "done" + text(random);
        end.at_ms = static_cast<std::int64_t>(random());
        end.attempt = static_cast<int>(random() % 3);
        end.run_us = end.attempt > 0 ? static_cast<std::int64_t>(random()) : 0;
        end.pool = text(random);
        end.reason = text(random);
        end.result_fault = text(random);
        std::string const& result = results[random() % std::size(results)];
        std::string const stored = work::encode_ending(end, result);
        auto const read = work::decode_ending(stored);
        ASSERT_TRUE(read) << stored << ": " << read.error();
        EXPECT_EQ(read->ending, end) << stored;
        EXPECT_EQ(read->result, result) << stored;
        EXPECT_EQ(stored.find('\n'), std::string::npos);
    }
}

TEST(records, an_ending_of_another_program_or_hand_is_read_or_refused)
{
    auto const more = work::decode_ending(R"({"outcome":"done","at_ms":5,"new":[1]})");
    ASSERT_TRUE(more);
    EXPECT_EQ(more->ending.at_ms, 5);
    for (char const* bad :
         {"",
          "{",
          "[]",
          "null",
          R"({"outcome":1})",
          R"({"outcome":"a","result":1)",
          "{\"at_ms\":\"x\"}"})
        EXPECT_FALSE(work::decode_ending(bad)) << bad;
    std::mt19937 random(7);
    for (int i = 0; i != 2'000; ++i) {
        work::job_ending end;
        end.outcome = "a";
        end.reason = text(random);
        std::string const stored = work::encode_ending(end, "1");
        std::string cut = stored.substr(0, random() % stored.size());
        static_cast<void>(work::decode_ending(cut));
        cut[cut.empty() ? 0 : random() % cut.size()] = static_cast<char>(random());
        static_cast<void>(work::decode_ending(cut));
    }
}

TEST(records, texts_from_outside_are_mended_and_cut)
{
    work::job_ending end;
    end.outcome = "discarded";
    end.reason = std::string(100'000, 'x') + "\xff";
    auto const read = work::decode_ending(work::encode_ending(end));
    ASSERT_TRUE(read);
    EXPECT_LT(read->ending.reason.size(), 5'000u);

    work::pool_info pool;
    pool.host = "h\xff\xc3";
    pool.name = "n\x80";
    pool.trouble = std::string(10'000, '\xff');
    auto const shown = work::decode_pool_info(work::encode_pool_info(pool));
    ASSERT_TRUE(shown) << shown.error();
    EXPECT_THAT(shown->host, testing::StartsWith("h"));
    EXPECT_LE(shown->trouble.size(), 4'096u);
}

TEST(records, a_pool_tells_of_the_names_with_most_jobs_and_sums_the_others)
{
    std::vector<work::running_jobs> names;
    for (int i = 1; i <= 40; ++i)
        names.push_back({"n" + std::to_string(i), i, "id" + std::to_string(i), 1'000 - i, i % 2});
    names.at(2).since_ms = 5;  // "n3", which is among the others
    work::pool_info pool;
    pool.runs(names);
    ASSERT_EQ(pool.in_flight.size(), work::running_jobs::most_names + 1);
    EXPECT_EQ(pool.in_flight.front().name, "n40");
    EXPECT_EQ(pool.in_flight.at(31).name, "n9");
    // 1 … 8
    EXPECT_EQ(pool.in_flight.back(), (work::running_jobs{"", 36, "id3", 5, 4}));
    EXPECT_EQ(pool.oldest, (work::oldest_job{"id3", "n3", 5}));
    EXPECT_EQ(pool.stalled, 20);
    pool.runs({});
    EXPECT_EQ(pool, work::pool_info());
    // As long as a heartbeat can get: ids and names have up to 128 bytes.
    std::string const long_text(128, 'x');
    pool.runs(std::vector<work::running_jobs>(100, {long_text, 1, long_text, 1, 1}));
    EXPECT_LT(work::encode_pool_info(pool).size(), 12'000u);
}

TEST(records, a_heartbeat_of_an_older_pool_says_nothing_of_what_it_runs)
{
    auto const read = work::decode_pool_info(R"({"pool":"p","busy":3})");
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(read->oldest, std::nullopt);
    EXPECT_EQ(read->in_flight.size(), 0u);
}

TEST(records, a_pool_and_its_end_read_back)
{
    work::pool_info pool;
    pool.pool = "0000000000000000000001";
    pool.name = "mails \"a\"";
    pool.host = "h\u00e4";
    pool.pid = 4711;
    pool.state = "running";
    pool.started_at_ms = 1;
    pool.heartbeat_at_ms = 2;
    pool.concurrency = 3;
    pool.busy = 4;
    pool.lease_ms = 5;
    pool.rss_kb = 6;
    pool.round_trip_us = 7;
    pool.trouble = "none to speak of";
    pool.job_names = {"a", "b{c}"};
    pool.runs({{"a", 2, "id \"1\"", 1'000, 1}, {"b{c}", 7, "2", 2'000, 0}});
    EXPECT_EQ(pool.oldest, (work::oldest_job{"id \"1\"", "a", 1'000}));
    EXPECT_EQ(pool.stalled, 1);
    EXPECT_EQ(pool.in_flight.at(0).name, "b{c}") << "that with most first";
    auto const read = work::decode_pool_info(work::encode_pool_info(pool));
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(*read, pool);
    EXPECT_FALSE(work::decode_pool_info("{\"pid\":\"x\"}"));

    work::finished_event end;
    end.pool = pool.pool;
    end.processed = 1'000'000'000'000;
    end.failed = 2;
    EXPECT_THAT(work::encode_event(end), HasSubstr("{\"event\":\"finished\",\"pool\":"));
    auto const heard = work::decode_finished_event(work::encode_event(end));
    ASSERT_TRUE(heard) << heard.error();
    EXPECT_EQ(*heard, end);
    EXPECT_THAT(
        work::decode_finished_event("{\"event\":\"started\x1b\"}").error(),
        testing::Not(HasSubstr("\x1b"))
    );
    EXPECT_FALSE(work::decode_finished_event("{\"event\":\"started\"}"));
}

TEST(records, a_checkin_reads_back_with_or_without_a_percentage)
{
    bool mended = false;
    auto read = work::decode_progress(work::detail::encode_progress("half", 50.5, mended));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->message, "half");
    EXPECT_EQ(read->percent, 50.5);
    read = work::decode_progress(work::detail::encode_progress("on", std::nan(""), mended));
    ASSERT_TRUE(read);
    EXPECT_FALSE(read->percent);
    EXPECT_FALSE(work::decode_progress("half"));
}

}  // namespace
