// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/error.hpp>

#include <boost/json/array.hpp>

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "commands.hpp"
#include "conformance/suite.hpp"
#include "exit_code.hpp"
#include "print.hpp"

namespace work::tool {
namespace {

struct conformance_flags
{
    std::string url;
    std::string second;
    std::string token;
    std::string only;
};

/// Why the case can't be run here; "": it can.
std::string skipped(conformance_case const& one, boost::json::array const& features, bool second)
{
    bool const known = one.feature.empty() ||
                       std::any_of(features.begin(), features.end(), [&](auto const& feature) {
                           return feature.is_string() && feature.as_string() == one.feature;
                       });
    if (!known)
        return "the server does not have the feature " + std::string(one.feature);
    if (one.two_servers && !second)
        return "it needs --second, another server of the namespace";
    return {};
}

/// What the case found that has to be otherwise; "": nothing.
std::string run_case(conformance_case const& one, scene& in)
{
    try {
        one.run(in);
    } catch (std::exception const& fault) {
        return fault.what();
    }
    return {};
}

int run(conformance_flags const& o)
{
    http_caller const server(o.url, o.token);
    std::optional<http_caller> second;
    if (!o.second.empty())
        second.emplace(o.second, o.token);
    scene in(server, second);
    auto const root = server.call("GET", "/api/v1/");
    scene::status(root, 200);
    boost::json::array const features = list(root.json(), "features");
    case_list cases;
    add_enqueue_cases(cases);
    add_claim_cases(cases);
    add_number_cases(cases);
    add_outcome_cases(cases);
    add_lease_cases(cases);
    add_absent_cases(cases);
    int passed = 0;
    int failures = 0;
    int left_out = 0;
    for (conformance_case const& one : cases) {
        if (one.name.find(o.only) == one.name.npos)
            continue;
        std::string const why = skipped(one, features, in.has_second());
        std::string const fault = why.empty() ? run_case(one, in) : "";
        left_out += why.empty() ? 0 : 1;
        failures += fault.empty() ? 0 : 1;
        passed += why.empty() && fault.empty() ? 1 : 0;
        print_line(
            std::string(one.name) + (!why.empty()     ? ": skipped: " + why
                                     : !fault.empty() ? ": FAILED: " + fault
                                                      : ": ok")
        );
    }
    print_line(
        std::to_string(passed) + " ok, " + std::to_string(failures) + " failed, " +
        std::to_string(left_out) + " skipped"
    );
    if (passed + failures + left_out == 0)
        throw error(errc::invalid_option, "--only " + o.only + " is part of no case's name");
    return failures == 0 ? ok : failed;
}

}  // namespace

void add_conformance(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<conformance_flags>();
    CLI::App* const command = program.add_subcommand(
        "conformance",
        "Try at a server whether it keeps what docs/worker-protocol.md promises"
    );
    command->add_option("--url", o->url, "The server: http://HOST:PORT")
        ->required()
        ->type_name("URL");
    command
        ->add_option("--second", o->second, "Another server of its namespace, for the cases of two")
        ->type_name("URL");
    command
        ->add_option(
            "--token",
            o->token,
            "With the roles of a worker, and of an operator, or admin"
        )
        ->type_name("TOKEN")
        ->envname("WORK_TOKEN");
    command->add_option("--only", o->only, "The cases with this in their names")->type_name("TEXT");
    command->callback([&chosen, o] { chosen = [o] { return run(*o); }; });
}

}  // namespace work::tool
