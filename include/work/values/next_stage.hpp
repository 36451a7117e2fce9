// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/envelope.hpp>
#include <work/values/new_job.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace work {

/// The stored form of a job in its next stage, which is described as a new job: its name, queue,
/// arguments and options. What the job keeps is its id, when it was made, and the headers, tags and
/// priority of which the stage says nothing; of the same job type all options likewise. Times since
/// it was made go on.
///
/// \par Errors errc::invalid_option: the stage chooses an id
WORK_DECL std::string next_stage_of(envelope_view const& job, new_job const& stage);

/// \par Errors errc::invalid_option: the stage chooses an id
WORK_DECL void refuse_id_of_stage(new_job const& stage);

/// In how many ms a stage is to run; 0: at once.
WORK_DECL std::int64_t delay_of_stage(new_job const& stage, std::int64_t now_ms) noexcept;

/// The same job in another queue.
/// \par Errors errc::invalid_name
WORK_DECL std::string next_stage_of(envelope_view const& job, std::string_view queue);

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/next_stage.ipp>
#endif
