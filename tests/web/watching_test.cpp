// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What an operator watches: the broker, the doctor, a pool's own metrics and health, and that the
// dashboard and the rules for alerts speak of what there is.

#include <work/work.hpp>

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <thread>

#include "support/redis_server.hpp"
#include "web/client_programs.hpp"
#include "web/served.hpp"

namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using work::testing::http_answer;
using work::testing::raw_connection;
using work::testing::redis_server;
using work::testing::served;

std::string text_of(std::string const& path)
{
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    EXPECT_FALSE(text.str().empty()) << path;
    return text.str();
}

std::set<std::string> matches(std::string const& text, std::string const& pattern, int group = 0)
{
    std::regex const wanted(pattern);
    std::set<std::string> all;
    for (std::sregex_iterator at(text.begin(), text.end(), wanted), end; at != end; ++at)
        all.insert((*at)[static_cast<std::size_t>(group)].str());
    return all;
}

/// Names of series, as one writes them in a query: those of a histogram have their suffixes.
std::set<std::string> series_of(std::string const& metrics)
{
    return matches(metrics, "(^|\n)(work_[a-z_]+)[ {]", 2);
}
std::set<std::string> families_of(std::string const& metrics)
{
    return matches(metrics, "# TYPE (work_[a-z_]+) ", 1);
}

/// A worker pool that is watched by a server of its process, as in examples/3_apps/worker.cpp.
class watched_pool
{
public:
    explicit watched_pool(std::string const& url) : client_(io_, url, quietly()), pool_(client_)
    {
        pool_.handle("quick", [](work::context&) -> work::task<void> { co_return; });
        pool_.handle("wait", [this](work::context&) -> work::task<void> {
            while (!go_on_)
                co_await pause(5ms);
        });
        work::web_options options;
        options.port = 0;
        options.metrics_only = true;
        server_.emplace(client_, options);
        server_->watch(pool_);
        boost::asio::co_spawn(client_.executor(), server_->run(), work::rethrow);
        boost::asio::co_spawn(client_.executor(), pool_.run(), [this](std::exception_ptr) {
            server_->stop();
        });
        thread_ = std::thread([this] { io_.run(); });
    }
    ~watched_pool()
    {
        go_on_ = true;
        pool_.stop();
        thread_.join();
    }
    http_answer get(std::string const& target) const
    {
        raw_connection to(server_->port());
        to.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        return to.read();
    }
    /// Asks until the answer has that status.
    http_answer await(std::string const& target, int status) const
    {
        http_answer got;
        auto const until = std::chrono::steady_clock::now() + 60s;
        while (got.status != status && std::chrono::steady_clock::now() < until)
            got = get(target);
        return got;
    }
    /// The value of a series that has no label, once it is so.
    bool shows(std::string const& line) const
    {
        auto const until = std::chrono::steady_clock::now() + 60s;
        while (std::chrono::steady_clock::now() < until)
            if (get("/metrics").body.find("\n" + line + "\n") != std::string::npos)
                return true;
        return false;
    }
    work::worker_pool& pool() { return pool_; }

private:
    static work::client_options quietly()
    {
        work::client_options options;
        options.logger = [](work::log_level, std::string_view) {};
        return options;
    }
    static work::task<void> pause(std::chrono::milliseconds time)
    {
        boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
        timer.expires_after(time);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }

    boost::asio::io_context io_{1};
    work::client client_;
    work::worker_pool pool_;
    std::optional<work::web_server> server_;
    std::atomic<bool> go_on_ = false;
    std::thread thread_;
};

TEST(watching, a_broker_is_shown_with_its_verdict)
{
    redis_server redis;
    served server(redis.url());
    // Figures are of how long answers take, which a busy machine draws out.
    auto how = server.get("/api/v1/broker").json();
    EXPECT_TRUE(work::testing::eventually([&] {
        how = server.get("/api/v1/broker").json();
        return how.at("verdict").as_string() == "fine";
    })) << how;
    EXPECT_EQ(how.at("server").at("role").as_string(), "primary");
    EXPECT_THAT(std::string(how.at("place").as_string()), HasSubstr("redis://"));
    EXPECT_GE(how.at("round_trip").at("samples").as_int64(), 16);
    redis.kill();
    std::string verdict;
    auto const until = std::chrono::steady_clock::now() + 60s;
    while (verdict != "away" && std::chrono::steady_clock::now() < until) {
        auto const now = server.get("/api/v1/broker");
        ASSERT_EQ(now.status, 200);
        verdict = now.json().at("verdict").as_string();
    }
    EXPECT_EQ(verdict, "away");
}

