// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/cron.hpp>
#include <work/values/time.hpp>

#include <cron/oracle.hpp>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <random>
#include <string>
#include <string_view>

namespace {

using work::time_zone;
using work::detail::parse_zone_rule;
using work::detail::zone_period;

std::int64_t second_of(std::string_view text)
{
    return work::parse_rfc3339(text).value_or(0) / 1000;
}

std::string big_endian(std::int64_t value, std::size_t size)
{
    std::string bytes;
    for (std::size_t i = size; i > 0; --i)
        bytes += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * (i - 1)));
    return bytes;
}

struct made_zone
{
    std::vector<std::int64_t> offsets;
    std::vector<std::pair<std::int64_t, int>> changes;  // when, and to which of the offsets
    std::string footer;
    std::int64_t leaps = 0;

    std::string block(char version, std::size_t time_size) const
    {
        std::string bytes = "TZif" + std::string(1, version) + std::string(15, '\0');
        for (std::size_t const count :
             {std::size_t(0),
              std::size_t(0),
              static_cast<std::size_t>(leaps),
              changes.size(),
              offsets.size(),
              std::size_t(4)})
            bytes += big_endian(static_cast<std::int64_t>(count), 4);
        for (auto const& [at, type] : changes)
            bytes += big_endian(at, time_size);
        for (auto const& [at, type] : changes)
            bytes += static_cast<char>(type);
        for (std::int64_t const offset : offsets)
            bytes += big_endian(offset, 4) + std::string(2, '\0');
        return bytes + std::string("ABC\0", 4) +
               std::string(static_cast<std::size_t>(leaps) * (time_size + 4), '\0');
    }
    /// With 4 bytes a time alone.
    std::string old_bytes() const { return block('\0', 4); }
    std::string bytes() const
    {
        made_zone const empty{{0}, {}, "", 0};
        return empty.block('2', 4) + block('2', 8) + "\n" + footer + "\n";
    }
};

