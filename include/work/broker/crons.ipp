// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/crons.hpp>

#include <charconv>

namespace work::detail {

WORK_DECL std::string cron_value(cron_record const& record)
{
    std::string value = std::to_string(record.revision) + " " + std::to_string(record.next_ms) +
                        " " + std::to_string(record.paused_ms) + " " +
                        std::to_string(record.fired_ms) + " " + record.last_job + "\n";
    return value.append(record.text);
}

WORK_DECL cron_record read_cron(std::string_view name, std::string_view value)
{
    cron_record record;
    record.name = name;
    auto const line = value.find('\n');
    record.text = line == value.npos ? value : value.substr(line + 1);
    if (line == value.npos)
        return record;
    std::string_view rest = value.substr(0, line);
    std::int64_t numbers[4] = {};
    for (std::int64_t& number : numbers) {
        auto const read = std::from_chars(rest.data(), rest.data() + rest.size(), number);
        auto const size = static_cast<std::size_t>(read.ptr - rest.data());
        if (read.ec != std::errc() || size >= rest.size() || rest[size] != ' ' || number < 0)
            return record;
        rest.remove_prefix(size + 1);
    }
    record.revision = numbers[0];
    record.next_ms = numbers[1];
    record.paused_ms = numbers[2];
    record.fired_ms = numbers[3];
    record.last_job = rest;
    return record;
}

WORK_DECL std::string cron_fire_value(std::int64_t now_ms, cron_code code, std::string_view text)
{
    std::string value =
        "{\"at_ms\":" + std::to_string(now_ms) + ",\"code\":\"" + static_cast<char>(code) + "\"";
    return value.append(text);
}

}  // namespace work::detail
