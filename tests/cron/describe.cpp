// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/cron.hpp>

#include <gtest/gtest.h>

namespace {

struct cron_in_words
{
    char const* spec;
    char const* words;
};

TEST(cron_describe, specs_are_sentences)
{
    for (auto const& [spec, words] : {
             cron_in_words{"* * * * *", "every minute"},
             {"*/15 * * * *", "every 15 minutes"},
             {"*/7 * * * *", "every 7th minute from minute 0 on"},
             {"3/20 * * * *", "every 20th minute from minute 3 on"},
             {"0 * * * *", "every hour"},
             {"@hourly", "every hour"},
             {"7 * * * *", "at minute 7 of every hour"},
             {"5,35 * * * *", "at minutes 5 and 35 of every hour"},
             {"0 */2 * * *", "every 2 hours"},
             {"0 */5 * * *", "at minute 0 of every 5th hour from 0 on"},
             {"15 */6 * * *", "at 00:15, 06:15, 12:15 and 18:15"},
             {"0 3 * * *", "at 03:00"},
             {"0 3,15 * * *", "at 03:00 and 15:00"},
             {"30 4 1 * *", "at 04:30 on day 1 of the month"},
             {"0 3 * * 1", "at 03:00 on Monday"},
             {"0 9-17 * * MON-FRI", "at minute 0 of hours 9 to 17 on Monday to Friday"},
             {"*/10 9-17 * * *", "every 10 minutes of hours 9 to 17"},
             {"* 2 * * *", "every minute of hour 2"},
             {"0 0 * * 6,0", "at 00:00 on Saturday and Sunday"},
             {"0 0 * * FRI-SUN", "at 00:00 on Friday to Sunday"},
             {"0 0 1,15 * *", "at 00:00 on days 1 and 15 of the month"},
             {"0 0 1-7,20 * *", "at 00:00 on days 1 to 7 and 20 of the month"},
             {"0 0 */2 * *", "at 00:00 on every 2nd day of the month from day 1 on"},
             {"0 0 L * *", "at 00:00 on the last day of the month"},
             {"0 0 LW * *", "at 00:00 on the last weekday of the month"},
             {"0 0 15W * *", "at 00:00 on the weekday nearest to day 15 of the month"},
             {"0 0 1,L * *", "at 00:00 on day 1 of the month and on the last day of the month"},
             {"0 0 ? * MON#2", "at 00:00 on the second Monday of the month"},
             {"0 0 ? * 5L", "at 00:00 on the last Friday of the month"},
             {"0 0 13 * FRI", "at 00:00 on day 13 of the month, and on Friday"},
             {"0 0 13 * */5", "at 00:00 on day 13 of the month, if it is Sunday and Friday"},
             {"0 0 1-31 * FRI", "at 00:00"},
             {"0 0 1 1 *", "at 00:00 on day 1 of the month in January"},
             {"0 0 * 1-3,7 *", "at 00:00 in January to March and July"},
             {"* * * * * *", "every second"},
             {"*/10 * * * * *", "every 10 seconds"},
             {"30 * * * * *", "at second 30 of every minute"},
             {"30 0 3 * * *", "at 03:00:30"},
             {"5 0 3 * * *", "at 03:00:05"},
             {"*/10 5 9-17 * * *", "every 10 seconds of minute 5 of hours 9 to 17"},
             {"*/10 5 * * * *", "every 10 seconds of minute 5 of every hour"},
             {"0 0 3 * * *", "at 03:00"},
             {"@daily", "at 00:00"},
             {"@weekly", "at 00:00 on Sunday"},
             {"@every 90s", "every 1m30s"},
         })
        EXPECT_EQ(work::cron_schedule(spec).describe(), words) << spec;
}

}  // namespace
