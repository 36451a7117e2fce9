// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/broker/exchange.hpp>
#include <work/broker/worker_record.hpp>
#include <work/values/envelope.hpp>
#include <work/values/job_log.hpp>
#include <work/web/routes/worker_bodies.hpp>

#include <deque>
#include <string>
#include <utility>

namespace work::web {

/// Lines that a worker reports for a job's log, as the broker keeps them. They are not counted: a
/// server does not know what came before. The views of what it returns point into `texts`.
inline job_log_lines lines_to_keep(
    reported_log const& said,
    held_record const& record,
    std::int64_t now_ms,
    std::deque<std::string>& texts
)
{
    auto const envelope = decode_envelope(record.envelope);
    job_log_lines all;
    all.claim = said.fence;
    all.id = said.id;
    for (std::string const& text : said.lines) {
        job_log_line line;
        line.at_ms = now_ms;
        line.attempt = envelope ? envelope->attempts + 1 : 0;
        line.text = text;
        all.lines.push_back(texts.emplace_back(encode_log_line(std::move(line))));
    }
    return all;
}

}  // namespace work::web
