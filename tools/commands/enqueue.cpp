// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/error.hpp>
#include <work/make.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/durability.hpp>
#include <work/values/duration.hpp>
#include <work/values/name.hpp>
#include <work/values/stored_options.hpp>
#include <work/values/text.hpp>
#include <work/web/described_job.hpp>
#include <work/web/json_slices.hpp>
#include <work/web/problem.hpp>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "commands.hpp"
#include "print.hpp"
#include "when.hpp"
#include "with_access.hpp"

namespace work::tool {
namespace {

struct enqueue_flags
{
    connection to;
    std::string name;
    std::string args;
    std::string in;
    std::string at;
    std::string queue;
    std::string id;
    std::string timeout;
    std::string expires;
    std::string file;  ///< jobs to read, a line each; "-": standard input
    std::vector<std::string> tags;
    std::vector<std::string> headers;
    std::string unique_key;
    std::string unique_until;
    std::string unique_for;
    std::string on_conflict;
    int priority = 0;
    int max_attempts = 0;
    int args_version = 0;
    int replicas = 0;
    bool aof = false;
    std::string durable_for;
    std::optional<durability> durable{};
    bool unique = false;
    bool json = false;
    std::vector<std::pair<std::string, std::string>> header_pairs{};  ///< `headers`, read
    enqueue_options how{};  ///< what all of them say; it points into them
};

// The broker takes any bytes: what is wrong with them would only show when the job runs.
void check_arguments(std::string const& text)
{
    args_parser parser;
    bool good = false;
    if (!text.empty()) {
        auto const& value = parser.parse(text, "ARGS_JSON");
        good = value.is_array() || value.is_object();
    }
    if (!good)
        throw error(
            errc::invalid_arguments,
            "ARGS_JSON is neither an array nor an object; write [1,\"a\"] for arguments by "
            "position, {\"user_id\":1} for arguments by name"
        );
}

std::pair<std::string, std::string> read_header(std::string const& text)
{
    auto const at = text.find('=');
    if (at == text.npos || at == 0)
        throw error(
            errc::invalid_option,
            "--header " + detail::quote(text) + " can't be read: write NAME=VALUE"
        );
    return {text.substr(0, at), text.substr(at + 1)};
}

enqueue_options options_of(enqueue_flags const& o)
{
    enqueue_options how;
    how.queue = o.queue;
    how.id = o.id;
    how.priority = o.priority;
    if (!o.in.empty())
        how.in = read_lasting("--in", o.in);
    if (!o.at.empty())
        how.at =
            std::chrono::system_clock::time_point(std::chrono::milliseconds(read_when("--at", o.at))
            );
    if (o.max_attempts != 0)
        how.max_attempts = o.max_attempts;
    how.args_version = o.args_version;
    if (!o.timeout.empty())
        how.timeout = read_lasting("--timeout", o.timeout);
    if (!o.expires.empty())
        how.expires_in = read_lasting("--expires-in", o.expires);
    how.unique_key = o.unique_key;
    // Each of them means it.
    how.unique =
        o.unique || !o.unique_until.empty() || !o.unique_for.empty() || !o.on_conflict.empty();
    if (!o.unique_until.empty())
        detail::find_enumerator(o.unique_until, how.unique_until.emplace());
    if (!o.unique_for.empty())
        how.unique_for = read_lasting("--unique-for", o.unique_for);
    if (!o.on_conflict.empty())
        detail::find_enumerator(o.on_conflict, how.on_conflict.emplace());
    how.headers = o.header_pairs;
    how.tags = o.tags;
    return how;
}

/// What `--json` prints of each.
void print_stored(job_handle const& job, bool json)
{
    if (json)
        print_json(
            "{\"id\":" + to_json(job.id()) + ",\"code\":" + to_json(std::string(job.code())) + "}"
        );
    else if (job.replaced() || job.extended())
        print_line(
            job.id() + " " + std::string(job.code()) + ": it was there, and has the new " +
            (!job.extended()   ? "arguments"
             : !job.replaced() ? "time"
                               : "arguments and the new time")
        );
    else if (job.duplicate())
        print_line(job.id() + " duplicate: a job with that id or key is known already");
    else
        print_line(job.id());
}

/// The member `unique` of that.
std::string unique_text(enqueue_flags const& o)
{
    std::string text;
    auto const add = [&](char const* name, std::string const& value) {
        text += (text.empty() ? "{\"" : ",\"") + std::string(name) + "\":" + value;
    };
    if (!o.unique_key.empty())
        add("key", to_json(o.unique_key));
    if (!o.unique_until.empty())
        add("until", to_json(o.unique_until));
    if (o.how.unique_for)
        add("for_ms", std::to_string(o.how.unique_for->count()));
    if (!o.on_conflict.empty())
        add("on_conflict", to_json(o.on_conflict));
    return text.empty() ? "true" : text + "}";
}

/// As `POST /api/v1/jobs` takes it.
std::string text_of(enqueue_flags const& o)
{
    std::string text = "{\"name\":" + to_json(o.name);
    // Deep arguments travel as their text.
    text += ",\"args\":" + (web::json_depth(o.args) < 16 ? o.args : to_json(o.args));
    if (!o.queue.empty())
        text += ",\"queue\":" + to_json(o.queue);
    if (!o.id.empty())
        text += ",\"id\":" + to_json(o.id);
    using std::chrono::duration_cast;
    using std::chrono::milliseconds;
    if (o.how.in.count() != 0)
        text += ",\"in_ms\":" + std::to_string(o.how.in.count());
    if (!o.at.empty())
        text += ",\"at_ms\":" +
                std::to_string(duration_cast<milliseconds>(o.how.at.time_since_epoch()).count());
    if (o.how.unique || !o.how.unique_key.empty())
        text += ",\"unique\":" + unique_text(o);
    std::string const options = encode_options(o.how);
    if (options.size() > 2)
        text += "," + options.substr(1, options.size() - 2);
    return text + "}";
}

std::optional<durability> durability_of(enqueue_flags const& o)
{
    if (o.replicas == 0 && !o.aof) {
        if (!o.durable_for.empty())
            throw error(
                errc::invalid_option,
                "--durable-for says how long is waited for what neither --durable nor "
                "--durable-aof asks for"
            );
        return std::nullopt;
    }
    durability how;
    how.replicas = o.replicas;
    how.aof = o.aof;
    if (!o.durable_for.empty())
        how.at_most = read_lasting("--durable-for", o.durable_for);
    how.validate();
    return how;
}

/// What is stored is, whatever is said of it: that it is not as safe as was wanted fails.
int said_safety(std::optional<safety> const& known, durability const& how)
{
    if (known && known->enough)
        return ok;
    std::string text = "stored, but ";
    if (!known)
        text += "the server did not say who has it: it may be of an older version";
    else if (!known->trouble.empty())
        text += "it could not be heard who has it: " + known->trouble;
    else if (known->replicas < how.replicas)
        text += std::to_string(known->replicas) + " of " + std::to_string(how.replicas) +
                " replicas had it after " + format_duration(how.at_most);
    else
        text += "it was not on disk after " + format_duration(how.at_most);
    print_talk(text);
    return failed;
}

task<int> enqueue(access& at, enqueue_flags const& o)
{
    std::vector<described_new_job> one(1);
    one[0].job = make_json(o.name, o.args, o.how);
    one[0].text = text_of(o);
    stored_jobs const stored = co_await at.enqueue(std::move(one), o.durable);
    if (stored.failure)
        std::rethrow_exception(stored.failure);
    print_stored(stored.handles.at(0), o.json);
    co_return o.durable ? said_safety(stored.safety, *o.durable) : ok;
}

/// Lines of a file, or of standard input, some at a time.
class job_lines
{
public:
    static constexpr std::size_t most = 500;

