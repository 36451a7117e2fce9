// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/broker/broker.hpp>
#include <work/error.hpp>
#include <work/inspector.hpp>
#include <work/values/text.hpp>
#include <work/web/sampler.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "commands.hpp"
#include "print.hpp"
#include "terminal.hpp"
#include "top/frame.hpp"
#include "top/screen.hpp"
#include "with_access.hpp"

namespace work::tool {
namespace {

using namespace std::chrono_literals;
using boost::asio::redirect_error;
using boost::asio::use_awaitable;
using std::chrono::steady_clock;

/// Head and foot of the picture, and the title of its rows.
constexpr std::size_t lines_beside_rows = 6;

struct top_flags
{
    connection to;
    bool once = false;
    std::string page = "queues";
};

std::int64_t wall_now_ms()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch()
    )
        .count();
}

top::page_kind page_named(std::string const& word)
{
    static constexpr std::string_view words[] =
        {"queues", "names", "pools", "busy", "dead", "broker"};
    for (std::size_t i = 0; i != std::size(words); ++i)
        if (words[i] == word)
            return static_cast<top::page_kind>(i + 1);
    throw error(
        errc::invalid_option,
        "--page " + detail::quote(word) +
            ": no page; there are queues, names, pools, busy, dead, broker"
    );
}

task<top::observation> look_once(access& at, top::page_kind page)
{
    top::observation what;
    what.page = page;
    auto const began = steady_clock::now();
    what.seen = co_await look_over(at);
    if (page == top::page_kind::busy || page == top::page_kind::dead) {
        job_filter filter;
        filter.states = {page == top::page_kind::dead ? job_state::dead : job_state::active};
        work::page how;
        how.limit = 100;
        how.scan = 100;
        what.jobs = co_await at.find(filter, how);
    }
    what.took_ms = std::chrono::duration<double, std::milli>(steady_clock::now() - began).count();
    co_return what;
}

/// What looks, what reads keys and what draws have in common.
struct session
{
    session(access& of, top_flags const& o)
        : at(of),
          turn(of.executor()),
          news(of.executor()),
          signals(of.executor())
    {
        state.place = o.to.place();
        state.ns = o.to.ns;
        state.alarming = o.to.is_production();
        state.broker = of.describe();
        state.page = page_named(o.page);
    }

    void end()
    {
        state.ended = true;
        turn.cancel();
        news.cancel();
    }

    access& at;
    top::state state;
    boost::asio::steady_timer turn;  ///< of what looks; cancelled: look now
    boost::asio::steady_timer news;  ///< of what draws; cancelled: draw now
    boost::asio::signal_set signals;
    int signal = 0;
};

task<void> keep_looking(std::shared_ptr<session> of)
{
    while (!of->state.ended) {
        auto const began = steady_clock::now();
        steady_clock::duration apart = 1s;
        try {
            top::observation what = co_await look_once(of->at, of->state.page);
            apart = web::pace_of(what.seen.counts);
            top::take(of->state, std::move(what));
        } catch (error const& e) {
            top::fail(of->state, e.what(), wall_now_ms());
        }
        of->news.cancel();
        if (of->state.ended)
            break;
        of->turn.expires_at(began + apart);
        boost::system::error_code woken;
        co_await of->turn.async_wait(redirect_error(use_awaitable, woken));
    }
}

std::string outcome(top::wish const& of, admin_result const& went)
{
    bool const requeue = of.what == top::wish::kind::requeue;
    switch (went.code) {
    case admin_code::done: return of.id + (requeue ? " requeued" : " killed: it is told to end");
    case admin_code::already: return of.id + " is so already";
    case admin_code::gone: return of.id + " is not there any more";
    case admin_code::unreadable: return "the record of " + of.id + " can't be read";
    case admin_code::locked: return "another unique job like " + of.id + " is there";
    case admin_code::active:
    case admin_code::moved_on: break;
    }
    return of.id + " is " + std::string(to_string(went.state)) + " by now: nothing was done";
}

task<std::string> carry_out(access& at, top::wish const& of)
{
    std::string const by = at.who();
    if (of.what == top::wish::kind::resume) {
        std::string name = of.name;
        admin_code const code = co_await at.resume(of.of, std::move(name), by);
        co_return detail::quote(of.name) +
            (code == admin_code::done ? " goes on" : " was not paused");
    }
    if (of.what == top::wish::kind::pause) {
        pause_options how;
        how.by = by;
        std::string name = of.name;
        co_await at.pause(of.of, std::move(name), how);
        co_return detail::quote(of.name) + " is paused until P, or work resume";
    }
    bool const requeue = of.what == top::wish::kind::requeue;
    admin_options how;
    how.only = job_states{of.only};
    how.seen_ms = of.seen_ms;
    how.by = by;
    std::vector<std::string> ids{of.id};
    admin_action const action = requeue ? admin_action::requeue : admin_action::kill;
    std::vector<admin_result> const went =
        co_await at.act(action, std::move(ids), std::string(), how);
    co_return outcome(of, went.at(0));
}

