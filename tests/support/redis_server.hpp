// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/redis/endpoint.hpp>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "reserved_port.hpp"

namespace work::testing {

/// A redis-server of its own: on a free loopback port and a unix socket, in a temporary directory,
/// without persistence unless the arguments say so. It dies with the test.
class redis_server
{
public:
    /// `arguments` as on the command line: {"--maxmemory", "10mb"}.
    explicit redis_server(std::vector<std::string> arguments = {})
        : arguments_(std::move(arguments))
    {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "work-redis-XXXXXX").string();
        if (!::mkdtemp(pattern.data()))
            throw std::runtime_error("no temporary directory for redis-server: " + why());
        directory_ = pattern;
        try {
            start();
        } catch (...) {
            kill();
            std::filesystem::remove_all(directory_);
            throw;
        }
    }
    redis_server(redis_server const&) = delete;
    redis_server& operator=(redis_server const&) = delete;
    ~redis_server()
    {
        kill();
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }

    std::uint16_t port() const noexcept { return port_.number(); }
    std::string unix_socket() const { return directory_ + "/socket"; }
    std::string const& directory() const noexcept { return directory_; }
    ::pid_t pid() const noexcept { return pid_; }
    std::string url() const { return "redis://127.0.0.1:" + std::to_string(port()); }
    redis::endpoint config() const { return redis::parse_url(url()); }
    redis::endpoint unix_config() const { return redis::parse_url("unix://" + unix_socket()); }

    /// Starts it where it was, and returns when it answers.
    void start()
    {
        std::vector<std::string> words = {
            "redis-server",
            "--port",
            std::to_string(port()),
            "--bind",
            "127.0.0.1",
            "--unixsocket",
            unix_socket(),
            "--dir",
            directory_,
            "--logfile",
            directory_ + "/log",
            "--daemonize",
            "no"
        };
        if (!has("--save"))
            words.insert(words.end(), {"--save", ""});
        words.insert(words.end(), arguments_.begin(), arguments_.end());
        std::vector<char*> argv;
        for (auto& word : words)
            argv.push_back(word.data());
        argv.push_back(nullptr);
        ::pid_t const parent = ::getpid();
        pid_ = ::fork();
        if (pid_ < 0)
            throw std::runtime_error("can't fork: " + why());
        if (pid_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (::getppid() != parent)
                ::_exit(1);
            int const null = ::open("/dev/null", O_RDWR);
            ::dup2(null, 0);
            ::dup2(null, 1);
            ::dup2(null, 2);
            for (int fd = 3; fd < 256; ++fd)
                ::close(fd);
            ::execv("/usr/bin/redis-server", argv.data());
            ::execvp("redis-server", argv.data());
            ::_exit(127);
        }
        wait_until_it_answers();
    }
    /// kill -9.
    void kill() { end(SIGKILL); }
    /// SIGTERM: it saves if it is configured to, and ends.
    void stop() { end(SIGTERM); }
    void restart()
    {
        kill();
        start();
    }
    /// SIGSTOP: connections stay open, and nobody answers.
    void freeze() { ::kill(pid_, SIGSTOP); }
    void thaw() { ::kill(pid_, SIGCONT); }

    /// Sends one inline command ("SET a 1") over a connection of its own, and returns the raw reply
    /// (its first read). For setting up a test, not for what it tests.
    std::string ask(std::string const& line) const
    {
        int const fd = dial();
        if (fd < 0)
            throw std::runtime_error("redis-server doesn't take connections: " + why());
        std::string const bytes = line + "\r\n";
        std::string result(64 * 1024, '\0');
        bool const sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0;
        auto const got = sent ? ::recv(fd, result.data(), result.size(), 0) : -1;
        ::close(fd);
        result.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return result;
    }

private:
    static std::string why() { return std::strerror(errno); }

    bool has(std::string const& option) const
    {
        for (auto const& argument : arguments_)
            if (argument == option)
                return true;
        return false;
    }

    int dial() const
    {
        int const fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::string const path = unix_socket();
        std::memcpy(
            address.sun_path,
            path.data(),
            std::min(path.size(), sizeof address.sun_path - 1)
        );
        timeval const patience{60, 0};
        ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0)
            return fd;
        ::close(fd);
        return -1;
    }

    void wait_until_it_answers()
    {
        auto const until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (std::chrono::steady_clock::now() < until) {
            int status = 0;
            if (::waitpid(pid_, &status, WNOHANG) == pid_) {
                pid_ = -1;
                throw std::runtime_error("redis-server ended at once; its log says:\n" + log());
            }
            int const fd = dial();
            if (fd >= 0) {
                ::close(fd);
                std::string const answer = ask("PING");
                if (answer.starts_with("+PONG") || answer.starts_with("-NOAUTH"))
                    return;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        throw std::runtime_error(
            "redis-server gave no answer within 60 s; its log says:\n" + log()
        );
    }

    std::string log() const
    {
        std::ostringstream text;
        text << std::ifstream(directory_ + "/log").rdbuf();
        return text.str();
    }

    void end(int signal)
    {
        if (pid_ <= 0)
            return;
        ::kill(pid_, signal);
        ::kill(pid_, SIGCONT);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
        ::unlink(unix_socket().c_str());
    }

    std::vector<std::string> arguments_;
    std::string directory_;
    reserved_port port_;
    ::pid_t pid_ = -1;
};

}  // namespace work::testing
