// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/new_job.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace work::detail {

/// How a job of a batch is told to the script that stores it: with those like it, or alone.
enum class told_as : std::uint8_t {
    plain,     ///< a record and a place at the end of its list
    chosen,    ///< the same, if its id is not known; it gets a code
    priority,  ///< a place beside its list, by its score
    due,       ///< scheduled
    alone,     ///< by itself; it gets a code
};

/// How all jobs of a batch are told. Those of a list that are not scheduled keep their order, and
/// so do those of chosen ids, since the first of an id is stored.
class batch_plan
{
public:
    /// It looks at the jobs while it lives.
    WORK_DECL explicit batch_plan(std::vector<new_job> const& jobs);
    batch_plan(std::vector<new_job>&&) = delete;

    /// Of which jobs, by index and in the order of the batch.
    WORK_DECL std::vector<std::size_t> all(told_as kind) const;
    bool all_plain() const noexcept { return all_plain_; }
    /// Those that get a code, in the order of the codes.
    WORK_DECL std::vector<std::size_t> coded() const;
    /// Of the plain ones: those of a list together, lists in the order in which they come.
    WORK_DECL std::vector<std::vector<std::size_t>> plain_by_list() const;
    /// Of those with a priority: by list and segment, since so they are told.
    WORK_DECL std::vector<std::vector<std::size_t>> priorities_by_place() const;

private:
    std::vector<new_job> const* jobs_;
    std::vector<told_as> kinds_;
    bool all_plain_ = true;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/broker/batch_plan.ipp>
#endif
