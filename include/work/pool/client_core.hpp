// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/client_options.hpp>
#include <work/pool/producer.hpp>
#include <work/values/id.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <mutex>
#include <utility>

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

    boost::asio::any_io_executor executor;
    std::shared_ptr<work::broker> broker;
    client_options options;
    std::shared_ptr<detail::producer> producer;

private:
    std::mutex ids_mutex;
    id_generator ids;
};

}  // namespace work::detail