    explicit job_lines(std::string const& path) : path_(path == "-" ? "standard input" : path)
    {
        if (path == "-")
            return;
        file_.open(path);
        if (!file_)
            throw error(errc::invalid_option, "--jsonl: " + detail::quote(path) + " can't be read");
        from_ = &file_;
    }

    /// The next jobs; none at the end.
    /// Errors: errc::invalid_option: a line is no job; those before it were given out.
    std::vector<described_new_job> next()
    {
        std::vector<described_new_job> jobs;
        std::string line;
        while (!fault_ && jobs.size() < most && std::getline(*from_, line)) {
            ++number_;
            if (line.find_first_not_of(" \t\r") == line.npos)
                continue;
            read(line, jobs);
        }
        if (jobs.empty() && fault_)
            std::rethrow_exception(fault_);
        return jobs;
    }

private:
    void read(std::string const& line, std::vector<described_new_job>& into)
    {
        std::string why;
        try {
            web::described_job const job = web::read_described(line);
            check_whole(line, job);
            described_new_job one;
            one.job = web::make_described(job, std::string());
            one.text = line;
            into.push_back(std::move(one));
            return;
        } catch (web::problem const& e) {
            why = e.what();
        } catch (error const& e) {
            why = e.what();
        }
        fault_ = std::make_exception_ptr(
            error(errc::invalid_option, path_ + ", line " + std::to_string(number_) + ": " + why)
        );
    }
    // `work jobs --jsonl` cuts long arguments, and says how long they are.
    static void check_whole(std::string const& line, web::described_job const& job)
    {
        for (web::json_member const& one : web::json_members(line)) {
            std::uint64_t bytes = 0;
            if (one.key != "args_bytes")
                continue;
            std::from_chars(one.value.data(), one.value.data() + one.value.size(), bytes);
            if (bytes > job.args.size())
                throw error(
                    errc::invalid_option,
                    "its args are cut: " + std::to_string(job.args.size()) + " bytes of " +
                        std::to_string(bytes) + "; `work args` has them whole"
                );
        }
    }

