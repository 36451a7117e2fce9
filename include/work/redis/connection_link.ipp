// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/redis/advice.hpp>
#include <work/redis/connection_core.hpp>
#include <work/redis/error_table.hpp>

#include <boost/asio/error.hpp>

#include <algorithm>

namespace work::redis::detail {

WORK_DECL void connection_core::start_write()
{
    writing_.clear();
    clock::time_point const oldest = queued_.empty() ? clock::time_point() : queued_.front()->begun;
    while (!queued_.empty() && writing_.size() < options_.write_bytes) {
        call* const next = queued_.front();
        std::size_t const size = next->bytes.size();
        bool const room =
            sent_.size() < options_.max_sent_calls && sent_bytes_ + size <= options_.max_sent_bytes;
        if (!room && !sent_.empty())
            break;
        queued_.erase(next);
        queued_bytes_ -= size;
        next->state = call_state::sent;
        next->start = stream_;
        stream_ += size;
        sent_bytes_ += size;
        sent_.push_back(next);
        writing_.append(next->bytes);
    }
    if (writing_.empty())
        return;
    ++stats_.writes;
    if (!probing_) {
        probing_ = true;
        probe_ = stream_ - writing_.size();
        probe_time_ = clock::now();
        if (oldest >= linked_at_)
            stats_.wait.add(probe_time_ - oldest);
    }
    written_of_it_ = 0;
    write_more();
}

WORK_DECL void connection_core::write_more()
{
    is_writing_ = true;
    boost::asio::const_buffer const rest(
        writing_.data() + written_of_it_,
        writing_.size() - written_of_it_
    );
    link_->write_some(
        rest,
        [self = hold(*this)](boost::system::error_code failure, std::size_t size) {
            self->on_write(failure, size);
        }
    );
}

WORK_DECL void connection_core::on_write(boost::system::error_code failure, std::size_t size)
{
    is_writing_ = false;
    written_ += size;
    written_of_it_ += size;
    stats_.bytes_sent += size;
    if (size > 0)
        progress_ = clock::now();
    if (failure && connected_)
        fail_link(failure.message());
    else if (connected_ && written_of_it_ < writing_.size())
        return write_more();
    if (writing_.capacity() > (1u << 20)) {
        writing_.clear();
        writing_.shrink_to_fit();
    }
    update(true);
}

WORK_DECL void connection_core::start_read()
{
    auto const room = incoming_.prepare(read_size_);
    offered_ = room.size();
    is_reading_ = true;
    boost::asio::mutable_buffer const buffer(room.data(), room.size());
    link_->read_some(
        buffer,
        [self = hold(*this)](boost::system::error_code failure, std::size_t size) {
            self->on_read(failure, size);
        }
    );
}

WORK_DECL void connection_core::on_read(boost::system::error_code failure, std::size_t size)
{
    is_reading_ = false;
    stats_.bytes_received += size;
    if (size > 0)
        progress_ = clock::now();
    // An abort without a failing link is our own doing: nobody waited (see `rest`).
    if (failure && connected_ && failure != boost::asio::error::operation_aborted)
        fail_link(failure.message());
    if (failure || !connected_)
        return update(false);
    batching_ = true;
    try {
        incoming_.commit(size);
        reply answer;
        while (incoming_.next(answer))
            on_reply(std::move(answer));
    } catch (std::exception const& wrong) {
        fail_link(wrong.what());
    }
    batching_ = false;
    if (size == offered_)
        read_size_ = std::min(read_size_ * 2, std::size_t(64 * 1024));
    deliver(true);
}

WORK_DECL void connection_core::on_reply(reply answer)
{
    if (answer.type() == kind::push) {
        ++stats_.pushes;
        return;
    }
    if (sent_.empty())
        throw error(errc::protocol, "the server sent a reply that nobody had asked for");
    fruitful_ = true;
    failures_ = 0;
    ++stats_.commands;
    call* const asked = sent_.front();
    if (answer.is_error()) {
        auto const act = classify(answer.text());
        retiring_ = retiring_ || act == action::reconnect;
        if (act == action::reconnect || act == action::retry) {
            refusing_ = true;
            refused_a_change_ = asked->closed_is_unknown;
            in_trouble(
                "answers \"" + std::string(answer.text().substr(0, 256)) + "\"; " +
                advice(server_, answer.text())
            );
        }
    } else if (troubled_ && (!refused_a_change_ || asked->closed_is_unknown)) {
        recovered();
    }
    asked->add(std::move(answer));
    if (--asked->expected > 0)
        return;
    sent_.erase(asked);
    sent_bytes_ -= asked->bytes.size();
    if (probing_ && asked->start >= probe_) {
        probing_ = false;
        auto const took = clock::now() - probe_time_;
        stats_.last_round_trip = took;
        stats_.round_trip.add(took);
    }
    if (asked->state == call_state::ghost) {
        --ghosts_;
        asked->destroy();
    } else {
        finish(asked, nullptr);
    }
}

WORK_DECL void connection_core::fail_link(std::string why)
{
    connected_ = false;
    failing_ = true;
    why_ = std::move(why);
    ++stats_.failures;
    // A server that greets us and then hangs up must not be called again at once.
    if (!fruitful_) {
        ++failures_;
        next_attempt_ = clock::now() + pauses_.pause(failures_);
        in_trouble("ended the connection before it answered anything: " + why_);
    }
    link_->close();
}

/// Tells `health`, and sees to it that a trouble that lasts is told though nothing else happens.
WORK_DECL void connection_core::in_trouble(std::string_view why)
{
    if (!options_.health)
        return;
    troubled_ = true;
    options_.health->failed(this, options_.name, why);
    if (std::exchange(trouble_watched_, true))
        return;
    trouble_timer_.expires_after(health::patience + std::chrono::milliseconds(10));
    trouble_timer_.async_wait([self = hold(*this)](boost::system::error_code failure) {
        if (failure || self->closed_)
            return;
        self->trouble_watched_ = false;
        if (self->troubled_)
            self->options_.health->look();
    });
}

WORK_DECL void connection_core::recovered()
{
    refusing_ = refused_a_change_ = false;
    if (std::exchange(trouble_watched_, false))
        trouble_timer_.cancel();
    if (std::exchange(troubled_, false))
        options_.health->well(this);
}

/// The link is closed and silent: what was not sent waits for the next one, what was is lost.
WORK_DECL void connection_core::sort_out()
{
    failing_ = retiring_ = probing_ = false;
    std::exception_ptr lost;
    call_list unsent;
    while (!sent_.empty()) {
        call* const looked_at = sent_.pop_front();
        if (looked_at->state == call_state::ghost) {
            looked_at->destroy();
        } else if (looked_at->start >= written_) {
            unsent.push_back(looked_at);
        } else {
            if (!lost)
                lost = std::make_exception_ptr(error(
                    errc::outcome_unknown,
                    "the connection to " + describe(server_) +
                        " was lost after the request was sent (" + why_ +
                        "); it may have been carried out or not: look, or repeat it if "
                        "that does no harm"
                ));
            finish(looked_at, lost);
        }
    }
    for (call* const place = queued_.front(); !unsent.empty();) {
        call* const again = unsent.pop_front();
        again->state = call_state::queued;
        queued_bytes_ += again->bytes.size();
        queued_.insert(again, place);
    }
    ghosts_ = sent_bytes_ = 0;
    incoming_.reset();
    writing_.clear();
}

}  // namespace work::redis::detail
