// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/error.hpp>
#include <work/web/auth.hpp>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <sys/random.h>
#include <vector>

#include "commands.hpp"
#include "exit_code.hpp"
#include "print.hpp"

namespace work::tool {
namespace {

struct token_flags
{
    std::string name;
    std::vector<std::string> roles;
    std::vector<std::string> queues;
    int rate = 0;
};

std::string join(std::vector<std::string> const& parts)
{
    std::string out;
    for (std::string const& one : parts)
        out += (out.empty() ? "" : ",") + one;
    return out;
}

/// 256 bits that nobody can guess, in hexadecimal.
std::string make_secret()
{
    web::digest bits{};
    if (::getrandom(bits.data(), bits.size(), 0) != static_cast<::ssize_t>(bits.size()))
        throw error(
            errc::unavailable,
            std::string("the system gives no random bits: ") + std::strerror(errno)
        );
    return "work_" + web::hex(bits);
}

int run(token_flags const& o)
{
    std::string const secret = make_secret();
    std::string line = o.name + " " + join(o.roles) + " sha256:" + web::hex(web::sha256(secret));
    if (!o.queues.empty())
        line += " queues=" + join(o.queues);
    if (o.rate > 0)
        line += " rate=" + std::to_string(o.rate) + "/s";
    web::read_tokens(line);
    print_error("the token, shown this once: " + secret);
    print_line(line);
    return ok;
}

}  // namespace

void add_token(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<token_flags>();
    CLI::App* const command = program.add_subcommand(
        "token",
        "Make a token: itself on stderr, on stdout its line for the file of work server --tokens"
    );
    command->add_option("NAME", o->name, "Whose it is")->required();
    command
        ->add_option(
            "--role",
            o->roles,
            "metrics, viewer, producer, worker, operator or admin; several with commas"
        )
        ->required()
        ->delimiter(',')
        ->type_name("ROLE");
    command->add_option("--queues", o->queues, "The queues a producer or worker may use")
        ->delimiter(',')
        ->type_name("NAME,...");
    command->add_option("--rate", o->rate, "So many requests a second, and no more")
        ->type_name("NUMBER")
        ->check(CLI::Range(1, 100'000));
    command->callback([&chosen, o] { chosen = [o] { return run(*o); }; });
}

}  // namespace work::tool
