// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "load/prepared.hpp"

#include <work/error.hpp>
#include <work/redis/endpoint.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>

#include "agreement.hpp"
#include "exit_code.hpp"
#include "print.hpp"
#include "reach.hpp"
#include "when.hpp"

namespace work::tool {
namespace {

std::chrono::milliseconds read_job_time(char const* option, std::string const& text)
{
    auto const time = read_lasting(option, text);
    if (time > std::chrono::seconds(10))
        throw error(
            errc::invalid_option,
            std::string(option) + " " + text + " is outside 0ms..10s"
        );
    return time;
}

void check_reached(std::string const& url)
{
    boost::asio::io_context io{1};
    boost::asio::co_spawn(io, reach(url), [](std::exception_ptr failure) {
        if (failure)
            std::rethrow_exception(failure);
    });
    io.run();
}

/// What was stored goes, and what could not be said.
bool removed(load_place const& at)
{
    try {
        remove_namespace(at);
        return true;
    } catch (std::exception const& e) {
        print_error("the keys of " + at.ns + " could not be removed: " + e.what());
        return false;
    }
}

}  // namespace

void load_flags::add_to(CLI::App& command)
{
    command.add_option("--sleep", sleep, "Each job waits so long, as for a database")
        ->type_name("TIME")
        ->capture_default_str();
    command.add_option("--cpu", cpu, "Each job computes so long")
        ->type_name("TIME")
        ->capture_default_str();
    command.add_flag("--yes", yes, "Does not ask before it begins");
    command.add_flag("--json", json, "One line of JSON");
    to.add_to(command, reached::own_namespace);
}

void load_flags::read()
{
    job.sleep = read_job_time("--sleep", sleep);
    job.cpu = read_job_time("--cpu", cpu);
}

int run_load(
    load_flags& o,
    char const* word,
    std::string const& what,
    std::function<int(load_place const&)> const& run
)
{
    o.to.settle();
    load_place at{o.to.url, own_namespace(word)};
    o.to.ns = at.ns;
    bool const here = at.url.starts_with("memory:");
    if (here)
        at.url = "memory:" + at.ns;
    check_reached(at.url);
    std::string const place = here ? "in this process" : redis::describe(redis::parse_url(at.url));
    if (!here && !o.yes && !agreed(o.to, what + " on " + place + ", in a namespace of its own?"))
        return not_agreed;
    load_signals const caught;
    int code = failed;
    std::exception_ptr failure;
    try {
        code = run(at);
    } catch (...) {
        failure = std::current_exception();
    }
    if (!removed(at))
        code = failed;
    if (failure)
        std::rethrow_exception(failure);
    return load_signals::seen() != 0 ? 128 + load_signals::seen() : code;
}

}  // namespace work::tool
