// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/records.hpp>
#include <work/values/envelope.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace work_test {

/// A plain job without arguments, and what the views of its batch look at.
class one_job
{
public:
    one_job(std::string id, std::string list, std::int64_t created_ms)
        : id_(std::move(id)),
          list_(std::move(list))
    {
        work::envelope_view parts;
        parts.created_ms = created_ms;
        parts.list = list_;
        parts.args = "[]";
        work::append_envelope(envelope_, parts);
    }
    one_job(one_job const&) = delete;
    one_job& operator=(one_job const&) = delete;

    work::enqueue_request batch(std::int64_t number, std::int64_t delay_ms = 0) const
    {
        work::new_job job;
        job.id = id_;
        job.list = list_;
        job.envelope = envelope_;
        job.delay_ms = delay_ms;
        work::enqueue_request r;
        r.producer = "p";
        r.number = number;
        r.jobs = {job};
        return r;
    }

private:
    std::string id_;
    std::string list_;
    std::string envelope_;
};

}  // namespace work_test
