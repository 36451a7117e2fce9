// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#pragma once

// What every benchmark shares: a job, options, a private server, statistics, one way to print.

#include "../../tests/support/redis_server.hpp"

#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

using clock = std::chrono::steady_clock;

/// The two-field job of DESIGN.md 7: about 130 bytes as stored.
struct send_email
{
    std::int64_t user_id = 0;
    std::string address;
};
BOOST_DESCRIBE_STRUCT(send_email, (), (user_id, address))

/// `--name value` or `--name=value`; anything else ends the program with a sentence.
class arguments
{
public:
    arguments(int argc, char** argv)
    {
        for (int i = 1; i < argc; ++i) {
            std::string_view word = argv[i];
            if (!word.starts_with("--"))
                fail(std::string(word) + " is no option: options are --name value");
            word.remove_prefix(2);
            if (auto const at = word.find('='); at != word.npos)
                given_.emplace_back(word.substr(0, at), word.substr(at + 1));
            else if (i + 1 < argc && std::string_view(argv[i + 1]).substr(0, 2) != "--")
                given_.emplace_back(word, argv[++i]);
            else
                given_.emplace_back(word, "1");
        }
    }

    std::string text(std::string_view name, std::string_view otherwise) const
    {
        for (auto const& [key, value] : given_)
            if (key == name)
                return value;
        return std::string(otherwise);
    }
    long number(std::string_view name, long otherwise) const
    {
        std::string const value = text(name, "");
        if (value.empty())
            return otherwise;
        char* end = nullptr;
        long const n = std::strtol(value.c_str(), &end, 10);
        if (*end != 0)
            fail("--" + std::string(name) + " " + value + " is no whole number");
        return n;
    }
    bool flag(std::string_view name) const { return text(name, "0") != "0"; }

private:
    [[noreturn]] static void fail(std::string const& what)
    {
        std::fprintf(stderr, "%s\n", what.c_str());
        std::exit(2);
    }
    std::vector<std::pair<std::string, std::string>> given_;
};

/// The server asked for with --redis, or a private one without persistence.
class server
{
public:
    explicit server(arguments const& args) : url_(args.text("redis", ""))
    {
        if (url_.empty()) {
            own_ = std::make_unique<work::testing::redis_server>();
            url_ = own_->url();
        }
    }
    std::string const& url() const noexcept { return url_; }

private:
    std::unique_ptr<work::testing::redis_server> own_;
    std::string url_;
};

inline double median(std::vector<double> v)
{
    std::sort(v.begin(), v.end());
    std::size_t const n = v.size();
    return n == 0 ? 0 : n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

inline double percentile(std::vector<double> v, double p)
{
    if (v.empty())
        return 0;
    std::sort(v.begin(), v.end());
    auto const at = static_cast<std::size_t>(p / 100 * static_cast<double>(v.size() - 1) + 0.5);
    return v[std::min(at, v.size() - 1)];
}

/// One line a measure: its name, the median with min and max, and its unit.
class report
{
public:
    report(std::string name, arguments const& args) : json_(args.flag("json"))
    {
        if (!json_) {
            std::printf("# %s: %s, %s, %u cores\n", name.c_str(), machine().c_str(),
                        compiler().c_str(), std::thread::hardware_concurrency());
            return;
        }
        std::printf("{\"benchmark\":\"%s\",\"machine\":\"%s\",\"compiler\":\"%s\",\"rows\":[",
                    name.c_str(), machine().c_str(), compiler().c_str());
    }
    ~report()
    {
        if (json_)
            std::printf("]}\n");
    }
    void row(std::string const& what, std::vector<double> const& values, char const* unit)
    {
        auto const [low, high] = std::minmax_element(values.begin(), values.end());
        if (json_)
            std::printf("%s{\"measure\":\"%s\",\"median\":%.3f,\"min\":%.3f,\"max\":%.3f,"
                        "\"unit\":\"%s\",\"runs\":%zu}",
                        first_ ? "" : ",", what.c_str(), median(values), *low, *high, unit,
                        values.size());
        else
            std::printf("%-46s %12.2f %-8s (%.2f .. %.2f, n=%zu)\n", what.c_str(), median(values),
                        unit, *low, *high, values.size());
        first_ = false;
        std::fflush(stdout);
    }

private:
    static std::string machine()
    {
        std::string model = "unknown processor";
        if (std::FILE* const f = std::fopen("/proc/cpuinfo", "r")) {
            char line[512];
            while (std::fgets(line, sizeof line, f)) {
                if (std::strncmp(line, "model name", 10) == 0) {
                    model = std::strchr(line, ':') + 2;
                    model.erase(model.find_last_not_of("\n ") + 1);
                    break;
                }
            }
            std::fclose(f);
        }
        return model;
    }
    static std::string compiler()
    {
#if defined(__clang__)
        return "clang " + std::to_string(__clang_major__) + "." + std::to_string(__clang_minor__);
#else
        return "g++ " + std::to_string(__GNUC__) + "." + std::to_string(__GNUC_MINOR__);
#endif
    }
    bool json_;
    bool first_ = true;
};

/// Runs one coroutine to its end on an io_context.
inline void run(boost::asio::io_context& io, work::task<void> what)
{
    boost::asio::co_spawn(io, std::move(what), work::rethrow);
    io.restart();
    io.run();
}

/// INFO of a server as name -> value text.
inline std::string info(std::string const& url, std::string const& field)
{
    std::string const port = url.substr(url.rfind(':') + 1);
    std::string const socket = url.starts_with("unix://") ? url.substr(7) : std::string();
    std::string const command = "redis-cli " + (socket.empty() ? "-p " + port : "-s " + socket) +
                                " info all 2>/dev/null";
    std::string value;
    if (std::FILE* const pipe = ::popen(command.c_str(), "r")) {
        char line[1024];
        while (std::fgets(line, sizeof line, pipe)) {
            if (std::strncmp(line, field.c_str(), field.size()) == 0 && line[field.size()] == ':')
                value = line + field.size() + 1;
        }
        ::pclose(pipe);
    }
    value.erase(value.find_last_not_of("\r\n") + 1);
    return value;
}

/// Seconds of CPU the server used so far.
inline double server_cpu(std::string const& url)
{
    return std::atof(info(url, "used_cpu_user").c_str()) +
           std::atof(info(url, "used_cpu_sys").c_str());
}

inline double own_cpu()
{
    std::timespec t{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

inline double seconds_since(clock::time_point start)
{
    return std::chrono::duration<double>(clock::now() - start).count();
}

}  // namespace bench