TEST(cron_time_zone, utc_needs_no_file)
{
    time_zone const utc;
    EXPECT_EQ(utc.name(), "UTC");
    EXPECT_EQ(utc.offset(1'700'000'000), 0);
}

TEST(cron_time_zone, periods_have_their_ends_and_the_offset_before)
{
    made_zone const zone{{3600, 7200}, {{1000, 1}, {2000, 1}, {3000, 0}}, "", 0};
    for (std::string const& bytes : {zone.bytes(), zone.old_bytes()}) {
        auto const read = time_zone::read("Made/Up", bytes);
        ASSERT_TRUE(read) << read.error();
        EXPECT_EQ(read->name(), "Made/Up");
        EXPECT_EQ(read->at(999).end, 1000);
        EXPECT_EQ(read->at(999).offset, 3600);
        // The change that changes nothing is none.
        EXPECT_EQ(read->at(1000), (zone_period{1000, 3000, 7200, 3600}));
        EXPECT_EQ(read->at(2999), (zone_period{1000, 3000, 7200, 3600}));
        EXPECT_EQ(read->at(3000).before, 7200);
        EXPECT_EQ(read->at(3000).offset, 3600);
    }
}

TEST(cron_time_zone, the_rule_at_the_end_holds_after_the_last_change)
{
    std::int64_t const last = second_of("2025-10-26T01:00:00Z");
    made_zone const
        zone{{3600, 7200}, {{last - 10'000'000, 1}, {last, 0}}, "CET-1CEST,M3.5.0,M10.5.0/3", 0};
    auto const read = time_zone::read("Made/Up", zone.bytes());
    ASSERT_TRUE(read) << read.error();
    std::int64_t const spring = second_of("2026-03-29T01:00:00Z");
    EXPECT_EQ(read->at(last - 1), (zone_period{last - 10'000'000, last, 7200, 3600}));
    EXPECT_EQ(read->at(last), (zone_period{last, spring, 3600, 7200}));
    EXPECT_EQ(
        read->at(spring),
        (zone_period{spring, second_of("2026-10-25T01:00:00Z"), 7200, 3600})
    );
    EXPECT_EQ(read->offset(second_of("2500-07-01T00:00:00Z")), 7200);
}

TEST(cron_time_zone, rules_are_read_as_posix_writes_them)
{
    auto const rule = parse_zone_rule("<-03>3<-02>,M3.5.0/-2,M10.5.0/-1:30:15");
    ASSERT_TRUE(rule);
    EXPECT_EQ(rule->standard, -3 * 3600);
    EXPECT_EQ(rule->summer, -2 * 3600);
    EXPECT_EQ(rule->to_summer.time, -2 * 3600);
    EXPECT_EQ(rule->to_standard.time, -(3600 + 30 * 60 + 15));
    EXPECT_EQ(parse_zone_rule("<+0545>-5:45")->standard, 5 * 3600 + 45 * 60);
    EXPECT_EQ(parse_zone_rule("IST-1GMT0,M10.5.0,M3.5.0/1")->summer, 0);

    auto const by_day = parse_zone_rule("AAA0BBB,J60/0,300/0");
    ASSERT_TRUE(by_day);
    // J60 is March 1 in leap years too; 300 counts from 0, leap days as well.
    EXPECT_EQ(by_day->to_summer.in_year(2023), second_of("2023-03-01T00:00:00Z"));
    EXPECT_EQ(by_day->to_summer.in_year(2024), second_of("2024-03-01T00:00:00Z"));
    EXPECT_EQ(by_day->to_standard.in_year(2023), second_of("2023-10-28T00:00:00Z"));
    EXPECT_EQ(by_day->to_standard.in_year(2024), second_of("2024-10-27T00:00:00Z"));
}

TEST(cron_time_zone, a_summer_of_the_whole_year_never_ends)
{
    auto const rule = parse_zone_rule("XXX3EDT4,0/0,J365/23");
    ASSERT_TRUE(rule);
    for (std::int64_t at = second_of("2029-12-25T00:00:00Z");
         at < second_of("2030-01-10T00:00:00Z");
         at += 3600)
        EXPECT_EQ(rule->at(at).offset, -4 * 3600) << at;
}

TEST(cron_time_zone, rules_that_are_none_are_refused)
{
    for (std::string_view const text :
         {"",
          "C-1",
          "CET",
          "CET-25",
          "CET-1CEST",
          "CET-1CEST,M3.5.0",
          "CET-1CEST,M13.5.0,M10.5.0",
          "CET-1CEST,M3.6.0,M10.5.0",
          "CET-1CEST,M3.5.7,M10.5.0",
          "CET-1CEST,J0,J100",
          "CET-1CEST,366,J100",
          "CET-1CEST,M3.5.0/168,M10.5.0",
          "CET-1CEST,M3.5.0,M10.5.0/3x",
          "<CET-1",
          "CET-1:60"})
        EXPECT_FALSE(parse_zone_rule(text)) << text;
}

TEST(cron_time_zone, files_that_are_none_say_what_is_wrong)
{
    auto const fault = [](std::string_view bytes) {
        auto const read = time_zone::read("X", bytes);
        return read ? "none" : read.error();
    };
    made_zone const good{{3600, 7200}, {{1000, 1}, {3000, 0}}, "CET-1", 0};
    EXPECT_EQ(fault(good.bytes()), "none");
    EXPECT_EQ(fault(""), "it is no file of a time zone (TZif)");
    EXPECT_EQ(fault("TZ database"), "it is no file of a time zone (TZif)");
    made_zone bad = good;
    bad.leaps = 1;
    EXPECT_NE(fault(bad.bytes()).find("counts leap seconds"), std::string::npos);
    bad = good;
    bad.footer = "CET-1CEST,M3";
    EXPECT_EQ(fault(bad.bytes()), "the rule at the end of its file can't be read");
    bad = good;
    bad.changes = {{3000, 1}, {3000, 0}};
    EXPECT_NE(fault(bad.bytes()).find("out of order"), std::string::npos);
    bad.changes = {{3000, 2}};
    EXPECT_NE(fault(bad.bytes()).find("no kind it lists"), std::string::npos);
    bad.changes = {};
    bad.offsets = {27 * 3600};
    EXPECT_NE(fault(bad.bytes()).find("more than 26 hours"), std::string::npos);
    bad.offsets = {};
    EXPECT_EQ(fault(bad.bytes()), "its file ends early");
    // Every shorter file is refused, but for those that lack no more than the end of the footer.
    std::string const whole = good.bytes();
    for (std::size_t size = 0; size + good.footer.size() + 2 < whole.size(); ++size)
        EXPECT_NE(fault(whole.substr(0, size)), "none") << size;
}

TEST(cron_time_zone, harmed_files_do_no_harm)
{
    std::mt19937_64 random(7);
    made_zone const good{
        {3600, 7200, -3600},
        {{1000, 1}, {3000, 0}, {4000, 2}},
        "CET-1CEST,M3.5.0,M10.5.0/3",
        0
    };
    std::string const whole = good.bytes();
    work::cron_schedule const often("30 2 * * *");
    work::cron_schedule const wild("*/30 2 29 2 *");
    std::size_t accepted = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string bytes = whole;
        for (std::size_t n = 1 + random() % 3; n > 0; --n)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        auto const read = time_zone::read("X", bytes);
        if (!read)
            continue;
        ++accepted;
        std::chrono::sys_seconds const now(std::chrono::seconds(random() % 5'000'000'000));
        auto const next = often.next(now, *read);
        ASSERT_TRUE(next && *next > now);
        (void)wild.next(now, *read);
    }
    EXPECT_GT(accepted, 1'000u);
}

// All zones of the machine, at random seconds of three centuries.
TEST(cron_time_zone, offsets_are_those_of_the_c_library)
{
    std::mt19937_64 random(11);
    std::int64_t const from = second_of("1915-01-01T00:00:00Z");
    std::int64_t const to = second_of("2215-01-01T00:00:00Z");
    std::size_t zones = 0;
    for (std::string const& name : work::time_zone_names()) {
        time_zone const zone = work::find_time_zone(name);
        cron_oracle::c_zone const c(name);
        for (int i = 0; i < 100; ++i) {
            std::int64_t const at = from + static_cast<std::int64_t>(random() % 9'467'000'000);
            ASSERT_LT(at, to);
            ASSERT_EQ(zone.offset(at), c.offset(at)) << name << " at " << at;
            zone_period const period = zone.at(at);
            ASSERT_LE(period.begin, at);
            ASSERT_GT(period.end, at);
        }
        ++zones;
    }
    EXPECT_GT(zones, 300u);
}

}  // namespace
