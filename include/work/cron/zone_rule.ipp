// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/cron/zone_rule.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace work::detail {

WORK_DECL std::int64_t zone_change::in_year(int in) const
{
    namespace time = std::chrono;
    time::year const year(in);
    std::int64_t days = time::sys_days(year / 1 / 1).time_since_epoch().count();
    if (kind == by::day_of_year) {
        days += day;
    } else if (kind == by::day_without_leap) {
        days += day - 1 + (year.is_leap() && day >= 60 ? 1 : 0);
    } else {
        time::weekday const wanted(static_cast<unsigned>(day));
        time::month const of(static_cast<unsigned>(month));
        days = week == 5 ? time::sys_days(year / of / wanted[time::last]).time_since_epoch().count()
                         : time::sys_days(year / of / wanted[static_cast<unsigned>(week)])
                               .time_since_epoch()
                               .count();
    }
    return days * 86'400 + this->time;
}

WORK_DECL zone_period zone_rule::at(std::int64_t second) const
{
    if (!changes)
        return {earliest_second, latest_second, standard, standard};
    namespace time = std::chrono;
    second = std::clamp(second, earliest_second, latest_second);
    time::sys_days const day(time::floor<time::days>(time::seconds(second)));
    int const year = static_cast<int>(time::year_month_day(day).year());

    // Changes of the years around, in order: a rule's times may move one into the next year. Of two
    // at one instant summer's holds: a zone whose summer is the whole year ends one where it begins
    // the next.
    struct step
    {
        std::int64_t at;
        std::int64_t offset;
    };
    std::array<step, 10> steps{};
    std::size_t count = 0;
    for (int in = year - 2; in <= year + 2; ++in) {
        steps[count++] = {to_standard.in_year(in) - summer, standard};
        steps[count++] = {to_summer.in_year(in) - standard, summer};
    }
    std::stable_sort(steps.begin(), steps.end(), [](step const& a, step const& b) {
        return a.at < b.at;
    });
    zone_period found{earliest_second, latest_second, steps[0].offset, steps[0].offset};
    found.offset = found.before = steps[0].offset == summer ? standard : summer;
    for (step const& next : steps) {
        if (next.at > second) {
            found.end = next.at;
            break;
        }
        if (next.at != found.begin)
            found.before = found.offset;
        found.offset = next.offset;
        found.begin = next.at;
    }
    return found;
}

/// Reads from the front of a rule; `good` is false from the first fault on.
struct zone_rule_reader
{
    std::string_view rest;
    bool good = true;

    bool take(char c)
    {
        if (rest.empty() || rest.front() != c)
            return false;
        rest.remove_prefix(1);
        return true;
    }
    void expect(char c) { good = take(c) && good; }

    void name()
    {
        std::size_t size = 0;
        bool const quoted = take('<');
        auto const letter = [](char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; };
        while (size < rest.size() && (quoted ? rest[size] != '>' : letter(rest[size])))
            ++size;
        good = good && size >= 3;
        rest.remove_prefix(size);
        if (quoted)
            expect('>');
    }
    int number(int low, int high)
    {
        int value = 0;
        std::size_t size = 0;
        for (; size < rest.size() && size < 4 && rest[size] >= '0' && rest[size] <= '9'; ++size)
            value = value * 10 + (rest[size] - '0');
        rest.remove_prefix(size);
        good = good && size > 0 && value >= low && value <= high;
        return value;
    }
    std::int64_t time(int most_hours)
    {
        bool const negative = take('-');
        if (!negative)
            take('+');
        std::int64_t seconds = number(0, most_hours) * 3600;
        if (take(':')) {
            seconds += number(0, 59) * 60;
            if (take(':'))
                seconds += number(0, 59);
        }
        return negative ? -seconds : seconds;
    }
    zone_change change()
    {
        zone_change read;
        if (take('M')) {
            read.month = number(1, 12);
            expect('.');
            read.week = number(1, 5);
            expect('.');
            read.day = number(0, 6);
        } else if (take('J')) {
            read.kind = zone_change::by::day_without_leap;
            read.day = number(1, 365);
        } else {
            read.kind = zone_change::by::day_of_year;
            read.day = number(0, 365);
        }
        if (take('/'))
            read.time = time(167);
        return read;
    }
};

WORK_DECL std::optional<zone_rule> parse_zone_rule(std::string_view text)
{
    zone_rule_reader reader{text};
    zone_rule rule;
    reader.name();
    rule.standard = -reader.time(24);
    if (!reader.rest.empty()) {
        rule.changes = true;
        reader.name();
        rule.summer = rule.standard + 3600;
        if (!reader.rest.empty() && reader.rest.front() != ',')
            rule.summer = -reader.time(24);
        reader.expect(',');
        rule.to_summer = reader.change();
        reader.expect(',');
        rule.to_standard = reader.change();
    }
    if (!reader.good || !reader.rest.empty())
        return std::nullopt;
    return rule;
}

}  // namespace work::detail
