// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/inspector.hpp>
#include <work/values/envelope.hpp>
#include <work/values/failure.hpp>
#include <work/values/name.hpp>
#include <work/values/text.hpp>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "commands.hpp"
#include "print.hpp"
#include "with_client.hpp"

namespace work::tool {
namespace {

struct options
{
    connection to;
    std::string id;
    bool json = false;
};

/// Members of one of our own JSON texts; none when it can't be read.
boost::json::object members(std::string_view text)
{
    boost::json::error_code ec;
    boost::json::value const v = boost::json::parse(text, ec);
    return !ec && v.is_object() ? v.get_object() : boost::json::object();
}

std::int64_t integer(boost::json::object const& from, std::string_view name)
{
    auto const* const v = from.if_contains(name);
    return v && v->is_int64() ? v->get_int64() : 0;
}

std::string text(boost::json::object const& from, std::string_view name)
{
    auto const* const v = from.if_contains(name);
    return v && v->is_string() ? std::string(v->get_string()) : std::string();
}

/// A kept record ends with `,"result":<what the handler returned>}`, which is not read here, so
/// that its numbers stay what they are.
std::pair<boost::json::object, std::string> split_kept(std::string_view kept)
{
    constexpr std::string_view mark = ",\"result\":";
    auto const at = kept.find(mark);
    if (at == std::string_view::npos)
        return {members(kept), std::string()};
    std::string_view const result = kept.substr(at + mark.size());
    return {
        members(std::string(kept.substr(0, at)) + "}"),
        std::string(result.substr(0, result.size() - 1))
    };
}

/// "50.5", "100": as people write it, to one digit behind the point.
std::string percentage(boost::json::value const& of)
{
    boost::json::error_code ec;
    double const value = of.to_number<double>(ec);
    if (ec)
        return "?";
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", std::clamp(value, 0.0, 100.0));
    std::string_view const shown(text);
    return std::string(shown.ends_with(".0") ? shown.substr(0, shown.size() - 2) : shown);
}

std::string_view name_of_when(job_state state)
{
    switch (state) {
    case job_state::scheduled:
    case job_state::retry: return "due";
    case job_state::dead: return "died";
    case job_state::active: return "lease until";
    default: return {};
    }
}

void print_job_json(std::string const& id, job_record const& r)
{
    auto const envelope = decode_envelope(r.envelope);
    boost::json::object o;
    o["id"] = id;
    o["state"] = to_string(r.state);
    o["now_ms"] = r.now_ms;
    o["when_ms"] = r.when_ms;
    if (envelope) {
        list_name const list = parse_list_id(envelope->list);
        o["name"] = list.name;
        o["queue"] = list.queue;
        o["failed_attempts"] = envelope->attempts;
        o["snoozes"] = envelope->snoozes;
        o["created_ms"] = envelope->created_ms;
        o["priority"] = envelope->priority;
        o["options"] = members(envelope->options.empty() ? "{}" : envelope->options);
        o["args"] = envelope->args;
    } else {
        o["unreadable"] = envelope.error();
        o["bytes"] = printable(r.envelope);
    }
    if (r.state == job_state::active) {
        o["fence"] = r.claim;
        o["pool"] = r.pool;
    }
    if (!r.progress.empty())
        o["progress"] = members(r.progress);
    if (!r.kept.empty()) {
        auto const [done, result] = split_kept(r.kept);
        o["ended"] = done;
        if (!result.empty())
            o["result"] = result;
    }
    boost::json::array failures;
    for (std::string const& f : r.failures)
        failures.push_back(members(f));
    o["failures"] = std::move(failures);
    print_json(o);
}

void line(std::string_view title, std::string_view value)
{
    std::string out(title);
    out.resize(14, ' ');
    print_line(out.append(printable(value)));
}

void print_job(std::string const& id, job_record const& r)
{
    line("id", id);
    line("state", to_string(r.state));
    if (auto const when = name_of_when(r.state); !when.empty())
        line(when, absolute(r.when_ms, r.now_ms));
    if (r.state == job_state::active) {
        line("pool", r.pool);
        line("fence", std::to_string(r.claim));
    }
    if (!r.progress.empty()) {
        auto const progress = members(r.progress);
        auto const* const percent = progress.if_contains("percent");
        line(
            "progress",
            text(progress, "message") + (percent ? " (" + percentage(*percent) + " %)" : "")
        );
    }
    auto const [done, result] = split_kept(r.kept);
    if (!done.empty()) {
        line("ended", absolute(integer(done, "at_ms"), r.now_ms) + " " + text(done, "outcome"));
        if (done.contains("run_us"))
            line(
                "ran",
                std::to_string(integer(done, "run_us")) + " us, attempt " +
                    std::to_string(integer(done, "attempt"))
            );
        if (done.contains("reason"))
            line("reason", text(done, "reason"));
    }
    auto const envelope = decode_envelope(r.envelope);
    if (!envelope) {
        line("unreadable", envelope.error());
        line("bytes", r.envelope);
        return;
    }
    list_name const list = parse_list_id(envelope->list);
    line("name", list.name);
    if (list.queue != list.name)
        line("queue", list.queue);
    line("created", absolute(envelope->created_ms, r.now_ms));
    if (envelope->attempts > 0)
        line("failed", std::to_string(envelope->attempts) + " attempt(s)");
    if (envelope->snoozes > 0)
        line("snoozed", std::to_string(envelope->snoozes) + " time(s)");
    if (!envelope->options.empty())
        line("options", envelope->options);
    print_line("args");
    print_line(indented_json(envelope->args, "  "));
    if (!result.empty()) {
        print_line("result");
        print_line(indented_json(result, "  "));
    }
    if (r.failures.empty())
        return;
    print_line("failures");
    for (std::string const& f : r.failures) {
        auto const one = decode_failure(f);
        if (!one) {
            print_line("  " + printable(f));
            continue;
        }
        print_line(
            "  attempt " + std::to_string(one->attempt) + "  " + absolute(one->at_ms, r.now_ms) +
            "  " + printable(one->type)
        );
        print_line("    " + printable(one->message));
    }
}

task<int> show(client& at, options const& o)
{
    inspector look{at};
    job_record const record = co_await look.job(o.id);
    if (record.state == job_state::unknown) {
        print_error(
            "no job " + detail::quote(o.id) + " in namespace " + detail::quote(o.to.ns) +
            ": it never existed, or it finished and is no longer kept; see work stats"
        );
        co_return not_found;
    }
    o.json ? print_job_json(o.id, record) : print_job(o.id, record);
    co_return ok;
}

}  // namespace

void add_job(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<options>();
    CLI::App* const command = program.add_subcommand("job", "Show one job");
    command->add_option("ID", o->id, "Its id")->required();
    command->add_flag("--json", o->json, "As one line of JSON; the arguments as text in a string");
    o->to.add_to(*command);
    command->callback([&chosen, o] { chosen = [o] { return with_client(o->to, show, *o); }; });
}

}  // namespace work::tool
