// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/redis/scripts/bundle.hpp>
#include <work/redis/script.hpp>

namespace work::scripts {

/// The scripts as they are sent. What each does is said in the .lua file of its name.
///
/// `exchange` is refused by a server at maxmemory before it does anything; `lean_exchange`, the
/// same program, may run over. What only frees, moves or reads may run over, too.
struct set
{
    explicit set(surroundings const& at)
        : enqueue{"enqueue", scripts::enqueue(at)},
          exchange{"exchange", scripts::exchange(at)},
          lean_exchange{"lean exchange", scripts::lean_exchange(at)},
          claim_on_wake{"claim on wake", scripts::claim_on_wake(at)},
          act{"act", scripts::act(at)},
          job{"job", scripts::job(at)},
          pause{"pause", scripts::pause(at)},
          limit{"limit", scripts::limit(at)},
          bound{"bound", scripts::bound(at)},
          order{"order", scripts::order(at)},
          edit{"edit", scripts::edit(at)},
          restore{"restore", scripts::restore(at)},
          make_room{"make room", scripts::make_room(at)},
          counts{"counts", scripts::counts(at)},
          active{"active", scripts::active(at)},
          outstanding{"outstanding", scripts::outstanding(at)},
          leave{"leave", scripts::leave(at)},
          forget{"forget", scripts::forget(at)},
          history{"history", scripts::history(at)},
          cron{"cron", scripts::cron(at)},
          fire{"fire", scripts::fire(at)}
    {}

    /// The ones of the server's own clock.
    static set const& on_server_clock()
    {
        static set const all{server_surroundings};
        return all;
    }
    /// The ones that read the clock key, for tests.
    static set const& on_test_clock()
    {
        static set const all{simulated_surroundings};
        return all;
    }

    redis::script enqueue;
    redis::script exchange;
    redis::script lean_exchange;
    redis::script claim_on_wake;
    redis::script act;
    redis::script job;
    redis::script pause;
    redis::script limit;
    redis::script bound;
    redis::script order;
    redis::script edit;
    redis::script restore;
    redis::script make_room;
    redis::script counts;
    redis::script active;
    redis::script outstanding;
    redis::script leave;
    redis::script forget;
    redis::script history;
    redis::script cron;
    redis::script fire;
};

}  // namespace work::scripts
