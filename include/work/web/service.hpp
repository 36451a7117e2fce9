// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_clock.hpp>
#include <work/client/client_core.hpp>
#include <work/enqueuer.hpp>
#include <work/inspector.hpp>
#include <work/web/options.hpp>
#include <work/web/sampler.hpp>
#include <work/web/shared_read.hpp>
#include <work/web/traffic.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace work::web {

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
          watch(std::make_shared<sampler>(core->executor, counts, pools))
    {}

    std::int64_t now_ms() const { return time_ms(*core->broker); }

    std::shared_ptr<detail::client_core> core;
    inspector look;
    enqueuer store;
    web_options options;
    std::shared_ptr<shared_read<broker_counts>> counts;
    std::shared_ptr<shared_read<std::vector<pool_info>>> pools;
    std::shared_ptr<sampler> watch;
    traffic served;
    /// When the broker last answered the server's own question, by `steady_ms`; 0: not yet.
    std::int64_t answered_ms = 0;
};

}  // namespace work::web
