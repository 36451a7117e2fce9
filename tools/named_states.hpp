// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/records.hpp>

#include <string>
#include <vector>

namespace work::tool {

/// The states of these words. Throws errc::invalid_option, naming the option, for one that is none.
job_states states_named(char const* option, std::vector<std::string> const& words);

}  // namespace work::tool
