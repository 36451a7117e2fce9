// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

/// \file
/// Cron specs, and what they say as functions.

#include <cron/oracle.hpp>
#include <vector>

namespace cron_oracle {

inline bool every_day(moment const&)
{
    return true;
}
inline bool sundays(moment const& t)
{
    return t.weekday == 0;
}
inline bool midnight(moment const& t)
{
    return t.hour == 0 && t.minute == 0;
}
inline bool half_past_two(moment const& t)
{
    return t.hour == 2 && t.minute == 30;
}
inline bool two_o_clock(moment const& t)
{
    return t.hour == 2 && t.minute == 0;
}
inline bool full_hours(moment const& t)
{
    return t.minute == 0;
}
inline bool workday(moment const& t)
{
    return t.weekday >= 1 && t.weekday <= 5;
}

// The weekday of another day of the same month.
inline int weekday_on(moment const& t, int day)
{
    return ((t.weekday + day - t.day) % 7 + 7) % 7;
}
inline bool nearest_to(moment const& t, int day)
{
    if (!workday(t) || day > t.last_day())
        return false;
    if (weekday_on(t, day) == 6)
        return t.day == (day == 1 ? 3 : day - 1);
    if (weekday_on(t, day) == 0)
        return t.day == (day == t.last_day() ? day - 2 : day + 1);
    return t.day == day;
}
inline bool nth_weekday(moment const& t, int weekday, int n)
{
    return t.weekday == weekday && (t.day - 1) / 7 + 1 == n;
}
inline bool last_of(moment const& t, int weekday)
{
    return t.weekday == weekday && t.day + 7 > t.last_day();
}

inline std::vector<spec> const minute_specs{
    {"* * * * *", true, every_day, [](moment const&) { return true; }},
    {"*/15 * * * *", true, every_day, [](moment const& t) { return t.minute % 15 == 0; }},
    {"0 * * * *", true, every_day, full_hours},
    {"30 * * * *", true, every_day, [](moment const& t) { return t.minute == 30; }},
    {"5-55/10 * * * *", true, every_day, [](moment const& t) { return t.minute % 10 == 5; }},
    {"0 */2 * * *",
     true,
     every_day,
     [](moment const& t) { return t.minute == 0 && t.hour % 2 == 0; }},
    {"30 */6 * * *",
     true,
     every_day,
     [](moment const& t) { return t.minute == 30 && t.hour % 6 == 0; }},
    {"*/30 2 * * *",
     true,
     every_day,
     [](moment const& t) { return t.minute % 30 == 0 && t.hour == 2; }},
    {"*/30 1 * * SUN",
     true,
     sundays,
     [](moment const& t) { return t.minute % 30 == 0 && t.hour == 1; }},
    {"*/20 1-3 * * *",
     true,
     every_day,
     [](moment const& t) { return t.minute % 20 == 0 && t.hour >= 1 && t.hour <= 3; }},
    {"0 3 * * *", false, every_day, [](moment const& t) { return t.hour == 3 && t.minute == 0; }},
    {"30 2 * * *", false, every_day, half_past_two},
    {"0 2 * * *", false, every_day, two_o_clock},
    {"30 1 * * *", false, every_day, [](moment const& t) { return t.hour == 1 && t.minute == 30; }},
    {"0 0 * * *", false, every_day, midnight},
    {"15 0,1,2,3 * * *",
     false,
     every_day,
     [](moment const& t) { return t.hour < 4 && t.minute == 15; }},
    {"0-59/10 2 * * *",
     false,
     every_day,
     [](moment const& t) { return t.hour == 2 && t.minute % 10 == 0; }},
    {"0-59 0-3 * * *", false, every_day, [](moment const& t) { return t.hour <= 3; }},
    {"59 23 * * *", false, every_day, [](moment const& t) { return t.hour == 23 && t.minute == 59; }
    },
    {"45 23 * * sun", false, sundays, [](moment const& t) { return t.hour == 23 && t.minute == 45; }
    },
    {"0 2 * * 0", false, sundays, two_o_clock},
    {"0 2 * * 7", false, sundays, two_o_clock},
    {"0 0 * * 5-7",
     false,
     [](moment const& t) { return t.weekday == 5 || t.weekday == 6 || t.weekday == 0; },
     midnight},
    {"30 2 L * *", false, [](moment const& t) { return t.day == t.last_day(); }, half_past_two},
    {"30 2 LW * *",
     false,
     [](moment const& t) {
         return workday(t) &&
                (t.day == t.last_day() || (t.weekday == 5 && t.day + 2 >= t.last_day()));
     },
     half_past_two},
    {"0 2 15W * *", false, [](moment const& t) { return nearest_to(t, 15); }, two_o_clock},
    {"30 2 1W * *", false, [](moment const& t) { return nearest_to(t, 1); }, half_past_two},
    {"30 2 31W * *", false, [](moment const& t) { return nearest_to(t, 31); }, half_past_two},
    {"30 2 * * 0L", false, [](moment const& t) { return last_of(t, 0); }, half_past_two},
    {"30 2 ? 3 SUN#2",
     false,
     [](moment const& t) { return t.month == 3 && nth_weekday(t, 0, 2); },
     half_past_two},
    {"0 0 ? * SUN#1", false, [](moment const& t) { return nth_weekday(t, 0, 1); }, midnight},
    {"30 2 ? * MON#5", false, [](moment const& t) { return nth_weekday(t, 1, 5); }, half_past_two},
    {"0 0 13 * FRI", false, [](moment const& t) { return t.day == 13 || t.weekday == 5; }, midnight
    },
    {"0 0 1,15 * MON-WED",
     false,
     [](moment const& t) {
         return t.day == 1 || t.day == 15 || (t.weekday >= 1 && t.weekday <= 3);
     },
     midnight},
    {"0 0 */2 * SUN",
     false,
     [](moment const& t) { return t.day % 2 == 1 && t.weekday == 0; },
     midnight},
    {"0 0 13 * */5",
     false,
     [](moment const& t) { return t.day == 13 && (t.weekday == 0 || t.weekday == 5); },
     midnight},
    {"30 2 29 2 *",
     false,
     [](moment const& t) { return t.month == 2 && t.day == 29; },
     half_past_two},
    {"0 0 29 2 */7",
     false,
     [](moment const& t) { return t.month == 2 && t.day == 29 && t.weekday == 0; },
     midnight},
    {"0 0 ? 2 MON#5",
     false,
     [](moment const& t) { return t.month == 2 && t.day == 29 && t.weekday == 1; },
     midnight},
    {"30 2 * MAR,oct *",
     false,
     [](moment const& t) { return t.month == 3 || t.month == 10; },
     half_past_two},
    {"30 2 25-31 3 SUN",
     false,
     [](moment const& t) { return t.month == 3 && (t.day >= 25 || t.weekday == 0); },
     half_past_two},
    {"0 2 * 1-3,11 MON,SUNL",
     false,
     [](moment const& t) {
         return (t.month <= 3 || t.month == 11) && (t.weekday == 1 || last_of(t, 0));
     },
     two_o_clock},
    {"10/20 5/6 * * *",
     false,
     every_day,
     [](moment const& t) { return t.minute % 20 == 10 && t.hour % 6 == 5; }},
    {"@hourly", true, every_day, full_hours},
    {"@daily", false, every_day, midnight},
    {"@weekly", false, sundays, midnight},
    {"@monthly", false, [](moment const& t) { return t.day == 1; }, midnight},
    {"@yearly", false, [](moment const& t) { return t.day == 1 && t.month == 1; }, midnight},
};

inline std::vector<spec> const second_specs{
    {"*/7 * * * * *", true, every_day, [](moment const& t) { return t.second % 7 == 0; }},
    {"30 * * * * *", true, every_day, [](moment const& t) { return t.second == 30; }},
    {"* 30 2 * * *", true, every_day, half_past_two},
    {"59 59 */2 * * *",
     true,
     every_day,
     [](moment const& t) { return t.second == 59 && t.minute == 59 && t.hour % 2 == 0; }},
    {"15,45 30 2 * * *",
     false,
     every_day,
     [](moment const& t) { return half_past_two(t) && t.second % 30 == 15; }},
    {"0-59/20 0-59/30 0-3 * * *",
     false,
     every_day,
     [](moment const& t) { return t.second % 20 == 0 && t.minute % 30 == 0 && t.hour <= 3; }},
    {"59 59 1 * * *",
     false,
     every_day,
     [](moment const& t) { return t.second == 59 && t.minute == 59 && t.hour == 1; }},
    {"1 0 2 * * SUN",
     false,
     sundays,
     [](moment const& t) { return two_o_clock(t) && t.second == 1; }},
    {"5 * * * * *", true, every_day, [](moment const& t) { return t.second == 5; }},
};

}  // namespace cron_oracle
