// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/strand.hpp>

#include <boost/asio/detail/concurrency_hint.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/strand.hpp>

namespace work::detail {

// The context has been told how many threads will run it, and does not tell it on.
WORK_DECL boost::asio::any_io_executor one_at_a_time(boost::asio::io_context& io)
{
    auto const& scheduler = boost::asio::use_service<boost::asio::detail::io_context_impl>(io);
    int const threads = scheduler.concurrency_hint();
    if (threads == 1 || !BOOST_ASIO_CONCURRENCY_HINT_IS_LOCKING(SCHEDULER, threads))
        return io.get_executor();
    return boost::asio::make_strand(io);
}

}  // namespace work::detail