TEST(watching, the_doctor_finds_over_http_what_it_finds_elsewhere)
{
    redis_server redis;
    served server(redis.url());
    ASSERT_EQ(server.post("/api/v1/jobs", R"({"name":"mail","args":[]})").status, 201);
    redis.ask("DEL work:{work}:list:mail");
    auto const level = [&](std::string const& query, std::string const& check) {
        auto const found = server.get("/api/v1/doctor" + query);
        EXPECT_EQ(found.status, 200) << found.body;
        auto const all = found.json();
        for (auto const& one : all.at("findings").as_array())
            if (one.at("check").as_string() == check)
                return std::string(one.at("level").as_string());
        return std::string("none");
    };
    EXPECT_EQ(level("", "strays"), "unseen");
    EXPECT_EQ(level("?strays=true", "strays"), "problem");
    EXPECT_EQ(level("?strays=true", "strays"), "problem") << "it repairs nothing";
    EXPECT_EQ(level("", "persistence"), "warning");
    EXPECT_EQ(level("", "server"), "ok");
    EXPECT_EQ(server.get("/api/v1/doctor?strays=yes").slug(), "bad-parameter");
}

TEST(watching, a_pool_shows_itself_without_a_server)
{
    redis_server redis;
    watched_pool at(redis.url());
    EXPECT_EQ(at.await("/healthz/ready", 200).status, 200);
    EXPECT_EQ(at.get("/healthz/live").status, 200);
    served producer(redis.url());
    ASSERT_EQ(producer.post("/api/v1/jobs", R"({"name":"quick","args":[]})").status, 201);
    EXPECT_TRUE(at.shows(R"(work_pool_jobs_total{outcome="completed"} 1)"));
    ASSERT_EQ(producer.post("/api/v1/jobs", R"({"name":"wait","args":[]})").status, 201);
    EXPECT_TRUE(at.shows("work_pool_busy 1"));
    EXPECT_TRUE(
        at.shows(R"(work_job_run_seconds_bucket{queue="quick",job_name="quick",le="+Inf"} 1)")
    );
    EXPECT_TRUE(
        at.shows(R"(work_job_run_seconds_bucket{queue="quick",job_name="quick",le="1800"} 1)")
    );
    EXPECT_TRUE(at.shows(R"(work_job_run_seconds_count{queue="quick",job_name="quick"} 1)"));
    EXPECT_TRUE(at.shows(R"(work_job_run_seconds_count{queue="wait",job_name="wait"} 0)"))
        << "it still runs";
    EXPECT_TRUE(at.shows("work_broker_up 1"));
    EXPECT_TRUE(at.shows("work_pools_ready 1"));
    EXPECT_TRUE(at.shows(R"(work_attempts_total{job_name="quick",outcome="completed"} 1)"));
    EXPECT_TRUE(at.shows(R"(work_jobs_enqueued_total{outcome="stored"} 0)"));
    std::string const of_producer = producer.get("/metrics").body;
    EXPECT_THAT(of_producer, HasSubstr("\nwork_jobs_enqueued_total{outcome=\"stored\"} 2\n"));
    EXPECT_THAT(of_producer, HasSubstr("\nwork_operations_running 0\n"));
    EXPECT_TRUE(at.shows(R"(work_in_flight{job_name="wait"} 1)"));
    EXPECT_TRUE(at.shows("work_pool_stalled 0"));
    EXPECT_THAT(
        at.get("/metrics").body,
        HasSubstr("\nwork_oldest_running_seconds{job_name=\"wait\"} ")
    );
    EXPECT_EQ(at.get("/metrics").body.find("work_jobs{"), std::string::npos);
    // Nothing but those.
    for (std::string const path : {"/", "/api/v1/", "/api/v1/jobs", "/queues", "/api/v1/doctor"})
        EXPECT_EQ(at.get(path).status, 404) << path;
    at.pool().quiet();
    EXPECT_EQ(at.await("/healthz/ready", 503).slug(), "pool-not-ready");
    EXPECT_EQ(at.get("/healthz/live").status, 200);
    at.pool().resume();
    EXPECT_EQ(at.await("/healthz/ready", 200).status, 200);
}

