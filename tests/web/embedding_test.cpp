// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// A server within another program: who asks is said by that, traces are looked at elsewhere.

#include <work/error.hpp>
#include <work/web/options.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <stdexcept>
#include <string>

#include "web/served.hpp"

namespace {

using ::testing::HasSubstr;
using work::web_options;
using work::web_request;
using work::web_user;
using work::testing::served;

work::task<std::optional<web_user>> by_cookie(web_request const& request)
{
    std::string const cookie(request.field("cookie"));
    if (cookie == "broken")
        throw std::runtime_error("the store of sessions is away");
    if (cookie.empty())
        co_return std::nullopt;
    std::optional<web_user> one = web_user::with(cookie, {cookie == "ada" ? "admin" : "viewer"});
    co_return one;
}

web_options with_sessions()
{
    web_options options;
    options.authorize = by_cookie;
    options.hosts = {"shop.internal"};
    return options;
}

std::string refusal_of(web_options const& options)
{
    try {
        options.validate();
    } catch (work::error const& fault) {
        return fault.what();
    }
    return {};
}

}  // namespace

TEST(embedded_server, lets_its_program_say_who_asks)
{
    served server("memory:", with_sessions());
    std::string const json = "Content-Type: application/json\r\n";
    std::string const job = R"({"name":"mail","args":[]})";
    EXPECT_EQ(server.get("/api/v1/queues").slug(), "unauthenticated");
    EXPECT_EQ(server.get("/api/v1/queues", "Cookie: bob\r\n").status, 200);
    EXPECT_EQ(server.get("/api/v1/", "Cookie: bob\r\n").json().at("user").as_string(), "bob");
    EXPECT_EQ(server.post("/api/v1/jobs", job, json + "Cookie: bob\r\n").slug(), "forbidden");
    EXPECT_EQ(server.post("/api/v1/jobs", job, json + "Cookie: ada\r\n").status, 201);
    // What is thrown is a fault of the program's, whose text nobody is told.
    auto const broken = server.get("/api/v1/queues", "Cookie: broken\r\n");
    EXPECT_EQ(broken.status, 500);
    EXPECT_EQ(broken.body.find("sessions"), std::string::npos);
    EXPECT_THAT(server.log(), HasSubstr("the store of sessions is away"));
    // It is no server without credentials: other names reach it, and proxies.
    auto const by_name = server.send(
        "GET /api/v1/queues HTTP/1.1\r\nHost: shop.internal\r\nX-Forwarded-For: 10.0.0.1\r\n"
        "Cookie: bob\r\n\r\n"
    );
    EXPECT_EQ(by_name.status, 200) << by_name.body;
    // What comes from another site is refused before anybody is asked.
    auto const elsewhere =
        server.get("/api/v1/queues", "Cookie: broken\r\nSec-Fetch-Site: cross-site\r\n");
    EXPECT_EQ(elsewhere.slug(), "cross-site");
    // With a body, which is read afterwards.
    auto const done =
        server.post("/api/v1/queues/mail/pause", "{}", json + "Cookie: ada\r\n").json();
    EXPECT_EQ(done.at("by").as_string(), "ada");
}

TEST(embedded_server, refuses_options_that_say_twice_who_asks)
{
    web_options options = with_sessions();
    EXPECT_EQ(refusal_of(options), "");
    options.address = "0.0.0.0";
    EXPECT_EQ(refusal_of(options), "") << "it knows who asks";
    options.insecure = true;
    EXPECT_THAT(refusal_of(options), HasSubstr("authorize says who asks"));
    options.insecure = false;
    options.tokens_file = "tokens";
    EXPECT_THAT(refusal_of(options), HasSubstr("authorize says who asks"));
    try {
        static_cast<void>(web_user::with("ada", {"viewer", "boss"}));
        FAIL() << "there is no such role";
    } catch (work::error const& fault) {
        EXPECT_EQ(fault.code(), work::errc::invalid_option);
        EXPECT_THAT(fault.what(), HasSubstr("role is \"boss\", it must be metrics, viewer"));
    }
    auto const both = web_user::with("ada", {"producer", "viewer"});
    EXPECT_TRUE(both.may(work::web::right::enqueue));
    EXPECT_TRUE(both.may(work::web::right::see));
    EXPECT_FALSE(both.may(work::web::right::operate));
}

TEST(trace_url, is_told_when_it_leads_somewhere)
{
    web_options options;
    options.trace_url = "https://traces.shop.internal/trace/{trace_id}";
    served server("memory:", options);
    EXPECT_EQ(server.get("/api/v1/").json().at("trace_url").as_string(), options.trace_url);
    served without("memory:");
    EXPECT_EQ(without.get("/api/v1/").json().at("trace_url").as_string(), "");
    for (std::string const& bad :
         {std::string("https://traces.shop.internal/"),
          std::string("javascript:alert({trace_id})"),
          std::string("traces/{trace_id}"),
          "https://a/{trace_id}" + std::string(1'100, 'x')}) {
        options.trace_url = bad;
        EXPECT_THAT(refusal_of(options), HasSubstr("it must be a URL with {trace_id} in it"))
            << bad;
    }
}
