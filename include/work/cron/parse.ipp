// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/cron/field_reader.hpp>
#include <work/cron/parse.hpp>
#include <work/values/duration.hpp>
#include <work/values/nearest.hpp>
#include <work/values/text.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work::detail {

inline constexpr std::size_t longest_cron_spec = 256;

struct cron_short_form
{
    std::string_view name;
    std::string_view spec;
};

inline constexpr cron_short_form cron_short_forms[] = {
    {"@hourly", "0 * * * *"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"},
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
};

inline parsed<cron_fields> cron_fault(std::string_view spec, std::string why)
{
    return parsed<cron_fields>::failed(
        "the cron spec " + quote(spec) + " can't be read: " + std::move(why)
    );
}

inline parsed<cron_fields> parse_every(std::string_view spec, std::string_view text)
{
    using namespace std::chrono_literals;
    auto const every = parse_duration(text);
    if (!every)
        return cron_fault(spec, every.error());
    if (*every < 1s || *every > 24h * 3650)
        return cron_fault(
            spec,
            "@every " + quote(text) +
                " (character 8) is outside of 1s to 3650d; write it like "
                "@every 90s"
        );
    cron_fields fields;
    fields.every = *every;
    return fields;
}

inline parsed<cron_fields> parse_short_form(std::string_view spec)
{
    std::size_t const size = std::min(spec.find_first_of(" \t"), spec.size());
    std::string_view const name = spec.substr(0, size);
    std::string_view const rest = trimmed(spec.substr(size));
    if (name == "@every")
        return parse_every(spec, rest);
    std::vector<std::string_view> names{"@every"};
    for (auto const& form : cron_short_forms) {
        if (form.name == name && rest.empty())
            return parse_cron_fields(form.spec);
        if (form.name == name)
            return cron_fault(
                spec,
                quote(rest) + " stands behind " + std::string(name) + "; write " +
                    std::string(name) + " alone, or 5 fields"
            );
        names.push_back(form.name);
    }
    if (name == "@reboot")
        return cron_fault(
            spec,
            "\"@reboot\" is no time; enqueue the job where your program starts instead"
        );
    return cron_fault(
        spec,
        quote(name) + " is no short form" + did_you_mean(name, names) +
            "; write @hourly, @daily, @weekly, @monthly, @yearly, @every 90s, or 5 fields"
    );
}

inline std::string say_place(cron_word const& word, std::size_t count)
{
    return std::string(word.name()) + " " + quote(word.text, 32) + " (field " +
           std::to_string(word.number) + " of " + std::to_string(count) + ", character " +
           std::to_string(word.at + 1) + ")";
}

WORK_DECL parsed<cron_fields> parse_cron_fields(std::string_view spec)
{
    if (spec.empty())
        return cron_fault(spec, "it is empty; write 5 fields, like 0 3 * * * for 03:00 daily");
    if (spec.size() > longest_cron_spec)
        return cron_fault(
            spec,
            "it has " + std::to_string(spec.size()) + " characters; write at most " +
                std::to_string(longest_cron_spec)
        );
    if (spec.front() == '@')
        return parse_short_form(spec);
    for (std::string_view const prefix : {"CRON_TZ=", "TZ="})
        if (spec.starts_with(prefix)) {
            std::string_view const zone =
                spec.substr(prefix.size(), spec.find_first_of(" \t") - prefix.size());
            return cron_fault(
                spec,
                "the time zone does not stand in front of the fields; give " + quote(zone) +
                    " as the option `zone`"
            );
        }

    std::vector<cron_word> words;
    for (std::size_t at = 0; at < spec.size();) {
        std::size_t const end = std::min(spec.find_first_of(" \t", at), spec.size());
        if (end > at)
            words.push_back({spec.substr(at, end - at), 0, words.size() + 1, at});
        at = end + 1;
    }
    std::size_t const count = words.size();
    if (count != 5 && count != 6)
        return cron_fault(
            spec,
            "it has " + std::to_string(count) + (count == 1 ? " field" : " fields") +
                (count == 7 ? ", and years can't be given" : "") +
                "; write minute, hour, day of month, month and day of week, and seconds in front "
                "of them if you need them, like 0 3 * * MON"
        );

    cron_fields fields;
    fields.has_seconds = count == 6;
    fields.seconds = count == 6 ? 0 : 1;
    for (cron_word& word : words) {
        word.place = word.number - 1 + (6 - count);
        std::string why = cron_field_reader(word, count, fields).read();
        if (!why.empty())
            return cron_fault(spec, std::move(why));
        bool const any = word.text.front() == '*' || word.text == "?";
        fields.wildcard = fields.wildcard || (any && word.place < cron_day_place);
        fields.any_day = fields.any_day || (any && word.place == cron_day_place);
        fields.any_weekday = fields.any_weekday || (any && word.place == cron_weekday_place);
    }
    if (!fields.first_from(0)) {
        std::string const days = say_place(words[count - 3], count) + ", " +
                                 say_place(words[count - 2], count) + " and " +
                                 say_place(words[count - 1], count);
        return cron_fault(
            spec,
            "it would never be due: " + days +
                " have no day in common; write L for the last day of a month, or other days"
        );
    }
    return fields;
}

}  // namespace work::detail
