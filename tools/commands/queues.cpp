// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/error.hpp>
#include <work/inspector.hpp>
#include <work/printable.hpp>
#include <work/values/text.hpp>
#include <work/web/sampler.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "commands.hpp"
#include "histories.hpp"
#include "overview.hpp"
#include "print.hpp"
#include "terminal.hpp"
#include "times.hpp"
#include "watching.hpp"
#include "with_access.hpp"

namespace work::tool {
namespace {

struct queues_flags
{
    connection to;
    watch_option watch;
    std::vector<std::string> wanted;
    std::string by;
    std::string range;  ///< of names
    int limit = 0;      ///< 0: 50, or with --all no limit
    bool all = false;
    bool json = false;
    bool jsonl = false;
    bool counts_timed = false;  ///< of queues: those that wait for a time, of each that is wanted

    std::size_t most() const
    {
        return limit != 0 ? static_cast<std::size_t>(limit) : all ? SIZE_MAX : 50u;
    }
};

/// What is left of all rows after the options, and how many there were.
template <typename View>
struct selection
{
    std::vector<View> rows;
    std::size_t of = 0;                ///< all there are
    std::size_t hidden = 0;            ///< left out since they are empty
    std::vector<std::string> missing;  ///< that were asked for, and are not
};

std::string const& name_of(queue_view const& view)
{
    return view.row.queue;
}
std::string const& name_of(name_view const& view)
{
    return view.name;
}

template <typename View>
selection<View> select(std::vector<View> all, queues_flags const& o)
{
    selection<View> chosen;
    chosen.of = all.size();
    std::set<std::string_view> known;
    for (View const& view : all)
        known.insert(name_of(view));
    for (std::string const& wanted : o.wanted)
        if (!known.contains(wanted))
            chosen.missing.push_back(wanted);
    known.clear();
    for (View& view : all) {
        bool const wanted =
            std::find(o.wanted.begin(), o.wanted.end(), name_of(view)) != o.wanted.end();
        if (!o.wanted.empty() ? !wanted : !o.all && view.empty())
            ++chosen.hidden;
        else
            chosen.rows.push_back(std::move(view));
    }
    sort(chosen.rows, order_named(o.by.empty() ? "pending" : o.by));
    return chosen;
}

int report_missing(std::vector<std::string> const& missing, char const* what)
{
    for (std::string const& one : missing)
        print_error(std::string("no job was ever stored ") + what + detail::quote(one));
    return missing.empty() ? ok : not_found;
}

void print_end(
    std::size_t shown,
    std::size_t of,
    std::size_t hidden,
    queues_flags const& o,
    char const* what,
    char const* one
)
{
    std::string const all = grouped(static_cast<std::int64_t>(of));
    if (shown + hidden < of)
        print_line(
            grouped(static_cast<std::int64_t>(shown)) + " of " + all + " " + what +
            "; more: --limit " + std::to_string(of)
        );
    else if (of == 0)
        print_line(std::string("no ") + one + ": no job was ever stored");
    else if (hidden != 0 && o.wanted.empty())
        print_line(
            grouped(static_cast<std::int64_t>(shown)) + " of " + all + " " + what +
            (shown == 0 ? "; all are empty (--all)" : "; the others are empty (--all)")
        );
}

std::string count_of(char const* state, timed_jobs::count const& of)
{
    return std::string(state) + " " + grouped(of.jobs) + (of.whole ? "" : " or more");
}

std::string in_line(std::vector<std::string> const& names)
{
    std::string text;
    for (std::string const& one : names)
        text += (text.empty() ? "" : ", ") + one;
    return text;
}

// "  limited by bank, name:charge; waits at bank": all of them only of one that is asked for.
std::string limit_words(web::queue_row const& row, bool all)
{
    std::string text;
    if (all && !row.limited.empty())
        text = "  limited by " + in_line(row.limited);
    if (!row.waits_at.empty())
        text += (text.empty() ? "  waits at " : "; waits at ") + in_line(row.waits_at);
    return text;
}

// "  at most 1 000 may wait: refuses more; it is full"
std::string bound_words(web::queue_row const& row)
{
    if (!row.bound)
        return "";
    std::string text = "  at most " + grouped(row.bound->most) + " may wait: ";
    text += row.bound->full == when_full::refuse ? "refuses more"
            : row.bound->full == when_full::wait ? "more wait for room"
                                                 : "drops the oldest for more";
    if (row.pending >= row.bound->most)
        text += "; it is full";
    return text;
}

void print_queues(selection<queue_view> const& chosen, overview const& seen, queues_flags const& o)
{
    std::int64_t const now_ms = seen.counts.now_ms;
    bool const speeds = !chosen.rows.empty() && chosen.rows.front().speed.has_value();
    std::vector<table::column> columns{
        {"QUEUE", false, 0},
        {"STATE", false},
        {"PENDING", true},
        {"ACTIVE", true},
        {"OLDEST", true},
        {speeds ? "DONE/S" : "DONE", true},
        {speeds ? "FAIL/S" : "FAILED", true}
    };
    table rows(std::move(columns));
    std::size_t const shown = std::min(chosen.rows.size(), o.most());
    for (std::size_t i = 0; i != shown; ++i) {
        auto const& [row, state, pauses, speed] = chosen.rows[i];
        rows.add(
            {row.queue,
             state,
             grouped(row.pending),
             grouped(row.active),
             since(row.oldest_ms, now_ms),
             speed ? rate(speed->done) : grouped(row.processed),
             speed ? rate(speed->failed) : grouped(row.failed)}
        );
    }
    std::size_t const width = terminal_size().width;
    auto const lines = rows.lines(width);
    if (shown != 0)
        print_line(lines.front());
    for (std::size_t i = 0; i != shown; ++i) {
        print_line(lines[i + 1]);
        auto const timed = seen.timed.find(chosen.rows[i].row.queue);
        if (timed != seen.timed.end())
            print_line(
                "  " + count_of("waiting", timed->second.waiting) + ", " +
                count_of("scheduled", timed->second.scheduled) + ", " +
                count_of("retry", timed->second.retry) + ", " + count_of("dead", timed->second.dead)
            );
        std::string const limits = limit_words(chosen.rows[i].row, !o.wanted.empty());
        for (std::string const& line : wrapped(printable(limits), width, "    "))
            if (!limits.empty())
                print_line(line);
        if (std::string const bound = bound_words(chosen.rows[i].row); !bound.empty())
            print_line(bound);
        for (pause_info const& pause : chosen.rows[i].pauses)
            for (auto const& line :
                 wrapped("  " + printable(words_of(pause, now_ms)), width, "    "))
                print_line(line);
    }
    print_end(shown, chosen.of, chosen.hidden, o, "queues", "queue");
}

void print_names(selection<name_view> const& chosen, std::int64_t now_ms, queues_flags const& o)
{
    table rows(
        {{"NAME", false, 0},
         {"STATE", false},
         {"PENDING", true},
         {"ACTIVE", true},
         {"POOLS", true},
         {"OLDEST", true},
         {"DONE", true},
         {"FAILED", true}}
    );
    std::size_t const shown = std::min(chosen.rows.size(), o.most());
    for (std::size_t i = 0; i != shown; ++i) {
        name_view const& view = chosen.rows[i];
        rows.add(
            {view.name,
             view.state(),
             grouped(view.pending),
             grouped(view.active),
             grouped(view.pools),
             since(view.oldest_ms, now_ms),
             grouped(view.processed),
             grouped(view.failed)}
        );
    }
    if (shown != 0)
        rows.print();
    print_end(shown, chosen.of, chosen.hidden, o, "names", "name");
}

/// What `--json` prints of names.
struct names_answer
{
    std::vector<name_view> names;
    std::int64_t of = 0;
    std::optional<std::string> next;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(names_answer, (), (names, of, next, now_ms))

/// A queue that was asked for by name, as GET /queues/{queue} answers it.
struct placed_queue : web::queue_row
{
    web::queue_place waiting, scheduled, retry, dead;
};
BOOST_DESCRIBE_STRUCT(placed_queue, (web::queue_row), (waiting, scheduled, retry, dead))

web::queue_place place_of(timed_jobs::count const& from)
{
    return {from.jobs, from.scanned, from.of};
}

/// What `--json` prints of queues that were asked for by name.
struct placed_queues_answer
{
    std::vector<placed_queue> queues;
    std::vector<pause_info> paused;
    std::int64_t of = 0;
    std::optional<std::string> next;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(placed_queues_answer, (), (queues, paused, of, next, now_ms))

/// With what waits for a time in the queues that are asked for by name.
task<overview> look(access& at, queues_flags const& o)
{
    overview seen = co_await look_over(at);
    if (!o.counts_timed)
        co_return seen;
    seen.bounds = co_await at.bounds();
    for (std::string const& queue : o.wanted) {
        std::string name = queue;
        timed_jobs const timed = co_await count_timed(at, std::move(name));
        seen.timed.emplace(queue, timed);
    }
    co_return seen;
}

// Less often where there are many lists, so that looking costs a broker little.
std::chrono::milliseconds apart(overview const& seen, std::chrono::milliseconds asked)
{
    return web::pace_of(seen.counts, asked);
}

template <typename Answer>
void print_rows(selection<queue_view> const& chosen, overview const& seen, queues_flags const& o)
{
    Answer answer;
    answer.of = static_cast<std::int64_t>(chosen.of);
    answer.paused = web::detail_of_queues::paused_now(seen.counts);
    answer.now_ms = seen.counts.now_ms;
    for (queue_view const& view : chosen.rows) {
        if (answer.queues.size() == o.most())
            break;
        auto& row = answer.queues.emplace_back();
        static_cast<web::queue_row&>(row) = view.row;
        auto const timed = seen.timed.find(view.row.queue);
        if constexpr (std::is_same_v<Answer, placed_queues_answer>)
            if (timed != seen.timed.end()) {
                row.waiting = place_of(timed->second.waiting);
                row.scheduled = place_of(timed->second.scheduled);
                row.retry = place_of(timed->second.retry);
                row.dead = place_of(timed->second.dead);
            }
    }
    if (o.json)
        print_as_json(answer);
    for (auto const& row : answer.queues)
        if (o.jsonl)
            print_as_json(row);
}

int show_queues(overview const& seen, std::optional<overview> const& before, queues_flags const& o)
{
    auto views = queue_views(seen);
    if (before)
        add_speeds(views, *before, seen);
    auto chosen = select(std::move(views), o);
    int const code = report_missing(chosen.missing, "in queue ");
    if (!o.json && !o.jsonl) {
        print_queues(chosen, seen, o);
        return code;
    }
    if (o.wanted.empty())
        print_rows<web::queues_answer>(chosen, seen, o);
    else
        print_rows<placed_queues_answer>(chosen, seen, o);
    return code;
}

int show_names(overview const& seen, std::optional<overview> const&, queues_flags const& o)
{
    auto chosen = select(name_views(seen), o);
    int const code = report_missing(chosen.missing, "of name ");
    if (!o.json && !o.jsonl) {
        print_names(chosen, seen.counts.now_ms, o);
        return code;
    }
    names_answer answer;
    answer.of = static_cast<std::int64_t>(chosen.of);
    answer.now_ms = seen.counts.now_ms;
    answer.names = std::move(chosen.rows);
    answer.names.resize(std::min(answer.names.size(), o.most()));
    if (o.json)
        print_as_json(answer);
    for (name_view const& row : answer.names)
        if (o.jsonl)
            print_as_json(row);
    return code;
}

template <auto Show>
task<int> run(access& at, queues_flags const& o)
{
    if (!o.range.empty()) {
        history_flags asked;
        asked.range = o.range;
        asked.names = o.wanted;
        asked.sort = o.by.empty() ? "done" : o.by;
        asked.limit = o.limit != 0 ? o.limit : o.all ? 1'000'000 : 50;
        asked.json = o.json;
        asked.jsonl = o.jsonl;
        int const shown = co_await show_name_histories(at, std::move(asked));
        co_return shown;
    }
    int const code =
        co_await look_and_show<overview, queues_flags>(at, o, o.watch, look, Show, apart);
    co_return code;
}

template <auto Show>
void add(CLI::App& program, action& chosen, char const* name, char const* what, char const* one)
{
    auto const o = std::make_shared<queues_flags>();
    CLI::App* const command = program.add_subcommand(name, what);
    command->add_option(one, o->wanted, "These alone");
    bool const names = std::string_view(name) == "names";
    o->counts_timed = !names;
    command->add_option(
        "--sort",
        o->by,
        names ? "By pending (the default), oldest or name; with --range by done, failed, wait, run "
                "or name"
              : "By pending (the default), oldest or name"
    );
    if (names)
        command
            ->add_option(
                "--range",
                o->range,
                "What was done until now, and how long it took: 15m to 90d"
            )
            ->type_name("TIME");
    command->add_option("--limit", o->limit, "So many rows; 50 by default")
        ->check(CLI::Range(1, 1'000'000));
    command->add_flag("--all", o->all, "Empty ones, too, and all rows");
    command->add_flag("--json", o->json, "As one line of JSON");
    command->add_flag("--jsonl", o->jsonl, "Each row as one line of JSON");
    o->watch.add_to(*command);
    o->to.add_to(*command);
    if (!names)
        add_queue_removal(*command, chosen);
    command->callback([&chosen, command, o] {
        if (!command->get_subcommands().empty())
            return;
        chosen = [o] {
            if (o->range.empty())
                order_named(o->by.empty() ? "pending" : o->by);
            else if (o->watch.asked())
                throw error(
                    errc::invalid_option,
                    "--watch: histories change once a minute; leave it or --range out"
                );
            o->watch.interval();
            return with_access(o->to, run<Show>, *o);
        };
    });
}

}  // namespace

void add_queues(CLI::App& program, action& chosen)
{
    add<show_queues>(
        program,
        chosen,
        "queues",
        "The queues: what waits and runs, since when, what is paused, what nobody takes",
        "QUEUE"
    );
    add<show_names>(
        program,
        chosen,
        "names",
        "The job names: what waits and runs, and how many pools take it",
        "NAME"
    );
}

}  // namespace work::tool
