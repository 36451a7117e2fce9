// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <functional>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace work::testing {

/// A child made by fork() that runs a function and says what it returned; what it throws comes as
/// "threw: …", and its end without a word as "died". It ends without running destructors of the
/// parent's.
class child
{
public:
    explicit child(std::function<std::string()> const& what)
    {
        int ends[2];
        if (::pipe(ends) != 0)
            std::abort();
        pid_ = ::fork();
        if (pid_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::alarm(120);
            ::close(ends[0]);
            std::string said;
            try {
                said = what();
            } catch (std::exception const& e) {
                said = std::string("threw: ") + e.what();
            }
            said += '\n';
            [[maybe_unused]] auto const sent = ::write(ends[1], said.data(), said.size());
            ::_exit(0);
        }
        ::close(ends[1]);
        from_ = ends[0];
    }
    child(child const&) = delete;
    child& operator=(child const&) = delete;
    ~child()
    {
        ::close(from_);
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }

    /// Waits for it.
    std::string said()
    {
        std::string text;
        char bytes[4096];
        for (;;) {
            auto const got = ::read(from_, bytes, sizeof bytes);
            if (got < 0 && errno == EINTR)
                continue;
            if (got <= 0)
                break;
            text.append(bytes, static_cast<std::size_t>(got));
        }
        return text.empty() ? "died" : text.substr(0, text.size() - 1);
    }
    ::pid_t pid() const noexcept { return pid_; }

private:
    ::pid_t pid_ = -1;
    int from_ = -1;
};

}  // namespace work::testing
