// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/cron/fields.hpp>
#include <work/values/nearest.hpp>
#include <work/values/text.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace work::detail {

inline constexpr std::string_view cron_month_names[] =
    {"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
inline constexpr std::string_view cron_weekday_names[] =
    {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

/// What a place in a spec may hold.
struct cron_place
{
    std::string_view name;
    int low;
    int high;
    std::string_view values;                       // for people
    std::span<std::string_view const> names = {};  // of `low` and so on
};

// clang-format off
inline constexpr cron_place cron_places[] = {
    {"second", 0, 59, "0 to 59"},
    {"minute", 0, 59, "0 to 59"},
    {"hour", 0, 23, "0 to 23"},
    {"day of month", 1, 31, "1 to 31, L, LW or 15W"},
    {"month", 1, 12, "1 to 12 or JAN to DEC", cron_month_names},
    {"day of week", 0, 7, "0 to 7 or SUN to SAT, MON#2 or 5L", cron_weekday_names},
};
// clang-format on
inline constexpr std::size_t cron_day_place = 3;
inline constexpr std::size_t cron_weekday_place = 5;

/// One field of a spec, and where it stands.
struct cron_word
{
    std::string_view text;
    std::size_t place = 0;   // in `cron_places`
    std::size_t number = 0;  // from 1
    std::size_t at = 0;      // bytes before it

    std::string_view name() const { return cron_places[place].name; }
};

/// Reads one field into the sets.
class cron_field_reader
{
public:
    cron_field_reader(cron_word const& word, std::size_t count, cron_fields& into)
        : word_(word),
          place_(cron_places[word.place]),
          count_(count),
          into_(into)
    {}

    /// What is wrong with the field, or nothing.
    std::string read()
    {
        if (word_.text == "?") {
            if (word_.place != cron_day_place && word_.place != cron_weekday_place)
                return fault(word_.text, "is for days alone", "write *");
            add(place_.low, place_.high, 1);
            return std::move(why_);
        }
        std::string_view rest = word_.text;
        while (why_.empty()) {
            std::size_t const size = std::min(rest.find(','), rest.size());
            part(rest.substr(0, size));
            if (size == rest.size())
                break;
            rest.remove_prefix(size + 1);
        }
        return std::move(why_);
    }

private:
    struct value
    {
        int number;
        bool named;
    };

    std::string fault(std::string_view part, std::string what, std::string way)
    {
        auto const at = static_cast<std::size_t>(part.data() - word_.text.data());
        why_ = std::string(word_.name()) + " (field " + std::to_string(word_.number) + " of " +
               std::to_string(count_) + ", character " + std::to_string(word_.at + at + 1) +
               "): " + quote(part, 32) + " " + std::move(what) + "; " + std::move(way);
        return why_;
    }
    std::string write_values() const { return "write " + std::string(place_.values); }

    void part(std::string_view text)
    {
        if (text.empty()) {
            fault(text, "is an empty place in the list", "write values with one comma between");
            return;
        }
        if (word_.place == cron_day_place && special_day(text))
            return;
        if (word_.place == cron_weekday_place && special_weekday(text))
            return;
        std::size_t const slash = std::min(text.find('/'), text.size());
        std::string_view const range = text.substr(0, slash);
        int low = place_.low;
        int high = word_.place == cron_weekday_place ? 6 : place_.high;
        if (range != "*") {
            std::size_t const dash = std::min(range.find('-'), range.size());
            auto const first = number(range.substr(0, dash));
            if (!first)
                return;
            low = first->number;
            if (dash != range.size()) {
                auto const last = number(range.substr(dash + 1));
                if (!last)
                    return;
                high = last->number;
                if (high == 0 && low > 0 && last->named)
                    high = 7;  // SAT-SUN
                if (high < low) {
                    backwards(range, low, high, first->named && last->named);
                    return;
                }
            } else if (slash == text.size()) {
                high = low;
            } else if (high < low) {
                low = 0;  // 7/2: from Sunday
            }
        }
        int step = 1;
        if (slash != text.size()) {
            auto const read = digits(text.substr(slash + 1));
            int const most = high - low + 1;
            if (!read || *read < 1) {
                fault(text, "has no step behind its /", "write a whole number from 1 on, like */5");
                return;
            }
            if (*read > most) {
                std::string way = "write a step of 1 to " + std::to_string(most);
                if (word_.place < cron_day_place && range == "*")
                    way += ", or @every " + std::to_string(*read) + std::string(1, place_.name[0]);
                fault(
                    text,
                    "has a step beyond the " + std::to_string(most) + " values it goes over",
                    std::move(way)
                );
                return;
            }
            step = *read;
        }
        add(low, high, step);
    }

    /// L, LW and 15W. True when it was one, or is wrong.
    bool special_day(std::string_view text)
    {
        std::string const upper = in_capitals(text);
        if (upper == "L") {
            into_.last_day = true;
        } else if (upper == "LW" || upper == "WL") {
            into_.last_workday = true;
        } else if (upper == "W") {
            fault(text, "has no day in front", "write 15W, LW, or MON-FRI as the day of week");
        } else if (upper.back() == 'W') {
            if (auto const day = number(text.substr(0, text.size() - 1)))
                into_.nearest |= std::uint32_t(1) << day->number;
        } else {
            return false;
        }
        return true;
    }

    /// 5L and MON#2. True when it was one, or is wrong.
    bool special_weekday(std::string_view text)
    {
        if (std::size_t const hash = text.find('#'); hash != text.npos) {
            auto const day = number(text.substr(0, hash));
            if (!day)
                return true;
            auto const nth = digits(text.substr(hash + 1));
            if (!nth || *nth < 1 || *nth > 5)
                fault(text, "has no 1 to 5 behind its #", "write MON#1 to MON#5, or MONL");
            else
                into_.nth[static_cast<std::size_t>(*nth - 1)] |= weekday_bit(day->number);
            return true;
        }
        if ((text.back() | 32) != 'l')
            return false;
        if (text.size() == 1)
            fault(text, "has no day in front", "write 5L or FRIL for the last Friday");
        else if (auto const day = number(text.substr(0, text.size() - 1)))
            into_.last |= weekday_bit(day->number);
        return true;
    }

    static std::uint32_t weekday_bit(int day) { return std::uint32_t(1) << day % 7; }

    static std::string in_capitals(std::string_view text)
    {
        std::string upper(text);
        for (char& c : upper)
            if (c >= 'a' && c <= 'z')
                c = static_cast<char>(c - 32);
        return upper;
    }

    static std::optional<int> digits(std::string_view text)
    {
        int value = 0;
        if (text.empty() || text.size() > 4)
            return std::nullopt;
        for (char const c : text) {
            if (c < '0' || c > '9')
                return std::nullopt;
            value = value * 10 + (c - '0');
        }
        return value;
    }

    std::optional<value> number(std::string_view text)
    {
        if (auto const read = digits(text)) {
            if (*read >= place_.low && *read <= place_.high)
                return value{*read, false};
            fault(text, "is out of range", write_values());
            return std::nullopt;
        }
        std::string const upper = in_capitals(text);
        for (std::size_t i = 0; i < place_.names.size(); ++i)
            if (place_.names[i] == upper)
                return value{place_.low + static_cast<int>(i), true};
        if (text.empty())
            fault(text, "stands where a value should", write_values());
        else
            fault(text, "is no " + std::string(word_.name()), write_values() + near(upper));
        return std::nullopt;
    }
    std::string near(std::string_view upper) const { return did_you_mean(upper, place_.names); }

    void backwards(std::string_view range, int low, int high, bool named)
    {
        auto const one = [&](int number) {
            auto const at = static_cast<std::size_t>(number - place_.low);
            return named ? std::string(place_.names[at]) : std::to_string(number);
        };
        auto const text = [&](int from, int to) {
            return from == to ? one(from) : one(from) + "-" + one(to);
        };
        int const most = word_.place == cron_weekday_place ? std::max(low, 6) : place_.high;
        fault(range, "goes backwards", "write " + text(low, most) + "," + text(place_.low, high));
    }

    void add(int low, int high, int step)
    {
        std::uint64_t bits = 0;
        for (int i = low; i <= high; i += step)
            bits |= std::uint64_t(1) << i;
        switch (word_.place) {
        case 0: into_.seconds |= bits; break;
        case 1: into_.minutes |= bits; break;
        case 2: into_.hours |= static_cast<std::uint32_t>(bits); break;
        case 3: into_.days |= static_cast<std::uint32_t>(bits); break;
        case 4: into_.months |= static_cast<std::uint32_t>(bits); break;
        default: into_.weekdays |= static_cast<std::uint32_t>((bits | bits >> 7) & 0x7f);
        }
    }

    cron_word const& word_;
    cron_place const& place_;
    std::size_t count_;
    cron_fields& into_;
    std::string why_;
};

}  // namespace work::detail
