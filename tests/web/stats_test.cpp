// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Histories over HTTP: what workers report is counted, and what can't be asked for is refused.

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <tuple>

#include "support/redis_server.hpp"
#include "web/client_programs.hpp"
#include "web/schema.hpp"
#include "web/served.hpp"

using namespace work::testing;

namespace {

class web_stats : public ::testing::TestWithParam<bool>
{
protected:
    static void SetUpTestSuite() { redis = std::make_unique<redis_server>(); }
    static void TearDownTestSuite() { redis.reset(); }
    void SetUp() override
    {
        redis->ask("FLUSHALL");
        static int next = 0;
        url_ = GetParam() ? redis->url() : "memory:stats" + std::to_string(++next);
    }
    static std::string post(served& server, std::string const& path, std::string const& body)
    {
        auto const answer = server.post("/api/v1" + path, body);
        EXPECT_EQ(answer.status / 100, 2) << path << answer.body;
        return answer.body;
    }
    /// The sum of all periods, once there is anything.
    static boost::json::object summed(served& server, std::string const& query)
    {
        std::int64_t done = 0, failed = 0, waits = 0, runs = 0;
        EXPECT_TRUE(eventually([&] {
            auto const answer = server.get("/api/v1/stats?" + query);
            EXPECT_EQ(answer.status, 200) << answer.body;
            auto const told = answer.json();
            for (auto const& value : told.at("points").as_array()) {
                auto const& point = value.as_object();
                done += point.at("done").as_int64();
                failed += point.at("failed").as_int64();
                if (!point.at("wait").is_null())
                    waits += point.at("wait").as_object().at("count").as_int64();
                if (!point.at("run").is_null())
                    runs += point.at("run").as_object().at("count").as_int64();
            }
            return done + failed > 0;
        }));
        return {{"done", done}, {"failed", failed}, {"waits", waits}, {"runs", runs}};
    }

    std::string url_;
    static std::unique_ptr<redis_server> redis;
};
std::unique_ptr<redis_server> web_stats::redis;

}  // namespace

TEST_P(web_stats, count_what_workers_report_once)
{
    served server(url_);
    auto const put = server.ask(
        "PUT",
        "/api/v1/pools/w-1",
        R"({"job_types":[{"name":"mail"},{"name":"x:y %"}]})",
        "Content-Type: application/json\r\n"
    );
    ASSERT_EQ(put.status / 100, 2) << put.body;
    for (int i = 0; i != 3; ++i)
        post(server, "/jobs", R"({"name":"mail","args":[]})");
    post(server, "/jobs", R"({"name":"x:y %","args":[]})");
    auto const claimed =
        boost::json::parse(post(server, "/pools/w-1/claim", R"({"number":1,"want":10})"))
            .as_object();
    std::string outcomes;
    int at = 0;
    ASSERT_EQ(claimed.at("jobs").as_array().size(), 4u);
    for (auto const& job : claimed.at("jobs").as_array()) {
        bool const fails = job.as_object().at("name").as_string() == "mail" && ++at == 1;
        outcomes += std::string(outcomes.empty() ? "" : ",") + R"({"id":)" +
                    boost::json::serialize(job.as_object().at("id")) + R"(,"fence":)" +
                    boost::json::serialize(job.as_object().at("fence")) +
                    (fails ? R"(,"outcome":"fail","type":"t","message":"m"})"
                           : R"(,"outcome":"complete"})");
    }
    std::string const report = R"({"number":1,"outcomes":[)" + outcomes + "]}";
    std::string const first = post(server, "/pools/w-1/report", report);
    post(server, "/pools/w-1/report", report);

    EXPECT_EQ(
        boost::json::serialize(summed(server, "range=1h")),
        R"({"done":3,"failed":1,"waits":4,"runs":4})"
    ) << first;
    EXPECT_EQ(
        boost::json::serialize(summed(server, "name=mail&range=15m")),
        R"({"done":2,"failed":1,"waits":3,"runs":3})"
    );
    EXPECT_EQ(
        boost::json::serialize(summed(server, "name=x%3Ay%20%25")),
        R"({"done":1,"failed":0,"waits":1,"runs":1})"
    );
    EXPECT_EQ(
        boost::json::serialize(summed(server, "queue=mail&step=1h")),
        R"({"done":2,"failed":1,"waits":3,"runs":3})"
    );
    auto const names = server.get("/api/v1/stats/names?range=1h").json().at("names").as_array();
    ASSERT_EQ(names.size(), 2u);
    EXPECT_EQ(names[0].as_object().at("name").as_string(), "mail");
    EXPECT_EQ(names[1].as_object().at("name").as_string(), "x:y %");
    auto const& run = names[0].as_object().at("run").as_object();
    EXPECT_EQ(run.at("count").as_int64(), 3);
    EXPECT_EQ(run.at("buckets").as_array().size(), 24u);
    EXPECT_EQ(server.get("/api/v1/stats/names?limit=1").json().at("names").as_array().size(), 1u);

    auto const queues = server.get("/api/v1/stats/queues?range=1h").json().at("queues").as_array();
    ASSERT_EQ(queues.size(), 2u);
    EXPECT_EQ(queues[0].as_object().at("queue").as_string(), "mail");
    EXPECT_EQ(queues[0].as_object().at("wait").as_object().at("count").as_int64(), 3);
    EXPECT_EQ(queues[1].as_object().at("done").as_int64(), 1);
    EXPECT_EQ(server.get("/api/v1/stats/queues?limit=1").json().at("queues").as_array().size(), 1u);

    auto const document = server.get("/api/v1/openapi.json").json();
    auto const& schemas = document.at("components").as_object().at("schemas").as_object();
    auto const fits = [&](std::string const& path, std::string const& schema) {
        auto const answer = server.get("/api/v1" + path);
        return schema_check(document).check(
            boost::json::parse(answer.body),
            schemas.at(schema).as_object()
        );
    };
    EXPECT_EQ(fits("/stats?range=1h", "History"), "");
    EXPECT_EQ(fits("/stats?range=1h", "TotalsOrHistory"), "");
    EXPECT_EQ(fits("/stats", "TotalsOrHistory"), "");
    EXPECT_EQ(fits("/stats/names", "NameHistories"), "");
    EXPECT_EQ(fits("/stats/queues", "QueueHistories"), "");
}

