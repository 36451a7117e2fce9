// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "journal.hpp"

namespace promises {

using namespace std::chrono_literals;

/// How a worker process ended.
struct ended
{
    bool in_time = false;
    int signal = 0;  ///< 0: it exited
    int code = 0;
};

/// Worker processes of a test. They die with it.
class fleet
{
public:
    /// `options` as of `worker_main`; each process logs to a file of its own in `directory`.
    fleet(std::string directory, std::map<std::string, std::string> options)
        : directory_(std::move(directory)),
          options_(std::move(options))
    {}
    fleet(fleet const&) = delete;
    fleet& operator=(fleet const&) = delete;
    ~fleet()
    {
        for (::pid_t const pid : std::vector<::pid_t>(living_)) {
            ended const how = wait(pid, 0ms);
            if (how.in_time) {
                std::cout << "[ figures  ] worker " << pid << " had ended by itself, signal "
                          << how.signal << ", exit " << how.code << "\n";
            }
        }
    }

    ::pid_t start(std::map<std::string, std::string> const& more = {})
    {
        std::map<std::string, std::string> options = options_;
        for (auto const& [name, value] : more)
            options[name] = value;
        std::vector<std::string> words{"test_promises", "--worker"};
        for (auto const& [name, value] : options)
            words.push_back(name + "=" + value);
        std::vector<char*> argv;
        for (std::string& word : words)
            argv.push_back(word.data());
        argv.push_back(nullptr);
        std::string const log = directory_ + "/worker." + std::to_string(++started_) + ".log";
        // Writing a core file takes longer than a lease, and the process is not gone before.
        ::rlimit const no_core{0, 0};
        ::pid_t const pid = ::fork();
        if (pid < 0)
            throw std::runtime_error("fork failed");
        if (pid == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::setrlimit(RLIMIT_CORE, &no_core);
            int const file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
            ::dup2(file, 1);
            ::dup2(file, 2);
            ::execv("/proc/self/exe", argv.data());
            ::_exit(127);
        }
        living_.push_back(pid);
        return pid;
    }

    /// SIGKILL, and waits until it is gone.
    void kill(::pid_t pid)
    {
        killed_at_us_[pid] = steady_us();
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        gone(pid);
    }
    void signal(::pid_t pid, int what) { ::kill(pid, what); }

    /// Waits until it ends by itself; kills it if it doesn't.
    ended wait(::pid_t pid, std::chrono::milliseconds patience)
    {
        auto const until = std::chrono::steady_clock::now() + patience;
        ended result;
        do {
            int status = 0;
            if (::waitpid(pid, &status, WNOHANG) == pid) {
                result.in_time = true;
                result.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
                result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
                killed_at_us_.emplace(pid, steady_us());
                gone(pid);
                return result;
            }
            if (patience > 0ms)
                std::this_thread::sleep_for(500us);
        } while (std::chrono::steady_clock::now() < until);
        kill(pid);
        return result;
    }

    /// The ones that ended by themselves since the last call.
    std::vector<::pid_t> fallen()
    {
        std::vector<::pid_t> found;
        for (::pid_t const pid : std::vector<::pid_t>(living_)) {
            if (::waitpid(pid, nullptr, WNOHANG) == pid) {
                killed_at_us_.emplace(pid, steady_us());
                gone(pid);
                found.push_back(pid);
            }
        }
        return found;
    }

    std::vector<::pid_t> const& living() const noexcept { return living_; }
    /// When each process that is gone ended.
    std::map<::pid_t, std::int64_t> const& ended_at_us() const noexcept { return killed_at_us_; }

private:
    void gone(::pid_t pid) { std::erase(living_, pid); }

    std::string directory_;
    std::map<std::string, std::string> options_;
    std::vector<::pid_t> living_;
    std::map<::pid_t, std::int64_t> killed_at_us_;
    int started_ = 0;
};

}  // namespace promises
