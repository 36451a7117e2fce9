// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/redis/connection_core.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace work::redis::detail {

inline error forked_error(endpoint const& server)
{
    return error(
        errc::forked,
        "this process is a child of the one that uses the connection to " + describe(server) +
            "; nothing was sent: make a client of its own in the child"
    );
}

WORK_DECL connection_core::connection_core(
    boost::asio::any_io_executor executor,
    endpoint server,
    connection_options options
)
    : executor_(std::move(executor)),
      server_(std::move(server)),
      options_(std::move(options)),
      incoming_(options_.limits),
      pauses_(options_.reconnect),
      pause_(executor_),
      deadline_timer_(executor_),
      trouble_timer_(executor_),
      membership_(executor_, *this)
{
    if (!options_.make_transport)
        options_.make_transport = make_socket_transport;
}

WORK_DECL connection_core::~connection_core()
{
    if (troubled_)
        options_.health->gone(this);
    orphaned();
}

WORK_DECL void connection_core::submit(call* added)
{
    if (mark_.surely_elsewhere())
        look_for_fork();
    if (forked_)
        return finish(added, std::make_exception_ptr(forked_error(server_)));
    if (closed_)
        return finish(
            added,
            std::make_exception_ptr(error(
                errc::closed,
                "the connection to " + describe(server_) + " was closed; make a new one"
            ))
        );
    std::size_t const size = added->bytes.size();
    if (queued_.size() >= options_.max_waiting_calls ||
        (!queued_.empty() && queued_bytes_ + size > options_.max_waiting_bytes))
        return finish(
            added,
            std::make_exception_ptr(error(
                errc::buffer_full,
                std::to_string(queued_.size()) + " calls with " + std::to_string(queued_bytes_) +
                    " bytes wait to be sent to " + describe(server_) +
                    "; nothing was changed, slow down"
            ))
        );
    queued_.push_back(added);
    queued_bytes_ += size;
    watch(due(*added));
    wake();
}

WORK_DECL void connection_core::cancel(call* unwanted, boost::asio::cancellation_type type)
{
    using boost::asio::cancellation_type;
    if (unwanted->state == call_state::queued) {
        queued_.erase(unwanted);
        queued_bytes_ -= unwanted->bytes.size();
    } else if (unwanted->state == call_state::sent &&
               (type & (cancellation_type::terminal | cancellation_type::partial)) !=
                   cancellation_type::none) {
        auto* const ghost = new ghost_call;
        ghost->bytes = unwanted->bytes;  // its size alone is used
        ghost->expected = unwanted->expected;
        ghost->start = unwanted->start;
        ghost->begun = unwanted->begun;
        ghost->deadline = unwanted->deadline;
        ghost->silence = unwanted->silence;
        ghost->state = call_state::ghost;
        sent_.insert(ghost, unwanted);
        sent_.erase(unwanted);
        ++ghosts_;
    } else {
        return;
    }
    finish(
        unwanted,
        std::make_exception_ptr(error(
            make_error_code(boost::asio::error::operation_aborted),
            "the call was cancelled; if it had been sent, it may be carried out"
        ))
    );
    wake();
}

WORK_DECL void connection_core::close()
{
    if (closed_)
        return;
    closed_ = true;
    connected_ = false;
    stop_watch();
    pause_.cancel();
    trouble_timer_.cancel();
    if (std::exchange(troubled_, false))
        options_.health->gone(this);
    if (link_)
        link_->close();
    auto const closed = std::make_exception_ptr(error(
        errc::closed,
        "the connection to " + describe(server_) + " was closed while the call was pending"
    ));
    auto const unknown = std::make_exception_ptr(error(
        errc::outcome_unknown,
        "the connection to " + describe(server_) +
            " was closed after the request was sent; it may have been carried out or not"
    ));
    fail_all(closed, unknown);
}

