// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Dead jobs in a file, and in a store of somebody's own.

#include <work/work.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>
#include <stdlib.h>
#include <string>
#include <thread>
#include <vector>

#include "pool/bench.hpp"

namespace pool_tests {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using work::event;
using work::event_info;

struct failure_files : testing::Test
{
    failure_files()
    {
        std::string pattern = (fs::temp_directory_path() / "work-failures-XXXXXX").string();
        if (!::mkdtemp(pattern.data()))
            throw std::runtime_error("no temporary directory");
        folder = pattern;
        path = (folder / "dead.jsonl").string();
    }
    ~failure_files() override { fs::remove_all(folder); }

    static std::vector<std::string> lines_of(fs::path const& file)
    {
        std::vector<std::string> all;
        std::ifstream in(file);
        for (std::string line; std::getline(in, line);)
            all.push_back(line);
        return all;
    }
    static std::string job_of(std::string const& line)
    {
        return boost::json::parse(line).at("job").as_string().c_str();
    }
    static event_info dead(std::string id, std::size_t args = 0)
    {
        event_info e;
        e.event = event::dead;
        e.job = std::move(id);
        e.args.assign(args, 'x');
        return e;
    }
    static void write(work::failure_file const& to, event_info const& what)
    {
        boost::asio::io_context io;
        work::testing::run_task(io, to(what), 20s);
    }

