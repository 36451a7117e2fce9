// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include "premise.hpp"

#include <cstdlib>
#include <gtest/gtest.h>
#include <iostream>
#include <set>
#include <unistd.h>

namespace promises {
namespace {

constexpr int runs = 3;

int this_run()
{
    char const* const set = std::getenv("WORK_RUN");
    return set ? std::atoi(set) : 1;
}

std::set<std::string>& names()
{
    static std::set<std::string> all;
    return all;
}

}  // namespace

void decide_later(std::string const& why, boost::source_location where)
{
    if (this_run() >= runs) {
        ADD_FAILURE_AT(where.file_name(), static_cast<int>(where.line()))
            << why << ", in " << runs << " runs";
        return;
    }
    auto const* const test = testing::UnitTest::GetInstance()->current_test_info();
    std::cout << "[ again    ] " << where.file_name() << ":" << where.line() << ": " << why << "\n";
    names().insert(std::string(test->test_suite_name()) + "." + test->name());
}

void happened(bool it_did, std::string_view what, boost::source_location where)
{
    if (!it_did)
        decide_later("not so: " + std::string(what), where);
}

int run_undecided(int result, char** argv)
{
    if (result != 0 || names().empty())
        return result;
    std::string filter = "--gtest_filter=";
    for (std::string const& name : names())
        filter += name + ":";
    ::setenv("WORK_RUN", std::to_string(this_run() + 1).c_str(), 1);
    std::cout << std::flush;
    char* const words[] = {argv[0], filter.data(), nullptr};
    ::execv("/proc/self/exe", words);
    return 1;
}

}  // namespace promises
