// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/error.hpp>
#include <work/flow_info.hpp>
#include <work/values/text.hpp>
#include <work/web/described_flow.hpp>
#include <work/web/problem.hpp>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "commands.hpp"
#include "print.hpp"
#include "terminal.hpp"
#include "times.hpp"
#include "with_access.hpp"

namespace work::tool {
namespace {

struct flow_flags
{
    connection to;
    std::string id;
    std::string file;
    std::string reason;
    std::int64_t from = 0;
    int limit = 50;
    bool all = false;
    bool json = false;
    bool jsonl = false;
};

int report_unknown_flow(flow_flags const& o)
{
    print_error(
        "there is no flow " + detail::quote(o.id) + " in namespace " + detail::quote(o.to.ns) +
        ": it never was, or it ended and is kept no longer; see work flows"
    );
    return not_found;
}

task<int> list_all_flows(access& at, flow_flags const& o)
{
    flow_page const page = co_await at.flows(o.from, o.limit);
    if (o.json)
        print_as_json(page);
    if (o.jsonl)
        for (flow_info const& one : page.flows)
            print_as_json(one);
    if (o.json || o.jsonl)
        co_return ok;
    table rows(
        {{"id", false, 22},
         {"name", false, 0},
         {"state", false},
         {"jobs", true},
         {"left", true},
         {"begun", true, width_of_times(14)}}
    );
    for (flow_info const& one : page.flows)
        rows.add(
            {one.id,
             one.name,
             std::string(to_string(one.state)),
             grouped(one.jobs),
             grouped(one.left),
             relative(one.created_ms, page.now_ms)}
        );
    if (!rows.empty())
        rows.print();
    auto const shown = static_cast<std::int64_t>(page.flows.size());
    std::string text =
        grouped(shown) + " of " + grouped(page.of) + (page.of == 1 ? " flow" : " flows");
    if (o.from + shown < page.of)
        text += "; more: --from " + std::to_string(o.from + shown);
    print_line(text);
    co_return ok;
}

/// A line of the tree: a job below the last one that it needs.
struct tree_line
{
    std::string branch;  ///< "│  └─ "
    std::size_t job = 0;
    std::size_t others = 0;  ///< how many it needs besides the one above
};

/// No job is drawn farther to the right.
constexpr std::size_t most_levels = 10;

std::vector<tree_line> tree_of(std::vector<flow_job_info> const& jobs)
{
    std::map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i != jobs.size(); ++i)
        places.emplace(jobs[i].id, i);
    std::vector<std::vector<std::size_t>> below(jobs.size());
    std::vector<std::size_t> roots;
    for (std::size_t i = 0; i != jobs.size(); ++i) {
        std::size_t above = i;
        for (std::string const& other : jobs[i].needs)
            // Those that it needs stand before it.
            if (auto const found = places.find(other); found != places.end() && found->second < i)
                above = above == i ? found->second : std::max(above, found->second);
        if (above == i)
            roots.push_back(i);
        else
            below[above].push_back(i);
    }
    struct step
    {
        std::size_t job;
        std::size_t level;
        bool last;
        std::string margin;
    };
    std::vector<step> open;
    for (auto one = roots.rbegin(); one != roots.rend(); ++one)
        open.push_back({*one, 0, true, ""});
    std::vector<tree_line> lines;
    while (!open.empty()) {
        step const now = open.back();
        open.pop_back();
        std::size_t const needs = jobs[now.job].needs.size();
        bool const root = now.level == 0;
        lines.push_back(
            {root ? "" : now.margin + (now.last ? "└─ " : "├─ "), now.job, root ? needs : needs - 1}
        );
        std::string margin = now.margin;
        if (!root && now.level < most_levels)
            margin += now.last ? "   " : "│  ";
        auto const& children = below[now.job];
        for (std::size_t i = children.size(); i != 0; --i)
            open.push_back({children[i - 1], now.level + 1, i == children.size(), margin});
    }
    return lines;
}

std::string counts_line(flow_counts const& c)
{
    std::string text;
    auto const add = [&](std::string_view state, std::int64_t count) {
        if (count != 0)
            text +=
                std::string(text.empty() ? "" : ", ") + grouped(count) + " " + std::string(state);
    };
    add("waiting", c.waiting);
    add("scheduled", c.scheduled);
    add("pending", c.pending);
    add("suspect", c.suspect);
    add("active", c.active);
    add("retry", c.retry);
    add("dead", c.dead);
    add("completed", c.completed);
    add("cancelled", c.cancelled);
    add("set aside", c.set_aside);
    add("gone", c.unknown);
    return text;
}

/// How it is said of a job of a flow, which is known to have been there.
std::string state_word(job_state state)
{
    return state == job_state::unknown ? "gone" : std::string(to_string(state));
}

void print_flow(flow_details const& found, bool all)
{
    flow_info const& flow = found.flow;
    print_line(
        "flow " + flow.id + (flow.name.empty() ? "" : "  " + flow.name) + "  " +
        std::string(to_string(flow.state)) + ", " + grouped(flow.left) + " of " +
        grouped(flow.jobs) + " left"
    );
    print_line("begun " + absolute(flow.created_ms, found.now_ms));
    if (std::string const counts = counts_line(found.counts); !counts.empty())
        print_line(counts);
    constexpr std::size_t most_lines = 200;
    constexpr std::size_t state_width = 10;
    constexpr std::size_t id_width = 22;
    std::size_t const width = std::max<std::size_t>(terminal_size().width, 60);
    std::size_t const tree_width = width - state_width - id_width - 2;
    std::vector<tree_line> const lines = tree_of(found.jobs);
    std::size_t const shown = all ? lines.size() : std::min(lines.size(), most_lines);
    for (std::size_t i = 0; i != shown; ++i) {
        flow_job_info const& job = found.jobs[lines[i].job];
        std::string text = job.name;
        if (job.queue != job.name)
            text = job.queue + ":" + text;
        std::string const more = lines[i].others == 0 ? "" : " +" + std::to_string(lines[i].others);
        std::size_t const room =
            tree_width - std::min(tree_width, columns_of(lines[i].branch) + more.size());
        print_line(
            fitted(state_word(job.state), state_width) + " " +
            fitted(lines[i].branch + cut(printable(text), room) + more, tree_width) + " " + job.id
        );
    }
    if (shown != lines.size())
        print_line(
            "and " + grouped(static_cast<std::int64_t>(lines.size() - shown)) + " more: --all"
        );
    bool const several = std::any_of(lines.begin(), lines.end(), [](tree_line const& one) {
        return one.others != 0;
    });
    if (several)
        print_line("+N: it needs N more than the one above it; --json has all");
}

task<int> show_one_flow(access& at, flow_flags const& o)
{
    flow_details const found = co_await at.flow(o.id);
    if (found.flow.state == flow_state::unknown)
        co_return report_unknown_flow(o);
    o.json ? print_as_json(found) : print_flow(found, o.all);
    co_return ok;
}

task<int> cancel_one_flow(access& at, flow_flags const& o)
{
    std::string const by = at.who();
    admin_options how;
    how.reason = o.reason;
    how.by = by;
    flow_cancel const result = co_await at.cancel_flow(o.id, how);
    if (result.code == admin_code::gone)
        co_return report_unknown_flow(o);
    if (o.json)
        print_as_json(result);
    else if (result.code == admin_code::already)
        print_line("flow " + o.id + ": nothing of it may still run");
    else
        print_line(
            "flow " + o.id + ": " + grouped(result.done) + " of " + grouped(result.asked) +
            (result.asked == 1 ? " job" : " jobs") + " cancelled, or told to end"
        );
    co_return result.done == result.asked ? ok : moved_on;
}

std::string read_flow_file(std::string const& path)
{
    if (path == "-")
        return std::string(std::istreambuf_iterator<char>(std::cin), {});
    std::ifstream in(path, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(in)), {});
    if (!in.is_open() || in.bad())
        throw error(errc::invalid_option, "FILE " + detail::quote(path) + " can't be read");
    return text;
}

