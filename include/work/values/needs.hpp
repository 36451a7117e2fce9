// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <boost/describe/enum.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace work {

/// What becomes of a job when one that it needs is not to complete: it was cancelled, deleted or
/// set aside, has expired, or is dead.
enum class otherwise {
    cancel,  ///< it is cancelled, and so are those that need it
    run,     ///< it runs all the same, once the other has ended
    wait,    ///< it waits while the other is dead, as somebody may requeue that; else as `cancel`
};
BOOST_DESCRIBE_ENUM(otherwise, cancel, run, wait)

constexpr std::string_view to_string(otherwise what) noexcept
{
    return what == otherwise::cancel ? "cancel" : what == otherwise::run ? "run" : "wait";
}

namespace detail {

/// That a job needs another one.
struct job_need
{
    std::string id;
    work::otherwise otherwise = work::otherwise::cancel;
    std::string as{};  ///< what the other leaves is found by; empty: its id
};

constexpr char letter_of(otherwise what) noexcept
{
    return what == otherwise::cancel ? 'f' : what == otherwise::run ? 'r' : 'h';
}

/// What a new job is bound to.
struct job_links
{
    std::vector<job_need> needs;      ///< none twice
    std::vector<job_need> before;     ///< these, which wait, need it, too
    std::vector<std::string> beside;  ///< whoever needs one of these needs it, too
    bool closed = false;              ///< none whom it needs waits for one that is to need it
    std::string flow{};               ///< it belongs to
    std::string gate{};               ///< it waits until all that waits there is stored
    std::string more_of{};            ///< it is no job, but says whom the one of that id, which
                                      ///< waits at the gate, needs as well
    std::int64_t commits = 0;         ///< > 0: it is no job, but says that so many at the gate are
                                      ///< stored: of a flow's own, so many of the flow
    std::string flow_name{};          ///< then
};

/// The longest name that can be given to what a job leaves.
inline constexpr std::size_t most_need_name = 128;

}  // namespace detail
}  // namespace work
