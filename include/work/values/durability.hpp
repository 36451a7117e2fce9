// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <boost/describe/class.hpp>

#include <chrono>
#include <string>
#include <type_traits>

namespace work {

/// How safe stored jobs are to be, and how long that may take: see `enqueuer::enqueue_durably`.
struct durability
{
    /// So many replicas of the server have them: 0..1000.
    int replicas = 1;
    /// The server has them in its append-only file, on disk, and so have the replicas that count.
    bool aof = false;
    /// 1 ms..1 min.
    std::chrono::milliseconds at_most{1'000};

    /// Throws `errc::invalid_option` that names the field, the value and the range.
    WORK_DECL void validate() const;

    friend bool operator==(durability const&, durability const&) = default;
};
static_assert(std::is_trivially_destructible_v<durability>);

/// How safe jobs are that were stored, as far as that was heard in time.
struct safety
{
    bool enough = false;   ///< as safe as was asked for
    int replicas = 0;      ///< so many have them; with `durability::aof`, on disk
    bool on_disk = false;  ///< with `durability::aof`: the server has
    std::string trouble;   ///< why it could not be heard; "": it was

    friend bool operator==(safety const&, safety const&) = default;
};
BOOST_DESCRIBE_STRUCT(safety, (), (enough, replicas, on_disk, trouble))

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/durability.ipp>
#endif