TEST_P(web_stats, tell_where_they_begin_and_leave_out_what_was_not)
{
    served server(url_);
    for (auto const& [query, step, periods] :
         {std::tuple{"range=15m", 60'000, 15},
          {"range=2h", 60'000, 120},
          {"range=1d", 600'000, 144},
          {"range=7d", 3'600'000, 168},
          {"range=90d", 86'400'000, 90},
          {"range=1d&step=1h", 3'600'000, 24}}) {
        auto const answer = server.get(std::string("/api/v1/stats?") + query).json();
        std::int64_t const now = answer.at("now_ms").as_int64();
        std::int64_t const from = answer.at("from_ms").as_int64();
        EXPECT_EQ(answer.at("step_ms").as_int64(), step) << query;
        EXPECT_EQ(from % step, 0) << query;
        EXPECT_EQ(now / step - from / step + 1, periods) << query;
        EXPECT_TRUE(answer.at("points").as_array().empty());
    }
    EXPECT_TRUE(server.get("/api/v1/stats/names").json().at("names").as_array().empty());
    auto const features = server.get("/api/v1/").json().at("features").as_array();
    EXPECT_NE(std::find(features.begin(), features.end(), "histories"), features.end());
}

TEST_P(web_stats, refuse_what_is_not_kept_with_the_way_out)
{
    served server(url_);
    auto const refused = [&](std::string const& query, int status = 400) {
        auto const answer = server.get("/api/v1/stats" + query);
        EXPECT_EQ(answer.status, status) << query << answer.body;
        return std::string(answer.json().at("detail").as_string());
    };
    using ::testing::HasSubstr;
    EXPECT_THAT(refused("?range=1m"), HasSubstr("range is 1m, it must be 15m to 90d"));
    EXPECT_THAT(refused("?range=91d"), HasSubstr("range is 91d, it must be 15m to 90d"));
    EXPECT_THAT(refused("?range=soon"), HasSubstr(R"(range is "soon")"));
    EXPECT_THAT(refused("?range=0"), HasSubstr("it must be a time as 15m, 1h or 7d"));
    EXPECT_THAT(refused("?range=99999999999999999999d"), HasSubstr("range is"));
    EXPECT_THAT(refused("?range=-1h"), HasSubstr("range is"));
    EXPECT_THAT(refused("?range=%00"), HasSubstr("range is"));
    EXPECT_THAT(refused("?range=1d&step=1m"), HasSubstr("step is 1m, of which 2h are kept"));
    EXPECT_THAT(refused("?step=7m"), HasSubstr("step is 7m, it must be 1m, 10m, 1h or 1d"));
    EXPECT_THAT(refused("?step=1d"), HasSubstr("longer than the range"));
    EXPECT_THAT(server.get("/api/v1/stats?range=1m").body, HasSubstr(R"("range")"));
    EXPECT_THAT(server.get("/api/v1/stats?step=7m").body, HasSubstr(R"("step")"));
    refused("?name=" + std::string(129, 'x'), 422);
    refused("?queue=a%0Ab", 422);
    refused("/names?range=1m");
    refused("/names?limit=0");
    refused("/names?limit=501");
    refused("/names?step=1m");
}

INSTANTIATE_TEST_SUITE_P(both, web_stats, ::testing::Bool(), [](auto const& of) {
    return std::string(of.param ? "redis" : "memory");
});
