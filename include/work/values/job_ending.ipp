// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/decode_record.hpp>
#include <work/values/encode.hpp>
#include <work/values/failure.hpp>
#include <work/values/job_ending.hpp>
#include <work/values/text.hpp>

namespace work {

WORK_DECL std::string encode_ending(job_ending const& what, std::string_view result)
{
    std::string text = "{\"outcome\":";
    append_json(text, what.outcome);
    text += ",\"at_ms\":" + std::to_string(what.at_ms);
    auto const add_text = [&](char const* name, std::string_view value, std::size_t most) {
        if (value.empty())
            return;
        text.append(",\"").append(name).append("\":");
        append_json(text, detail::mended_utf8(value, most));
    };
    if (what.attempt > 0) {
        text += ",\"run_us\":" + std::to_string(what.run_us);
        text += ",\"attempt\":" + std::to_string(what.attempt);
    }
    add_text("pool", what.pool, max_failure_type);
    add_text("reason", what.reason, max_failure_message);
    add_text("by", what.by, max_failure_type);
    add_text("result_fault", what.result_fault, lean_failure_message);
    if (!result.empty())
        text.append(",\"result\":").append(result);
    return text += '}';
}

WORK_DECL parsed<ended_job> decode_ending(std::string_view text)
{
    // `,"` can't be within a string: there the quote would be escaped.
    constexpr std::string_view mark = ",\"result\":";
    auto const at = text.find(mark);
    ended_job read;
    std::string head(text.substr(0, at));
    if (at != std::string_view::npos) {
        std::string_view const result = text.substr(at + mark.size());
        if (!result.ends_with('}'))
            return parsed<ended_job>::failed("it does not end with \"}\"");
        read.result = result.substr(0, result.size() - 1);
        head += '}';
    }
    auto ending = detail::decode_record<job_ending>(head, "ending");
    if (!ending)
        return parsed<ended_job>::failed(ending.error());
    read.ending = std::move(*ending);
    return read;
}

}  // namespace work