task<int> start_one_flow(access& at, flow_flags const& o)
{
    std::string text = read_flow_file(o.file);
    web::described_flow what;
    try {
        what = web::read_described_flow(text);
    } catch (web::problem const& e) {
        throw error(errc::invalid_option, printable(o.file) + ": " + e.what());
    }
    web::stored_flow const stored = co_await at.start_flow(std::move(what), std::move(text));
    if (o.json) {
        print_as_json(stored);
        co_return ok;
    }
    print_line("flow " + stored.id);
    for (web::stored_flow_job const& one : stored.jobs)
        print_line(one.id + " " + one.key);
    co_return ok;
}

}  // namespace

void add_flows(CLI::App& program, action& chosen)
{
    auto const listed = std::make_shared<flow_flags>();
    CLI::App* const all = program.add_subcommand("flows", "List flows, the newest first");
    all->add_option("--from", listed->from, "After so many of them")->type_name("N");
    all->add_option("--limit", listed->limit, "So many rows; 50 by default")
        ->check(CLI::Range(1, 500))
        ->type_name("N");
    all->add_flag("--json", listed->json, "As one line of JSON");
    all->add_flag("--jsonl", listed->jsonl, "Each flow as one line of JSON");
    listed->to.add_to(*all);
    all->callback([&chosen, listed] {
        chosen = [listed] { return with_access(listed->to, list_all_flows, *listed); };
    });

    auto const one = std::make_shared<flow_flags>();
    CLI::App* const flow =
        program.add_subcommand("flow", "Show a flow as a tree; cancel ID, start FILE");
    flow->add_option("ID", one->id, "Its id");
    flow->add_flag("--all", one->all, "All lines, where there are more than 200");
    flow->add_flag("--json", one->json, "As one line of JSON");
    one->to.add_to(*flow);
    flow->callback([&chosen, flow, one] {
        if (!flow->get_subcommands().empty())
            return;
        if (one->id.empty())
            throw CLI::RequiredError("ID, cancel ID or start FILE");
        chosen = [one] { return with_access(one->to, show_one_flow, *one); };
    });

    auto const off = std::make_shared<flow_flags>();
    CLI::App* const cancel = flow->add_subcommand(
        "cancel",
        "Its jobs that may still run are not to; those that do are told"
    );
    cancel->add_option("ID", off->id, "Its id")->required();
    cancel->add_option("--reason", off->reason, "Why, for the audit")->type_name("TEXT");
    cancel->add_flag("--json", off->json, "As one line of JSON");
    off->to.add_to(*cancel);
    cancel->callback([&chosen, off] {
        chosen = [off] { return with_access(off->to, cancel_one_flow, *off); };
    });

    auto const begun = std::make_shared<flow_flags>();
    CLI::App* const start =
        flow->add_subcommand("start", "Store a flow that a file has as JSON: whole, or not at all");
    start
        ->add_option(
            "FILE",
            begun->file,
            "Its JSON, as POST /api/v1/flows takes it; -: standard input"
        )
        ->type_name("FILE")
        ->required();
    start->add_flag("--json", begun->json, "As one line of JSON");
    begun->to.add_to(*start);
    start->callback([&chosen, begun] {
        chosen = [begun] { return with_access(begun->to, start_one_flow, *begun); };
    });
}

}  // namespace work::tool
