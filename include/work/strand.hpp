// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/task.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace work::detail {

/// The executor for what must run one thing at a time: the context's own when that was made for one
/// thread (`io_context{1}`), a strand on it otherwise.
WORK_DECL boost::asio::any_io_executor one_at_a_time(boost::asio::io_context& io);

/// What `co_spawn` is to call elsewhere, so that the handler hears of it on its own executor.
///
/// All that belongs to the caller's side leaves with the closure that is sent back, so that nothing
/// over there outlives the caller's context. Which must not run out of work before.
template <typename Handler, typename Kept>
auto come_back(Handler handler, boost::asio::any_io_executor const& there, Kept kept)
{
    namespace asio = boost::asio;
    asio::any_io_executor const back = asio::get_associated_executor(handler, there);
    return [work = asio::prefer(back, asio::execution::outstanding_work.tracked),
            kept = std::move(kept),
            handler = std::move(handler)](std::exception_ptr failure, auto... value) mutable {
        asio::any_io_executor const home = std::move(work);
        asio::dispatch(
            home,
            [kept = std::move(kept),
             handler = std::move(handler),
             failure,
             ... value = std::move(value)]() mutable {
                std::move(handler)(failure, std::move(value)...);
            }
        );
    };
}

/// Starts a task elsewhere, and hands what it comes to back to the caller's executor.
///
/// A cancellation travels the same way, by a signal that outlives both ends: the one that
/// `co_spawn` makes for it may be gone when it arrives from another thread.
template <typename T>
struct run_elsewhere
{
    template <typename Handler>
    void operator()(
        Handler handler,
        boost::asio::any_io_executor there,
        task<T> what,
        std::shared_ptr<void> kept
    ) const
    {
        namespace asio = boost::asio;
        auto const signal = std::make_shared<asio::cancellation_signal>();
        auto slot = asio::get_associated_cancellation_slot(handler);
        if (slot.is_connected())
            slot.assign([signal, there](asio::cancellation_type_t type) {
                asio::post(there, [signal, type] { signal->emit(type); });
            });
        auto cancellable = asio::bind_cancellation_slot(
            signal->slot(),
            come_back(std::move(handler), there, std::pair(std::move(kept), signal))
        );
        asio::co_spawn(there, std::move(what), std::move(cancellable));
    }
};

template <typename T>
struct outcome_signature
{
    using type = void(std::exception_ptr, T);
};
template <>
struct outcome_signature<void>
{
    using type = void(std::exception_ptr);
};

/// Runs a task on an executor that is not the caller's, or may not be. What the task needs is kept
/// until it ends.
template <typename T>
task<T> run_on(boost::asio::any_io_executor there, task<T> what, std::shared_ptr<void> kept)
{
    return boost::asio::
        async_initiate<boost::asio::use_awaitable_t<> const, typename outcome_signature<T>::type>(
            run_elsewhere<T>(),
            boost::asio::use_awaitable,
            std::move(there),
            std::move(what),
            std::move(kept)
        );
}

/// A call that happens in the end: when it is made, or when the context goes that was to make it.
template <typename Function>
class owed_call
{
public:
    explicit owed_call(Function what) : what_(std::move(what)) {}
    owed_call(owed_call&& other) noexcept
        : what_(std::move(other.what_)),
          owed_(std::exchange(other.owed_, false))
    {}
    owed_call& operator=(owed_call&&) = delete;
    ~owed_call()
    {
        if (owed_)
            what_();
    }
    void operator()()
    {
        owed_ = false;
        what_();
    }

private:
    Function what_;
    bool owed_ = true;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/impl/strand.ipp>
#endif
