// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "act_on_found.hpp"

#include <work/values/encode.hpp>

#include <chrono>
#include <unistd.h>
#include <utility>

#include "agreement.hpp"
#include "exit_code.hpp"
#include "print.hpp"

namespace work::tool {
namespace {

std::string jobs_of(std::int64_t count)
{
    return std::to_string(count) + (count == 1 ? " job" : " jobs");
}

std::string found_words(job_count const& found, kept_job_filter const& which)
{
    std::string text = found.whole ? "" : "more than ";
    text += jobs_of(found.matched) + (found.matched == 1 ? " matches " : " match ");
    return text + which.text() + " (" + std::to_string(found.scanned) + " looked at)";
}

std::string sample_line(job_row const& row, std::int64_t now_ms)
{
    std::string text = "  " + row.id + "  " + row.name + "  " + std::string(to_string(row.state));
    text += " " + relative(row.when_ms == 0 ? row.created_ms : row.when_ms, now_ms);
    if (row.failure)
        text += "  " + row.failure->type + ": " + row.failure->message;
    return text;
}

/// What became of it, but those that were done.
std::string others(operation_info const& went)
{
    std::string text;
    auto const add = [&text](std::int64_t count, char const* what) {
        if (count != 0)
            text += ", " + std::to_string(count) + " " + what;
    };
    add(went.already, "were so already");
    add(went.active, "are being run");
    add(went.gone, "were gone");
    add(went.moved_on, "had moved on");
    add(went.unreadable, "can't be read");
    return text;
}

/// Says on a terminal, every other second, how far it is.
class shown_progress final : public operation_watch
{
public:
    explicit shown_progress(std::string done) : done_(std::move(done)) {}

    bool goes_on(operation_info const& now) override
    {
        auto const time = std::chrono::steady_clock::now();
        bool const due = time - last_ >= std::chrono::seconds(2);
        if (due && now.state == operation_state::running && ::isatty(STDERR_FILENO) == 1) {
            last_ = time;
            print_talk(done_ + " " + std::to_string(now.done) + " of " + jobs_of(now.matched));
        }
        return true;
    }

private:
    std::string done_;
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

int print_end(operation_info const& went, std::string const& done, bool json)
{
    if (json)
        print_as_json(went);
    else if (went.state != operation_state::refused)
        print_line(done + " " + jobs_of(went.done) + others(went));
    switch (went.state) {
    case operation_state::failed: print_error("not all of them: " + went.trouble); return failed;
    case operation_state::stopped:
        print_error("somebody stopped it: operation " + went.id);
        return failed;
    case operation_state::refused:
        print_error(jobs_of(went.matched) + " match by now: none was touched");
        return moved_on;
    default: return ok;
    }
}

}  // namespace

task<int> act_on_found(
    access& at,
    connection const& to,
    admin_action action,
    std::string queue,
    std::string reason,
    std::string done,
    bool json,
    found_flags const& o
)
{
    std::string const word(to_string(action));
    std::int64_t const now_ms = co_await at.now_ms();
    kept_job_filter which = o.which.filter(now_ms);
    job_filter wanted = which.view();
    wanted.states = states_acted_on(action, wanted.states);
    which = kept_job_filter::of(wanted);
    job_count const found = co_await at.count(action, which.view());
    if (json && o.dry_run)
        print_as_json(found);
    else if (o.dry_run)
        print_line(found_words(found, which));
    else
        print_talk(found_words(found, which));
    if (!json || !o.dry_run) {
        for (job_row const& row : found.samples)
            print_talk(sample_line(row, found.now_ms));
    }
    if (o.dry_run)
        co_return ok;
    if (o.expected >= 0 && detail::is_unexpected(found.matched, o.expected)) {
        print_error(
            jobs_of(found.matched) + " match, and --expect says " + std::to_string(o.expected) +
            ": none was touched"
        );
        co_return moved_on;
    }
    if (found.matched == 0) {
        if (json)
            print_as_json(found);
        co_return ok;
    }
    std::int64_t const most =
        o.at_most > 0 && o.at_most < found.matched ? o.at_most : found.matched;
    if (!o.yes && !agreed(to, word + " " + jobs_of(most) + "?"))
        co_return not_agreed;
    shown_progress progress(done);
    std::string const who = at.who();
    operation_options how;
    how.expected = found.matched;
    how.counted = found.whole ? found.matched : -1;
    how.seen_ms = found.now_ms;
    how.at_most = o.at_most;
    how.all = true;
    how.queue = queue;
    how.reason = reason;
    how.by = who;
    how.watch = &progress;
    if (!found.whole)
        how.expected = o.expected;
    operation_info const went = co_await at.act_on_all(action, which.view(), how);
    co_return print_end(went, done, json);
}

}  // namespace work::tool
