// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/decode_record.hpp>
#include <work/values/progress.hpp>
#include <work/values/text.hpp>

#include <algorithm>
#include <cmath>

namespace work {

WORK_DECL parsed<job_checkin> decode_progress(std::string_view text)
{
    return detail::decode_record<job_checkin>(text, "progress");
}

namespace detail {

WORK_DECL std::string encode_progress(std::string_view message, double percent, bool& mended)
{
    std::string end = "}";
    if (!std::isnan(percent)) {
        end = ",\"percent\":";
        append_double(end, std::clamp(percent, 0.0, 100.0));
        end += '}';
    }
    // Escapes make up to six bytes of one: what is too long is cut until it fits.
    std::size_t limit = max_progress;
    for (;;) {
        std::string const text = mended_utf8(message, limit);
        std::string out = "{\"message\":";
        append_json_string(out, text);
        out += end;
        if (out.size() <= max_progress) {
            mended = text != message;
            return out;
        }
        limit = std::min(limit - limit / 8, limit * max_progress / out.size());
    }
}

}  // namespace detail
}  // namespace work
