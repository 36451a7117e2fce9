// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Unique jobs over HTTP: the same keys as C++ makes, and what is refused.

#include <work/enqueuer.hpp>
#include <work/make.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>

#include "support/redis_server.hpp"
#include "support/run_task.hpp"
#include "web/served.hpp"

using work::testing::http_answer;
using work::testing::redis_server;
using work::testing::served;

namespace {

struct web_invoice
{
    std::int64_t account = 0;
    std::string month;
    double rate = 0;
};
BOOST_DESCRIBE_STRUCT(web_invoice, (), (account, month, rate))

struct web_unique_invoice : web_invoice
{
    static constexpr std::string_view job_name = "web_invoice";
    static constexpr auto unique =
        work::unique_by<&web_invoice::rate, &web_invoice::month>.or_else(work::conflict::replace);
};
BOOST_DESCRIBE_STRUCT(web_unique_invoice, (web_invoice), ())

class unique_over_http : public ::testing::TestWithParam<bool>
{
protected:
    unique_over_http()
        : url_(GetParam() ? redis_.url() : "memory:unique-over-http"),
          server_(url_),
          client_(io_, url_)
    {}
    http_answer post(std::string const& body)
    {
        return server_.post("/api/v1/jobs", body, "Content-Type: application/json\r\n");
    }
    std::string code(http_answer const& of) { return text(of, "code"); }
    std::string id(http_answer const& of) { return text(of, "id"); }
    static std::string text(http_answer const& of, char const* name)
    {
        return std::string(of.json().at(name).as_string());
    }
    work::job_handle enqueue(work::new_job job)
    {
        work::enqueuer enqueuer(client_);
        io_.restart();
        return work::testing::run_task(io_, enqueuer.enqueue(std::move(job)));
    }

    redis_server redis_;
    std::string url_;
    served server_;
    boost::asio::io_context io_;
    work::client client_;
};

TEST_P(unique_over_http, has_the_keys_that_cpp_makes)
{
    work::job_handle const first = enqueue(work::make<web_unique_invoice>(9, "11", 1.5));
    auto const again =
        post(R"({"name":"web_invoice","args":{"rate": 15e-1, "month":"11", "account":8},)"
             R"("unique":{"members":["rate","month"],"on_conflict":"replace"}})");
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(code(again), "replaced");
    EXPECT_EQ(id(again), first.id());
    auto const shown = server_.get("/api/v1/jobs/" + first.id()).json();
    EXPECT_EQ(shown.at("unique").at("until").as_string(), "ended");
    EXPECT_NE(shown.at("args").as_string().find("\"account\":8"), std::string::npos);

    work::job_handle const whole = enqueue(work::make("sync", 1, "a").with({.unique = true}));
    EXPECT_EQ(id(post(R"({"name":"sync","args":[1, "a"],"unique":true})")), whole.id());
    work::job_handle const keyed = enqueue(work::make("sync", 1).with({.unique_key = "k"}));
    auto const other = post(R"({"name":"sync","args":[2],"unique":{"key":"k"}})");
    EXPECT_EQ(id(other), keyed.id());
    EXPECT_EQ(code(other), "duplicate");
    EXPECT_EQ(other.field("Location"), "/api/v1/jobs/" + keyed.id());
}

TEST_P(unique_over_http, says_what_is_wrong)
{
    auto const refused = [&](std::string const& unique) {
        auto const answer = post(R"({"name":"x","args":{"a":1},"unique":)" + unique + "}");
        EXPECT_EQ(answer.status, 422) << unique << " " << answer.body;
        EXPECT_EQ(answer.slug(), "invalid-option") << unique;
        return answer.body;
    };
    EXPECT_NE(
        refused(R"({"members":["b"]})").find("which its arguments don't have"),
        std::string::npos
    );
    refused("7");
    refused(R"({"key":""})");
    refused(R"({"members":[]})");
    refused(R"({"key":"a","members":["a"]})");
    refused(R"({"until":"never"})");
    refused(R"({"until":"ended","for_ms":1000})");
    refused(R"({"for_ms":0})");
    refused(R"({"on_conflict":"fight"})");
    refused(R"({"ky":"a"})");
}

TEST_P(unique_over_http, a_dead_one_whose_key_another_has_does_not_run_again)
{
    std::string const body = R"({"name":"x","args":[],"unique":true})";
    std::string const first = id(post(body));
    server_.post("/api/v1/jobs/" + first + "/kill", "{}", "Content-Type: application/json\r\n");
    std::string const second = id(post(body));
    EXPECT_NE(first, second);
    auto const again = server_.post(
        "/api/v1/jobs/" + first + "/requeue",
        "{}",
        "Content-Type: application/json\r\n"
    );
    EXPECT_EQ(again.status, 409);
    EXPECT_NE(again.body.find("another job of its key"), std::string::npos) << again.body;
}

INSTANTIATE_TEST_SUITE_P(on, unique_over_http, ::testing::Bool(), [](auto const& which) {
    return which.param ? "redis" : "memory";
});

}  // namespace
