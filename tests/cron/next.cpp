// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/cron.hpp>
#include <work/values/time.hpp>

#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

namespace {

using cron_times = std::vector<std::string>;

work::cron_time at(std::string_view text)
{
    auto const ms = work::parse_rfc3339(text);
    EXPECT_TRUE(ms) << text;
    return work::cron_time(std::chrono::milliseconds(ms.value_or(0)));
}

std::string shown(work::cron_time time)
{
    std::string text = work::format_rfc3339(time.time_since_epoch().count());
    return text.ends_with(".000Z") ? text.substr(0, text.size() - 5) + "Z" : text;
}

/// The times after one, in UTC; `zone` as find_time_zone knows it.
cron_times after(
    std::string_view from,
    std::string_view spec,
    std::string_view zone = "UTC",
    std::size_t count = 3
)
{
    cron_times times;
    for (auto const time :
         work::cron_schedule(spec).next(at(from), work::find_time_zone(zone), count))
        times.push_back(shown(time));
    return times;
}

TEST(cron_next, is_later_than_the_instant_given)
{
    EXPECT_EQ(
        after("2026-01-01T03:00:00Z", "0 3 * * *"),
        (cron_times{"2026-01-02T03:00:00Z", "2026-01-03T03:00:00Z", "2026-01-04T03:00:00Z"})
    );
    EXPECT_EQ(
        after("2026-01-01T02:59:59.999Z", "0 3 * * *", "UTC", 1),
        cron_times{"2026-01-01T03:00:00Z"}
    );
    EXPECT_EQ(
        after("1969-12-31T23:59:59.500Z", "* * * * *", "UTC", 1),
        cron_times{"1970-01-01T00:00:00Z"}
    );
}

TEST(cron_next, takes_instants_of_any_clock_tick)
{
    work::cron_schedule const minutely("* * * * *");
    std::chrono::sys_time<std::chrono::nanoseconds> const tick(std::chrono::nanoseconds(1));
    EXPECT_EQ(shown(*minutely.next(tick)), "1970-01-01T00:01:00Z");
    EXPECT_EQ(shown(*minutely.next(tick - std::chrono::nanoseconds(2))), "1970-01-01T00:00:00Z");
    EXPECT_GT(*minutely.next(std::chrono::system_clock::now()), std::chrono::system_clock::now());
}

TEST(cron_next, seconds_are_the_first_of_six_fields)
{
    EXPECT_EQ(
        after("2026-01-01T00:00:50Z", "*/20 * * * * *"),
        (cron_times{"2026-01-01T00:01:00Z", "2026-01-01T00:01:20Z", "2026-01-01T00:01:40Z"})
    );
}

TEST(cron_next, either_day_is_enough_where_both_are_restricted)
{
    EXPECT_EQ(
        after("2026-02-01T00:00:00Z", "0 0 13 * FRI"),
        (cron_times{"2026-02-06T00:00:00Z", "2026-02-13T00:00:00Z", "2026-02-20T00:00:00Z"})
    );
}

TEST(cron_next, both_days_are_needed_where_one_begins_with_a_star)
{
    EXPECT_EQ(
        after("2026-02-01T00:00:00Z", "0 0 13 * */5"),
        (cron_times{"2026-02-13T00:00:00Z", "2026-03-13T00:00:00Z", "2026-09-13T00:00:00Z"})
    );
}

TEST(cron_next, nearest_weekdays_stay_in_their_month)
{
    // August 2026 begins on a Saturday; May 2026 ends on a Sunday.
    EXPECT_EQ(after("2026-07-31T12:00:00Z", "0 0 1W * *", "UTC", 1)[0], "2026-08-03T00:00:00Z");
    EXPECT_EQ(after("2026-05-20T00:00:00Z", "0 0 31W * *", "UTC", 1)[0], "2026-05-29T00:00:00Z");
    EXPECT_EQ(after("2026-05-20T00:00:00Z", "0 0 LW * *", "UTC", 1)[0], "2026-05-29T00:00:00Z");
    EXPECT_EQ(after("2026-02-20T00:00:00Z", "0 0 31W * *", "UTC", 1)[0], "2026-03-31T00:00:00Z");
}

TEST(cron_next, leap_days_on_a_weekday_are_found_over_forty_years)
{
    EXPECT_EQ(
        after("2089-01-01T00:00:00Z", "0 0 29 2 */7"),
        (cron_times{"2128-02-29T00:00:00Z", "2156-02-29T00:00:00Z", "2184-02-29T00:00:00Z"})
    );
}

TEST(cron_next, every_is_anchored_to_1970)
{
    EXPECT_EQ(
        after("2026-01-01T00:00:10Z", "@every 90s"),
        (cron_times{"2026-01-01T00:01:30Z", "2026-01-01T00:03:00Z", "2026-01-01T00:04:30Z"})
    );
    // Zones don't matter, nor does the time before 1970.
    EXPECT_EQ(
        after("2026-01-01T00:00:10Z", "@every 24h", "Asia/Kolkata", 1),
        cron_times{"2026-01-02T00:00:00Z"}
    );
    EXPECT_EQ(
        after("1969-12-31T23:59:58.600Z", "@every 1.5s", "UTC", 1)[0],
        "1970-01-01T00:00:00Z"
    );
    EXPECT_EQ(
        after("1970-01-01T00:00:00Z", "@every 1.5s", "UTC", 1)[0],
        "1970-01-01T00:00:01.500Z"
    );
}

TEST(cron_next, times_left_out_in_spring_are_due_once_after_it)
{
    EXPECT_EQ(
        after("2026-03-28T12:00:00Z", "30 2 * * *", "Europe/Berlin"),
        (cron_times{"2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z", "2026-03-31T00:30:00Z"})
    );
    EXPECT_EQ(
        after("2026-03-28T12:00:00Z", "0-59/10 2 * * *", "Europe/Berlin", 2),
        (cron_times{"2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"})
    );
    // 03:00 is both its own time and that of what was left out.
    EXPECT_EQ(
        after("2026-03-28T12:00:00Z", "0 2,3 * * *", "Europe/Berlin"),
        (cron_times{"2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z", "2026-03-30T01:00:00Z"})
    );
    // From the last second before, and from the moment itself.
    EXPECT_EQ(
        after("2026-03-29T00:59:59.999Z", "30 2 * * *", "Europe/Berlin", 1),
        cron_times{"2026-03-29T01:00:00Z"}
    );
    EXPECT_EQ(
        after("2026-03-29T01:00:00Z", "30 2 * * *", "Europe/Berlin", 1),
        cron_times{"2026-03-30T00:30:00Z"}
    );
}

TEST(cron_next, wildcards_run_by_elapsed_time_in_spring)
{
    EXPECT_EQ(
        after("2026-03-29T00:20:00Z", "*/30 * * * *", "Europe/Berlin"),
        (cron_times{"2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z"})
    );
    EXPECT_EQ(
        after("2026-03-29T00:20:00Z", "*/30 2 * * *", "Europe/Berlin", 1),
        cron_times{"2026-03-30T00:00:00Z"}
    );
    EXPECT_EQ(
        after("2026-03-29T00:20:00Z", "30 */2 * * *", "Europe/Berlin", 1),
        cron_times{"2026-03-29T02:30:00Z"}
    );
}

TEST(cron_next, times_shown_twice_in_autumn_are_due_the_first_time)
{
    EXPECT_EQ(
        after("2026-10-24T12:00:00Z", "30 2 * * *", "Europe/Berlin"),
        (cron_times{"2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z", "2026-10-27T01:30:00Z"})
    );
    EXPECT_EQ(
        after("2026-10-25T00:59:00Z", "0-59 0-23 * * *", "Europe/Berlin", 1),
        cron_times{"2026-10-25T02:00:00Z"}
    );
    // Asked in the second of them.
    EXPECT_EQ(
        after("2026-10-25T01:10:00Z", "30 2 * * *", "Europe/Berlin", 1),
        cron_times{"2026-10-26T01:30:00Z"}
    );
}

TEST(cron_next, wildcards_run_each_time_in_autumn)
{
    EXPECT_EQ(
        after("2026-10-25T00:20:00Z", "30 * * * *", "Europe/Berlin"),
        (cron_times{"2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"})
    );
    EXPECT_EQ(
        after("2026-10-24T12:00:00Z", "*/30 2 * * SUN", "Europe/Berlin", 5),
        (cron_times{
            "2026-10-25T00:00:00Z",
            "2026-10-25T00:30:00Z",
            "2026-10-25T01:00:00Z",
            "2026-10-25T01:30:00Z",
            "2026-11-01T01:00:00Z"
        })
    );
}

TEST(cron_next, half_an_hour_of_summer_time_is_enough)
{
    // Lord Howe: 02:00 becomes 02:30 in October, and 01:30 in April.
    EXPECT_EQ(
        after("2026-10-03T00:00:00Z", "15 2 * * *", "Australia/Lord_Howe", 2),
        (cron_times{"2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z"})
    );
    EXPECT_EQ(
        after("2026-04-04T12:00:00Z", "45 1 * * *", "Australia/Lord_Howe", 2),
        (cron_times{"2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"})
    );
}

TEST(cron_next, a_day_that_begins_at_one_has_its_midnight_then)
{
    // São Paulo had no 00:00 on 2014-10-19, and 23:00 twice on 2014-02-15.
    EXPECT_EQ(
        after("2014-10-18T12:00:00Z", "0 0 * * *", "America/Sao_Paulo", 2),
        (cron_times{"2014-10-19T03:00:00Z", "2014-10-20T02:00:00Z"})
    );
    EXPECT_EQ(
        after("2014-02-15T12:00:00Z", "30 23 * * *", "America/Sao_Paulo", 2),
        (cron_times{"2014-02-16T01:30:00Z", "2014-02-17T02:30:00Z"})
    );
    EXPECT_EQ(
        after("2014-10-18T12:00:00Z", "30 0 19 10 *", "America/Sao_Paulo", 1),
        cron_times{"2014-10-19T03:00:00Z"}
    );
}

TEST(cron_next, a_day_that_was_left_out_is_due_when_the_next_begins)
{
    // Samoa had no 2011-12-30.
    EXPECT_EQ(
        after("2011-12-29T00:00:00Z", "0 12 * * *", "Pacific/Apia"),
        (cron_times{"2011-12-29T22:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T22:00:00Z"})
    );
    EXPECT_EQ(
        after("2011-12-29T00:00:00Z", "* 12 30 12 *", "Pacific/Apia", 1),
        cron_times{"2012-12-29T22:00:00Z"}
    );
}

TEST(cron_next, wildcards_that_are_always_left_out_are_never_due)
{
    work::cron_schedule const never("* 2 ? 3 SUN#2");
    EXPECT_FALSE(never.next(at("2026-01-01T00:00:00Z"), work::find_time_zone("America/New_York")));
    EXPECT_TRUE(never.next(at("2026-01-01T00:00:00Z")));
}

TEST(cron_next, ends_with_the_year_9999)
{
    work::cron_schedule const daily("@daily");
    EXPECT_EQ(shown(*daily.next(at("9999-12-30T00:00:00Z"))), "9999-12-31T00:00:00Z");
    EXPECT_FALSE(daily.next(at("9999-12-31T00:00:00Z")));
    EXPECT_EQ(after("9999-12-29T12:00:00Z", "@daily").size(), 2u);
    EXPECT_FALSE(daily.next(work::cron_time::max()));
    EXPECT_FALSE(work::cron_schedule("@every 1s").next(work::cron_time::max()));
    EXPECT_TRUE(daily.next(work::cron_time::min()));
    EXPECT_TRUE(work::cron_schedule("@every 1s").next(work::cron_time::min()));
    EXPECT_TRUE(daily.next(work::cron_time::min(), work::find_time_zone("Europe/Berlin")));
}

TEST(cron_next, a_preview_has_as_many_as_were_asked_for)
{
    EXPECT_EQ(after("2026-01-01T00:00:00Z", "@monthly", "UTC", 5).size(), 5u);
    EXPECT_TRUE(after("2026-01-01T00:00:00Z", "@monthly", "UTC", 0).empty());
}

}  // namespace
