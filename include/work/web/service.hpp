// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_clock.hpp>
#include <work/client/client_core.hpp>
#include <work/enqueuer.hpp>
#include <work/inspector.hpp>
#include <work/values/pool_health.hpp>
#include <work/values/random_bits.hpp>
#include <work/values/run_times.hpp>
#include <work/web/broker_pulse.hpp>
#include <work/web/claim_hall.hpp>
#include <work/web/operation_room.hpp>
#include <work/web/options.hpp>
#include <work/web/refused_counts.hpp>
#include <work/web/sampler.hpp>
#include <work/web/served_requests.hpp>
#include <work/web/shared_read.hpp>
#include <work/web/worker_presence.hpp>
#include <work/web/worker_times.hpp>
#include <work/web/worker_traffic.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace work::web {

/// A worker pool of this process, which may be gone.
struct local_pool
{
    std::function<pool_health()> health;
    std::function<std::vector<run_times>()> ran;
    std::function<std::vector<run_times>()> waited;
};

/// What routes work with.
struct service
{
    service(client& at, web_options with)
        : core(at.core()),
          look(at),
          store(at),
          options(std::move(with)),
          counts(std::make_shared<shared_read<broker_counts>>(
              core->executor,
              [face = look]() mutable { return face.counts(); }
          )),
          pools(std::make_shared<shared_read<std::vector<pool_info>>>(
              core->executor,
              [face = look]() mutable { return face.pools(); }
          )),
          about(std::make_shared<shared_read<broker_info>>(
              core->executor,
              [face = look]() mutable { return face.broker(true); }
          )),
          running(std::make_shared<shared_read<std::vector<operation_info>>>(
              core->executor,
              [face = look]() mutable { return face.operations(); }
          )),
          quick_diagnosis(std::make_shared<shared_read<diagnosis>>(
              core->executor,
              [face = look]() mutable { return face.doctor({false, false}); }
          )),
          pulse(std::make_shared<broker_pulse>(core->executor, core->broker)),
          watch(std::make_shared<sampler>(core->executor, counts, pools, look)),
          operations(std::make_shared<operation_room>(core->executor, look)),
          presence(std::make_shared<worker_presence>(core->executor, core->broker)),
          hall(std::make_shared<claim_hall>(
              core->executor,
              core->broker,
              "server-" + core->next_id(wall_ms()).str()
          )),
          times(std::make_shared<worker_times>(
              core->broker,
              "server-" + core->next_id(wall_ms()).str()
          )),
          random(static_cast<std::uint64_t>(
              std::chrono::steady_clock::now().time_since_epoch().count()
          ))
    {}

    std::int64_t now_ms() const { return time_ms(*core->broker); }

    std::shared_ptr<detail::client_core> core;
    inspector look;
    enqueuer store;
    web_options options;
    std::shared_ptr<shared_read<broker_counts>> counts;
    std::shared_ptr<shared_read<std::vector<pool_info>>> pools;
    std::shared_ptr<shared_read<broker_info>> about;
    std::shared_ptr<shared_read<std::vector<operation_info>>> running;
    std::shared_ptr<shared_read<diagnosis>> quick_diagnosis;
    /// Histories by name, by range.
    std::map<std::chrono::milliseconds, std::shared_ptr<shared_read<all_named_stats>>> names{};
    bool looks_for_strays = false;  ///< one request at a time
    std::shared_ptr<broker_pulse> pulse;
    std::shared_ptr<sampler> watch;
    std::shared_ptr<operation_room> operations;
    std::vector<local_pool> watched{};  ///< pools of this process
    served_requests served;
    /// What this server remembers of workers, and where their claims wait.
    std::shared_ptr<worker_presence> presence;
    std::shared_ptr<claim_hall> hall;
    std::shared_ptr<worker_times> times;
    worker_traffic traffic;
    refused_counts refused;
    detail::random_bits random;
};

}  // namespace work::web
