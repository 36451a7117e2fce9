// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "named_states.hpp"

#include <work/error.hpp>
#include <work/values/text.hpp>

namespace work::tool {

job_states states_named(char const* option, std::vector<std::string> const& words)
{
    job_states all;
    for (std::string const& word : words) {
        job_state const state = state_named(word);
        if (state == job_state::unknown)
            throw error(
                errc::invalid_option,
                std::string(option) + " " + detail::quote(word) +
                    ": no state; there are waiting, scheduled, pending, suspect, active, retry, "
                    "dead, completed, cancelled, set_aside"
            );
        all = all | job_states{state};
    }
    return all;
}

}  // namespace work::tool