TEST(watching, a_pool_whose_broker_never_answered_is_not_ready)
{
    redis_server redis;
    std::string const url = redis.url();
    redis.kill();
    watched_pool at(url);
    EXPECT_EQ(at.get("/healthz/ready").slug(), "pool-not-ready");
    EXPECT_EQ(at.get("/healthz/live").status, 200);
    EXPECT_TRUE(at.shows("work_broker_up 0"));
    redis.start();
    EXPECT_EQ(at.await("/healthz/ready", 200).status, 200);
}

// An idle pool sends a command or two a second, and a few more as it starts; two hundred probes
// and as many scrapes add none, so that what is counted stays far below one for every two.
TEST(watching, a_pool_s_scrapes_cost_the_broker_nothing)
{
    redis_server redis;
    watched_pool at(redis.url());
    ASSERT_EQ(at.await("/healthz/ready", 200).status, 200);
    redis.ask("CONFIG RESETSTAT");
    auto const begun = std::chrono::steady_clock::now();
    for (int i = 0; i != 200; ++i) {
        at.get("/metrics");
        at.get("/healthz/ready");
    }
    auto const took = std::chrono::steady_clock::now() - begun;
    std::string const info = redis.ask("INFO stats");
    auto const commands = std::stoll(info.substr(info.find("total_commands_processed:") + 25));
    EXPECT_LE(commands, 100 + 4 * std::chrono::duration_cast<std::chrono::seconds>(took).count());
}

/// What a server and a pool of one namespace show, when there is something to show.
struct all_metrics
{
    all_metrics()
    {
        redis_server redis({"--maxmemory", "100mb"});
        served server(redis.url());
        watched_pool pool(redis.url());
        pool.await("/healthz/ready", 200);
        server.post("/api/v1/jobs", R"({"name":"quick","args":[]})");
        server.post("/api/v1/jobs", R"({"name":"nobody","args":[]})");
        server.ask(
            "PUT",
            "/api/v1/limits/bank",
            R"({"slots":1,"names":["quick"]})",
            "Content-Type: application/json\r\n"
        );
        server.ask(
            "PUT",
            "/api/v1/bounds/quick",
            R"({"most":1000})",
            "Content-Type: application/json\r\n"
        );
        server.ask(
            "PUT",
            "/api/v1/crons/nightly",
            R"({"spec":"@daily","name":"quick","args":[]})",
            "Content-Type: application/json\r\n"
        );
        pool.shows(R"(work_pool_jobs_total{outcome="completed"} 1)");
        of_server = server.get("/metrics").body;
        auto const until = std::chrono::steady_clock::now() + 60s;
        while ((of_server.find("work_pools{pool_name=") == std::string::npos ||
                of_server.find("work_jobs_without_pool{") == std::string::npos ||
                of_server.find("work_limit_slots{") == std::string::npos ||
                of_server.find("work_cron_missed{") == std::string::npos ||
                of_server.find("work_queue_bound{") == std::string::npos ||
                of_server.find("work_broker_script_seconds{quantile=") == std::string::npos) &&
               std::chrono::steady_clock::now() < until)
            of_server = server.get("/metrics").body;
        of_pool = pool.get("/metrics").body;
    }
    std::string of_server;
    std::string of_pool;
};

TEST(metrics, of_server_and_pool_are_those_that_the_page_names)
{
    all_metrics const all;
    std::set<std::string> told;
    std::istringstream page(text_of("docs/metrics.md"));
    for (std::string line; std::getline(page, line);)
        if (line.starts_with("| `work_"))
            told.merge(matches(line.substr(0, line.find('|', 2)), "work_[a-z_]+"));
    auto there = families_of(all.of_server);
    there.merge(families_of(all.of_pool));
    EXPECT_EQ(told, there);
}

