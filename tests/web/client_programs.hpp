// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

// The clients of examples/clients as programs, for the tests that run them.

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include "support/prepared_program.hpp"

namespace work::testing {

/// A language that has a client.
struct client_language
{
    std::string name;
    std::string mark;                   ///< of its lines in a journal, and of its jobs: mark-echo
    std::vector<std::string> commands;  ///< what has to be installed; the first is the interpreter
    std::string worker;                 ///< a file in tests/web/workers
    std::string producer;
    bool threads;  ///< it runs several jobs at a time, by handlers that know outcomes

    /// What is not installed; "" when all is there.
    std::string missing() const
    {
        for (std::string const& one : commands)
            if (std::system(("command -v " + one + " >/dev/null 2>&1").c_str()) != 0)
                return one;
        return {};
    }
    /// In the names of tests that failed.
    friend void PrintTo(client_language const& one, std::ostream* to) { *to << one.name; }
    /// The name is for clients that run jobs of one name only.
    std::vector<std::string> work(
        std::string const& url,
        std::string const& journal,
        std::string const& job
    ) const
    {
        return {commands[0], "tests/web/workers/" + worker, url, journal, job};
    }
};

inline std::vector<client_language> const client_languages = {
    {"python", "py", {"python3"}, "python_worker.py", "python_producer.py", true},
    {"ruby", "rb", {"ruby"}, "ruby_worker.rb", "ruby_producer.rb", true},
    {"node", "js", {"node"}, "node_worker.mjs", "node_producer.mjs", true},
    {"shell", "sh", {"sh", "curl", "jq", "od"}, "shell_worker.sh", "", false},
};

/// `make test-clients` sets it: then a language that is not installed is a failure.
inline bool clients_required()
{
    char const* const value = std::getenv("WORK_REQUIRE_CLIENTS");
    return value != nullptr && std::string(value) == "1";
}

/// A program that runs until the test ends it. What it says on stderr is kept.
class program
{
public:
    /// `environment`: as for `prepared_program`.
    explicit program(std::vector<std::string> words, std::vector<std::string> environment = {})
        : complaints_(::testing::TempDir() + "work-client-XXXXXX")
    {
        int const file = ::mkstemp(complaints_.data());
        std::filesystem::create_directory(temporary());
        environment.push_back("TMPDIR=" + temporary());
        std::string const interpreter = words.at(0);
        work_test::prepared_program const prepared(interpreter, std::move(words), environment);
        child_ = ::fork();
        if (child_ != 0) {
            ::setpgid(child_, child_);
            ::close(file);
            return;
        }
        ::setpgid(0, 0);
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::dup2(file, 2);
        for (int fd = 3; fd < 256; ++fd)
            ::close(fd);
        prepared.run();
    }
    program(program&& other) noexcept
        : child_(std::exchange(other.child_, -1)),
          complaints_(std::exchange(other.complaints_, {}))
    {}
    ~program()
    {
        end(SIGKILL);
        std::error_code ignored;
        if (!complaints_.empty())
            std::filesystem::remove_all(temporary(), ignored);
        ::unlink(complaints_.c_str());
    }

    void signal(int which) const { ::kill(child_, which); }
    /// What it exits with, by itself.
    int wait()
    {
        int status = 0;
        ::waitpid(std::exchange(child_, -1), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    /// SIGKILL: with all that it started.
    int end(int which)
    {
        if (child_ <= 0)
            return 0;
        ::kill(which == SIGKILL ? -child_ : child_, which);
        return wait();
    }
    std::string complaints() const
    {
        std::ostringstream text;
        text << std::ifstream(complaints_).rdbuf();
        return text.str();
    }

private:
    /// One that is killed leaves its files there.
    std::string temporary() const { return complaints_ + ".d"; }

    ::pid_t child_;
    std::string complaints_;
};

/// What the workers wrote: what they did, by the mark of their language.
class journal
{
public:
    journal() : path(::testing::TempDir() + "work-journal-XXXXXX")
    {
        ::close(::mkstemp(path.data()));
    }
    journal(journal const&) = delete;
    journal& operator=(journal const&) = delete;
    ~journal() { ::unlink(path.c_str()); }
    std::map<std::string, std::multiset<std::string>> read() const
    {
        std::map<std::string, std::multiset<std::string>> all;
        std::ifstream file(path);
        std::string mark;
        for (std::string what; file >> mark >> what;)
            all[mark].insert(what);
        return all;
    }
    bool has(std::string const& mark, std::string const& what) const
    {
        return read()[mark].count(what) > 0;
    }
    void write(std::string const& line) const
    {
        int const file = ::open(path.c_str(), O_WRONLY | O_APPEND);
        EXPECT_EQ(::write(file, line.data(), line.size()), static_cast<::ssize_t>(line.size()));
        ::close(file);
    }

    std::string path;
};

template <typename Condition>
bool eventually(Condition met)
{
    using namespace std::chrono_literals;
    boost::asio::io_context io;
    for (auto const until = std::chrono::steady_clock::now() + 90s;
         std::chrono::steady_clock::now() < until;) {
        if (met())
            return true;
        boost::asio::steady_timer(io, 20ms).wait();
    }
    return false;
}

}  // namespace work::testing
