// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "cli/pseudo_terminal.hpp"
#include "cli/tool_fixture.hpp"
#include "layout.hpp"
#include "support/hostile_text.hpp"
#include "top/frame.hpp"

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using namespace work::testing;
namespace top = work::tool::top;

namespace {

constexpr std::int64_t now_ms = 1'790'000'000'000;

top::observation look(std::int64_t after_ms = 0, std::int64_t done = 0, std::int64_t failed = 0)
{
    top::observation what;
    what.took_ms = 1.5;
    auto& counts = what.seen.counts;
    counts.now_ms = now_ms + after_ms;
    counts.processed = done;
    counts.failed = failed;
    counts.pending = 12'500;
    counts.dead = 19;
    auto const add = [&](std::string const& name, std::int64_t pending, std::int64_t age_ms) {
        work::queue_info list;
        list.queue = name;
        list.name = name;
        list.pending = pending;
        list.processed = name == "mail" ? done : 0;
        list.oldest_ms = pending == 0 ? 0 : now_ms - age_ms;
        counts.lists.push_back(list);
    };
    add("mail", 12'408, 252'000);
    add("old", 88, 187'200'000);
    add("idle", 0, 0);
    work::pool_info pool;
    pool.pool = "p1";
    pool.host = "img";
    pool.state = "running";
    pool.concurrency = 220;
    pool.busy = 104;
    pool.job_names = {"mail", "idle"};
    pool.heartbeat_at_ms = now_ms - 2'000;
    what.seen.pools.push_back(pool);
    return what;
}

std::string picture(top::state const& s, std::size_t width = 80, std::size_t height = 24)
{
    std::string all;
    for (top::line const& line : top::frame(s, width, height, now_ms))
        all += line.text + "\n";
    return all;
}

top::state seen_once()
{
    top::state s;
    s.place = "production / shop";
    top::take(s, look());
    return s;
}

}  // namespace

TEST(top_frame, shows_totals_queues_and_what_no_pool_takes)
{
    auto const text = picture(seen_once());
    EXPECT_THAT(text, StartsWith(" work top  production / shop"));
    EXPECT_THAT(text, HasSubstr("pending 12 500  active 0/220  retry 0  dead 19"));
    EXPECT_THAT(text, HasSubstr("[1 queues]"));
    auto const lines = lines_of(text);
    EXPECT_THAT(lines.at(5), StartsWith(" mail    12 408       0   4m12s"));
    EXPECT_THAT(lines.at(6), HasSubstr("2d04h"));
    EXPECT_THAT(lines.at(6), HasSubstr("NO POOL"));
    EXPECT_THAT(text, Not(HasSubstr(" idle")));
    EXPECT_EQ(lines.back(), " 1 name has pending jobs and no pool: old (88)");
}

