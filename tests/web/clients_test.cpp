// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// The clients of examples/clients at work, beside C++ pools, on one namespace.

#include <work/worker_pool.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "support/redis_server.hpp"
#include "web/served.hpp"

using namespace std::chrono_literals;
using work::testing::redis_server;
using work::testing::served;

namespace {

/// A program that runs until the test ends it.
class program
{
public:
    program(std::vector<std::string> words, std::string const& url)
    {
        std::vector<char*> argv;
        for (std::string& word : words)
            argv.push_back(word.data());
        argv.push_back(nullptr);
        child_ = ::fork();
        if (child_ != 0)
            return;
        ::setpgid(0, 0);
        ::setenv("WORK_URL", url.c_str(), 1);
        ::setenv("WORK_LEASE_MS", "4000", 1);
        ::execvp(argv[0], argv.data());
        ::_exit(127);
    }
    program(program&& other) noexcept : child_(std::exchange(other.child_, -1)) {}
    ~program() { end(SIGKILL); }

    /// With all that it started.
    int end(int signal)
    {
        if (child_ <= 0)
            return 0;
        ::kill(signal == SIGKILL ? -child_ : child_, signal);
        int status = 0;
        ::waitpid(std::exchange(child_, -1), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

private:
    ::pid_t child_;
};

bool is_there(std::string const& command)
{
    return std::system(("command -v " + command + " >/dev/null 2>&1").c_str()) == 0;
}

/// What the workers wrote: the numbers of the jobs that ran, by language.
class journal
{
public:
    journal() : path(::testing::TempDir() + "work-journal-" + std::to_string(::getpid()))
    {
        ::close(::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600));
    }
    ~journal() { ::unlink(path.c_str()); }
    std::map<std::string, std::multiset<int>> read() const
    {
        std::map<std::string, std::multiset<int>> all;
        std::ifstream file(path);
        std::string language;
        for (int number = 0; file >> language >> number;)
            all[language].insert(number);
        return all;
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
    boost::asio::io_context io;
    for (auto const until = std::chrono::steady_clock::now() + 40s;
         std::chrono::steady_clock::now() < until;) {
        if (met())
            return true;
        boost::asio::steady_timer(io, 20ms).wait();
    }
    return false;
}

/// One that runs `shared` jobs in this process.
class cpp_pool
{
public:
    cpp_pool(std::string const& url, journal const& to)
        : client_(io_, url),
          pool_(client_, {.concurrency = 1})
    {
        pool_.handle("shared", [&to](work::context&, int number) -> work::task<void> {
            boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor, 10ms);
            co_await pause.async_wait(boost::asio::use_awaitable);
            to.write("cpp " + std::to_string(number) + "\n");
        });
        boost::asio::co_spawn(io_, pool_.run(), work::rethrow);
        thread_ = std::thread([this] { io_.run(); });
    }
    ~cpp_pool()
    {
        pool_.stop();
        thread_.join();
    }

private:
    boost::asio::io_context io_;
    work::client client_;
    work::worker_pool pool_;
    std::thread thread_;
};

}  // namespace

TEST(clients, in_three_languages_work_one_namespace_and_a_kill_loses_nothing)
{
    redis_server redis;
    served server(redis.url());
    std::string const url = "http://127.0.0.1:" + std::to_string(server.port());
    journal const done;
    bool const shell = is_there("curl") && is_there("jq");
    if (!shell)
        std::fputs(
            "clients: the shell worker is left out, as curl or jq is not installed\n",
            stderr
        );
    program victim({"python3", "tests/web/python_worker.py", url, done.path}, url);
    program python({"python3", "tests/web/python_worker.py", url, done.path}, url);
    std::string const append = "jq -r '\"sh \\(.[0])\"' >>" + done.path;
    std::vector<program> shells;
    if (shell)
        shells.emplace_back(
            std::vector<std::string>{
                "sh",
                "examples/clients/shell/work.sh",
                "run",
                "shared",
                "sh",
                "-c",
                append
            },
            url
        );
    cpp_pool const own(redis.url(), done);
    std::size_t const pools = shell ? 4 : 3;
    ASSERT_TRUE(eventually([&] {
        return server.get("/api/v1/pools").json().at("pools").as_array().size() == pools;
    })) << server.get("/api/v1/pools").body;

    constexpr int jobs = 600;
    std::string many = R"({"jobs":[)";
    for (int i = 0; i != jobs; ++i)
        many += std::string(i == 0 ? "" : ",") + R"({"name":"shared","args":[)" +
                std::to_string(i) + "]}";
    ASSERT_EQ(server.post("/api/v1/jobs/bulk", many + "]}").json().at("stored").as_int64(), jobs);
    ASSERT_TRUE(eventually([&] { return done.read()["py"].size() >= 20; }));
    victim.end(SIGKILL);

    auto const counts = [&] { return server.get("/api/v1/stats").json(); };
    EXPECT_TRUE(eventually([&] {
        auto const now = counts();
        return now.at("pending").as_int64() + now.at("active").as_int64() +
                   now.at("suspect").as_int64() + now.at("retry").as_int64() ==
               0;
    })) << server.get("/api/v1/stats").body;
    EXPECT_EQ(counts().at("dead").as_int64(), 0);
    // A pool counts with its next exchange what it did.
    EXPECT_TRUE(eventually([&] { return counts().at("processed").as_int64() >= jobs; }));
    EXPECT_EQ(counts().at("processed").as_int64(), jobs) << "a completion was counted twice";
    auto const ran = done.read();
    std::set<int> all;
    for (auto const& [language, numbers] : ran)
        all.insert(numbers.begin(), numbers.end());
    EXPECT_EQ(all.size(), static_cast<std::size_t>(jobs)) << "a job was lost";
    EXPECT_EQ(ran.size(), shell ? 3u : 2u) << "a language ran nothing";
    EXPECT_EQ(python.end(SIGTERM), 0) << "it did not stop cleanly";
    for (program& one : shells)
        EXPECT_EQ(one.end(SIGTERM), 0) << "it did not stop cleanly";
}

TEST(clients, in_python_and_shell_store_jobs)
{
    served server("memory:");
    std::string const url = "http://127.0.0.1:" + std::to_string(server.port());
    program python({"python3", "examples/clients/python/work.py", url, "resize", "cat.png"}, url);
    EXPECT_TRUE(eventually([&] {
        auto const jobs = server.get("/api/v1/jobs?name=resize").json().at("jobs").as_array();
        return jobs.size() == 1 && jobs[0].at("args").as_string() == "[\"cat.png\"]";
    }));
    if (!is_there("curl") || !is_there("jq"))
        GTEST_SKIP() << "the shell client needs curl and jq";
    program shell({"sh", "examples/clients/shell/work.sh", "enqueue", "scale", "[1.10, {}]"}, url);
    EXPECT_TRUE(eventually([&] {
        auto const jobs = server.get("/api/v1/jobs?name=scale").json().at("jobs").as_array();
        return jobs.size() == 1 && jobs[0].at("args").as_string() == "[1.10, {}]";
    }));
}
