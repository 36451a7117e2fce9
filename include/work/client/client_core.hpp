// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/client/durable_sender.hpp>
#include <work/client/enqueue_batcher.hpp>
#include <work/client/followed_jobs.hpp>
#include <work/client/name_owners.hpp>
#include <work/client_options.hpp>
#include <work/strand.hpp>
#include <work/values/id.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace work::detail {

class station;

/// What the faces of one client share. It lives on the executor, which runs one thing at a time,
/// but for what says otherwise.
struct client_core : std::enable_shared_from_this<client_core>
{
    client_core(boost::asio::any_io_executor ex, std::shared_ptr<work::broker> b, client_options o)
        : executor(ex),
          broker(std::move(b)),
          options(std::move(o)),
          batcher(std::make_shared<detail::enqueue_batcher>(std::move(ex), broker, options))
    {}

    /// Must calls from coroutines elsewhere travel? Not when one thread runs everything.
    bool apart() const noexcept
    {
        return executor.target<boost::asio::io_context::executor_type>() == nullptr;
    }
    /// Runs a call of the broker's for a coroutine that may be on any thread.
    template <typename T>
    task<T> here(task<T> call)
    {
        return apart() ? run_on(executor, std::move(call), shared_from_this()) : std::move(call);
    }
    /// Does it now, or soon when it can't be done from here, at the latest when the context goes.
    template <typename Function>
    void soon(Function what)
    {
        if (apart())
            boost::asio::dispatch(executor, owed_call<Function>(std::move(what)));
        else
            what();
    }

    /// A new id; from any thread.
    id_text next_id(std::int64_t now_ms)
    {
        std::lock_guard const lock(ids_mutex);
        return ids.next(now_ms);
    }

    /// What its pools share, made when it is asked for first; from any thread.
    template <typename Make>
    std::shared_ptr<detail::station> station(Make make)
    {
        std::lock_guard const lock(station_mutex);
        if (!pools_share)
            pools_share = make();
        return pools_share;
    }

    /// Who waits for ends of jobs, made when it is asked for first; from any thread.
    std::shared_ptr<followed_jobs> followed()
    {
        std::lock_guard const lock(station_mutex);
        if (!waits) {
            std::string name = next_id(broker->now_ms()).str();
            waits =
                std::make_shared<followed_jobs>(executor, broker, options.logger, std::move(name));
        }
        return waits;
    }

    /// Who stores what is to be durable, made when it is asked for first; from any thread.
    std::shared_ptr<durable_sender> durable()
    {
        std::lock_guard const lock(station_mutex);
        if (!sends_durably)
            sends_durably = std::make_shared<durable_sender>(executor, broker, batcher);
        return sends_durably;
    }

    /// Calls it, on the executor, when the client is closed, as long as `alive` is.
    void when_closed(std::weak_ptr<void> alive, std::function<void()> call)
    {
        std::erase_if(listeners, [](auto const& listener) { return listener.alive.expired(); });
        listeners.push_back({std::move(alive), std::move(call)});
    }
    /// From any thread; nothing works after it.
    void close()
    {
        closed = true;
        batcher->close();
        soon([self = shared_from_this()] { self->close_broker(); });
    }

    boost::asio::any_io_executor executor;
    std::shared_ptr<work::broker> broker;
    client_options options;
    std::shared_ptr<detail::enqueue_batcher> batcher;
    std::atomic<bool> closed{false};
    name_owners names;

private:
    void close_broker()
    {
        broker->close();
        for (auto const& listener : std::exchange(listeners, {})) {
            if (auto const alive = listener.alive.lock())
                listener.call();
        }
    }

    struct close_listener
    {
        std::weak_ptr<void> alive;
        std::function<void()> call;
    };

    std::vector<close_listener> listeners;
    std::mutex station_mutex;
    std::shared_ptr<detail::station> pools_share;
    std::shared_ptr<followed_jobs> waits;
    std::shared_ptr<durable_sender> sends_durably;
    std::mutex ids_mutex;
    id_generator ids;
};

}  // namespace work::detail
