// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <boost/json/value.hpp>

#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "web/client_programs.hpp"
#include "web/served.hpp"

namespace work::testing {

inline std::string address(std::uint16_t port)
{
    return "http://127.0.0.1:" + std::to_string(port);
}

inline std::string text_of(boost::json::value const& value)
{
    return std::string(value.as_string());
}

/// One language, with a server of its own.
class client_in : public ::testing::TestWithParam<client_language>
{
protected:
    void SetUp() override
    {
        std::string const missing = is.missing();
        if (missing.empty())
            return;
        if (clients_required())
            FAIL() << missing << " is not installed";
        GTEST_SKIP() << "the client in " << is.name << " needs " << missing;
    }

    program work(std::string const& kind, std::string const& url = {}) const
    {
        std::string const job = kind == "shared" ? kind : is.mark + "-" + kind;
        return program(is.work(url.empty() ? address(server().port()) : url, done.path, job));
    }
    served& server() const
    {
        if (!server_)
            server_ = std::make_unique<served>("memory:");
        return *server_;
    }
    /// Under an id of its own: `kind`.
    void enqueue(std::string const& kind, std::string const& args, std::string const& more = {})
    {
        auto const answer = server().post(
            "/api/v1/jobs",
            R"({"name":")" + is.mark + "-" + kind + R"(","id":")" + kind + R"(","args":)" + args +
                more + "}"
        );
        ASSERT_EQ(answer.status, 201) << answer.body;
    }
    void enqueue_shared(int jobs)
    {
        std::string many = R"({"jobs":[)";
        for (int i = 0; i != jobs; ++i)
            many += std::string(i == 0 ? "" : ",") + R"({"name":"shared","args":[)" +
                    std::to_string(i) + "]}";
        auto const answer = server().post("/api/v1/jobs/bulk", many + "]}");
        ASSERT_EQ(answer.json().at("stored").as_int64(), jobs) << answer.body;
    }
    boost::json::object job(std::string const& id) const
    {
        return server().get("/api/v1/jobs/" + id).json();
    }
    bool is_in(std::string const& id, std::string const& state) const
    {
        return eventually([&] { return text_of(job(id).at("state")) == state; });
    }
    std::int64_t count(char const* which) const
    {
        return server().get("/api/v1/stats").json().at(which).as_int64();
    }
    /// Those that are listed, by their ids.
    std::vector<std::string> pools() const
    {
        std::vector<std::string> all;
        auto const told = server().get("/api/v1/pools").json();
        for (auto const& one : told.at("pools").as_array())
            all.push_back(text_of(one.at("pool")));
        return all;
    }
    std::vector<std::string> args_of(std::string const& name) const
    {
        std::vector<std::string> all;
        auto const told = server().get("/api/v1/jobs?name=" + name).json();
        for (auto const& one : told.at("jobs").as_array())
            all.push_back(text_of(one.at("args")));
        return all;
    }

    client_language const& is = GetParam();
    journal const done;
    mutable std::unique_ptr<served> server_;
};

}  // namespace work::testing