// What was sent, and then may have been carried out, ends otherwise if it asked for that.
WORK_DECL void connection_core::fail_all(
    std::exception_ptr const& failure,
    std::exception_ptr const& if_sent
)
{
    for (call_list* list : {&sent_, &queued_})
        for (std::size_t left = list->size(); left > 0; --left) {
            call* const ended = list->pop_front();
            bool const sent = list == &sent_ && ended->closed_is_unknown;
            if (ended->state == call_state::ghost)
                ended->destroy();
            else
                finish(ended, sent ? if_sent : failure);
        }
    ghosts_ = queued_bytes_ = sent_bytes_ = 0;
}

// This is a child of the process that the connection was last used in: lets go of what is the
// parent's.
WORK_DECL void connection_core::look_for_fork()
{
    work::detail::fork_watch::of(executor_).settle();
    if (mark_.surely_elsewhere())
        now_in_child();
}

WORK_DECL void connection_core::now_in_child()
{
    mark_.renew();
    if (closed_)
        return;
    auto const failure = std::make_exception_ptr(forked_error(server_));
    if (link_ || connecting_ || connected_) {
        forked_ = closed_ = true;
        connected_ = false;
        stop_watch();
        pause_.cancel();
        trouble_timer_.cancel();
        troubled_ = false;
        if (link_)
            link_->abandon();
    }
    fail_all(failure, failure);
}

WORK_DECL connection_stats connection_core::stats() const
{
    connection_stats result = stats_;
    result.waiting = queued_.size();
    result.sent = sent_.size() - ghosts_;
    result.connected = connected_;
    return result;
}

/// Has `update` run soon, once for all that happens until then.
WORK_DECL void connection_core::wake()
{
    if (wake_posted_ || delivering_ || closed_)
        return;
    wake_posted_ = true;
    boost::asio::post(executor_, [self = hold(*this)] {
        self->wake_posted_ = false;
        self->update(false);
    });
}

/// Starts what is to be done next. `fresh`: the server was heard a moment ago.
WORK_DECL void connection_core::update(bool fresh)
{
    if (mark_.elsewhere())
        look_for_fork();
    if (closed_)
        return;
    if (failing_) {
        // Only then is it known what the kernel took.
        if (is_reading_ || is_writing_)
            return;
        sort_out();
    }
    if (waiting() == 0)
        return rest();
    // The server may have gone while nobody looked: better known before something is sent.
    if (connected_ && !fresh && !is_reading_ && !is_writing_ && !link_->alive()) {
        fail_link("the server had ended it");
        sort_out();
    }
    if (connected_ && retiring_ && sent_.empty() && !is_writing_) {
        fail_link("the server is no longer the right one");
        sort_out();
    }
    if (!connected_) {
        if (connecting_)
            return;
        connecting_ = true;
        boost::asio::co_spawn(
            executor_,
            connect_loop(hold(*this)),
            [self = hold(*this)](std::exception_ptr failure) {
                self->connecting_ = false;
                if (failure)
                    self->fail_waiting(failure);
                self->update(true);
            }
        );
        return;
    }
    if (!is_writing_ && !retiring_)
        start_write();
    if (!is_reading_ && !sent_.empty() && connected_)
        start_read();
}

/// Nobody waits: leaves no operation under way, and keeps the connection if it is in order.
WORK_DECL void connection_core::rest()
{
    stop_watch();
    if (std::exchange(trouble_watched_, false))
        trouble_timer_.cancel();
    if (connecting_ && !connected_) {
        interrupted_ = true;
        pause_.cancel();
        if (link_)
            link_->close();
    } else if (connected_) {
        if (retiring_ || is_writing_)
            fail_link("nobody waited for it any more");
        else if (is_reading_)
            link_->cancel();
        if (failing_ && !is_reading_ && !is_writing_)
            sort_out();
    }
}

/// One timer serves all deadlines: it goes off at the earliest, and then looks at every call.
WORK_DECL void connection_core::watch(clock::time_point deadline)
{
    if (deadline >= watched_)
        return;
    watched_ = deadline;
    deadline_timer_.expires_at(deadline);
    deadline_timer_.async_wait([self = hold(*this),
                                number = ++watch_number_](boost::system::error_code) {
        if (number != self->watch_number_ || self->closed_)
            return;
        self->watched_ = clock::time_point::max();
        self->on_deadline();
    });
}