    fs::path folder;
    std::string path;
};

work::task<void> hopeless(work::context&, std::string)
{
    throw work::fatal("never\nagain");
    co_return;
}

TEST_F(failure_files, hold_a_line_for_each_dead_job)
{
    bench b;
    b.pool->handle("mail", hopeless);
    b.pool->on(event::dead, work::failure_file{path});
    std::set<std::string> ids;
    for (int i = 0; i != 3; ++i)
        ids.insert(b.enqueue("mail", "ada@example.com"));
    b.drain();
    auto const lines = lines_of(path);
    ASSERT_EQ(lines.size(), 3u);
    std::set<std::string> written;
    for (std::string const& line : lines)
        written.insert(job_of(line));
    EXPECT_EQ(written, ids);
    auto const one = boost::json::parse(lines[0]);
    EXPECT_EQ(one.at("event").as_string(), "dead");
    EXPECT_EQ(one.at("name").as_string(), "mail");
    EXPECT_EQ(one.at("args").as_string(), R"(["ada@example.com"])");
    EXPECT_EQ(one.at("failure").at("message").as_string(), "never\nagain");
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(failure_files, may_leave_the_arguments_out)
{
    work::failure_file const to{path, {.hide_args = true}};
    event_info e = dead("j");
    e.args = R"(["canary"])";
    write(to, e);
    ASSERT_EQ(lines_of(path).size(), 1u);
    EXPECT_EQ(lines_of(path)[0].find("canary"), std::string::npos);
    EXPECT_EQ(job_of(lines_of(path)[0]), "j");
}

TEST_F(failure_files, are_appended_to_and_rotated_before_they_get_too_long)
{
    {
        work::failure_file const first{path, {.rotate_at = 4096}};
        write(first, dead("0", 1500));
    }
    work::failure_file const to{path, {.rotate_at = 4096}};
    for (int i = 1; i != 5; ++i)
        write(to, dead(std::to_string(i), 1500));
    auto const ids = [&](std::string const& file) {
        std::vector<std::string> all;
        for (std::string const& line : lines_of(file))
            all.push_back(job_of(line));
        return all;
    };
    EXPECT_THAT(ids(path), ElementsAre("4"));
    EXPECT_THAT(ids(path + ".1"), ElementsAre("2", "3")) << "the one before is gone";
    EXPECT_LE(fs::file_size(path + ".1"), 4096u);
    // One that fits nowhere has a file to itself.
    write(to, dead("5", 10'000));
    EXPECT_THAT(ids(path), ElementsAre("5"));
    EXPECT_THAT(ids(path + ".1"), ElementsAre("4"));
}

TEST_F(failure_files, that_were_moved_away_are_made_anew)
{
    work::failure_file const to{path};
    write(to, dead("a"));
    fs::rename(path, path + ".old");
    write(to, dead("b"));
    fs::remove(path);
    write(to, dead("c"));
    ASSERT_EQ(lines_of(path).size(), 1u);
    EXPECT_EQ(job_of(lines_of(path)[0]), "c");
    EXPECT_EQ(lines_of(path + ".old").size(), 1u);
}

TEST_F(failure_files, of_several_writers_hold_whole_lines_and_lose_none_as_they_are_rotated)
{
    // 400 lines of about 500 bytes: one rotation in the middle.
    constexpr int writers = 4, each = 100;
    std::vector<std::thread> threads;
    for (int w = 0; w != writers; ++w)
        threads.emplace_back([&, w] {
            work::failure_file const to{path, {.rotate_at = 150'000}};
            boost::asio::io_context io;
            for (int i = 0; i != each; ++i) {
                event_info const e = dead(std::to_string(w) + "-" + std::to_string(i), 200);
                work::testing::run_task(io, to(e), 20s);
            }
        });
    for (std::thread& one : threads)
        one.join();
    std::multiset<std::string> ids;
    for (std::string const& file : {path, path + ".1"})
        for (std::string const& line : lines_of(file))
            ids.insert(job_of(line));
    EXPECT_EQ(ids.size(), 400u);
    EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 400u);
    EXPECT_TRUE(fs::exists(path + ".1"));
    EXPECT_LE(fs::file_size(path + ".1"), 150'000u);
}

TEST_F(failure_files, that_can_not_be_opened_are_refused_at_once)
{
    std::string const nowhere = (folder / "none" / "dead.jsonl").string();
    try {
        work::failure_file const to{nowhere};
        FAIL();
    } catch (work::error const& e) {
        EXPECT_EQ(e.code(), work::errc::invalid_option);
        EXPECT_THAT(e.what(), HasSubstr(nowhere));
        EXPECT_THAT(e.what(), HasSubstr("No such file"));
    }
    EXPECT_THROW((work::failure_file{path, {.rotate_at = 4095}}), work::error);
}

TEST_F(failure_files, that_are_full_are_logged_and_fail_no_job)
{
    bench b;
    b.pool->handle("mail", hopeless);
    b.pool->on(event::dead, work::failure_file{"/dev/full"});
    std::string const id = b.enqueue("mail", "x");
    b.drain();
    EXPECT_EQ(b.job(id).state, work::job_state::dead);
    EXPECT_EQ(b.logged("a hook for dead threw at job " + id), 1);
    EXPECT_EQ(b.logged("can't write to /dev/full"), 1);
}

TEST(failure_sinks, try_again_until_the_store_takes_it)
{
    bench b;
    b.pool->handle("mail", hopeless);
    std::vector<std::string> stored;
    int calls = 0;
    b.pool->on(event::dead, work::failure_sink{[&](event_info const& e) -> work::task<void> {
                   if (++calls < 3)
                       throw std::runtime_error("the store is away");
                   stored.push_back(e.job);
                   co_return;
               }});
    std::string const id = b.enqueue("mail", "x");
    b.drain();
    EXPECT_EQ(calls, 3);
    EXPECT_THAT(stored, ElementsAre(id));
    EXPECT_EQ(b.logged("threw"), 0);
}

TEST(failure_sinks, give_up_when_the_pool_ends)
{
    bench b({.grace = 10ms});
    b.pool->handle("mail", hopeless);
    int calls = 0;
    b.pool->on(event::dead, work::failure_sink{[&](event_info const&) {
                   ++calls;
                   throw std::runtime_error("the store is away");
               }});
    b.enqueue("mail", "x");
    b.start();
    ASSERT_TRUE(b.until([&] { return calls > 0; }));
    b.pool->stop();
    EXPECT_TRUE(b.until([&] { return b.ended; }, 10s));
    EXPECT_LT(calls, 5);
    EXPECT_EQ(b.logged("the pool ends before its hooks: 1 event(s) are dropped"), 1);
}

}  // namespace
}  // namespace pool_tests
