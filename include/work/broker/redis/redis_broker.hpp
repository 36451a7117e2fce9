// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/broker/redis/options.hpp>
#include <work/build_config.hpp>
#include <work/redis/endpoint.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace work {

/// Jobs in one Redis (or one hash slot of a cluster): each transition is one script call.
///
/// Connections, each opened when first used: commands, large values, waiting, and one for each
/// subscription; a lease port has one of its own.
///
/// \par Redis         keys `work:{<ns>}:…`; what each script touches and costs is said in
///                    `broker/redis/scripts/`.
/// \par Thread safety none: use it on the thread of its executor.
WORK_DECL std::shared_ptr<broker> make_redis_broker(
    boost::asio::any_io_executor executor,
    redis::endpoint server,
    redis_broker_options options
);

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/broker/redis/redis_broker.ipp>
#endif
