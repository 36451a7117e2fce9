// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "cli/run_tool.hpp"

namespace work::testing {

/// `work server` on a free port, for as long as this lives.
class running_server
{
public:
    explicit running_server(
        std::string const& redis,
        std::vector<std::string> const& more = {},
        std::string const& host = "127.0.0.1"
    )
    {
        int err[2];
        if (::pipe2(err, O_CLOEXEC) != 0)
            throw std::runtime_error("no pipe");
        std::vector<std::string> words{"work", "server", "--redis", redis, "--listen", host + ":0"};
        words.insert(words.end(), more.begin(), more.end());
        work_test::prepared_program const prepared(
            tool_path(),
            std::move(words),
            tool_environment({})
        );
        child_ = ::fork();
        if (child_ == 0) {
            ::dup2(err[1], 2);
            ::dup2(::open("/dev/null", O_WRONLY | O_CLOEXEC), 1);
            prepared.run();
        }
        ::close(err[1]);
        err_ = err[0];
        await_url();
    }
    running_server(running_server const&) = delete;
    running_server& operator=(running_server const&) = delete;
    ~running_server()
    {
        stop();
        ::close(err_);
    }

    std::string const& url() const { return url_; }
    /// As on Ctrl-C; returns when it is gone.
    void stop() { end(SIGTERM); }
    void end(int signal)
    {
        if (child_ > 0) {
            ::kill(child_, signal);
            ::waitpid(std::exchange(child_, -1), nullptr, 0);
        }
    }

private:
    void await_url()
    {
        std::string said;
        while (said.find("/api/v1/, namespace") == said.npos) {
            ::pollfd look{err_, POLLIN, 0};
            char room[1024];
            ::ssize_t const got =
                ::poll(&look, 1, 20'000) == 1 ? ::read(err_, room, sizeof room) : 0;
            if (got <= 0)
                throw std::runtime_error("work server did not begin: " + said);
            said.append(room, static_cast<std::size_t>(got));
        }
        auto const at = said.find("http://");
        url_ = said.substr(at, said.find("/api/v1/") - at);
    }

    ::pid_t child_ = -1;
    int err_ = -1;
    std::string url_;
};

}  // namespace work::testing