    std::string path_;
    std::ifstream file_;
    std::istream* from_ = &std::cin;
    std::int64_t number_ = 0;
    std::exception_ptr fault_;
};

task<int> enqueue_lines(access& at, enqueue_flags const& o)
{
    job_lines lines(o.file);
    std::int64_t stored = 0, known = 0;
    int ends_with = ok;
    std::exception_ptr failure;
    try {
        for (;;) {
            std::vector<described_new_job> jobs = lines.next();
            if (jobs.empty())
                break;
            stored_jobs const part = co_await at.enqueue(std::move(jobs), o.durable);
            for (job_handle const& job : part.handles) {
                print_stored(job, o.json);
                ++(job.duplicate() ? known : stored);
            }
            if (part.failure)
                std::rethrow_exception(part.failure);
            // Once is enough.
            if (o.durable && ends_with == ok)
                ends_with = said_safety(part.safety, *o.durable);
        }
    } catch (error const&) {
        failure = std::current_exception();
    }
    print_talk(
        std::to_string(stored) + " stored" +
        (known == 0 ? "" : ", " + std::to_string(known) + " known already")
    );
    if (failure)
        std::rethrow_exception(failure);
    co_return ends_with;
}

std::string all_of_standard_input()
{
    std::string all(std::istreambuf_iterator<char>(std::cin), {});
    while (all.ends_with('\n') || all.ends_with('\r'))
        all.pop_back();
    return all;
}

int run(enqueue_flags& o)
{
    o.durable = durability_of(o);
    if (!o.file.empty())
        return with_access(o.to, enqueue_lines, o);
    validate_name("job name", o.name);
    for (std::string const& one : o.headers)
        o.header_pairs.push_back(read_header(one));
    o.how = options_of(o);
    o.how.validate();
    if (o.args == "-")
        o.args = all_of_standard_input();
    check_arguments(o.args);
    return with_access(o.to, enqueue, o);
}

}  // namespace

void add_enqueue(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<enqueue_flags>();
    CLI::App* const command =
        program.add_subcommand("enqueue", "Store a job, or those of a file, and print ids");
    auto* const name = command->add_option("NAME", o->name, "The job's name");
    auto* const args =
        command->add_option("ARGS_JSON", o->args, "Its arguments: a JSON array or object, or -");
    auto* const in = command->add_option("--in", o->in, "Run it after a while: 250ms, 5m, 1h30m");
    in->type_name("TIME");
    command->add_option("--at", o->at, "Run it then: 18:00, 2026-11-22T18:00:00Z")
        ->type_name("TIME")
        ->excludes(in);
    command->add_option("--queue", o->queue, "The queue to wait in; by default the one of its name")
        ->type_name("NAME");
    command->add_option("--id", o->id, "An id of your own: enqueuing it twice stores one job")
        ->type_name("ID");
    command->add_option("--priority", o->priority, "-100..100, higher first")->type_name("N");
    command->add_option("--max-attempts", o->max_attempts, "1..1000 attempts in all")
        ->check(CLI::Range(1, 1000))
        ->type_name("N");
    command
        ->add_option(
            "--args-version",
            o->args_version,
            "Of which version of its type the arguments are; by default 1"
        )
        ->check(CLI::Range(1, most_args_version))
        ->type_name("N");
    command->add_option("--timeout", o->timeout, "How long an attempt may run")->type_name("TIME");
    command->add_option("--expires-in", o->expires, "Dropped when it has not started by then")
        ->type_name("TIME");
    command->add_flag(
        "--unique",
        o->unique,
        "Not stored while a job of this name and these arguments is there"
    );
    command->add_option("--unique-key", o->unique_key, "The same by a key of your own")
        ->type_name("KEY");
    auto* const until = command->add_option(
        "--unique-until",
        o->unique_until,
        "When another one is let in: started, succeeded or ended (succeeded or dead; the default)"
    );
    until->check(CLI::IsMember({"started", "succeeded", "ended"}))->type_name("WHEN");
    command->add_option("--unique-for", o->unique_for, "Or after so long, whatever becomes of it")
        ->type_name("TIME")
        ->excludes(until);
    command
        ->add_option(
            "--on-conflict",
            o->on_conflict,
            "What the one that is there gets: keep (nothing), replace (the new arguments), "
            "extend (the new time), renew (both)"
        )
        ->check(CLI::IsMember({"keep", "replace", "extend", "renew"}))
        ->type_name("WHAT");
    command->add_option("--tag", o->tags, "A tag; may be said again")->type_name("TAG");
    command->add_option("--header", o->headers, "A header; may be said again")
        ->type_name("NAME=VALUE");
    command->add_option("--durable", o->replicas, "Wait until so many replicas of Redis have it")
        ->check(CLI::Range(1, 1000))
        ->type_name("N");
    command->add_flag("--durable-aof", o->aof, "Wait until Redis has it on disk (7.2 and later)");
    command->add_option("--durable-for", o->durable_for, "So long at most; by default 1s")
        ->type_name("TIME");
    auto* const file = command->add_option(
        "--jsonl",
        o->file,
        "A job a line, as POST /jobs takes it or work jobs --jsonl prints it; - is standard input"
    );
    file->type_name("FILE")->excludes(name)->excludes(args);
    command->add_flag("--json", o->json, "A line of JSON a job: id and code");
    command->parse_complete_callback([o, name, args] {
        if (!o->file.empty())
            return;
        for (auto const* const one : {name, args})
            if (one->count() == 0)
                throw CLI::RequiredError(one->get_name());
    });
    o->to.add_to(*command);
    command->callback([&chosen, o] { chosen = [o] { return run(*o); }; });
}

}  // namespace work::tool
