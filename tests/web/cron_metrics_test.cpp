// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/broker/broker.hpp>
#include <work/client.hpp>
#include <work/client/client_core.hpp>
#include <work/cron.hpp>
#include <work/make.hpp>
#include <work/web/cron_watch.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>

#include "web/both_brokers.hpp"
#include "web/served.hpp"

using work::testing::on_both_brokers;
using work::testing::served;

namespace {

class cron_metrics : public on_both_brokers
{
protected:
    /// The value of a series; −1: there is none.
    static double value_of(std::string const& metrics, std::string const& series)
    {
        auto const at = metrics.find("\n" + series + " ");
        return at == metrics.npos ? -1 : std::stod(metrics.substr(at + series.size() + 2));
    }
    static std::size_t series_of(std::string const& metrics, std::string const& family)
    {
        std::size_t n = 0;
        for (auto at = metrics.find("\n" + family + "{"); at != metrics.npos;
             at = metrics.find("\n" + family + "{", at + 1))
            ++n;
        return n;
    }
    template <typename T>
    static T run(boost::asio::io_context& io, work::task<T> what)
    {
        auto result = boost::asio::co_spawn(io, std::move(what), boost::asio::use_future);
        io.restart();
        io.run();
        return result.get();
    }
};

std::string const as_json = "Content-Type: application/json\r\n";

TEST_P(cron_metrics, say_when_entries_fired_and_are_due)
{
    served server(url_);
    std::string const job = R"({"spec":"0 3 * * *","name":"mail","args":[])";
    ASSERT_EQ(server.ask("PUT", "/api/v1/crons/nightly", job + "}", as_json).status, 201);
    ASSERT_EQ(
        server.ask("PUT", "/api/v1/crons/held", job + R"(,"paused":true})", as_json).status,
        201
    );
    auto const due = server.get("/api/v1/crons/nightly").json().at("cron").at("next_ms").as_int64();
    std::string const metrics = server.get("/metrics").body;
    EXPECT_EQ(value_of(metrics, R"(work_crons{state="scheduled"})"), 1);
    EXPECT_EQ(value_of(metrics, R"(work_crons{state="paused"})"), 1);
    EXPECT_NEAR(
        value_of(metrics, R"(work_cron_next_fire_timestamp_seconds{cron="nightly"})"),
        static_cast<double>(due) / 1000,
        1
    );
    EXPECT_EQ(value_of(metrics, R"(work_cron_next_fire_timestamp_seconds{cron="held"})"), 0);
    EXPECT_EQ(value_of(metrics, R"(work_cron_last_fire_timestamp_seconds{cron="nightly"})"), 0);
    EXPECT_EQ(value_of(metrics, R"(work_cron_overdue_seconds{cron="nightly"})"), 0);
    EXPECT_EQ(value_of(metrics, R"(work_cron_missed{cron="nightly"})"), 0);
}

TEST_P(cron_metrics, have_a_bounded_number_of_series)
{
    served server(url_);
    for (int i = 0; i != 203; ++i) {
        std::string const path = "/api/v1/crons/e" + std::to_string(1'000 + i);
        std::string const body = R"({"spec":"@yearly","name":"mail","args":[]})";
        ASSERT_EQ(server.ask("PUT", path, body, as_json).status, 201);
    }
    std::string const metrics = server.get("/metrics").body;
    EXPECT_EQ(value_of(metrics, R"(work_crons{state="scheduled"})"), 203);
    EXPECT_EQ(series_of(metrics, "work_cron_next_fire_timestamp_seconds"), 200u);
    EXPECT_EQ(series_of(metrics, "work_cron_overdue_seconds"), 201u);
    EXPECT_EQ(value_of(metrics, R"(work_cron_overdue_seconds{cron="other"})"), 0);
    // What they fired is looked at some at a time.
    EXPECT_EQ(series_of(metrics, "work_cron_missed"), 20u);
}

TEST_P(cron_metrics, count_what_was_passed_over_and_what_nobody_fires)
{
    boost::asio::io_context io;
    work::client client(io, url_, {.ns = "cron-metrics"});
    auto const broker = client.core()->broker;
    auto const put = [&](std::int64_t seen_revision, std::int64_t seen_next, std::int64_t next) {
        work::cron_change change;
        change.name = "report";
        change.seen_revision = seen_revision;
        change.seen_next_ms = seen_next;
        change.next_ms = next;
        change.text = "{}\n";
        return run(io, broker->change_cron(std::move(change)));
    };
    auto const made = put(0, 0, 1'000);
    ASSERT_TRUE(made.record);
    auto const eye = std::make_shared<work::web::cron_watch>(work::cron(client), broker);
    auto seen = run(io, work::web::cron_watch::look(eye));
    ASSERT_EQ(seen.named.size(), 1u);
    EXPECT_EQ(seen.named[0].next_ms, 1'000);
    EXPECT_EQ(seen.named[0].fired_ms, 0);
    EXPECT_EQ(seen.named[0].missed, 0);
    EXPECT_GT(seen.now_ms - seen.named[0].next_ms, 60'000) << "nobody fires it";

    std::int64_t next = 1'000;
    for (int const missed : {3, 0, -1}) {
        work::cron_fire fire;
        fire.name = "report";
        fire.seen_revision = made.record->revision;
        fire.seen_next_ms = next;
        fire.next_ms = ++next;
        if (missed >= 0) {  // the last one is passed over as a whole
            fire.job = "report-" + std::to_string(next);
            fire.jobs.push_back(work::make("mail", 1).with({.id = fire.job}));
        }
        fire.text =
            R"(,"due_ms":5,"job":"","jobs":0,"missed":)" + std::to_string(missed) + R"(,"by":""})";
        auto const fired = run(io, broker->fire_cron(std::move(fire)));
        ASSERT_EQ(fired.code, work::cron_code::done);
    }
    seen = run(io, work::web::cron_watch::look(eye));
    EXPECT_GT(seen.named.at(0).fired_ms, 0);
    EXPECT_EQ(seen.named.at(0).missed, 3 + work::web::cron_watch::many_missed);
}

INSTANTIATE_TEST_SUITE_P(on, cron_metrics, ::testing::Bool(), [](auto const& one) {
    return one.param ? "redis" : "memory";
});

}  // namespace
