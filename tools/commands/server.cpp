// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/cron.hpp>
#include <work/error.hpp>
#include <work/web/guard.hpp>
#include <work/web/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <csignal>
#include <exception>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <utility>

#include "commands.hpp"
#include "print.hpp"
#include "tls_for.hpp"
#include "ui/files.hpp"
#include "with_client.hpp"

namespace work::tool {
namespace {

struct server_flags
{
    connection to;
    std::string listen = "127.0.0.1:5040";
    web_options web;
    std::string certificate;
    std::string key;
    bool no_ui = false;
    bool no_cron = false;
};

// Each connection takes a descriptor, and the usual limit is below that of connections.
void raise_descriptor_limit()
{
    ::rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

task<int> serve(client& at, server_flags const& o)
{
    try {
        web_options web = o.web;
        if (web.environment.empty())
            web.environment = o.to.environment;
        web_server server{at, web};
        // Before it is said that the server is there: who reads that may end it.
        boost::asio::signal_set signals(at.executor(), SIGINT, SIGTERM);
        print_error(
            std::string("server on ") + (o.web.tls ? "https://" : "http://") +
            (o.web.address.find(':') == std::string::npos ? o.web.address
                                                          : "[" + o.web.address + "]") +
            ":" + std::to_string(server.port()) + "/api/v1/, namespace " + o.to.ns
        );
        if (!o.web.ui.empty())
            print_error("the web UI is its front page: open it in a browser");
        if (o.web.insecure && o.web.tokens_file.empty() && o.web.trust.empty())
            print_error("--insecure: everyone who reaches this address may do everything");
        if (!o.web.tokens_file.empty() && !o.web.tls && !web::is_loopback_name(o.web.address))
            print_error(
                "tokens go over the network in clear: give --tls-cert and --tls-key, or let a "
                "proxy bring TLS"
            );
        signals.async_wait([&server](boost::system::error_code ec, int) {
            if (!ec)
                server.stop();
        });
        // Entries of a namespace whose pools know nothing of cron fire, too.
        work::cron cron{at};
        bool const fires = !o.no_cron && !o.web.read_only;
        if (fires)
            // It fails only when the client is closed.
            boost::asio::co_spawn(at.executor(), cron.run(), [](std::exception_ptr) {});
        co_await server.run();
        cron.stop();
        signals.cancel();
        at.close();
    } catch (boost::system::system_error const& e) {
        if (dynamic_cast<error const*>(&e) != nullptr)
            throw;
        print_error("can't listen on " + o.listen + ": " + e.code().message());
        co_return failed;
    }
    co_return ok;
}

// HOST:PORT, [HOST]:PORT or PORT.
void read_listen(server_flags& o)
{
    auto const colon = o.listen.rfind(':');
    std::string const port = colon == std::string::npos ? o.listen : o.listen.substr(colon + 1);
    if (colon != std::string::npos)
        o.web.address = o.listen.substr(0, colon);
    if (o.web.address.starts_with('[') && o.web.address.ends_with(']'))
        o.web.address = o.web.address.substr(1, o.web.address.size() - 2);
    if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != port.npos ||
        std::stoi(port) > 65535)
        throw error(
            errc::invalid_option,
            "--listen " + o.listen + " has no port: write 127.0.0.1:5040, [::1]:5040 or 5040"
        );
    o.web.port = static_cast<std::uint16_t>(std::stoi(port));
}

int run(server_flags& o)
{
    read_listen(o);
    if (o.certificate.empty() != o.key.empty())
        throw error(
            errc::invalid_option,
            "--tls-cert and --tls-key belong together: give both, or none"
        );
    if (!o.certificate.empty())
        o.web.tls = certificate_of(o.certificate, o.key);
    if (!o.no_ui)
        o.web.ui = ui_files();
    o.web.validate();
    raise_descriptor_limit();
    client_options how;
    // A request does not wait for room in a queue that is full: who sent it is told, and may come
    // again.
    how.full_queue_wait = std::chrono::milliseconds(0);
    return with_client(o.to, serve, o, log_to_stderr, std::move(how));
}

}  // namespace

void add_server(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<server_flags>();
    CLI::App* const command = program.add_subcommand("server", "Serve the HTTP API");
    command->add_option("--listen", o->listen, "Where: ADDRESS:PORT, or a port of loopback")
        ->type_name("ADDRESS")
        ->capture_default_str();
    command->add_option("--tokens", o->web.tokens_file, "Who may do what: see work token")
        ->type_name("FILE");
    command->add_option("--host", o->web.hosts, "A name that the server is reached by")
        ->type_name("NAME");
    command->add_flag(
        "--hide-args",
        o->web.hide_args,
        "Show nobody what jobs hold: arguments, results, progress, messages of failures"
    );
    command
        ->add_option(
            "--environment",
            o->web.environment,
            "What this is, as production: shown in the web UI; else that of the profile"
        )
        ->type_name("NAME");
    command
        ->add_option(
            "--trace-url",
            o->web.trace_url,
            "Where traces are looked at, with {trace_id} in it: linked from jobs in the web UI"
        )
        ->type_name("URL");
    command->add_flag("--no-delete", o->web.no_delete, "Delete no jobs, whoever asks");
    command->add_flag("--no-cron", o->no_cron, "Fire no cron entries: others do");
    command->add_flag("--no-ui", o->no_ui, "Without the web UI: / is the plain page");
    command->add_flag("--read-only", o->web.read_only, "Refuse whatever changes something");
    command->add_flag(
        "--insecure",
        o->web.insecure,
        "Beyond loopback without tokens: everyone may do everything"
    );
    command
        ->add_option(
            "--trust",
            o->web.trust,
            "A proxy, or a network of proxies, that says who asks: 10.0.0.0/8"
        )
        ->type_name("NETWORK");
    command
        ->add_option(
            "--user-header",
            o->web.user_header,
            "With --trust: the field with the user's name, as X-Forwarded-User"
        )
        ->type_name("NAME");
    command
        ->add_option(
            "--role-header",
            o->web.role_header,
            "With --trust: the field with the user's roles; without it they are viewers"
        )
        ->type_name("NAME");
    command
        ->add_option("--tls-cert", o->certificate, "Speak HTTPS: the certificate, with its chain")
        ->type_name("FILE");
    command
        ->add_option("--tls-key", o->key, "And its key; both in PEM, read again when they change")
        ->type_name("FILE");
    o->to.add_to(*command, reached::over_broker);
    command->callback([&chosen, o] { chosen = [o] { return run(*o); }; });
}

}  // namespace work::tool
