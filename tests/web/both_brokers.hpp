// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <boost/json/serialize.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>

#include "support/redis_server.hpp"
#include "web/schema.hpp"
#include "web/served.hpp"

namespace work::testing {

/// Each case on both brokers, in memory (false) and on a Redis of the suite's own (true).
class on_both_brokers : public ::testing::TestWithParam<bool>
{
protected:
    static void SetUpTestSuite() { redis = std::make_unique<redis_server>(); }
    static void TearDownTestSuite() { redis.reset(); }
    void SetUp() override
    {
        redis->ask("FLUSHALL");
        static int next = 0;
        url_ = GetParam() ? redis->url() : "memory:both-brokers" + std::to_string(++next);
    }

    std::string url_;
    inline static std::unique_ptr<redis_server> redis;
};

/// In what an answer differs from the document that the server serves; "": in nothing.
inline std::string misfit(served& server, http_answer const& answer, std::string const& schema)
{
    boost::json::object const document = server.get("/api/v1/openapi.json").json();
    auto const& schemas = document.at("components").as_object().at("schemas").as_object();
    return schema_check(document).check(answer.json(), schemas.at(schema).as_object());
}

}  // namespace work::testing
