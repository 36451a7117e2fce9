// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/failure.hpp>
#include <work/values/job_ending.hpp>
#include <work/values/job_gift.hpp>
#include <work/values/text.hpp>

#include <algorithm>
#include <utility>

namespace work::detail {

WORK_DECL job_gift read_gift(std::string from, std::string_view text)
{
    job_gift one;
    one.from = std::move(from);
    std::size_t const line = std::min(text.find('\n'), text.size());
    one.state = text.substr(0, line);
    text.remove_prefix(std::min(text.size(), line + 1));
    if (one.state == "dead") {
        auto const failed = decode_failure(text);
        one.reason = failed ? failed->message : mended_utf8(text, max_failure_message);
    } else if (auto ended = decode_ending(text)) {
        one.result = std::move(ended->result);
        one.reason = std::move(ended->ending.reason);
    }
    return one;
}

}  // namespace work::detail
