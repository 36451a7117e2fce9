// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/bounds.hpp>
#include <work/broker/broker_clock.hpp>
#include <work/client.hpp>
#include <work/client/client_core.hpp>
#include <work/cron.hpp>
#include <work/enqueuer.hpp>
#include <work/inspector.hpp>
#include <work/limits.hpp>
#include <work/values/attempt_ends.hpp>
#include <work/values/pool_health.hpp>
#include <work/values/random_bits.hpp>
#include <work/values/run_times.hpp>
#include <work/values/running_jobs.hpp>
#include <work/web/broker_pulse.hpp>
#include <work/web/claim_hall.hpp>
#include <work/web/counted_broker.hpp>
#include <work/web/cron_watch.hpp>
#include <work/web/gone_pools.hpp>
#include <work/web/operation_room.hpp>
#include <work/web/options.hpp>
#include <work/web/paced_broker.hpp>
#include <work/web/queue_rows.hpp>
#include <work/web/refused_counts.hpp>
#include <work/web/sampler.hpp>
#include <work/web/search_turns.hpp>
#include <work/web/served_requests.hpp>
#include <work/web/shared_read.hpp>
#include <work/web/tracked_answer.hpp>
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
    std::function<std::vector<running_jobs>()> in_flight;
    std::function<std::vector<run_times>()> ran;
    std::function<std::vector<run_times>()> waited;
    std::function<std::vector<attempt_ends>()> ended;
};

/// Reads them, and remembers which went.
inline task<std::vector<pool_info>> look_at_pools(
    inspector look,
    std::shared_ptr<gone_pools> remembers
)
{
    std::vector<pool_info> now = co_await look.pools();
    remembers->saw(now);
    co_return now;
}

/// What routes work with.
struct service
{
    service(client& at, web_options with)
        : core(at.core()),
          look(at),
          store(at),
          crons(at),
          limits(at),
          bounds(at),
          options(std::move(with)),
          counts(std::make_shared<shared_read<broker_counts>>(
              core->executor,
              [face = look]() mutable { return face.counts(); }
          )),
          pools(std::make_shared<shared_read<std::vector<pool_info>>>(
              core->executor,
              [face = look, to = gone] { return look_at_pools(face, to); }
          )),
          all_limits(std::make_shared<shared_read<std::vector<limit_state>>>(
              core->executor,
              [face = limits]() mutable { return face.list(); }
          )),
          all_bounds(std::make_shared<shared_read<std::vector<bound_state>>>(
              core->executor,
              [face = bounds]() mutable { return face.list(); }
          )),
          about(std::make_shared<shared_read<broker_info>>(
              core->executor,
              [face = look]() mutable { return face.broker(true); }
          )),
          running(std::make_shared<shared_read<std::vector<operation_info>>>(
              core->executor,
              [face = look]() mutable { return face.operations(); }
          )),
          cron_figures(std::make_shared<shared_read<all_cron_figures>>(
              core->executor,
              [eye = std::make_shared<cron_watch>(crons, core->broker)] {
                  return cron_watch::look(eye);
              },
              pace_of_crons
          )),
          tracked(std::make_shared<shared_read<tracked_answer>>(
              core->executor,
              [face = look, of = core->broker] { return look_at_tracked(face, of); },
              pace_of_tracked
          )),
          examiner(std::make_unique<client>(
              core->executor,
              std::make_shared<counted_broker>(core->broker, counts),
              core->options
          )),
          quick_diagnosis(std::make_shared<shared_read<diagnosis>>(
              core->executor,
              [face = inspector(*examiner)]() mutable { return face.doctor({false, false}); },
              [of = counts](diagnosis const&) {
                  return of->last() ? std::int64_t(pace_of(*of->last()).count()) : 1'000;
              }
          )),
          searcher(std::make_unique<client>(
              core->executor,
              std::make_shared<paced_broker>(core->broker, core->executor),
              core->options
          )),
          search(*searcher),
          pulse(std::make_shared<broker_pulse>(core->executor, core->broker)),
          watch(
              std::make_shared<sampler>(core->executor, counts, pools, all_limits, all_bounds, look)
          ),
          operations(std::make_shared<operation_room>(core->executor, search)),
          searches(std::make_shared<search_turns>(core->executor)),
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
    cron crons;
    work::limits limits;
    work::bounds bounds;
    web_options options;
    std::shared_ptr<gone_pools> gone = std::make_shared<gone_pools>();
    std::shared_ptr<shared_read<broker_counts>> counts;
    std::shared_ptr<shared_read<std::vector<pool_info>>> pools;
    std::shared_ptr<shared_read<std::vector<limit_state>>> all_limits;
    std::shared_ptr<shared_read<std::vector<bound_state>>> all_bounds;
    std::shared_ptr<shared_read<broker_info>> about;
    std::shared_ptr<shared_read<std::vector<operation_info>>> running;
    std::shared_ptr<shared_read<all_cron_figures>> cron_figures;
    std::shared_ptr<shared_read<tracked_answer>> tracked;
    std::unique_ptr<client> examiner;  ///< as `counted_broker` has it
    std::shared_ptr<shared_read<diagnosis>> quick_diagnosis;
    /// Histories by name, by range.
    std::map<std::chrono::milliseconds, std::shared_ptr<shared_read<all_named_stats>>> names{};
    /// Jobs that are in no list, by queue.
    std::map<std::string, std::shared_ptr<shared_read<queue_places>>> places{};
    bool looks_for_strays = false;  ///< one request at a time
    /// What people start and may take long goes this way: `paced_broker`.
    std::unique_ptr<client> searcher;
    inspector search;
    std::shared_ptr<broker_pulse> pulse;
    std::shared_ptr<sampler> watch;
    std::shared_ptr<operation_room> operations;
    std::shared_ptr<search_turns> searches;
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
