// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/error.hpp>
#include <work/values/text.hpp>

#include <cstdio>
#include <exception>
#include <string>

#include "commands.hpp"
#include "connection.hpp"
#include "exit_code.hpp"
#include "print.hpp"

namespace {

using namespace work::tool;

// What the caller wrote can't be used, as opposed to what it asked for can't be done.
bool is_usage(boost::system::error_code code)
{
    for (work::errc const e :
         {work::errc::invalid_option,
          work::errc::invalid_name,
          work::errc::invalid_id,
          work::errc::invalid_url,
          work::errc::invalid_arguments,
          work::errc::payload_too_large})
        if (code == e)
            return true;
    return false;
}

int say(char const* what, int code)
{
    print_error(what);
    return code;
}

}  // namespace

int main(int argc, char** argv)
{
    CLI::App program{"Background jobs: enqueue them, look at them, steer them.", "work"};
    program.require_subcommand(1);
    program.footer("Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 moved on.");
    action chosen;
    add_profile(program);
    add_bench(program, chosen);
    add_completion(program, chosen);
    add_conformance(program, chosen);
    add_demo(program, chosen);
    add_enqueue(program, chosen);
    add_stats(program, chosen);
    add_queues(program, chosen);
    add_top(program, chosen);
    add_broker(program, chosen);
    add_doctor(program, chosen);
    add_healthcheck(program, chosen);
    add_job(program, chosen);
    add_explain(program, chosen);
    add_fake(program, chosen);
    add_flows(program, chosen);
    add_logs(program, chosen);
    add_jobs(program, chosen);
    add_wait(program, chosen);
    add_records(program, chosen);
    add_admin(program, chosen);
    add_edit(program, chosen);
    add_pause(program, chosen);
    add_orders(program, chosen);
    add_track(program, chosen);
    add_cron(program, chosen);
    add_limits(program, chosen);
    add_bounds(program, chosen);
    add_pools(program, chosen);
    add_server(program, chosen);
    add_token(program, chosen);
    add_tune(program, chosen);
    add_version(program, chosen);
    auto const named = [&](CLI::App const* command) { return command->check_name(argv[1]); };
    if (argc > 1 && argv[1][0] != '-' && program.get_subcommands(named).empty()) {
        print_error("there is no command " + work::detail::quote(argv[1]) + "; see work --help");
        return usage;
    }
    try {
        program.parse(argc, argv);
    } catch (CLI::ParseError const& e) {
        if (e.get_exit_code() == 0)
            return program.exit(e);
        print_error(std::string(e.what()) + "; see work --help");
        return usage;
    }
    try {
        int const code = chosen();
        if (std::fflush(stdout) != 0)
            return say("the output can't be written", failed);
        return code;
    } catch (work::error const& e) {
        return say(e.what(), is_usage(e.code()) ? usage : failed);
    } catch (std::exception const& e) {
        return say(e.what(), failed);
    }
}
