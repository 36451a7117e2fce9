// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "connection.hpp"
#include "load/measured.hpp"

namespace work::tool {

/// What `bench` and `tune` have in common.
struct load_flags
{
    connection to;
    std::string sleep = "0ms";
    std::string cpu = "0ms";
    bool yes = false;
    bool json = false;
    load_job job{};  ///< `sleep` and `cpu`, read

    void add_to(CLI::App& command);
    /// Errors: errc::invalid_option, naming the flag
    void read();
};

/// Asks whether to, in a namespace of its own, and runs it there; whatever happens, that namespace
/// is removed. The exit code; 128 and the number of a signal.
int run_load(
    load_flags& o,
    char const* word,
    std::string const& what,
    std::function<int(load_place const&)> const& run
);

}  // namespace work::tool
