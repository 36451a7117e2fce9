// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/error.hpp>
#include <work/make.hpp>
#include <work/values/args_parser.hpp>
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
    int priority = 0;
    int max_attempts = 0;
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
    if (!o.timeout.empty())
        how.timeout = read_lasting("--timeout", o.timeout);
    if (!o.expires.empty())
        how.expires_in = read_lasting("--expires-in", o.expires);
    how.headers = o.header_pairs;
    how.tags = o.tags;
    return how;
}

/// What `--json` prints of each.
void print_stored(job_handle const& job, bool json)
{
    if (json)
        print_json(
            "{\"id\":" + to_json(job.id()) +
            (job.duplicate() ? ",\"code\":\"duplicate\"}" : ",\"code\":\"stored\"}")
        );
    else if (job.duplicate())
        print_line(job.id() + " duplicate: a job with that id is known already");
    else
        print_line(job.id());
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
    std::string const options = encode_options(o.how);
    if (options.size() > 2)
        text += "," + options.substr(1, options.size() - 2);
    return text + "}";
}

task<int> enqueue(access& at, enqueue_flags const& o)
{
    std::vector<described_new_job> one(1);
    one[0].job = make_json(o.name, o.args, o.how);
    one[0].text = text_of(o);
    stored_jobs const stored = co_await at.enqueue(std::move(one));
    if (stored.failure)
        std::rethrow_exception(stored.failure);
    print_stored(stored.handles.at(0), o.json);
    co_return ok;
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
    std::exception_ptr failure;
    try {
        for (;;) {
            std::vector<described_new_job> jobs = lines.next();
            if (jobs.empty())
                break;
            stored_jobs const part = co_await at.enqueue(std::move(jobs));
            for (job_handle const& job : part.handles) {
                print_stored(job, o.json);
                ++(job.duplicate() ? known : stored);
            }
            if (part.failure)
                std::rethrow_exception(part.failure);
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
    co_return ok;
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
    command->add_option("--timeout", o->timeout, "How long an attempt may run")->type_name("TIME");
    command->add_option("--expires-in", o->expires, "Dropped when it has not started by then")
        ->type_name("TIME");
    command->add_option("--tag", o->tags, "A tag; may be said again")->type_name("TAG");
    command->add_option("--header", o->headers, "A header; may be said again")
        ->type_name("NAME=VALUE");
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
