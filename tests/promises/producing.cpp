// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "producing.hpp"

#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <random>
#include <set>
#include <vector>

namespace promises {
namespace {

using namespace std::chrono_literals;

work::task<void> store_unique(work::client& to, journal& out, producing what)
{
    work::enqueuer enqueuer(to);
    std::mt19937 chance(what.seed);
    for (;;) {
        auto const key = static_cast<std::int64_t>(chance()) % what.keys;
        std::string const text = "k" + std::to_string(key);
        work::enqueue_options how;
        how.unique_key = text;
        how.in = std::chrono::milliseconds(chance() % 4 == 0 ? chance() % 50 : 0);
        how.unique_until = key % 2 == 0 ? work::until::ended : work::until::succeeded;
        work::conflict const all[] = {
            work::conflict::keep,
            work::conflict::replace,
            work::conflict::extend,
            work::conflict::renew
        };
        how.on_conflict = all[chance() % 4];
        work::new_job job = work::make("sleep", key, 2'000).with(how);
        try {
            auto const handle = co_await enqueuer.enqueue(std::move(job));
            out.write(handle.duplicate() ? 'k' : 'e', key, handle.id(), 0, 0);
        } catch (work::error const&) {
            out.write('x', key, "?", 0, 0);
        }
    }
}

work::task<void> store_flows(work::client& to, journal& out, producing what)
{
    std::mt19937 chance(what.seed);
    std::int64_t index = what.first;
    for (;;) {
        work::flow one(to);
        std::int64_t const first = index;
        std::vector<work::flow_job> jobs;
        for (std::vector<std::int64_t> const& needs : draw_flow(chance)) {
            work::after others;
            for (std::int64_t const parent : needs)
                others = others && work::after(jobs[static_cast<std::size_t>(parent)])
                                       .as(std::to_string(first + parent));
            jobs.push_back(one.add(work::make("step", index++, 1'000), others));
        }
        std::int64_t const size = index - first;
        out.write('f', size, one.id(), first, 0);
        co_await one.start();
        out.write('F', size, one.id(), first, 0);
    }
}

}  // namespace

std::vector<std::vector<std::int64_t>> draw_flow(std::mt19937& chance)
{
    std::vector<std::vector<std::int64_t>> all(300 + chance() % 700);
    for (std::size_t i = 1; i != all.size(); ++i) {
        std::set<std::int64_t> needs;
        for (auto k = chance() % 4; k > 0; --k)
            needs.insert(static_cast<std::int64_t>(chance() % i));
        all[i].assign(needs.begin(), needs.end());
    }
    return all;
}

work::task<void> produce(work::client& to, journal& out, producing what)
{
    if (what.kind == "flows") {
        co_await store_flows(to, out, std::move(what));
        co_return;
    }
    auto const executor = co_await boost::asio::this_coro::executor;
    for (int i = 0; i != 8; ++i) {
        producing own = what;
        own.seed = what.seed * 8 + static_cast<std::uint32_t>(i);
        boost::asio::co_spawn(executor, store_unique(to, out, own), work::rethrow);
    }
}

}  // namespace promises
