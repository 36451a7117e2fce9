// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/redis/scripts/admin.hpp>
#include <work/broker/redis/scripts/claim.hpp>
#include <work/broker/redis/scripts/enqueue.hpp>
#include <work/broker/redis/scripts/exchange.hpp>
#include <work/broker/redis/scripts/fast_path.hpp>
#include <work/broker/redis/scripts/keeping.hpp>
#include <work/broker/redis/scripts/outstanding.hpp>
#include <work/broker/redis/scripts/prelude.hpp>
#include <work/broker/redis/scripts/queues.hpp>
#include <work/broker/redis/scripts/reap.hpp>
#include <work/broker/redis/scripts/registries.hpp>
#include <work/broker/redis/scripts/sweep.hpp>
#include <work/redis/script.hpp>

#include <string>
#include <string_view>

namespace work::scripts {

/// The scripts as they are sent: flags, clock, what is plain, prelude, body.
///
/// `exchange` is refused by a server at maxmemory before it does anything; `lean_exchange`, the
/// same program, may run over. What only frees, moves or reads may run over, too.
struct set
{
    explicit set(std::string_view clock)
        : enqueue{"enqueue", enqueue_text(clock)},
          exchange{"exchange", exchange_text(false, clock)},
          lean_exchange{"lean exchange", exchange_text(true, clock)},
          claim_on_wake{"claim on wake", claim_on_wake_text(clock)},
          cancel{"cancel", text(true, clock, moving(find_job), scripts::cancel)},
          requeue{"requeue", text(true, clock, moving(find_job), scripts::requeue)},
          job{"job", text(true, clock, moving(find_job), scripts::job)},
          take_back{
              "take back",
              text(true, clock, moving(find_job) + std::string(groups_again), scripts::take_back)
          },
          restore{"restore", text(true, clock, moving(find_job), scripts::restore)},
          make_room{"make room", text(true, clock, moving(), scripts::make_room)},
          counts{"counts", text(true, clock, {}, scripts::counts)},
          active{"active", text(true, clock, {}, scripts::active)},
          outstanding{"outstanding", text(true, clock, {}, scripts::outstanding)},
          leave{"leave", text(true, clock, moving(), scripts::leave)}
    {}

    /// The ones of the server's own clock.
    static set const& on_server_clock()
    {
        static set const all{server_clock};
        return all;
    }
    /// The ones that read the clock key, for tests.
    static set const& on_test_clock()
    {
        static set const all{test_clock};
        return all;
    }

    redis::script enqueue;
    redis::script exchange;
    redis::script lean_exchange;
    redis::script claim_on_wake;
    redis::script cancel;
    redis::script requeue;
    redis::script job;
    redis::script take_back;
    redis::script restore;
    redis::script make_room;
    redis::script counts;
    redis::script active;
    redis::script outstanding;
    redis::script leave;

private:
    static std::string enqueue_text(std::string_view clock)
    {
        std::string const moves = std::string(ready_moves) + rarely();
        return text(false, with(clock, lone_enqueue), moves, scripts::enqueue);
    }
    static std::string exchange_text(bool may_run_over, std::string_view clock)
    {
        std::string draw(clock == test_clock ? test_draw : server_draw);
        draw.append(clock == test_clock ? test_shown : server_shown);
        std::string const words = std::string(exchange_reports).append(exchange_keeping);
        return text(
            may_run_over,
            with(clock, lone_claim),
            rarely(words, ready_moves) + draw,
            std::string(exchange_reap)
                .append(exchange_claim)
                .append(claim_queues)
                .append(exchange_end)
                .append("local sweep_step\n"
                        "if clock[5] and string.find(modes, 'c', 1, true) then\n")
                .append(groups_again)
                .append(exchange_sweep)
                .append("end\n")
                .append(exchange_answer)
        );
    }
    // Only what is plain; else nothing was changed, and the answer says whether jobs wait (1) or
    // not (false), should a wakeup have been lost. Not for a pool whose heartbeat fell silent: it
    // would have the job until its lease lapses.
    static std::string claim_on_wake_text(std::string_view clock)
    {
        std::string s("#!lua\n");
        return s.append(clock)
            .append("if redis.call('EXISTS', KEYS[1] .. 'status:' .. ARGV[1]) == 1 then")
            .append(lone_claim)
            .append("end\n"
                    "return redis.pcall('ZINTERCARD', '2', KEYS[1] .. 'ready', "
                    "KEYS[1] .. 'serves:' .. ARGV[1], 'LIMIT', '1') == 1 and 1\n");
    }
    static std::string with(std::string_view clock, std::string_view lone)
    {
        return std::string(clock).append(lone);
    }
    static std::string rarely(std::string_view first = {}, std::string_view moves = {})
    {
        std::string s("local function rare()\nif bury then return end\n");
        s.append(moves).append(rare_registries).append(rare_moves).append(rare_keeping);
        return s.append("end\n").append(first);
    }
    static std::string moving(std::string_view first = {})
    {
        std::string s(ready_moves);
        s.append(rare_registries).append(rare_moves).append(rare_keeping);
        return s.append(first);
    }
    static std::string text(
        bool may_run_over,
        std::string_view clock,
        std::string_view first,
        std::string_view second
    )
    {
        std::string s(may_run_over ? "#!lua flags=allow-oom\n" : "#!lua\n");
        return s.append(clock).append(prelude).append(first).append(second);
    }
};

}  // namespace work::scripts
