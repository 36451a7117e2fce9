// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/redis/connection.hpp>
#include <work/redis/connection_core.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace work::redis {
namespace detail {

struct cancel_call
{
    cancel_call(connection_core* c, call* u) noexcept : core(c), unwanted(u) {}
    void operator()(boost::asio::cancellation_type type) { core->cancel(unwanted, type); }

    connection_core* core;
    call* unwanted;
};

template <typename Result>
struct initiate_call
{
    template <typename Handler>
    void operator()(
        Handler&& handler,
        std::shared_ptr<connection_core> core,
        command owned,
        std::string_view borrowed,
        call_options options
    ) const
    {
        using pending = call_node<std::decay_t<Handler>, Result>;
        auto* const added = new pending(std::forward<Handler>(handler), std::move(owned));
        if (!borrowed.empty()) {
            added->bytes = borrowed;
            added->expected = 1;
        }
        added->begun = connection_core::clock::now();
        added->deadline = connection_core::after(added->begun, options.deadline);
        added->silence = options.silence;
        added->closed_is_unknown = options.closed_is_unknown;
        auto slot = added->slot();
        if (slot.is_connected())
            slot.template emplace<cancel_call>(core.get(), static_cast<call*>(added));
        core->submit(added);
    }
};

template <typename Result>
task<Result> start_call(
    std::shared_ptr<connection_core> core,
    command owned,
    std::string_view borrowed,
    call_options options
)
{
    return boost::asio::
        async_initiate<boost::asio::use_awaitable_t<> const, void(std::exception_ptr, Result)>(
            initiate_call<Result>(),
            boost::asio::use_awaitable,
            std::move(core),
            std::move(owned),
            borrowed,
            options
        );
}

inline void check_command(command const& given, bool one)
{
    if (!given.complete() || given.empty() || (one && given.replies() != 1))
        throw error(
            errc::invalid_option,
            "the command to execute has " + std::to_string(given.replies()) + " commands" +
                (given.complete() ? "" : ", and the last one lacks arguments") +
                (one ? "; give exactly one, or use execute_all" : "; give at least one")
        );
}

}  // namespace detail

WORK_DECL connection::connection(
    boost::asio::any_io_executor executor,
    endpoint server,
    connection_options options
)
    : core_(std::make_shared<detail::connection_core>(
          std::move(executor),
          std::move(server),
          std::move(options)
      ))
{}

WORK_DECL connection& connection::operator=(connection&& other) noexcept
{
    if (core_ && core_ != other.core_)
        core_->close();
    core_ = std::move(other.core_);
    return *this;
}

WORK_DECL connection::~connection()
{
    if (core_)
        core_->close();
}

WORK_DECL task<reply> connection::execute(command one, call_options options)
{
    detail::check_command(one, true);
    return detail::start_call<reply>(core_, std::move(one), std::string_view(), options);
}

WORK_DECL task<reply> connection::execute_ref(command const& one, call_options options)
{
    detail::check_command(one, true);
    return detail::start_call<reply>(core_, command(), one.bytes(), options);
}

WORK_DECL task<reply> connection::execute_raw(std::string_view bytes, call_options options)
{
    if (bytes.empty())
        throw error(errc::invalid_option, "the command to execute has no bytes; give exactly one");
    return detail::start_call<reply>(core_, command(), bytes, options);
}

WORK_DECL task<std::vector<reply>> connection::execute_all(command some, call_options options)
{
    detail::check_command(some, false);
    return detail::start_call<std::vector<reply>>(
        core_,
        std::move(some),
        std::string_view(),
        options
    );
}

WORK_DECL void connection::close()
{
    core_->close();
}

WORK_DECL bool connection::closed() const noexcept
{
    return core_->closed();
}

WORK_DECL connection_stats connection::stats() const
{
    return core_->stats();
}

WORK_DECL endpoint const& connection::server() const noexcept
{
    return core_->server();
}

WORK_DECL boost::asio::any_io_executor connection::get_executor() const
{
    return core_->executor();
}

}  // namespace work::redis

#include <work/redis/connection_connect.ipp>
#include <work/redis/connection_core.ipp>
#include <work/redis/connection_link.ipp>
