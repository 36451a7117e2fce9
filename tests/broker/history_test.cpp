// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Histories: how long jobs of a list waited and ran, period by period.

#include <work/broker/history.hpp>
#include <work/broker/policy.hpp>
#include <work/values/name.hpp>

#include <algorithm>
#include <limits>

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::history_counts;
using work::history_step;

class history : public transitions
{
protected:
    static history_counts measured(int waits, int runs, std::int64_t us = 3'000)
    {
        history_counts counts;
        for (int i = 0; i != waits; ++i)
            counts.waited(us);
        for (int i = 0; i != runs; ++i)
            counts.ran(us);
        counts.done = static_cast<std::uint64_t>(runs);
        return counts;
    }
    void write(std::string list, history_counts const& counts)
    {
        std::vector<work::history_row> rows(1, work::history_row{std::move(list), counts});
        write_as("w", ++number_, b().now_ms(), std::move(rows));
    }
    void write_as(
        std::string writer,
        std::int64_t number,
        std::int64_t at_ms,
        std::vector<work::history_row> rows
    )
    {
        work::history_write what;
        what.writer = std::move(writer);
        what.number = number;
        what.at_ms = at_ms;
        what.rows = std::move(rows);
        b().write_history(what);
    }
    std::vector<work::history_cell> cells(
        std::string list,
        history_step step,
        std::int64_t range_ms
    )
    {
        work::history_request request;
        request.step = step;
        request.first = (b().now_ms() - range_ms) / work::length_ms(step);
        request.periods = b().now_ms() / work::length_ms(step) - request.first + 1;
        request.lists.push_back(std::move(list));
        return b().read_history(request);
    }
    history_counts sum(std::string list, history_step step = history_step::day)
    {
        history_counts all;
        for (auto const& cell : cells(std::move(list), step, work::kept_ms(step)))
            all.add(cell.counts);
        return all;
    }
    std::vector<std::string> known()
    {
        std::vector<std::string> lists;
        for (auto const& one : b().histories().lists)
            lists.push_back(one.list);
        std::sort(lists.begin(), lists.end());
        return lists;
    }
    bool knows(std::string const& list)
    {
        auto const lists = known();
        return std::find(lists.begin(), lists.end(), list) != lists.end();
    }

    std::int64_t number_ = 0;
};

TEST_P(history, adds_up_what_is_written_in_every_step)
{
    history_counts first = measured(2, 3);
    first.waited(90'000'000);
    first.failed = 1;
    write("mail", first);
    write("mail", measured(0, 1, 5'000'000'000));
    write("files:image%3Aresize", measured(1, 0));
    history_counts both = first;
    both.add(measured(0, 1, 5'000'000'000));
    for (history_step const step : work::history_steps) {
        auto const found = cells("mail", step, 0);
        ASSERT_EQ(found.size(), 1u);
        EXPECT_EQ(found[0].period, b().now_ms() / work::length_ms(step));
        EXPECT_EQ(found[0].counts, both);
        both.add(measured(1, 0));
        EXPECT_EQ(sum("{all", step), both);
        both = first;
        both.add(measured(0, 1, 5'000'000'000));
    }
    EXPECT_EQ(both.wait[2], 2u) << "3 ms";
    EXPECT_EQ(both.wait[17], 1u) << "90 s";
    EXPECT_EQ(both.run[23], 1u) << "83 min";
    EXPECT_TRUE(knows("files:image%3Aresize"));
    EXPECT_EQ(b().histories().now_ms, b().now_ms());
}

TEST_P(history, counts_a_write_that_comes_again_once)
{
    std::vector<work::history_row> const rows(1, work::history_row{"mail", measured(1, 1)});
    write_as("w", 1, b().now_ms(), rows);
    write_as("w", 1, b().now_ms(), rows);
    EXPECT_EQ(sum("mail").done, 1u);
    write_as("w", 2, b().now_ms(), rows);
    write_as("w", 1, b().now_ms(), rows);
    EXPECT_EQ(sum("mail").done, 2u);
    write_as("another", 1, b().now_ms(), rows);
    EXPECT_EQ(sum("mail").done, 3u);
    b().pass(work::policy::historian_ms - 1);
    write_as("w", 2, b().now_ms(), rows);
    EXPECT_EQ(sum("mail").done, 3u) << "its number is known for an hour";
}

TEST_P(history, begins_a_period_with_each_and_forgets_those_that_are_over)
{
    for (int minute = 0; minute != 200; ++minute) {
        write("mail", measured(1, 1));
        b().pass(60'000);
    }
    EXPECT_EQ(cells("mail", history_step::minute, 10'800'000).size(), 120u) << "2 h";
    EXPECT_EQ(cells("mail", history_step::ten_minutes, 14'400'000).size(), 21u);
    EXPECT_EQ(sum("mail", history_step::ten_minutes).done, 200u);
    EXPECT_EQ(sum("mail", history_step::day).done, 200u);
    b().pass(172'800'000);
    EXPECT_TRUE(cells("mail", history_step::minute, 7'200'000).empty());
    EXPECT_LT(sum("mail", history_step::ten_minutes).done, 200u) << "2 d";
    EXPECT_EQ(sum("mail", history_step::hour).done, 200u);
    b().pass(1'209'600'000);
    EXPECT_EQ(sum("mail", history_step::hour).done, 0u) << "14 d";
    EXPECT_EQ(sum("mail", history_step::day).done, 200u);
}

TEST_P(history, holds_ninety_days_in_a_small_room)
{
    int const days = 95;
    for (int hour = 0; hour != days * 24; ++hour) {
        write("mail", measured(1, 2));
        b().pass(3'600'000);
    }
    auto const by_day = cells("mail", history_step::day, 100 * work::policy::ms_per_day);
    ASSERT_GE(by_day.size(), 90u);
    EXPECT_LE(by_day.size(), 91u);
    for (std::size_t i = 1; i + 1 < by_day.size(); ++i)
        EXPECT_EQ(by_day[i].counts.done, 48u);
    auto const dump = b().dump();
    auto const keys = std::count_if(dump.begin(), dump.end(), [](auto const& one) {
        return one.first.starts_with("hist:mail:");
    });
    EXPECT_LE(keys, 1 + 2 + 48 + 1 + 14 * 24 + 1 + 91);
}

TEST_P(history, of_a_time_that_is_not_yet_is_of_now_and_of_one_that_is_over_of_what_is_kept)
{
    std::vector<work::history_row> const rows(1, work::history_row{"mail", measured(1, 1)});
    write_as("w", 1, b().now_ms() + 1'000'000'000, rows);
    EXPECT_EQ(cells("mail", history_step::minute, 0).size(), 1u);
    write_as("w", 2, b().now_ms() - 10 * work::policy::ms_per_day, rows);
    EXPECT_EQ(sum("mail", history_step::minute).done, 1u);
    EXPECT_EQ(sum("mail", history_step::ten_minutes).done, 1u);
    EXPECT_EQ(sum("mail", history_step::hour).done, 2u);
    EXPECT_EQ(sum("mail", history_step::day).done, 2u);
}

TEST_P(history, that_is_full_stays_full)
{
    history_counts most;
    for (std::size_t i = 0; i != work::detail::history_fields; ++i)
        work::detail::history_field(most, i) = work::detail::most_in_history_field(i);
    write("mail", most);
    EXPECT_EQ(sum("mail"), most);
    history_counts more = measured(3, 3);
    more.failed = 7;
    write("mail", more);
    EXPECT_EQ(sum("mail"), most);
    history_counts beyond = most;
    beyond.done = 1ull << 60;
    write("files", beyond);
    EXPECT_EQ(sum("files"), most);
}

TEST_P(history, is_kept_of_names_of_every_kind)
{
    std::vector<std::string> names;
    for (int byte = 0x20; byte != 0x7F; ++byte)
        names.push_back("a" + std::string(1, static_cast<char>(byte)) + "b");
    names.push_back("üñí-🙂");
    names.push_back(std::string(128, '%'));
    for (std::string const& name : names)
        write(work::list_id({}, name), measured(1, 1));
    for (std::string const& name : names) {
        EXPECT_EQ(sum(work::list_id({}, name)).done, 1u) << name;
        EXPECT_TRUE(knows(work::list_id({}, name))) << name;
    }
}

TEST_P(history, of_more_lists_than_there_is_room_for_are_put_together)
{
    auto const most = work::policy::history_lists;
    for (std::int64_t i = 0; i != most + 1; ++i)
        write("name" + std::to_string(i), measured(0, 1));
    EXPECT_EQ(static_cast<std::int64_t>(known().size()), most + 1);
    EXPECT_EQ(sum("name" + std::to_string(most - 1)).done, 1u);
    EXPECT_EQ(sum("name" + std::to_string(most)).done, 0u);
    EXPECT_EQ(sum("{other").done, 1u);
    EXPECT_EQ(sum("{all").done, static_cast<std::uint64_t>(most + 1));
    write("name0", measured(0, 1));
    EXPECT_EQ(sum("name0").done, 2u);
    // The others are forgotten when nothing of theirs is kept.
    b().pass(50 * work::policy::ms_per_day);
    write("name0", measured(0, 1));
    b().pass(42 * work::policy::ms_per_day);
    write("late", measured(0, 1));
    EXPECT_EQ(known(), (std::vector<std::string>{"late", "name0"}));
}

TEST_P(history, of_a_name_in_many_queues_leaves_room_for_others)
{
    auto const most = work::policy::history_queues;
    for (std::int64_t i = 0; i != most + 5; ++i)
        write("customer" + std::to_string(i) + ":mail", measured(0, 1));
    EXPECT_EQ(static_cast<std::int64_t>(known().size()), most + 1);
    EXPECT_EQ(sum("*mail").done, 5u);
    EXPECT_EQ(sum("customer0:mail").done, 1u);
    write("customer0:mail", measured(0, 1));
    EXPECT_EQ(sum("customer0:mail").done, 2u);
    write("customer0:resize", measured(0, 1));
    EXPECT_EQ(sum("customer0:resize").done, 1u);
}

TEST_P(history, goes_with_a_list_that_is_forgotten)
{
    enqueue({job("x", "q:a"), job("y", "b")});
    write("q:a", measured(1, 2));
    write("b", measured(1, 1));
    EXPECT_EQ(b().forget_lists({"q:a"}), std::vector<std::string>{"q:a"}) << "it holds a job";
    EXPECT_FALSE(cells("q:a", history_step::hour, 0).empty());
    ASSERT_EQ(ids(exchange("A", {.fetch_order = {{"q:a", 10, false}}, .want = 10})), "x");
    EXPECT_TRUE(b().forget_lists({"q:a", "never", "other:a"}).empty());
    for (history_step const step : work::history_steps)
        EXPECT_TRUE(cells("q:a", step, 0).empty());
    EXPECT_FALSE(cells("b", history_step::hour, 0).empty());
    EXPECT_EQ(b().histories().lists.size(), 1u) << "of b";
    EXPECT_EQ(key("lists").find("q:a"), std::string::npos);
    // What comes there later makes it anew.
    enqueue({job("z", "q:a")});
    write("q:a", measured(1, 1));
    EXPECT_FALSE(cells("q:a", history_step::minute, 0).empty());
    EXPECT_NE(key("lists").find("q:a"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(both, history, both_sides, side_name);

TEST(history_counts, has_buckets_that_end_with_powers_of_two)
{
    EXPECT_EQ(history_counts::bucket_of(-5), 0u);
    EXPECT_EQ(history_counts::bucket_of(0), 0u);
    EXPECT_EQ(history_counts::bucket_of(1'000), 0u);
    EXPECT_EQ(history_counts::bucket_of(1'001), 1u);
    for (std::size_t k = 1; k + 1 != history_counts::buckets; ++k) {
        EXPECT_EQ(history_counts::bucket_of((std::int64_t{1} << k) * 1'000), k);
        EXPECT_EQ(history_counts::bucket_of((std::int64_t{1} << k) * 1'000 + 1), k + 1);
    }
    EXPECT_EQ(history_counts::bucket_of(std::numeric_limits<std::int64_t>::max()), 23u);
}

TEST(history_counts, are_read_as_they_were_stored)
{
    history_counts counts;
    for (std::size_t i = 0; i != work::detail::history_fields; ++i)
        work::detail::history_field(counts, i) = 1'000 * i + 7;
    std::string const bytes = work::detail::encode_history(counts);
    EXPECT_EQ(bytes.size(), 216u);
    EXPECT_EQ(work::detail::decode_history(bytes), counts);
    EXPECT_EQ(work::detail::decode_history(""), history_counts());
    EXPECT_EQ(work::detail::decode_history(bytes.substr(0, 5)).wait[1], 0u);
    EXPECT_EQ(work::detail::decode_history(std::string(5'000, '\xFF')).wait[0], 4'294'967'295u);
}

}  // namespace
