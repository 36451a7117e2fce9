// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/dump.hpp>
#include <work/error.hpp>
#include <work/redis/command.hpp>
#include <work/redis/reply.hpp>
#include <work/redis/resp.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include "support/prepared_program.hpp"

namespace work_test {

/// A redis-server of our own on a Unix socket, gone with this object.
class private_redis
{
public:
    private_redis()
    {
        std::string path = (std::filesystem::temp_directory_path() / "work-broker-XXXXXX").string();
        if (mkdtemp(path.data()) == nullptr)
            throw std::system_error(errno, std::generic_category(), "mkdtemp");
        folder_ = path;
        std::string const program = "redis-server";
        prepared_program const prepared(
            program,
            {program,
             "--port",
             "0",
             "--unixsocket",
             socket(),
             "--dir",
             path,
             "--save",
             "",
             "--appendonly",
             "no",
             "--loglevel",
             "warning",
             "--logfile",
             path + "/log"}
        );
        pid_ = fork();
        if (pid_ == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            prepared.run();
        }
    }
    private_redis(private_redis const&) = delete;
    private_redis& operator=(private_redis const&) = delete;
    ~private_redis()
    {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    std::string socket() const { return folder_ + "/s"; }
    bool running() const { return waitpid(pid_, nullptr, WNOHANG) == 0; }

private:
    std::string folder_;
    pid_t pid_ = -1;
};

/// A blocking connection. It shares the parser with the library, nothing else.
class redis_connection
{
public:
    explicit redis_connection(private_redis const& server)
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        server.socket().copy(address.sun_path, sizeof address.sun_path - 1);
        auto const give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        do {
            if (!server.running())
                throw std::runtime_error("redis-server did not start: apt-get install redis-server"
                );
            close();
            fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
            if (connect(fd_, reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0)
                return;
            usleep(2000);  // until the server listens
        } while (std::chrono::steady_clock::now() < give_up);
        throw std::runtime_error("redis-server does not answer");
    }
    redis_connection(redis_connection const&) = delete;
    redis_connection& operator=(redis_connection const&) = delete;
    ~redis_connection() { close(); }

    void send(std::string_view bytes)
    {
        while (!bytes.empty()) {
            ssize_t const n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n < 0)
                throw std::system_error(errno, std::generic_category(), "send");
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
    }
    work::redis::reply receive()
    {
        work::redis::reply reply;
        while (!parser_.next(reply)) {
            auto const room = parser_.prepare();
            ssize_t const n = recv(fd_, room.data(), room.size(), 0);
            if (n <= 0)
                throw std::runtime_error("redis-server closed the connection");
            parser_.commit(static_cast<std::size_t>(n));
        }
        return reply;
    }
    template <typename... Arguments>
    work::redis::reply call(Arguments const&... arguments)
    {
        work::redis::command const command(arguments...);
        send(command.bytes());
        return receive();
    }
    std::vector<work::redis::reply> call_all(work::redis::command const& commands)
    {
        send(commands.bytes());
        std::vector<work::redis::reply> replies;
        for (std::size_t i = 0; i != commands.replies(); ++i)
            replies.push_back(receive());
        return replies;
    }

private:
    void close()
    {
        if (fd_ >= 0)
            ::close(fd_);
        fd_ = -1;
    }

    int fd_ = -1;
    work::redis::parser parser_;
};

inline std::string canonical(std::string_view type, work::redis::reply const& reply)
{
    work::detail::canonical_value value(type);
    if (type == "string") {
        value.line(reply.text());
        return value.in_order();
    }
    std::vector<std::string_view> parts;
    for (work::redis::value const v : reply)
        parts.push_back(v.text());
    bool const pairs = type == "hash" || type == "zset";
    for (std::size_t i = 0; i + (pairs ? 1 : 0) < parts.size(); i += pairs ? 2 : 1) {
        if (type == "hash")
            value.line(parts[i], parts[i + 1]);
        else if (type == "zset")
            value.line(
                std::to_string(std::stoll(std::string(parts[i + 1]))) + " " + std::string(parts[i])
            );
        else
            value.line(parts[i]);
    }
    return type == "list" || type == "zset" ? value.in_order() : value.sorted();
}

/// The keys with the prefix, and their values in the form of `memory_state::dump`: read by SCAN,
/// TYPE and what the type asks for. Left out is the clock of the tests.
inline std::map<std::string, std::string> dump_redis(
    redis_connection& redis,
    std::string const& prefix
)
{
    std::vector<std::string> keys;
    std::string cursor = "0";
    std::string pattern;
    for (char const c : prefix)
        pattern.append(c == '{' || c == '}' ? std::string{'\\', c} : std::string(1, c));
    do {
        auto const page = redis.call("SCAN", cursor, "MATCH", pattern + "*", "COUNT", 5000);
        cursor = page[0].text();
        for (work::redis::value const key : page[1])
            keys.emplace_back(key.text());
    } while (cursor != "0");
    std::map<std::string, std::string> all;
    if (keys.empty())
        return all;
    work::redis::command types;
    for (std::string const& key : keys)
        types.push("TYPE", key);
    auto const type_of = redis.call_all(types);
    work::redis::command reads;
    for (std::size_t i = 0; i != keys.size(); ++i) {
        std::string_view const type = type_of[i].text();
        if (type == "hash")
            reads.push("HGETALL", keys[i]);
        else if (type == "set")
            reads.push("SMEMBERS", keys[i]);
        else if (type == "list")
            reads.push("LRANGE", keys[i], 0, -1);
        else if (type == "zset")
            reads.push("ZRANGE", keys[i], 0, -1, "WITHSCORES");
        else
            reads.push("GET", keys[i]);
    }
    auto const values = redis.call_all(reads);
    for (std::size_t i = 0; i != keys.size(); ++i) {
        std::string name = keys[i].substr(prefix.size());
        if (name != "test:clock")
            all.emplace(std::move(name), canonical(type_of[i].text(), values[i]));
    }
    return all;
}

}  // namespace work_test
