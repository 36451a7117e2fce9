// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/exchange_state.hpp>
#include <work/pool/wakeable.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>

#include <array>
#include <chrono>
#include <deque>
#include <exception>

namespace work::detail {

/// One run of a pool, from `run()` to its end.
struct pool_run
{
    using time_point = std::chrono::steady_clock::time_point;

    explicit pool_run(boost::asio::any_io_executor const& executor)
        : stop_wake(executor),
          empty_wake(executor),
          history_wake(executor)
    {}

    void begin(bool until_empty_of, std::chrono::steady_clock::duration own_grace)
    {
        grace = own_grace;
        until_empty = until_empty_of;
        client_gone = false;
        role_failure = nullptr;
        cancellations = 0;
    }
    /// Of all roles but those that take leave.
    void cancel_roles()
    {
        for (auto& stream : exchanges)
            stream.emit(boost::asio::cancellation_type::terminal);
        for (auto* role : {&waits, &empties, &histories})
            role->emit(boost::asio::cancellation_type::terminal);
        for (auto& duty : duties)
            duty.emit(boost::asio::cancellation_type::terminal);
    }

    int roles = 0;  ///< coroutines of the run that have not ended
    int cancellations = 0;
    bool until_empty = false;
    bool client_gone = false;  ///< it was closed while the pool ran
    std::exception_ptr role_failure;
    time_point stop_at{};
    std::chrono::steady_clock::duration grace{};  ///< of its stop
    time_point close_by{};

    wakeable stop_wake;
    wakeable empty_wake;
    wakeable history_wake;
    std::array<boost::asio::cancellation_signal, most_exchanges> exchanges;
    boost::asio::cancellation_signal waits;
    boost::asio::cancellation_signal empties;
    boost::asio::cancellation_signal histories;
    std::deque<boost::asio::cancellation_signal> duties;
    boost::asio::cancellation_signal greets;
    boost::asio::cancellation_signal leaves;
};

}  // namespace work::detail
