// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/outcome.hpp>
#include <work/values/name.hpp>
#include <work/values/next_stage.hpp>

namespace work {

WORK_DECL void outcome::check_follow_up(new_job const& job) const
{
    if (kind_ == kind::snooze)
        throw error(
            errc::invalid_option,
            "a snooze is no end that " + job.name() + " could follow upon; enqueue it"
        );
    if (job.list.empty())
        throw error(
            errc::invalid_name,
            "an empty work::new_job follows upon nothing: use work::make"
        );
    if (follow_ups().size() >= max_follow_ups)
        throw error(
            errc::invalid_option,
            "at most " + std::to_string(max_follow_ups) +
                " jobs may follow upon one; let one of them make the others"
        );
}

WORK_DECL void outcome::check_write(redis_write const& one) const
{
    if (kind_ == kind::snooze)
        throw error(
            errc::invalid_option,
            "a snooze is no end that " + one.words().front() + " could happen with"
        );
    std::size_t bytes = one.bytes();
    for (redis_write const& other : writes())
        bytes += other.bytes();
    if (writes().size() >= max_writes || bytes > max_write_bytes)
        throw error(
            errc::invalid_option,
            "with one attempt at most " + std::to_string(max_writes) + " writes may happen, of " +
                std::to_string(max_write_bytes) + " bytes in all; this is number " +
                std::to_string(writes().size() + 1) + ", " + std::to_string(bytes) +
                " bytes with those before: let a follow-up do the rest"
        );
}

WORK_DECL outcome next_stage(new_job stage)
{
    if (stage.list.empty())
        throw error(errc::invalid_name, "an empty work::new_job is no stage: use work::make");
    refuse_id_of_stage(stage);
    outcome o;
    o.kind_ = outcome::kind::next_stage;
    o.express_ = true;
    o.more().stage = std::move(stage);
    return o;
}

WORK_DECL outcome next_stage(std::string_view queue)
{
    if (!queue.empty())
        validate_name("queue", queue);
    outcome o;
    o.kind_ = outcome::kind::next_stage;
    o.express_ = true;
    o.reason_ = queue;
    return o;
}

}  // namespace work
