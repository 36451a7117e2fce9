// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <vector>

#include "cli/run_tool.hpp"

namespace work::testing {

/// The program `work` on a terminal of its own.
class pseudo_terminal
{
public:
    pseudo_terminal(
        std::vector<std::string> arguments,
        std::vector<std::string> const& environment,
        unsigned short columns = 80,
        unsigned short lines = 24
    )
    {
        arguments.insert(arguments.begin(), "work");
        work_test::prepared_program const prepared(
            tool_path(),
            std::move(arguments),
            tool_environment(environment)
        );
        ::winsize size{lines, columns, 0, 0};
        int slave = -1;
        if (::openpty(&master_, &slave, nullptr, nullptr, &size) != 0)
            throw std::runtime_error("no pseudo terminal");
        ::tcgetattr(slave, &before_);
        slave_ = slave;
        child_ = ::fork();
        if (child_ < 0)
            throw std::runtime_error("no process");
        if (child_ == 0) {
            ::setsid();
            ::ioctl(slave, TIOCSCTTY, 0);
            for (int fd = 0; fd != 3; ++fd)
                ::dup2(slave, fd);
            ::close(master_);
            ::close(slave);
            prepared.run();
        }
    }
    pseudo_terminal(pseudo_terminal const&) = delete;
    pseudo_terminal& operator=(pseudo_terminal const&) = delete;
    ~pseudo_terminal()
    {
        if (child_ > 0) {
            ::kill(child_, SIGKILL);
            ::waitpid(child_, nullptr, 0);
        }
        ::close(master_);
        ::close(slave_);
    }

    /// Whether the text comes within the time, after what was seen before.
    bool shows(std::string_view text, std::chrono::seconds patience = std::chrono::seconds(20))
    {
        auto const until = std::chrono::steady_clock::now() + patience;
        for (;;) {
            if (auto const at = seen_.find(text, from_); at != std::string::npos) {
                from_ = at + text.size();
                return true;
            }
            auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(
                until - std::chrono::steady_clock::now()
            );
            ::pollfd end{master_, POLLIN, 0};
            if (left.count() <= 0 || ::poll(&end, 1, static_cast<int>(left.count())) <= 0)
                return false;
            char buffer[4096];
            auto const got = ::read(master_, buffer, sizeof buffer);
            if (got <= 0)
                return false;
            seen_.append(buffer, static_cast<std::size_t>(got));
        }
    }
    void type(std::string_view keys)
    {
        static_cast<void>(!::write(master_, keys.data(), keys.size()));
    }
    void resize(unsigned short columns, unsigned short lines)
    {
        ::winsize const size{lines, columns, 0, 0};
        ::ioctl(master_, TIOCSWINSZ, &size);
    }
    ::pid_t process() const { return child_; }
    /// Waits for its end: the exit code, 128 + n when signal n ended it.
    int end()
    {
        int status = 0;
        ::waitpid(child_, &status, 0);
        child_ = -1;
        shows("\x1b[?1049l", std::chrono::seconds(1));
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    /// Whether the terminal is as it was before the program.
    bool is_restored() const
    {
        ::termios now{};
        ::tcgetattr(slave_, &now);
        return now.c_lflag == before_.c_lflag && now.c_iflag == before_.c_iflag &&
               now.c_oflag == before_.c_oflag && seen_.rfind("\x1b[?1049l") != std::string::npos &&
               seen_.rfind("\x1b[?25h") != std::string::npos;
    }
    bool is_raw() const
    {
        ::termios now{};
        ::tcgetattr(slave_, &now);
        return (now.c_lflag & (ICANON | ECHO)) == 0;
    }
    std::string const& seen() const { return seen_; }

private:
    int master_ = -1;
    int slave_ = -1;
    ::pid_t child_ = -1;
    ::termios before_{};
    std::string seen_;
    std::size_t from_ = 0;
};

}  // namespace work::testing
