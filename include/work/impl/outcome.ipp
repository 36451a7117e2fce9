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
