// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// The tests, and the worker processes they start: this program again, with --worker.

#include <gtest/gtest.h>
#include <string_view>

#include "premise.hpp"
#include "worker.hpp"

int main(int argc, char** argv)
{
    if (argc > 1 && std::string_view(argv[1]) == "--worker")
        return promises::worker_main(argc - 2, argv + 2);
    testing::InitGoogleTest(&argc, argv);
    promises::watch_the_machine();
    return promises::run_undecided(RUN_ALL_TESTS(), argv);
}
