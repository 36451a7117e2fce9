// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include "premise.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <gtest/gtest.h>
#include <iostream>
#include <optional>
#include <set>
#include <thread>
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

using namespace std::chrono_literals;

/// How late the thread of it wakes up.
class machine_watch
{
public:
    machine_watch()
        : thread_([this] {
              while (!ended_) {
                  auto const due = std::chrono::steady_clock::now() + 5ms;
                  std::this_thread::sleep_until(due);
                  auto const late = std::chrono::steady_clock::now() - due;
                  longest_ = std::max(longest_, late);
                  sum_ += late;
                  ++times_;
              }
          })
    {}
    machine_watch(machine_watch const&) = delete;
    machine_watch& operator=(machine_watch const&) = delete;
    ~machine_watch() { end(); }

    /// What is to be said of it; empty: it did as machines do.
    std::string stood_still()
    {
        end();
        auto const mean = sum_ / std::max<std::int64_t>(times_, 1);
        if (longest_ < 250ms && mean < 10ms)
            return {};
        auto const text = [](auto time) {
            return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count(
            ));
        };
        return "the machine stood still: a thread that slept woke up " + text(longest_) +
               " ms too late, " + text(mean) + " ms on average";
    }

private:
    void end()
    {
        ended_ = true;
        if (thread_.joinable())
            thread_.join();
    }

    std::chrono::steady_clock::duration longest_{}, sum_{};
    std::int64_t times_ = 0;
    std::atomic<bool> ended_{false};
    std::thread thread_;
};

bool judged_failures = false;

class watch_of_each_test : public testing::EmptyTestEventListener
{
    void OnTestStart(testing::TestInfo const&) override { watch_.emplace(); }
    void OnTestEnd(testing::TestInfo const& test) override
    {
        std::string const why = watch_->stood_still();
        watch_.reset();
        if (!test.result()->Failed())
            return;
        if (why.empty() || this_run() >= runs) {
            judged_failures = true;
            return;
        }
        std::cout << "[ again    ] " << why << "\n";
        names().insert(std::string(test.test_suite_name()) + "." + test.name());
    }

    std::optional<machine_watch> watch_;
};

}  // namespace

void watch_the_machine()
{
    testing::UnitTest::GetInstance()->listeners().Append(new watch_of_each_test);
}

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
    if (judged_failures || names().empty())
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
