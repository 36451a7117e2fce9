// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#pragma once

#include <csignal>
#include <cstdio>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "arguments.hpp"

namespace bench {

/// This very program once more, with other arguments: a process of its own, that dies with us.
/// It may read a line of ours from its standard input; we read its lines.
class child
{
public:
    child() = default;
    explicit child(std::vector<std::string> words)
    {
        int to[2];
        int from[2];
        if (::pipe(to) != 0 || ::pipe(from) != 0)
            fail("no pipe for a child process");
        words.insert(words.begin(), "bench");
        std::vector<char*> argv;
        for (auto& word : words)
            argv.push_back(word.data());
        argv.push_back(nullptr);
        std::fflush(nullptr);
        pid_ = ::fork();
        if (pid_ < 0)
            fail("can't fork");
        if (pid_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::dup2(to[0], 0);
            ::dup2(from[1], 1);
            for (int fd = 3; fd < 256; ++fd)
                ::close(fd);
            ::execv("/proc/self/exe", argv.data());
            ::_exit(127);
        }
        ::close(to[0]);
        ::close(from[1]);
        in_ = ::fdopen(to[1], "w");
        out_ = ::fdopen(from[0], "r");
    }
    child(child&& other) noexcept { swap(other); }
    child& operator=(child&& other) noexcept
    {
        swap(other);
        return *this;
    }
    ~child()
    {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            reap();
        }
    }

    void say(std::string const& line)
    {
        std::fprintf(in_, "%s\n", line.c_str());
        std::fflush(in_);
    }
    /// Its next line; empty at its end.
    std::string line()
    {
        char text[1024];
        if (!out_ || !std::fgets(text, sizeof text, out_))
            return {};
        std::string got = text;
        got.erase(got.find_last_not_of("\n") + 1);
        return got;
    }
    void wait()
    {
        if (pid_ > 0 && reap() != 0)
            fail("a child process failed");
    }

private:
    void swap(child& other) noexcept
    {
        std::swap(pid_, other.pid_);
        std::swap(in_, other.in_);
        std::swap(out_, other.out_);
    }
    int reap()
    {
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = -1;
        std::fclose(std::exchange(in_, nullptr));
        std::fclose(std::exchange(out_, nullptr));
        return status;
    }

    ::pid_t pid_ = -1;
    std::FILE* in_ = nullptr;
    std::FILE* out_ = nullptr;
};

}  // namespace bench