task<void> act(std::shared_ptr<session> of, top::wish wanted)
{
    std::string told;
    try {
        told = co_await carry_out(of->at, wanted);
    } catch (error const& e) {
        told = e.what();
    }
    of->state.told = std::move(told);
    of->news.cancel();
    of->turn.cancel();
}

task<void> read_keys(std::shared_ptr<session> of, std::shared_ptr<top::screen> on)
{
    std::array<char, 256> typed{};
    while (!of->state.ended) {
        boost::system::error_code ec;
        std::size_t const count = co_await on->keys().async_read_some(
            boost::asio::buffer(typed),
            redirect_error(use_awaitable, ec)
        );
        if (ec == boost::asio::error::operation_aborted)
            co_return;
        if (ec) {
            of->end();  // the terminal is gone
            co_return;
        }
        std::string_view const keys(typed.data(), count);
        if (keys == "\x1a") {
            on->suspend();
        } else {
            auto const page = of->state.page;
            top::type(of->state, keys);
            bool const jobs =
                of->state.page == top::page_kind::busy || of->state.page == top::page_kind::dead;
            if (of->state.page != page && jobs)
                of->turn.cancel();
            if (of->state.wished) {
                top::wish wanted = *std::exchange(of->state.wished, std::nullopt);
                of->state.told =
                    "asked for, " + wanted.question.substr(0, wanted.question.size() - 1);
                boost::asio::co_spawn(
                    of->at.executor(),
                    act(of, std::move(wanted)),
                    [](std::exception_ptr) {}
                );
            }
        }
        of->news.cancel();
    }
}

task<void> await_signal(std::shared_ptr<session> of)
{
    boost::system::error_code ec;
    int const number = co_await of->signals.async_wait(redirect_error(use_awaitable, ec));
    if (ec)
        co_return;
    of->signal = number;
    of->end();
}

// A picture a second is due anyway, and one when the window has another size.
task<void> await_resize(std::shared_ptr<session> of, std::shared_ptr<boost::asio::signal_set> winch)
{
    while (!of->state.ended) {
        boost::system::error_code ec;
        co_await winch->async_wait(redirect_error(use_awaitable, ec));
        if (ec)
            co_return;
        of->news.cancel();
    }
}

void rethrow_nothing(std::exception_ptr) {}

task<int> live(access& at, top_flags const& o)
{
    auto const of = std::make_shared<session>(at, o);
    auto const on = std::make_shared<top::screen>(at.executor());
    for (int const one : {SIGINT, SIGTERM, SIGHUP})
        of->signals.add(one);
    auto const winch = std::make_shared<boost::asio::signal_set>(at.executor(), SIGWINCH);
    boost::asio::co_spawn(at.executor(), keep_looking(of), rethrow_nothing);
    boost::asio::co_spawn(at.executor(), read_keys(of, on), rethrow_nothing);
    boost::asio::co_spawn(at.executor(), await_signal(of), rethrow_nothing);
    boost::asio::co_spawn(at.executor(), await_resize(of, winch), rethrow_nothing);
    while (!of->state.ended) {
        // Long before a look is given up, the connections know that nobody answers.
        if (std::string trouble = at.trouble(); !trouble.empty())
            top::fail(of->state, std::move(trouble), wall_now_ms());
        terminal_extent const size = terminal_size();
        of->state.room = size.height - std::min<std::size_t>(size.height, lines_beside_rows);
        on->draw(top::frame(of->state, size.width, size.height, wall_now_ms()));
        of->news.expires_after(1s);
        boost::system::error_code woken;
        co_await of->news.async_wait(redirect_error(use_awaitable, woken));
    }
    of->end();
    of->signals.cancel();
    winch->cancel();
    on->keys().cancel();
    at.close();
    co_return of->signal == 0 ? ok : 128 + of->signal;
}

task<int> once(access& at, top_flags const& o)
{
    session of(at, o);
    top::observation what = co_await look_once(at, of.state.page);
    top::take(of.state, std::move(what));
    terminal_extent const size = terminal_size();
    for (top::line const& line : top::frame(of.state, size.width, size.height, wall_now_ms()))
        print_line(line.text.substr(0, line.text.find_last_not_of(' ') + 1));
    co_return ok;
}

}  // namespace

void add_top(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<top_flags>();
    CLI::App* const command = program.add_subcommand(
        "top",
        "A live picture: q quit, 1-6 pages, / filter, j k choose, Enter open, R K P act"
    );
    command->add_flag("--once", o->once, "One picture on stdout; needs no terminal");
    command->add_option("--page", o->page, "queues, names, pools, busy, dead or broker")
        ->capture_default_str();
    o->to.add_to(*command);
    command->callback([&chosen, o] {
        chosen = [o] {
            page_named(o->page);
            if (o->once)
                return with_access(o->to, once, *o);
            // The picture says what is wrong; a line beside it would tear it.
            return with_access(o->to, live, *o, [](log_level, std::string_view) {});
        };
    });
}

}  // namespace work::tool
