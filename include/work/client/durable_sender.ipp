// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/policy.hpp>
#include <work/client/date.hpp>
#include <work/client/durable_sender.hpp>
#include <work/error.hpp>
#include <work/values/id.hpp>
#include <work/values/time.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

namespace work::detail {

WORK_DECL durable_sender::durable_sender(
    boost::asio::any_io_executor executor,
    std::shared_ptr<broker> to,
    std::shared_ptr<enqueue_batcher> counts
)
    : executor_(std::move(executor)),
      broker_(std::move(to)),
      counts_(std::move(counts)),
      names_(1, id_generator().next(wall_ms()).str())
{}

// What the parent left here is the parent's to send.
WORK_DECL void durable_sender::begin_in_child()
{
    mark_.renew();
    names_.push_back(id_generator().next(wall_ms()).str());
    next_number_ = 0;
    queue_.clear();
    sending_ = false;
}

WORK_DECL task<durable_answer> durable_sender::store(std::vector<new_job> jobs, durability how)
{
    auto const self = shared_from_this();
    if (mark_.elsewhere())
        begin_in_child();
    auto const mine = std::make_shared<call>(executor_);
    mine->jobs = std::move(jobs);
    mine->how = how;
    queue_.push_back(mine);
    if (!std::exchange(sending_, true))
        boost::asio::co_spawn(executor_, send_loop(self), [](std::exception_ptr failure) {
            if (failure)
                std::rethrow_exception(failure);
        });
    while (!mine->done) {
        boost::system::error_code ended;
        co_await mine->ended.async_wait(
            boost::asio::redirect_error(boost::asio::use_awaitable, ended)
        );
    }
    if (mine->failure)
        std::rethrow_exception(mine->failure);
    co_return std::move(mine->answer);
}

// The first that waits, and those behind it that want the same.
WORK_DECL durable_sender::calls durable_sender::take()
{
    calls some;
    std::size_t jobs = 0;
    while (!queue_.empty()) {
        call const& next = *queue_.front();
        if (!some.empty() &&
            (next.how != some.front()->how || jobs + next.jobs.size() > most_together))
            break;
        jobs += next.jobs.size();
        some.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    return some;
}

WORK_DECL task<void> durable_sender::send_loop(std::shared_ptr<durable_sender> self)
{
    while (!self->queue_.empty()) {
        calls const some = self->take();
        std::exception_ptr failure;
        try {
            co_await self->send(some);
        } catch (...) {
            failure = std::current_exception();
        }
        for (auto const& one : some) {
            if (failure)
                one->failure = failure;
            one->done = true;
            one->ended.cancel();
        }
    }
    self->sending_ = false;
}

// Numbers of one remainder, since one at a time is under way.
WORK_DECL enqueue_request durable_sender::next_batch(std::deque<new_job>& jobs)
{
    enqueue_request request;
    request.producer = names_.back();
    request.number = next_number_;
    next_number_ += policy::stored_batches;
    std::size_t bytes = 0;
    while (!jobs.empty() && request.jobs.size() < enqueue_batcher::most_jobs) {
        std::size_t const more = jobs.front().bytes();
        if (!request.jobs.empty() && bytes + more > enqueue_batcher::most_bytes)
            break;
        bytes += more;
        date(*broker_, jobs.front());
        request.jobs.push_back(std::move(jobs.front()));
        jobs.pop_front();
    }
    return request;
}

WORK_DECL task<void> durable_sender::send(calls const& some)
{
    std::deque<new_job> left;
    std::vector<std::size_t> counts;
    for (auto const& one : some) {
        counts.push_back(one->jobs.size());
        std::move(one->jobs.begin(), one->jobs.end(), std::back_inserter(left));
    }
    durable_answer all;
    std::map<std::size_t, std::exception_ptr> refused;
    while (!left.empty()) {
        enqueue_request request = next_batch(left);
        std::size_t const sent = request.jobs.size();
        std::optional<durability> how;
        if (left.empty())
            how = some.front()->how;
        durable_answer part;
        std::exception_ptr failure;
        try {
            part = co_await broker_->enqueue_durably(std::move(request), how);
        } catch (...) {
            failure = std::current_exception();
        }
        if (failure) {
            counts_->count_unanswered(sent);
            std::rethrow_exception(failure);
        }
        counts_->count(part.stored.jobs);
        auto& codes = all.stored.jobs;
        for (auto const& [i, job] : part.stored.back)
            refused[codes.size() + i] = std::make_exception_ptr(error(
                errc::queue_full,
                enqueue_batcher::full_queue_text(job, part.stored.jobs[i].other) +
                    " was not stored: try again later, or raise the bound"
            ));
        std::move(part.stored.jobs.begin(), part.stored.jobs.end(), std::back_inserter(codes));
        all.stored.now_ms = part.stored.now_ms;
        all.safety = std::move(part.safety);
    }
    std::size_t at = 0;
    auto next = std::make_move_iterator(all.stored.jobs.begin());
    for (std::size_t i = 0; i != some.size(); ++i) {
        durable_answer& answer = some[i]->answer;
        auto const end = next + static_cast<std::ptrdiff_t>(counts[i]);
        auto const first = refused.lower_bound(at);
        at += counts[i];
        if (first != refused.end() && first->first < at)
            some[i]->failure = first->second;
        answer.stored.jobs.assign(next, end);
        answer.stored.now_ms = all.stored.now_ms;
        answer.safety = all.safety;
        next = end;
    }
}

}  // namespace work::detail