TEST(top_frame, has_rates_from_the_second_look_on)
{
    auto s = seen_once();
    EXPECT_THAT(picture(s), HasSubstr("done/s - "));
    top::take(s, look(2'000, 2'414, 2));
    EXPECT_THAT(picture(s), HasSubstr("done/s 1 207 "));
    EXPECT_THAT(picture(s), HasSubstr("fail/s 1.0 "));
    EXPECT_THAT(lines_of(picture(s)).at(5), HasSubstr(" 1 207 "));
    top::take(s, look(3'000, 100, 0));  // counted anew: no negative rate
    EXPECT_DOUBLE_EQ(s.past.back().done, 0);
}

TEST(top_frame, fits_every_size)
{
    auto s = seen_once();
    work::queue_info list;
    list.queue = list.name = std::string(128, 'n') + "\u5bb6\u5bb6";
    list.pending = 9'999'999'999;
    auto what = look(1'000, 5);
    what.seen.counts.lists.push_back(list);
    what.jobs.emplace();
    top::take(s, std::move(what));
    for (std::size_t const width : {1u, 10u, 40u, 80u, 81u, 200u}) {
        for (std::size_t const height : {1u, 2u, 3u, 5u, 24u, 60u}) {
            for (char const page : {'1', '2', '3', '4', '5', '6'}) {
                top::type(s, std::string(1, page));
                auto const lines = top::frame(s, width, height, now_ms);
                EXPECT_LE(lines.size(), height);
                for (top::line const& line : lines)
                    EXPECT_LE(work::tool::columns_of(line.text), width) << line.text;
            }
        }
    }
}

TEST(top_frame, shows_hostile_text_escaped)
{
    auto s = seen_once();
    s.place = "pro\x1b[2Jd";
    auto what = look();
    what.seen.counts.lists.at(0).queue = "a\x1b[31m\u202e";
    what.seen.pools.at(0).trouble = "b\u009b";
    top::take(s, std::move(what));
    top::fail(s, "c\x1b]0;", now_ms);
    s.filter = "";
    for (char const page : {'1', '2', '3', '6'}) {
        top::type(s, std::string(1, page));
        for (std::string const& line : lines_of(picture(s)))
            EXPECT_TRUE(is_fit_to_show(line)) << line;
    }
}

TEST(top_frame, says_since_when_the_broker_is_away_and_heals)
{
    auto s = seen_once();
    top::fail(s, "127.0.0.1:1 can't be reached", now_ms - 12'000);
    top::fail(s, "127.0.0.1:1 can't be reached", now_ms);
    auto const text = picture(s);
    EXPECT_THAT(text, HasSubstr("\n away for 12s; numbers are from "));
    EXPECT_THAT(text, HasSubstr("Z; 127.0.0.1:1 can't be reached\n"));
    EXPECT_THAT(text, HasSubstr("pending 12 500"));
    top::take(s, look());
    EXPECT_THAT(picture(s), Not(HasSubstr("can't be reached")));
}

TEST(top_keys, page_filter_sort_pause_and_quit)
{
    auto s = seen_once();
    top::type(s, "3");
    EXPECT_THAT(picture(s), HasSubstr("[3 pools]"));
    EXPECT_THAT(picture(s), HasSubstr("104/220"));
    top::type(s, "1/ol");
    EXPECT_TRUE(s.filtering);
    EXPECT_THAT(picture(s), HasSubstr("/ ol_"));
    EXPECT_THAT(picture(s), Not(HasSubstr(" mail ")));
    top::type(s, "q\x7f\r");
    EXPECT_FALSE(s.ended) << "typed into the filter";
    EXPECT_EQ(s.filter, "ol");
    top::type(s, "\x1b");
    EXPECT_EQ(s.filter, "");
    top::type(s, "s");
    EXPECT_THAT(lines_of(picture(s)).at(5), StartsWith(" old"));
    top::type(s, "p");
    auto what = look(1'000, 10);
    what.seen.counts.pending = 7;
    top::take(s, std::move(what));
    EXPECT_THAT(picture(s), HasSubstr("pending 12 500"));
    EXPECT_THAT(picture(s), HasSubstr("paused: the picture stays"));
    EXPECT_DOUBLE_EQ(s.past.back().done, 10);
    top::type(s, "pq");
    EXPECT_TRUE(s.ended);
}

TEST(top_keys, scroll_within_the_rows)
{
    auto s = seen_once();
    auto what = look();
    for (int i = 0; i != 100; ++i) {
        work::queue_info list;
        list.queue = list.name = "q" + std::to_string(100 + i);
        list.pending = 1;
        what.seen.counts.lists.push_back(list);
    }
    what.seen.pools.clear();
    what.seen.counts.lists.erase(
        what.seen.counts.lists.begin(),
        what.seen.counts.lists.begin() + 3
    );
    for (auto& list : what.seen.counts.lists)
        what.seen.pools.push_back({}), what.seen.pools.back().state = "running",
                                       what.seen.pools.back().job_names = {list.name};
    top::take(s, std::move(what));
    EXPECT_THAT(picture(s), HasSubstr("rows 1-18 of 100"));
    top::type(s, "j\x1b[B\x1b[6~");
    EXPECT_EQ(s.chosen, "q111");
    EXPECT_THAT(picture(s), HasSubstr("rows 1-18 of 100"));
    EXPECT_THAT(picture(s), HasSubstr("\n>q111 "));
    top::type(s, "\x1b[6~");
    EXPECT_THAT(picture(s), HasSubstr("rows 5-22 of 100"));
    top::type(s, "\x1b[5~\x1b[A\x1b[A\x1b[A\x1b[1;5C");
    EXPECT_EQ(s.chosen, "q108");
    EXPECT_THAT(picture(s), HasSubstr("rows 5-22 of 100"));
    for (int i = 0; i != 50; ++i)
        top::type(s, " ");
    EXPECT_THAT(picture(s), HasSubstr("rows 83-100 of 100"));
    EXPECT_THAT(picture(s), HasSubstr("\n>q199 "));
    top::type(s, "g");
    EXPECT_THAT(picture(s), HasSubstr("rows 1-18 of 100"));
    top::type(s, "\x1b[F");
    EXPECT_EQ(s.chosen, "q199");
    top::type(s, "\x1b");
    EXPECT_EQ(s.chosen, "");
}

TEST(top_keys, a_row_that_moves_stays_the_chosen_one)
{
    auto s = seen_once();
    top::type(s, "j");
    EXPECT_EQ(s.chosen, "mail");
    auto what = look(1'000);
    what.seen.counts.lists.at(1).pending = 99'999;  // "old" is the first now
    top::take(s, std::move(what));
    EXPECT_EQ(s.chosen, "mail");
    EXPECT_THAT(lines_of(picture(s)).at(5), StartsWith(" old"));
    EXPECT_THAT(lines_of(picture(s)).at(6), StartsWith(">mail"));
    top::type(s, "P");
    ASSERT_TRUE(s.asked);
    EXPECT_EQ(s.asked->name, "mail");
}

TEST(top_keys, capitals_ask_before_they_act)
{
    auto s = seen_once();
    s.place = s.ns = "shop";
    top::type(s, "P");
    EXPECT_FALSE(s.asked);
    EXPECT_THAT(lines_of(picture(s)).back(), HasSubstr("choose one with j and k"));
    top::type(s, "R");
    EXPECT_THAT(lines_of(picture(s)).back(), HasSubstr("R and K are for jobs"));
    top::type(s, "jP");
    EXPECT_EQ(lines_of(picture(s)).back(), " shop: pause queue \"mail\"? [y/N]");
    for (char const* const no : {"n", "q", "\r", "\x1b", "1", "\x03"}) {
        top::type(s, no);
        EXPECT_FALSE(s.asked) << no;
        EXPECT_FALSE(s.wished) << no;
        EXPECT_FALSE(s.ended) << no;
        EXPECT_EQ(lines_of(picture(s)).back(), " nothing was done");
        top::type(s, "P");
    }
    top::type(s, "y");
    ASSERT_TRUE(s.wished);
    EXPECT_EQ(s.wished->what, top::wish::kind::pause);
    EXPECT_EQ(s.wished->name, "mail");
    // What is paused goes on.
    auto what = look(1'000);
    what.seen.counts.paused.push_back({work::pause_kind::name, "old", "ada", "", now_ms, 0});
    top::take(s, std::move(what));
    top::type(s, "2jjP");
    ASSERT_TRUE(s.asked);
    EXPECT_EQ(s.asked->question, "resume jobs named \"old\"?");
}

TEST(top_keys, production_wants_its_namespace_typed)
{
    auto s = seen_once();
    s.ns = "shop";
    s.alarming = true;
    top::type(s, "jPy");
    EXPECT_EQ(
        lines_of(picture(s)).back(),
        " production / shop: pause queue \"mail\"? Type shop and Enter: y_"
    );
    top::type(s, "\r");
    EXPECT_FALSE(s.wished);
    top::type(s, "Psgop\x7f\x7f\x7f");
    EXPECT_THAT(lines_of(picture(s)).back(), HasSubstr("Enter: s_"));
    EXPECT_FALSE(s.wished);
    top::type(s, "hop\r");
    EXPECT_TRUE(s.wished);
}

TEST(top_keys, jobs_are_requeued_where_they_are_dead_and_killed_where_they_run)
{
    auto s = seen_once();
    s.ns = "shop";
    auto what = look(1'000);
    what.page = s.page = top::page_kind::dead;
    what.jobs.emplace();
    what.jobs->now_ms = now_ms + 7;
    work::job_row row;
    row.id = "01X";
    row.name = "mail";
    row.queue = "slow";
    row.state = work::job_state::dead;
    row.args = "[1]";
    row.failure = work::failure{3, "io", "no \x1b[2J answer", now_ms};
    what.jobs->jobs.push_back(row);
    top::take(s, std::move(what));
    top::type(s, "jK");
    EXPECT_FALSE(s.asked);
    EXPECT_THAT(lines_of(picture(s)).back(), HasSubstr("it is dead already"));
    top::type(s, "\r");
    EXPECT_THAT(picture(s), HasSubstr("last failure   io: no \\x1b[2J answer\n"));
    EXPECT_THAT(picture(s), HasSubstr("queue          slow\n"));
    EXPECT_EQ(lines_of(picture(s)).back(), " Enter goes back  R requeue  P pause its queue");
    top::type(s, "R");
    ASSERT_TRUE(s.asked);
    EXPECT_EQ(s.asked->question, "requeue job \"01X\", \"mail\"?");
    top::type(s, "y");
    ASSERT_TRUE(s.wished);
    EXPECT_EQ(s.wished->id, "01X");
    EXPECT_EQ(s.wished->only, work::job_state::dead);
    EXPECT_EQ(s.wished->seen_ms, now_ms + 7);
    s.wished.reset();
    top::type(s, "P");
    ASSERT_TRUE(s.asked);
    EXPECT_EQ(s.asked->name, "slow");
    top::type(s, "n\r");
    EXPECT_FALSE(s.opened);
    // It is gone when the next look is taken in.
    top::type(s, "\r");
    auto later = look(2'000);
    later.page = top::page_kind::dead;
    later.jobs.emplace();
    top::take(s, std::move(later));
    EXPECT_THAT(picture(s), HasSubstr("it is not there any more; Enter goes back"));
}

TEST(top_sparkline, is_scaled_to_the_largest_and_shows_what_is_not_nothing)
{
    EXPECT_EQ(work::tool::sparkline({}, 5), "");
    EXPECT_EQ(work::tool::sparkline({0, 0}, 5), "▁▁");
    EXPECT_EQ(work::tool::sparkline({0, 1, 1000}, 5), "▁▂█");
    EXPECT_EQ(work::tool::sparkline({9, 1, 2}, 2), "▅█");
    EXPECT_EQ(work::tool::sparkline({1, std::nan(""), 2}, 3), "▅ █") << "nothing is not zero";
}

class top_live : public tool_test
{};

TEST_F(top_live, requeues_kills_and_pauses_what_is_chosen)
{
    std::string const dead = enqueued({"gone", "[]", "--queue", "q"});
    EXPECT_EQ(run({"kill", dead}).code, 0);
    enqueued({"mail", "[]"});
    pseudo_terminal terminal({"top"}, environment());
    ASSERT_TRUE(terminal.shows("pending 1 ")) << terminal.seen();
    terminal.type("jP");
    ASSERT_TRUE(terminal.shows("work: pause queue \"mail\"? [y/N]")) << terminal.seen();
    terminal.type("n");
    ASSERT_TRUE(terminal.shows("nothing was done")) << terminal.seen();
    EXPECT_TRUE(json({"queues"}).at("paused").as_array().empty());
    terminal.type("Py");
    ASSERT_TRUE(terminal.shows("\"mail\" is paused until P")) << terminal.seen();
    EXPECT_EQ(json({"queues"}).at("paused").as_array().size(), 1u);
    terminal.type("5");
    ASSERT_TRUE(terminal.shows(dead)) << terminal.seen();
    terminal.type("jRy");
    ASSERT_TRUE(terminal.shows(dead + " requeued")) << terminal.seen();
    EXPECT_EQ(json({"job", dead}).at("state").as_string(), "pending");
    ASSERT_TRUE(terminal.shows("no job is dead")) << terminal.seen();
    terminal.type("q");
    EXPECT_EQ(terminal.end(), 0);
    EXPECT_TRUE(terminal.is_restored());
}

TEST_F(top_live, leaves_alone_what_has_moved_on_since_it_was_shown)
{
    std::string const dead = enqueued({"gone", "[]"});
    EXPECT_EQ(run({"kill", dead}).code, 0);
    pseudo_terminal terminal({"top", "--page", "dead"}, environment());
    ASSERT_TRUE(terminal.shows(dead)) << terminal.seen();
    terminal.type("pjR");  // the picture stays
    ASSERT_TRUE(terminal.shows("requeue job ")) << terminal.seen();
    EXPECT_EQ(run({"requeue", dead}).code, 0);
    EXPECT_EQ(run({"cancel", dead}).code, 0);
    terminal.type("y");
    ASSERT_TRUE(terminal.shows("is cancelled by now: nothing was done")) << terminal.seen();
    terminal.type("q");
    EXPECT_EQ(terminal.end(), 0);
}

TEST_F(top_live, once_needs_no_terminal)
{
    enqueued({"mail", "[]"});
    std::string const dead = enqueued({"gone", "[]"});
    EXPECT_EQ(run({"kill", dead}).code, 0);
    auto const r = run({"top", "--once"});
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_THAT(r.out, HasSubstr(" pending 1  active 0/0  retry 0  dead 1 "));
    EXPECT_THAT(r.out, HasSubstr("no pool: mail (1)\n"));
    EXPECT_THAT(run({"top", "--once", "--page", "dead"}).out, HasSubstr(dead + "  gone"));
    auto const live = run({"top"});
    EXPECT_EQ(live.code, 2);
    EXPECT_THAT(live.err, HasSubstr("work top needs a terminal; work top --once"));
    EXPECT_EQ(run({"top", "--once", "--page", "7"}).code, 2);
}

TEST_F(top_live, draws_takes_keys_and_leaves_the_terminal_as_it_was)
{
    enqueued({"mail", "[]"});
    pseudo_terminal terminal({"top"}, environment());
    ASSERT_TRUE(terminal.shows("pending 1 ")) << terminal.seen();
    EXPECT_TRUE(terminal.is_raw());
    terminal.type("3");
    EXPECT_TRUE(terminal.shows("[3 pools]")) << terminal.seen();
    terminal.resize(40, 10);
    EXPECT_TRUE(terminal.shows("no pool has shown a sign of life in th~")) << terminal.seen();
    terminal.type("q");
    EXPECT_EQ(terminal.end(), 0);
    EXPECT_TRUE(terminal.is_restored()) << terminal.seen();
}

TEST_F(top_live, leaves_the_terminal_as_it_was_when_a_signal_ends_it)
{
    for (int const signal : {SIGTERM, SIGHUP, SIGINT}) {
        pseudo_terminal terminal({"top"}, environment());
        ASSERT_TRUE(terminal.shows("[1 queues]")) << terminal.seen();
        ::kill(terminal.process(), signal);
        EXPECT_EQ(terminal.end(), 128 + signal);
        EXPECT_TRUE(terminal.is_restored()) << signal << terminal.seen();
    }
}

TEST_F(top_live, goes_on_while_the_broker_is_away_and_after_it)
{
    redis_server other;
    pseudo_terminal terminal({"top", "--redis", other.url()}, {});
    ASSERT_TRUE(terminal.shows("pending 0 ")) << terminal.seen();
    other.kill();
    EXPECT_TRUE(terminal.shows("numbers are from ")) << terminal.seen();
    other.start();
    EXPECT_TRUE(terminal.shows(" q quit  p pause")) << terminal.seen();
    terminal.type("q");
    EXPECT_EQ(terminal.end(), 0);
    EXPECT_TRUE(terminal.is_restored());
}