WORK_DECL void connection_core::stop_watch()
{
    if (watched_ == clock::time_point::max())
        return;
    watched_ = clock::time_point::max();
    ++watch_number_;
    deadline_timer_.cancel();
}

WORK_DECL void connection_core::on_deadline()
{
    auto const now = clock::now();
    auto next = clock::time_point::max();
    std::exception_ptr late;
    for (call* place = queued_.front(); place;) {
        call* const looked_at = std::exchange(place, place->next);
        if (due(*looked_at) > now) {
            next = std::min(next, due(*looked_at));
            continue;
        }
        if (!late)
            late = std::make_exception_ptr(error(
                errc::unavailable,
                "the call could not be sent to " + describe(server_) + " within its deadline" +
                    (why_.empty() ? "" : " (" + why_ + ")") +
                    "; nothing was changed, try again later"
            ));
        queued_.erase(looked_at);
        queued_bytes_ -= looked_at->bytes.size();
        finish(looked_at, late);
    }
    bool stalled = false;
    bool silent = false;
    for (call* place = sent_.front(); place; place = place->next) {
        stalled = stalled || due(*place) <= now;
        silent = silent || (due(*place) <= now && place->deadline > now);
        if (due(*place) > now)
            next = std::min(next, due(*place));
    }
    if (stalled && connected_)
        fail_link(
            silent ? "the server neither took nor gave a byte for " +
                         std::to_string(
                             std::chrono::duration_cast<std::chrono::milliseconds>(now - progress_)
                                 .count()
                         ) +
                         " ms"
                   : std::string("the server gave no answer within the deadline of a call")
        );
    watch(next);
    update(false);
}

WORK_DECL void connection_core::finish(call* ended, std::exception_ptr failure)
{
    ended->state = call_state::done;
    ended->failure = std::move(failure);
    done_.push_back(ended);
    deliver_later();
}

WORK_DECL void connection_core::fail_waiting(std::exception_ptr const& failure)
{
    while (!queued_.empty())
        finish(queued_.pop_front(), failure);
    queued_bytes_ = 0;
}

WORK_DECL void connection_core::deliver_later()
{
    if (delivery_posted_ || delivering_ || batching_)
        return;
    delivery_posted_ = true;
    boost::asio::post(executor_, [self = hold(*this)] {
        self->delivery_posted_ = false;
        self->deliver(false);
    });
}

/// Calls the handlers of the calls that have ended, then `update`, so that what those ask for next
/// goes out together. Handlers run from here alone, never inside each other.
WORK_DECL void connection_core::deliver(bool fresh)
{
    if (delivering_)
        return;
    delivering_ = true;
    std::exception_ptr thrown;
    for (std::size_t left = done_.size(); left > 0 && !done_.empty() && !thrown; --left) {
        try {
            done_.pop_front()->complete(executor_);
        } catch (...) {
            thrown = std::current_exception();
        }
    }
    delivering_ = false;
    if (!done_.empty())
        deliver_later();
    update(fresh);
    // It came from the completion handler of a coroutine, and is meant for who runs the context.
    if (thrown)
        std::rethrow_exception(thrown);
}

WORK_DECL void connection_core::orphaned() noexcept
{
    if (queued_.empty() && sent_.empty() && done_.empty())
        return;
    if (waiting() == 0 && done_.empty() && holds_ == 0 && !closed_ && weak_from_this().lock())
        return;
    closed_ = true;
    call_list lists[] = {
        std::exchange(queued_, call_list()),
        std::exchange(sent_, call_list()),
        std::exchange(done_, call_list())
    };
    ghosts_ = 0;
    for (call_list& list : lists)
        while (!list.empty())
            list.pop_front()->destroy();
}

}  // namespace work::redis::detail
