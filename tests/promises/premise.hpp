// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <boost/assert/source_location.hpp>

#include <string>
#include <string_view>

namespace promises {

// What a run says of a promise depends on what the machine did meanwhile: a time that is missed
// because it stood still for a second, a kill that came when all was done. Such a run is not
// judged, and its test is done again from the beginning, in a process of its own; what is missed
// three times over is a failure. All else in a test is judged each time, unless the machine itself
// stood still (watch_the_machine()): a pool that gets no processor for a lease loses its jobs, and
// that is as it should be.

/// Speaks of a time or a rate: took, and what it may be at most, in the same unit.
template <typename A, typename B>
void in_time(
    A took,
    B most,
    std::string_view what = {},
    boost::source_location where = BOOST_CURRENT_LOCATION
);

/// Speaks of what chance or the machine decides, without which a run shows nothing.
void happened(
    bool it_did,
    std::string_view what,
    boost::source_location where = BOOST_CURRENT_LOCATION
);

/// Sees, from now on, how late a thread of this process wakes up that sleeps for some ms: a test
/// that fails while it was a quarter of a second too late, or 10 ms all the time, is not judged.
void watch_the_machine();

/// Does those that were not judged again, in the place of this process; gives what main() returns
/// if there are none.
int run_undecided(int result, char** argv);

void decide_later(std::string const& why, boost::source_location where);

template <typename A, typename B>
void in_time(A took, B most, std::string_view what, boost::source_location where)
{
    if (took <= static_cast<A>(most))
        return;
    decide_later(
        std::to_string(took) + " is over " + std::to_string(static_cast<A>(most)) +
            (what.empty() ? "" : " (" + std::string(what) + ")"),
        where
    );
}

}  // namespace promises
