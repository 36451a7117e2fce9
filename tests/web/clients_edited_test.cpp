// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What the clients of examples/clients do with answers that a server seldom gives.

#include <boost/json/parse.hpp>

#include <atomic>
#include <chrono>
#include <gtest/gtest.h>
#include <string>

#include "web/answer_editor.hpp"
#include "web/client_fixture.hpp"

using namespace std::chrono_literals;
using work::testing::address;
using work::testing::answer_editor;
using work::testing::client_in;
using work::testing::client_languages;
using work::testing::eventually;
using work::testing::program;
using work::testing::text_of;

namespace {

class client_told : public client_in
{};

std::string refusal(std::string const& status, std::string const& fields, std::string const& body)
{
    return "HTTP/1.1 " + status + "\r\n" + fields +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_P(client_told, nothing_asks_again_with_the_same_number_and_body)
{
    int outcomes = 0;
    answer_editor between(server().port(), [&](answer_editor::asked const& request, int n) {
        answer_editor::edit made;
        // The first three claims and reports with outcomes are heard, and never answered.
        bool const tells = request.body.find("\"outcome\"") != std::string::npos;
        outcomes += tells ? 1 : 0;
        made.keep_back = (request.what == "claim" && n <= 3) || (tells && outcomes <= 3);
        return made;
    });
    enqueue("echo", "[1]");
    program const worker = work("echo", address(between.port()));
    ASSERT_TRUE(is_in("echo", "completed")) << worker.complaints();
    ASSERT_TRUE(eventually([&] { return between.requests("claim").size() > 4; }));
    auto const claims = between.requests("claim");
    for (int i = 1; i != 4; ++i)
        EXPECT_EQ(claims[static_cast<std::size_t>(i)].body, claims[0].body);
    EXPECT_EQ(boost::json::parse(claims[0].body).at("number").as_int64(), 1);
    EXPECT_EQ(boost::json::parse(claims[4].body).at("number").as_int64(), 2);
    std::vector<std::string> told;
    ASSERT_TRUE(eventually([&] {
        told.clear();
        for (auto const& one : between.requests("report"))
            if (one.body.find("\"outcome\"") != std::string::npos)
                told.push_back(one.body);
        return told.size() == 4;
    }));
    for (std::string const& one : told)
        EXPECT_EQ(one, told[0]);
    EXPECT_EQ(count("processed"), 1);
}

TEST_P(client_told, to_wait_waits_as_long_as_it_is_told)
{
    answer_editor between(server().port(), [](answer_editor::asked const& request, int n) {
        answer_editor::edit made;
        if (request.what == "claim" && n == 1)
            made.instead = refusal("429 Too Many", "Retry-After: 1\r\n", "{}");
        if (request.what == "claim" && n == 2)  // of a balancer
            made.instead = refusal("503 Away", "", "<html>none there</html>");
        if (request.what == "claim" && n == 3)
            made.instead = refusal("429 Too Many", "Retry-After: soon\r\n", "");
        return made;
    });
    enqueue("echo", "[1]");
    program const worker = work("echo", address(between.port()));
    ASSERT_TRUE(is_in("echo", "completed")) << worker.complaints();
    auto const claims = between.requests("claim");
    ASSERT_GE(claims.size(), 4u);
    EXPECT_EQ(claims[3].body, claims[0].body);
    bool const waited = claims[1].at - claims[0].at >= 1s;
    EXPECT_TRUE(waited || !is.threads) << "Retry-After is not heeded";  // curl does not tell it
}

TEST_P(client_told, to_be_quiet_claims_nothing_until_it_may)
{
    if (!is.threads)
        GTEST_SKIP() << "the shell asks less often";
    std::atomic<bool> quiet = true;
    answer_editor between(server().port(), [&](answer_editor::asked const&, int) {
        answer_editor::edit made;
        made.state = quiet ? "quiet" : "";
        return made;
    });
    program const worker = work("echo", address(between.port()));
    // Its first claim ends when its wait does.
    ASSERT_TRUE(eventually([&] { return between.requests("claim").size() == 1; }));
    auto const reports = [&] { return between.requests("report").size(); };
    ASSERT_TRUE(eventually([&] { return reports() >= 4; })) << worker.complaints();
    enqueue("echo", "[1]");
    ASSERT_TRUE(eventually([&] { return reports() >= 6; })) << worker.complaints();
    EXPECT_EQ(between.requests("claim").size(), 1u);
    EXPECT_EQ(count("pending"), 1);
    quiet = false;
    EXPECT_TRUE(is_in("echo", "completed")) << worker.complaints();
}

TEST_P(client_told, to_stop_ends_as_by_sigterm)
{
    std::atomic<bool> stops = false;
    answer_editor between(server().port(), [&](answer_editor::asked const&, int) {
        answer_editor::edit made;
        made.state = stops ? "stopping" : "";
        return made;
    });
    program worker = work("slow", address(between.port()));
    enqueue("slow", R"(["a",1000])");
    ASSERT_TRUE(eventually([&] { return done.has(is.mark, "began-a"); })) << worker.complaints();
    stops = true;
    EXPECT_EQ(worker.wait(), 0) << worker.complaints();
    EXPECT_EQ(text_of(job("slow").at("state")), "completed");
    EXPECT_TRUE(eventually([&] { return pools().empty(); }));
}

INSTANTIATE_TEST_SUITE_P(
    clients,
    client_told,
    ::testing::ValuesIn(client_languages),
    [](auto const& one) { return one.param.name; }
);
