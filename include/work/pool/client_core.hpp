// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/client_options.hpp>
#include <work/pool/close_listener.hpp>
#include <work/pool/name_owners.hpp>
#include <work/pool/producer.hpp>
#include <work/values/id.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace work::detail {

/// What the faces of one client share.
struct client_core
{
    client_core(boost::asio::any_io_executor ex, std::shared_ptr<work::broker> b, client_options o)
        : executor(ex), broker(std::move(b)), options(std::move(o)),
          producer(std::make_shared<detail::producer>(std::move(ex), broker, options))
    {
    }

    /// A new id; from any thread.
    id_text next_id(std::int64_t now_ms)
    {
        std::lock_guard const lock(ids_mutex);
        return ids.next(now_ms);
    }

    /// `who` is told when the client is closed, as long as it lives.
    void tell_when_closed(std::weak_ptr<close_listener> who)
    {
        std::erase_if(listeners, [](auto const& listener) { return listener.expired(); });
        listeners.push_back(std::move(who));
    }
    void close()
    {
        closed = true;
        producer->close();
        broker->close();
        for (auto const& weak : std::exchange(listeners, {})) {
            if (auto const listener = weak.lock())
                listener->client_closed();
        }
    }

    boost::asio::any_io_executor executor;
    std::shared_ptr<work::broker> broker;
    client_options options;
    std::shared_ptr<detail::producer> producer;
    bool closed = false;
    name_owners names;

private:
    std::vector<std::weak_ptr<close_listener>> listeners;
    std::mutex ids_mutex;
    id_generator ids;
};

}  // namespace work::detail
