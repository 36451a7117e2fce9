// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <optional>
#include <string>

namespace work::tool {

/// What a configuration file says of where to go.
struct profile
{
    std::optional<std::string> redis;
    std::optional<std::string> url;  ///< of a server in its place: one of both at most
    std::optional<std::string> token_file;
    std::optional<std::string> ns;
    std::optional<std::string> environment;
};

/// What ./work.toml says, and where it says nothing, what $XDG_CONFIG_HOME/work/config.toml says:
/// in the table of the profile if one is named (else in that of the file's `profile`), then at the
/// top of the file. Files that are not there say nothing.
/// Errors: errc::invalid_option: names file, line and key, and the way out.
profile read_profile(std::string const& name);

}  // namespace work::tool