TEST(metrics, of_the_dashboard_and_the_alerts_exist)
{
    all_metrics const all;
    auto there = series_of(all.of_server);
    there.merge(series_of(all.of_pool));
    auto const dashboard = boost::json::parse(text_of("telemetry/grafana.json"));
    std::set<std::string> shown;
    for (auto const& panel : dashboard.at("panels").as_array())
        for (auto const& target : panel.at("targets").as_array()) {
            std::string const expression(target.at("expr").as_string());
            auto const named = matches(expression, "work_[a-z_]+");
            EXPECT_FALSE(named.empty()) << expression;
            for (std::string const& name : named)
                EXPECT_TRUE(there.contains(name)) << name << " in " << expression;
            shown.insert(named.begin(), named.end());
        }
    EXPECT_GE(shown.size(), 25u);
    std::size_t rules = 0;
    std::istringstream lines(text_of("telemetry/alerts.yaml"));
    for (std::string line; std::getline(lines, line);) {
        rules += line.find("- alert: ") != line.npos ? 1 : 0;
        if (line.find_first_not_of(' ') == line.npos || line.find('#') == 0)
            continue;
        for (std::string const& name : matches(line, "work_[a-z_]+"))
            EXPECT_TRUE(there.contains(name)) << name << " in " << line;
    }
    EXPECT_GE(rules, 13u);
    // Label values that a query picks: those that there are.
    std::string const alerts = text_of("telemetry/alerts.yaml");
    for (std::string const& label : matches(alerts, R"re((connection|outcome)="[a-z]+")re"))
        EXPECT_THAT(all.of_server, HasSubstr(label)) << "no series has it";
}

std::set<std::string> anchors_of(std::string const& page)
{
    std::set<std::string> all;
    std::istringstream lines(text_of(page));
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("#"))
            continue;
        std::string anchor;
        for (char const c : line.substr(line.find(' ') + 1))
            if (std::isalnum(static_cast<unsigned char>(c)) != 0)
                anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
            else if (c == ' ' || c == '-')
                anchor += '-';
        all.insert(anchor);
    }
    return all;
}

TEST(alerts, each_has_a_summary_a_place_in_the_runbook_and_a_command)
{
    auto const anchors = anchors_of("docs/operations.md");
    std::string const all = text_of("telemetry/alerts.yaml");
    auto at = all.find("- alert: ");
    std::set<std::string> places;
    for (int i = 0; at != all.npos; ++i) {
        auto const next = all.find("- alert: ", at + 1);
        std::string const rule = all.substr(at, next == all.npos ? next : next - at);
        std::string const name = rule.substr(9, rule.find('\n') - 9);
        EXPECT_TRUE(std::regex_match(name, std::regex("Work[A-Za-z]+"))) << name;
        EXPECT_THAT(rule, HasSubstr("summary: '")) << name;
        EXPECT_THAT(rule, HasSubstr("severity: ")) << name;
        auto const place = matches(rule, "runbook: 'docs/operations.md#([a-z-]+)'", 1);
        ASSERT_EQ(place.size(), 1u) << name;
        EXPECT_TRUE(anchors.contains(*place.begin())) << name << ": " << *place.begin();
        EXPECT_TRUE(places.insert(*place.begin()).second) << name << " has the place of another";
        EXPECT_EQ(matches(rule, "command: 'work [a-z]+").size(), 1u) << name;
        at = next;
    }
    for (std::string const& anchor : anchors)
        if (anchor.starts_with("alert-")) {
            EXPECT_TRUE(places.contains(anchor)) << anchor << " is the place of no alert";
        }
}

// Part of `make test-clients`, where it must not be missing.
TEST(clients_of_prometheus, read_the_alerts_and_the_metrics)
{
    if (std::system("promtool --version >/dev/null 2>&1") != 0) {
        if (work::testing::clients_required())
            FAIL() << "promtool is not installed";
        GTEST_SKIP() << "promtool is not installed (package prometheus)";
    }
    EXPECT_EQ(std::system("promtool check rules telemetry/alerts.yaml >/dev/null"), 0);
    all_metrics const all;
    for (std::string const* const text : {&all.of_server, &all.of_pool}) {
        FILE* const lint = ::popen("promtool check metrics >/dev/null", "w");
        ASSERT_NE(lint, nullptr);
        std::fwrite(text->data(), 1, text->size(), lint);
        EXPECT_EQ(::pclose(lint), 0) << *text;
    }
}

}  // namespace
