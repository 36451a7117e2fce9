// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/redis/command.hpp>
#include <work/redis/reply.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace work::redis::detail {

enum class call_state : unsigned char { queued, sent, ghost, done };

/// A call under way: a link of one of the connection's lists.
class call
{
public:
    call* previous = nullptr;
    call* next = nullptr;
    std::string_view bytes;
    std::size_t expected = 1;  // replies still to come
    std::uint64_t start = 0;   // where its bytes begin in what the connection carries
    std::chrono::steady_clock::time_point begun;
    std::chrono::steady_clock::time_point deadline;
    std::chrono::steady_clock::duration silence = std::chrono::steady_clock::duration::max();
    bool closed_is_unknown = false;
    std::exception_ptr failure;
    call_state state = call_state::queued;

    virtual void add(reply&& answer) = 0;
    /// Frees itself, then calls the handler.
    virtual void complete(boost::asio::any_io_executor const& home) = 0;
    /// Frees itself and the handler, without calling it.
    virtual void destroy() noexcept = 0;

protected:
    call() = default;
    call(call const&) = delete;
    call& operator=(call const&) = delete;
    ~call() = default;
};

/// A doubly linked list of calls that owns nothing.
class call_list
{
public:
    bool empty() const noexcept { return size_ == 0; }
    std::size_t size() const noexcept { return size_; }
    call* front() const noexcept { return first_; }

    void push_back(call* added) noexcept { insert(added, nullptr); }
    /// Before `place`; at the end if that is null.
    void insert(call* added, call* place) noexcept
    {
        added->next = place;
        added->previous = place ? place->previous : last_;
        (added->previous ? added->previous->next : first_) = added;
        (place ? place->previous : last_) = added;
        ++size_;
    }
    void erase(call* gone) noexcept
    {
        (gone->previous ? gone->previous->next : first_) = gone->next;
        (gone->next ? gone->next->previous : last_) = gone->previous;
        gone->next = gone->previous = nullptr;
        --size_;
    }
    call* pop_front() noexcept
    {
        call* const first = first_;
        erase(first);
        return first;
    }

private:
    call* first_ = nullptr;
    call* last_ = nullptr;
    std::size_t size_ = 0;
};

/// Keeps the place of a call that was sent and that nobody waits for any more.
class ghost_call final : public call
{
public:
    void add(reply&&) override {}
    void complete(boost::asio::any_io_executor const&) override { delete this; }
    void destroy() noexcept override { delete this; }
};

/// A call with its handler. `Result` is reply or std::vector<reply>.
template <typename Handler, typename Result>
class call_node final : public call
{
public:
    call_node(Handler&& handler, command&& owned)
        : handler_(std::move(handler)),
          owned_(std::move(owned))
    {
        bytes = owned_.bytes();
        expected = owned_.replies();
    }

    auto slot() const noexcept { return boost::asio::get_associated_cancellation_slot(handler_); }

    void add(reply&& answer) override
    {
        if constexpr (std::is_same_v<Result, reply>)
            result_ = std::move(answer);
        else
            result_.push_back(std::move(answer));
    }

    void complete(boost::asio::any_io_executor const& home) override
    {
        auto const cancellation = slot();
        if (cancellation.is_connected())
            slot().clear();
        ending end(std::move(handler_), std::move(failure), std::move(result_));
        delete this;
        auto const target = boost::asio::get_associated_executor(end.handler, home);
        if (target == home)
            end();
        else
            boost::asio::post(target, std::move(end));
    }

    void destroy() noexcept override { delete this; }

private:
    struct ending
    {
        ending(Handler&& h, std::exception_ptr&& f, Result&& r)
            : handler(std::move(h)),
              failure(std::move(f)),
              result(std::move(r))
        {}
        void operator()() { handler(std::move(failure), std::move(result)); }

        Handler handler;
        std::exception_ptr failure;
        Result result;
    };

    Handler handler_;
    command owned_;
    Result result_;
};

}  // namespace work::redis::detail
