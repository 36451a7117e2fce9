// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/forwarding_broker.hpp>
#include <work/broker/memory/memory_broker.hpp>
#include <work/broker/memory/store.hpp>
#include <work/broker/redis/redis_broker.hpp>
#include <work/cron.hpp>
#include <work/inspector.hpp>
#include <work/values/time.hpp>

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/redis_server.hpp"
#include "support/run_task.hpp"

namespace cron_tests {

inline std::int64_t ms(std::string_view time)
{
    return work::parse_rfc3339(time).value_or(0);
}

/// Brokers of one store, "memory" or "redis", whose clock the test moves.
class clocked : public testing::TestWithParam<char const*>
{
protected:
    clocked()
    {
        if (std::string_view(GetParam()) == "redis")
            server_.emplace();
        else
            store_ = std::make_shared<work::memory_store>("", [this] { return now_ * 1000; });
        set_time("2026-03-01T00:00:30Z");
        client = make_client();
        cron.emplace(*client);
        see.emplace(*client);
    }

    void set_time(std::int64_t to)
    {
        now_ = to;
        if (server_)
            server_->ask("SET work:{work}:test:clock " + std::to_string(now_ * 1000));
    }
    void set_time(std::string_view to) { set_time(ms(to)); }
    std::int64_t now() const { return now_; }

    std::shared_ptr<work::broker> make_broker()
    {
        if (!server_)
            return std::make_shared<work::memory_broker>(io.get_executor(), store_);
        work::redis_broker_options how;
        how.test_clock = true;
        return work::make_redis_broker(io.get_executor(), server_->config(), how);
    }
    std::unique_ptr<work::client> make_client(std::shared_ptr<work::broker> on = nullptr)
    {
        work::client_options options;
        options.logger = [this](work::log_level, std::string_view line) {
            logged.emplace_back(line);
        };
        return std::make_unique<work::client>(
            io.get_executor(),
            on ? std::move(on) : make_broker(),
            std::move(options)
        );
    }

    template <typename T>
    T get(work::task<T> task)
    {
        io.restart();
        return work::testing::run_task(io, std::move(task), std::chrono::seconds(60));
    }
    /// The message of the error, "" when there is none.
    template <typename T>
    std::string fault(std::function<work::task<T>()> call, work::errc code)
    {
        try {
            get(call());
            return "";
        } catch (work::error const& e) {
            EXPECT_EQ(e.code(), code) << e.what();
            return e.what();
        }
    }
    work::cron_put put(
        std::string name,
        std::string spec,
        work::cron_options options = work::cron_options()
    )
    {
        return get(cron->put(std::move(name), std::move(spec), work::make("tick", 1), options));
    }
    work::cron_entry entry(std::string name)
    {
        return get(cron->get(std::move(name))).value_or(work::cron_entry());
    }
    std::size_t fire() { return get(cron->fire_due()); }
    bool is_pending(std::string const& id)
    {
        return get(see->job(id)).state == work::job_state::pending;
    }
    std::int64_t pending() { return get(see->counts()).pending; }

    boost::asio::io_context io{1};
    std::optional<work::testing::redis_server> server_;
    std::shared_ptr<work::memory_store> store_;
    std::unique_ptr<work::client> client;
    std::optional<work::cron> cron;
    std::optional<work::inspector> see;
    std::vector<std::string> logged;

private:
    std::int64_t now_ = 0;
};

inline std::string broker_name(testing::TestParamInfo<char const*> const& info)
{
    return info.param;
}

}  // namespace cron_tests
