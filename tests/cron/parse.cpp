// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/cron.hpp>
#include <work/values/time.hpp>

#include <gtest/gtest.h>
#include <random>
#include <string>
#include <string_view>
#include <values/error_text.hpp>

namespace {

std::string cron_fault(std::string_view spec)
{
    auto const read = work::cron_schedule::parse(spec);
    return read ? "none" : read.error();
}

/// The error of a spec, without the words that each has in front.
std::string cron_why(std::string_view spec)
{
    std::string const start = "the cron spec " + work::detail::quote(spec) + " can't be read: ";
    std::string const fault = cron_fault(spec);
    return fault.starts_with(start) ? fault.substr(start.size()) : "another start: " + fault;
}

work::detail::cron_fields cron_read(std::string_view spec)
{
    return work::cron_schedule(spec).fields();
}

std::uint64_t bits(std::initializer_list<int> values)
{
    std::uint64_t set = 0;
    for (int const value : values)
        set |= std::uint64_t(1) << value;
    return set;
}

TEST(cron_parse, five_fields_begin_with_the_minute)
{
    auto const fields = cron_read("5 3 1 2 4");
    EXPECT_EQ(fields.seconds, bits({0}));
    EXPECT_EQ(fields.minutes, bits({5}));
    EXPECT_EQ(fields.hours, bits({3}));
    EXPECT_EQ(fields.days, bits({1}));
    EXPECT_EQ(fields.months, bits({2}));
    EXPECT_EQ(fields.weekdays, bits({4}));
    EXPECT_FALSE(fields.has_seconds);
    EXPECT_FALSE(fields.wildcard);
}

TEST(cron_parse, six_fields_begin_with_the_second)
{
    auto const fields = cron_read("7 5 3 1 2 4");
    EXPECT_EQ(fields.seconds, bits({7}));
    EXPECT_EQ(fields.minutes, bits({5}));
    EXPECT_TRUE(fields.has_seconds);
}

TEST(cron_parse, lists_ranges_and_steps_are_sets)
{
    EXPECT_EQ(cron_read("1,5-7,50/4 * * * *").minutes, bits({1, 5, 6, 7, 50, 54, 58}));
    EXPECT_EQ(cron_read("10-20/5 * * * *").minutes, bits({10, 15, 20}));
    EXPECT_EQ(cron_read("*/60 * * * *").minutes, bits({0}));
    EXPECT_EQ(cron_read("59 23 31 12 *").minutes, bits({59}));
    EXPECT_EQ(cron_read("05 007 * * *").hours, bits({7}));
    EXPECT_EQ(cron_read("0 0 * */4 *").months, bits({1, 5, 9}));
    EXPECT_EQ(cron_read("0\t0   1-31/10 * *").days, bits({1, 11, 21, 31}));
}

TEST(cron_parse, names_are_read_in_any_case)
{
    EXPECT_EQ(cron_read("0 0 * JAN,mar-May *").months, bits({1, 3, 4, 5}));
    EXPECT_EQ(cron_read("0 0 * * mon-FRI").weekdays, bits({1, 2, 3, 4, 5}));
}

TEST(cron_parse, zero_and_seven_are_sunday)
{
    EXPECT_EQ(cron_read("0 0 * * 0").weekdays, bits({0}));
    EXPECT_EQ(cron_read("0 0 * * 7").weekdays, bits({0}));
    EXPECT_EQ(cron_read("0 0 * * 5-7").weekdays, bits({0, 5, 6}));
    EXPECT_EQ(cron_read("0 0 * * SAT-SUN").weekdays, bits({0, 6}));
    EXPECT_EQ(cron_read("0 0 * * SUN-TUE").weekdays, bits({0, 1, 2}));
    EXPECT_EQ(cron_read("0 0 * * */3").weekdays, bits({0, 3, 6}));
    EXPECT_EQ(cron_read("0 0 * * 1/2").weekdays, bits({1, 3, 5}));
    EXPECT_EQ(cron_read("0 0 * * 7/2").weekdays, bits({0, 2, 4, 6}));
    EXPECT_EQ(cron_read("0 0 * * 0-7").weekdays, bits({0, 1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(cron_read("0 0 * * 7#1").nth[0], bits({0}));
    EXPECT_EQ(cron_read("0 0 * * 7L").last, bits({0}));
}

TEST(cron_parse, last_and_nearest_days_are_kept_apart)
{
    auto const fields = cron_read("0 0 L,lw,15W,3w * *");
    EXPECT_TRUE(fields.last_day);
    EXPECT_TRUE(fields.last_workday);
    EXPECT_EQ(fields.nearest, bits({3, 15}));
    EXPECT_EQ(fields.days, 0u);
    auto const weekdays = cron_read("0 0 ? * FRIL,MON#2,2#5");
    EXPECT_EQ(weekdays.last, bits({5}));
    EXPECT_EQ(weekdays.nth[1], bits({1}));
    EXPECT_EQ(weekdays.nth[4], bits({2}));
    EXPECT_EQ(weekdays.weekdays, 0u);
}

TEST(cron_parse, a_star_in_front_is_remembered_as_vixie_does)
{
    EXPECT_TRUE(cron_read("0 0 */2 * MON").any_day);
    EXPECT_TRUE(cron_read("0 0 ? * MON").any_day);
    EXPECT_FALSE(cron_read("0 0 1-31 * MON").any_day);
    EXPECT_FALSE(cron_read("0 0 1,* * MON").any_day);
    EXPECT_TRUE(cron_read("0 0 1 * */2").any_weekday);
    EXPECT_TRUE(cron_read("*/5 0 1 * *").wildcard);
    EXPECT_TRUE(cron_read("5 */2 1 * *").wildcard);
    EXPECT_TRUE(cron_read("* 5 2 1 * *").wildcard);
    EXPECT_FALSE(cron_read("0-59 0-23 * * *").wildcard);
}

TEST(cron_parse, short_forms_are_what_they_stand_for)
{
    EXPECT_EQ(cron_read("@hourly").hours, cron_read("0 * * * *").hours);
    EXPECT_TRUE(cron_read("@hourly").wildcard);
    EXPECT_EQ(cron_read("@weekly").weekdays, bits({0}));
    EXPECT_EQ(cron_read("@monthly").days, bits({1}));
    EXPECT_EQ(cron_read("@yearly").months, bits({1}));
    EXPECT_EQ(cron_read("@annually").months, bits({1}));
    EXPECT_EQ(cron_read("@midnight").hours, bits({0}));
    EXPECT_EQ(cron_read("@daily").minutes, bits({0}));
    EXPECT_EQ(cron_read("@every 1h30m").every, std::chrono::minutes(90));
    EXPECT_EQ(cron_read("@every\t1.5s").every, std::chrono::milliseconds(1500));
}

TEST(cron_parse, text_is_kept_without_white_space_around)
{
    EXPECT_EQ(work::cron_schedule("  0 3 * * *\n").text(), "0 3 * * *");
    EXPECT_EQ(work::cron_schedule("@daily ").text(), "@daily");
    EXPECT_EQ(work::cron_schedule("@daily"), work::cron_schedule(" @daily"));
}

TEST(cron_parse, faults_name_field_place_text_and_way_out)
{
    EXPECT_EQ(
        cron_fault("0 25 * * *"),
        "the cron spec \"0 25 * * *\" can't be read: hour (field 2 of 5, character 3): \"25\" is "
        "out of range; write 0 to 23"
    );
    EXPECT_EQ(
        cron_why("0 0 3,32 * *"),
        "day of month (field 3 of 5, character 7): \"32\" is out of range; write 1 to 31, L, LW or "
        "15W"
    );
    EXPECT_EQ(
        cron_why("1 60 * * * *"),
        "minute (field 2 of 6, character 3): \"60\" is out of range; write 0 to 59"
    );
    EXPECT_EQ(
        cron_why("0 0 1 0 *"),
        "month (field 4 of 5, character 7): \"0\" is out of range; write 1 to 12 or JAN to DEC"
    );
    EXPECT_EQ(
        cron_why("0 0 * * MOON"),
        "day of week (field 5 of 5, character 9): \"MOON\" is no day of week; write 0 to 7 or SUN "
        "to SAT, MON#2 or 5L (did you mean MON?)"
    );
    EXPECT_EQ(
        cron_why("0 -3 * * *"),
        "hour (field 2 of 5, character 3): \"\" stands where a value should; write 0 to 23"
    );
    EXPECT_EQ(
        cron_why("0 0 1,,2 * *"),
        "day of month (field 3 of 5, character 7): \"\" is an empty place in the list; write "
        "values with one comma between"
    );
    EXPECT_EQ(
        cron_why("0 ? * * *"),
        "hour (field 2 of 5, character 3): \"?\" is for days alone; write *"
    );
}

TEST(cron_parse, backward_ranges_say_how_to_write_them)
{
    EXPECT_EQ(
        cron_why("0 22-2 * * *"),
        "hour (field 2 of 5, character 3): \"22-2\" goes backwards; write 22-23,0-2"
    );
    EXPECT_EQ(
        cron_why("0 0 * NOV-FEB *"),
        "month (field 4 of 5, character 7): \"NOV-FEB\" goes backwards; write NOV-DEC,JAN-FEB"
    );
    EXPECT_EQ(
        cron_why("0 0 * * SAT-MON"),
        "day of week (field 5 of 5, character 9): \"SAT-MON\" goes backwards; write SAT,SUN-MON"
    );
    for (std::string_view const spec : {"0 22-23,0-2 * * *", "0 0 * NOV-DEC,JAN-FEB *"})
        EXPECT_EQ(cron_fault(spec), "none");
}

TEST(cron_parse, steps_are_at_least_one_and_within_their_range)
{
    EXPECT_EQ(
        cron_why("*/90 * * * *"),
        "minute (field 1 of 5, character 1): \"*/90\" has a step beyond the 60 values it goes "
        "over; write a step of 1 to 60, or @every 90m"
    );
    EXPECT_EQ(
        cron_why("0 0 1-5/6 * *"),
        "day of month (field 3 of 5, character 5): \"1-5/6\" has a step beyond the 5 values it "
        "goes over; write a step of 1 to 5"
    );
    for (std::string_view const spec :
         {"*/0 * * * *", "*/ * * * *", "*/x * * * *", "*/-1 * * * *", "*/5/5 * * * *"})
        EXPECT_NE(cron_why(spec).find("has no step behind its /"), std::string::npos) << spec;
}

TEST(cron_parse, half_written_days_say_what_is_missing)
{
    EXPECT_NE(
        cron_why("0 0 W * *").find("\"W\" has no day in front; write 15W"),
        std::string::npos
    );
    EXPECT_NE(cron_why("0 0 * * L").find("write 5L or FRIL"), std::string::npos);
    EXPECT_NE(cron_why("0 0 * * MON#6").find("write MON#1 to MON#5"), std::string::npos);
    EXPECT_NE(cron_why("0 0 * * MON#").find("write MON#1 to MON#5"), std::string::npos);
    EXPECT_NE(cron_why("0 0 * * #2").find("stands where a value should"), std::string::npos);
    EXPECT_NE(cron_why("0 0 32W * *").find("\"32\" is out of range"), std::string::npos);
    EXPECT_NE(cron_why("0 0 1-5W * *").find("\"1-5\" is no day of month"), std::string::npos);
    EXPECT_NE(cron_why("0 0 * * 9L").find("\"9\" is out of range"), std::string::npos);
    EXPECT_NE(cron_why("0 L * * *").find("\"L\" is no hour"), std::string::npos);
}

TEST(cron_parse, number_of_fields_is_checked)
{
    EXPECT_EQ(cron_why(""), "it is empty; write 5 fields, like 0 3 * * * for 03:00 daily");
    EXPECT_EQ(
        cron_why("* * * *"),
        "it has 4 fields; write minute, hour, day of month, month and day of week, and seconds in "
        "front of them if you need them, like 0 3 * * MON"
    );
    EXPECT_TRUE(cron_why("daily").starts_with("it has 1 field; "));
    EXPECT_TRUE(cron_why("0 0 0 1 1 ? 2030").starts_with("it has 7 fields, and years can't be "));
    std::string const long_spec(300, '*');
    EXPECT_NE(
        cron_fault(long_spec).find("it has 300 characters; write at most"),
        std::string::npos
    );
}

TEST(cron_parse, short_forms_that_are_none_say_so)
{
    EXPECT_EQ(
        cron_why("@dayly"),
        "\"@dayly\" is no short form (did you mean @daily?); write @hourly, @daily, @weekly, "
        "@monthly, @yearly, @every 90s, or 5 fields"
    );
    EXPECT_EQ(cron_why("@daily 3"), "\"3\" stands behind @daily; write @daily alone, or 5 fields");
    EXPECT_EQ(
        cron_why("@reboot"),
        "\"@reboot\" is no time; enqueue the job where your program starts instead"
    );
    EXPECT_EQ(
        cron_why("@every 0s"),
        "@every \"0s\" (character 8) is outside of 1s to 3650d; write it like @every 90s"
    );
    EXPECT_NE(cron_why("@every 3651d").find("outside of 1s to 3650d"), std::string::npos);
    EXPECT_NE(cron_why("@every 5").find("a unit is missing"), std::string::npos);
    EXPECT_NE(cron_why("@every").find("it is empty"), std::string::npos);
}

TEST(cron_parse, a_zone_in_front_names_the_option)
{
    EXPECT_EQ(
        cron_why("CRON_TZ=Europe/Berlin 0 3 * * *"),
        "the time zone does not stand in front of the fields; give \"Europe/Berlin\" as the option "
        "`zone`"
    );
    EXPECT_NE(cron_why("TZ=UTC @daily").find("give \"UTC\" as the option"), std::string::npos);
    EXPECT_NE(cron_why("TZ=").find("give \"\" as the option"), std::string::npos);
}

TEST(cron_parse, what_is_never_due_is_refused)
{
    EXPECT_EQ(
        cron_why("0 0 31 2 *"),
        "it would never be due: day of month \"31\" (field 3 of 5, character 5), month \"2\" "
        "(field "
        "4 of 5, character 8) and day of week \"*\" (field 5 of 5, character 10) have no day in "
        "common; write L for the last day of a month, or other days"
    );
    for (std::string_view const spec :
         {"0 0 30,31 2 *",
          "0 0 31 4,6,9,11 *",
          "0 0 31W 2 *",
          "0 0 */29 2 MON#5",
          "0 0 30 2 */2",
          "0 0 31 2 ?"})
        EXPECT_NE(cron_why(spec).find("would never be due"), std::string::npos) << spec;
    // Either is enough, where both are restricted; and leap days do come.
    for (std::string_view const spec :
         {"0 0 31 2 MON", "0 0 29 2 *", "0 0 29 2 */7", "0 0 ? 2 SAT#5", "0 0 29W 2 *"})
        EXPECT_EQ(cron_fault(spec), "none") << spec;
}

TEST(cron_parse, hostile_text_is_escaped)
{
    std::string const fault = cron_fault(std::string_view("0 0 \x1b[31m\0 * *", 14));
    EXPECT_EQ(fault.find('\x1b'), std::string::npos);
    EXPECT_EQ(fault.find('\0'), std::string::npos);
}

TEST(cron_parse, the_constructor_throws_the_same_sentence)
{
    EXPECT_EQ(
        error_text(work::errc::invalid_option, [] { work::cron_schedule("0 25 * * *"); }),
        cron_fault("0 25 * * *")
    );
}

// Random specs, some of them nearly right: none harms, and what is accepted is later than now.
TEST(cron_parse, random_text_does_no_harm)
{
    std::random_device device;
    char const* const given = std::getenv("WORK_SEED");
    std::uint64_t const seed = given != nullptr ? std::strtoull(given, nullptr, 10) : device();
    SCOPED_TRACE("WORK_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    constexpr std::string_view letters = "0123456789 ****///,,--LW#?  @SUNMOAFEB\t\0\xff";
    std::size_t accepted = 0;
    for (int i = 0; i < 60'000; ++i) {
        std::string spec;
        if (i % 2 == 0) {
            for (std::size_t n = random() % 24; n > 0; --n)
                spec += letters[random() % letters.size()];
        } else {
            for (std::size_t n = 5 + random() % 2; n > 0; --n) {
                std::size_t const kind = random() % 6;
                spec += kind < 2   ? "*"
                        : kind < 4 ? std::to_string(random() % 13)
                        : kind < 5
                            ? std::to_string(1 + random() % 7) + "-" + std::to_string(random() % 32)
                            : "*/" + std::to_string(random() % 30);
                spec += ' ';
            }
        }
        auto const read = work::cron_schedule::parse(spec);
        if (!read) {
            ASSERT_FALSE(read.error().empty()) << work::detail::quote(spec);
            continue;
        }
        ++accepted;
        auto const after = std::chrono::sys_seconds(
            std::chrono::seconds(static_cast<std::int64_t>(random() % 4'000'000'000))
        );
        auto const next = read->next(after);
        ASSERT_TRUE(next && *next > after) << work::detail::quote(spec);
        ASSERT_FALSE(read->describe().empty());
        if (read->fields().every.count() != 0)
            continue;
        // What is due matches, and nothing before it does.
        std::int64_t const second = next->time_since_epoch().count() / 1000;
        ASSERT_EQ(read->fields().first_from(second), second) << work::detail::quote(spec);
        ASSERT_EQ(read->fields().first_from(after.time_since_epoch().count() + 1), second);
    }
    EXPECT_GT(accepted, 2'000u);
}

}  // namespace
