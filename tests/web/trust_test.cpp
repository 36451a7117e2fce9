// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Proxies that say who asks.

#include <work/error.hpp>
#include <work/web/options.hpp>
#include <work/web/trust.hpp>

#include <boost/json/serialize.hpp>

#include <gtest/gtest.h>
#include <string>

#include "web/served.hpp"

using work::web_options;
using work::testing::served;
namespace web = work::web;

namespace {

web_options trusting(std::string const& peer)
{
    web_options options;
    options.trust = {peer};
    options.user_header = "X-Forwarded-User";
    options.role_header = "X-Role";
    return options;
}

std::string as(std::string const& user, std::string const& role = {})
{
    return "X-Forwarded-User: " + user + "\r\n" + (role.empty() ? "" : "X-Role: " + role + "\r\n");
}

boost::asio::ip::address address_of(char const* text)
{
    return boost::asio::ip::make_address(text);
}

std::string fault_of(web_options const& options)
{
    try {
        options.validate();
    } catch (work::error const& fault) {
        return fault.what();
    }
    return {};
}

}  // namespace

TEST(trust, networks_are_what_they_say)
{
    auto const ten = web::network::parse("10.0.0.0/8");
    EXPECT_TRUE(ten.has(address_of("10.0.0.0")));
    EXPECT_TRUE(ten.has(address_of("10.255.255.255")));
    EXPECT_TRUE(ten.has(address_of("::ffff:10.1.2.3"))) << "through an IPv6 socket";
    EXPECT_FALSE(ten.has(address_of("11.0.0.0")));
    EXPECT_FALSE(ten.has(address_of("9.255.255.255")));
    EXPECT_FALSE(ten.has(address_of("::1")));
    auto const odd = web::network::parse("192.168.4.0/23");
    EXPECT_TRUE(odd.has(address_of("192.168.5.255")));
    EXPECT_FALSE(odd.has(address_of("192.168.6.0")));
    EXPECT_FALSE(odd.has(address_of("192.168.3.255")));
    auto const one = web::network::parse("10.1.2.3");
    EXPECT_TRUE(one.has(address_of("10.1.2.3")));
    EXPECT_FALSE(one.has(address_of("10.1.2.2")));
    auto const six = web::network::parse("fd00::/8");
    EXPECT_TRUE(six.has(address_of("fdff::1")));
    EXPECT_FALSE(six.has(address_of("fe00::1")));
    EXPECT_TRUE(web::network::parse("0.0.0.0/0").has(address_of("1.2.3.4")));
    for (char const* const bad :
         {"",
          "/8",
          "10",
          "localhost",
          "10.0.0.0/33",
          "10.0.0.0/",
          "10.0.0.0/-1",
          "10.0.0.0/8 ",
          "10.0.0.1/8",
          "fd00::/129",
          "fe80::1%eth0",
          "10.0.0.0/08x"})
        EXPECT_THROW(web::network::parse(bad), work::error) << bad;
}

TEST(trust, options_that_make_no_sense_together_say_why)
{
    EXPECT_EQ(fault_of(trusting("127.0.0.1")), "");
    web_options none;
    none.user_header = "X-User";
    EXPECT_NE(fault_of(none).find("give trust"), std::string::npos);
    for (char const* const bad : {"", "Authorization", "HOST", "X User", "X:User", "Cookie"}) {
        web_options options = trusting("127.0.0.1");
        options.user_header = bad;
        EXPECT_NE(fault_of(options).find("user_header is "), std::string::npos) << bad;
    }
    web_options same = trusting("127.0.0.1");
    same.role_header = "x-forwarded-user";
    EXPECT_NE(fault_of(same).find("are both"), std::string::npos);
    EXPECT_NE(fault_of(trusting("10.0.0.1/8")).find("bits behind"), std::string::npos);
    // It is as good as tokens beyond loopback.
    web_options wide = trusting("10.0.0.0/8");
    wide.address = "0.0.0.0";
    EXPECT_EQ(fault_of(wide), "");
    wide.trust.clear();
    wide.user_header.clear();
    wide.role_header.clear();
    EXPECT_NE(fault_of(wide).find("--trust"), std::string::npos);
}

TEST(trust, a_trusted_peer_says_who_asks_and_what_that_one_may)
{
    served server("memory:", trusting("127.0.0.0/8"));
    auto const nobody = server.get("/api/v1/queues");
    EXPECT_EQ(nobody.slug(), "unauthenticated");
    EXPECT_EQ(server.get("/api/v1/queues", as("")).slug(), "unauthenticated");
    EXPECT_EQ(server.get("/api/v1/queues", "X-Role: admin\r\n").slug(), "unauthenticated");
    auto const viewer = server.get("/api/v1/", as("ada"));
    EXPECT_EQ(viewer.status, 200);
    EXPECT_EQ(boost::json::serialize(viewer.json().at("roles")), R"(["viewer"])");
    EXPECT_EQ(server.get("/api/v1/", as("ada", " ")).status, 200);
    std::string const as_json = "Content-Type: application/json\r\n";
    std::string const stored = R"({"name":"x","id":"j","args":[]})";
    EXPECT_EQ(server.post("/api/v1/jobs", stored, as_json + as("ada")).slug(), "forbidden");
    EXPECT_EQ(
        server.post("/api/v1/jobs", stored, as_json + as("ada", "operator")).slug(),
        "forbidden"
    );
    EXPECT_EQ(
        server.post("/api/v1/jobs", stored, as_json + as("ada", "operator, producer")).status,
        201
    );
    EXPECT_EQ(
        server.post("/api/v1/jobs/j/kill", "{}", as_json + as("ada", "operator")).status,
        200
    );
    // There is no such role: none at all, in the place of fewer.
    EXPECT_EQ(server.get("/api/v1/queues", as("ada", "root")).slug(), "forbidden");
    EXPECT_EQ(server.get("/api/v1/queues", as("ada", "viewer,root")).slug(), "forbidden");
    // What the caller itself sent stands beside what the proxy says.
    EXPECT_EQ(server.get("/api/v1/queues", as("ada") + as("eve")).slug(), "forbidden");
    EXPECT_EQ(
        server.get("/api/v1/queues", as("ada", "viewer") + "X-Role: admin\r\n").slug(),
        "forbidden"
    );
    EXPECT_NE(
        server.get("/api/v1/audit", as("ada", "admin")).body.find("\"by\":\"ada\""),
        std::string::npos
    );
}

TEST(trust, nobody_else_says_who_asks)
{
    served server("memory:", trusting("10.0.0.0/8"));
    EXPECT_EQ(server.get("/api/v1/queues").slug(), "unauthenticated");
    for (std::string const& fields :
         {as("ada"), as("ada", "admin"), std::string("x-role: admin\r\n")}) {
        auto const refused = server.get("/api/v1/queues", fields);
        EXPECT_EQ(refused.status, 403) << fields;
        EXPECT_EQ(refused.slug(), "forbidden") << fields;
    }
    EXPECT_NE(server.log().find("no trusted proxy: field=x-forwarded-user"), std::string::npos);
    EXPECT_NE(server.log().find("field=x-role"), std::string::npos);
}
