// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/decode_record.hpp>
#include <work/values/encode.hpp>
#include <work/values/job_log.hpp>
#include <work/values/past_action.hpp>
#include <work/values/text.hpp>

#include <cstdio>
#include <utility>

namespace work {

WORK_DECL std::string encode_log_line(job_log_line what)
{
    what.text = detail::mended_utf8(what.text, max_job_log_line);
    return to_json(what);
}

WORK_DECL parsed<job_log_line> decode_log_line(std::string_view text)
{
    return detail::decode_record<job_log_line>(text, "log line");
}

WORK_DECL job_log read_job_log(std::string id, std::vector<std::string> const& kept)
{
    job_log log;
    log.id = std::move(id);
    int attempt = 0;
    std::int64_t next = 1;
    for (std::string const& text : kept) {
        if (text.starts_with(detail::history_line))
            continue;  // of people, and no handler's
        auto read = decode_log_line(text);
        if (!read) {
            log.lines.emplace_back().text = detail::mended_utf8(text, max_job_log_line);
            continue;
        }
        // Lines of workers over HTTP are not counted.
        if (read->number == 0) {
            log.lines.push_back(std::move(*read));
            continue;
        }
        // A claim that was lost, or a stop, lets the same attempt run again, and count anew.
        if (read->attempt != attempt || read->number < next)
            next = 1;
        attempt = read->attempt;
        log.lost += read->number - next;
        next = read->number + 1;
        log.lines.push_back(std::move(*read));
    }
    return log;
}

namespace detail {

WORK_DECL std::string fill_in(std::string_view format, std::vector<std::string> const& texts)
{
    std::string out;
    std::size_t next = 0;
    while (!format.empty()) {
        std::string_view const two = format.substr(0, 2);
        if (two == "{{" || two == "}}") {
            out += two.front();
            format.remove_prefix(2);
        } else if (two == "{}" && next != texts.size()) {
            out += texts[next++];
            format.remove_prefix(2);
        } else {
            out += format.front();
            format.remove_prefix(1);
        }
    }
    for (; next != texts.size(); ++next)
        out += ' ' + texts[next];
    return out;
}

WORK_DECL std::string text_of_number(double number)
{
    char text[32];
    int const size = std::snprintf(text, sizeof text, "%g", number);
    return std::string(text, static_cast<std::size_t>(size));
}

}  // namespace detail
}  // namespace work
