// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/pool/exchanger.hpp>

#include <boost/asio/this_coro.hpp>

#include <utility>

namespace work::detail {

// Requests: when they go, and again until they are answered.

WORK_DECL void exchanger::begin_run(lease_renewals& renewals, bool until_empty)
{
    renewals_ = &renewals;
    until_empty_ = until_empty;
    client_closed_ = false;
    problem_.clear();
    wake_.clear();
    for (std::size_t stream = 0; stream != steady_streams; ++stream)
        wake_.emplace_back(executor_);
}

WORK_DECL void exchanger::wake()
{
    for (std::size_t stream = 0; stream != wake_.size() && stream != steady_streams; ++stream) {
        if (wake_[stream].idle()) {
            wake_[stream].wake();
            return;
        }
    }
    // Both are on their way; who comes back looks for itself.
}

// Another stream, while there are jobs enough.
WORK_DECL void exchanger::spread()
{
    if (!state_.spreads(load(), in_flight_))
        return;
    for (stream_wake& w : wake_) {
        if (w.idle()) {
            w.wake();
            return;
        }
    }
    if (wake_.size() == most_streams || static_cast<std::size_t>(in_flight_) < wake_.size())
        return;
    wake_.emplace_back(executor_);
    listener_.needs_stream(wake_.size() - 1);
}

WORK_DECL exchange_step exchanger::next_step(std::size_t stream)
{
    if (stream < steady_streams)
        return state_.decide(load(), clock::now(), stream == 0);
    if (life_.stopped())
        return exchange_step::end;
    return state_.spreads(load(), in_flight_) ? exchange_step::exchange : exchange_step::sleep;
}

WORK_DECL void exchanger::wake_all()
{
    for (wakeable& w : wake_)
        w.wake();
}

WORK_DECL pool_load exchanger::load() const noexcept
{
    pool_load now;
    now.running = workers_.running();
    now.ready = static_cast<int>(claimed_.size());
    now.ready_limit = claimed_.limit();
    now.finished = workers_.finished();
    now.claims = life_.claims();
    now.ending = life_.ending();
    now.stopped = life_.stopped();
    now.until_empty = until_empty_;
    now.start_waits = workers_.start_waits();
    now.progress_waits = workers_.progress_waits();
    now.claim_on_wake = claim_left_;
    return now;
}

WORK_DECL void exchanger::leave_claim(bool left)
{
    claim_left_ = left;
    if (left && state_.look_sooner(clock::now()) && !wake_.empty() && wake_[0].idle() &&
        state_.next_timer(load()) < timers_set_)
        wake_[0].wake();
}

WORK_DECL task<void> exchanger::loop(std::shared_ptr<exchanger> self, std::size_t stream)
{
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    bool const timers = stream == 0;
    for (;;) {
        exchange_step step = self->next_step(stream);
        if (step == exchange_step::look) {
            co_await self->look();
            step = self->next_step(stream);
        }
        if (step == exchange_step::end)
            co_return;
        if (step != exchange_step::exchange) {
            clock::time_point const until =
                timers ? self->state_.next_timer(self->load()) : clock::time_point::max();
            if (timers)
                self->timers_set_ = until;
            co_await self->wake_[stream].sleep_until(until);
            continue;
        }
        exchange_round round;
        clock::time_point const now = clock::now();
        self->state_.build(round, self->load(), now, self->renewals_->renewed_at());
        if (round.request.chores)
            self->station_.do_chores(now);
        self->workers_.take_start(round);
        self->workers_.take_logs_of_ended(round);
        if (round.flush) {
            self->workers_.take_progress(round);
            if (self->queues_.crowded()) {
                self->workers_.mark_lists_in_use();
                self->queues_.forget_unused();
            }
        }
        round.request.number = self->take_number(stream);
        ++self->in_flight_;
        self->spread();
        exchange_answer answer;
        bool const answered = co_await self->deliver(round, answer, stream);
        --self->in_flight_;
        self->state_.returned(round);
        if (!answered) {
            self->ledger_.unanswered(round);
            self->workers_.start_unanswered(round);
            if (self->life_.ending())
                self->begin_stop();
            co_return;
        }
        self->state_.speed().round_trip(clock::now() - now);
        self->round_trip_us_ = self->state_.speed().round_trip_us();
        self->apply(round, std::move(answer));
        self->listener_.answered();
    }
}

// False: it never will be answered.
WORK_DECL task<bool> exchanger::deliver(
    exchange_round& round,
    exchange_answer& answer,
    std::size_t stream
)
{
    namespace this_coro = boost::asio::this_coro;
    bool lean = clock::now() < lean_until_;
    for (;;) {
        render(round, lean);
        bool full = false;
        try {
            answer = co_await send(round.request);
            problem_.clear();
            problems_ = 0;
            co_return true;
        } catch (work::error const& e) {
            full = e.code() == errc::full && !lean;
            problem_ = e.what();
        } catch (std::exception const& e) {
            problem_ = e.what();
        }
        if (full) {
            lean = true;
            lean_until_ = clock::now() + std::chrono::seconds(1);
            continue;
        }
        auto const state = co_await this_coro::cancellation_state;
        if (life_.stopped() || state.cancelled() != boost::asio::cancellation_type::none)
            co_return false;
        log_problem(problem_);
        wake_[stream].retrying = true;
        co_await wake_[stream].sleep_until(clock::now() + std::chrono::milliseconds(500));
        wake_[stream].retrying = false;
    }
}

WORK_DECL task<exchange_answer> exchanger::send(exchange_request const& request)
{
    std::string closed;
    if (!client_closed_) {
        try {
            co_return co_await broker_.exchange(request);
        } catch (work::error const& e) {
            if (e.code() == errc::forked)
                listener_.left_in_parent();
            if (e.code() != errc::closed)
                throw;
            closed = e.what();
        }
    }
    if (!client_closed_)
        listener_.client_closed();
    if (life_.stopped())
        throw error(errc::closed, std::move(closed));
    // The same number: should the broker have taken it before, it answers the same.
    co_return co_await renewals_->exchange_for_pool(request);
}

// Texts are made last, and again when the server has no memory for long ones.
WORK_DECL void exchanger::render(exchange_round& round, bool lean)
{
    exchange_request& r = round.request;
    r.lean = lean;
    r.outcomes.clear();
    r.then.clear();
    r.writes.clear();
    for (job_report& s : round.outcomes) {
        if (s.why)
            s.text = encode_failure(*s.why, lean ? lean_failure_message : max_failure_message);
        else if (lean && s.kind == outcome_kind::complete)
            s.text.clear();
        r.outcomes.push_back(job_outcome{s.of->number, s.id, s.kind, s.number, s.text});
        if (!s.then.empty())
            r.then.push_back(follow_ups{r.outcomes.size() - 1, s.then});
        if (!s.otherwise)
            continue;
        job_report& other = *s.otherwise;
        other.text = encode_failure(*other.why, lean ? lean_failure_message : max_failure_message);
        r.writes.push_back(outcome_writes{
            r.outcomes.size() - 1,
            s.writes,
            other.kind,
            other.number,
            other.text,
        });
    }
    r.logs.clear();
    if (!lean) {
        for (round_log const& log : round.logs)
            r.logs.push_back(job_log_lines{log.claim, log.id, {log.lines.begin(), log.lines.end()}}
            );
    }
    for (std::size_t i = 0; i != r.progress.size(); ++i)
        r.progress[i].text = lean ? std::string_view("{}") : std::string_view(round.texts[i]);
}

// When it has lasted for two seconds, then once a minute. Where the connections are in trouble,
// they have said so by then.
WORK_DECL void exchanger::log_problem(std::string const& problem)
{
    clock::time_point const now = clock::now();
    if (problems_++ == 0)
        problem_due_ = now + std::chrono::seconds(2);
    if (now < problem_due_ || broker_.ailing())
        return;
    problem_due_ = now + std::chrono::minutes(1);
    log_(
        log_level::error,
        "the broker did not take an exchange, it is sent again (attempt " +
            std::to_string(problems_) + "): " + problem
    );
}

// Whether something waits for someone to come that no wakeup told of.
WORK_DECL task<void> exchanger::look()
{
    auto const also_due = state_.begin_look(load(), clock::now(), station_.chores_done());
    if (!also_due)
        co_return;
    std::optional<exchange_answer> seen;
    bool reached = false;
    try {
        auto at = station_.shared_from_this();
        auto const period = state_.look_period(claim_left_);
        seen = co_await station::look(std::move(at), listener_.guest(), *also_due, period);
        reached = true;
        answered_at_ = clock::now().time_since_epoch().count();
    } catch (std::exception const&) {
        state_.look_failed();
    }
    // What waits for wakeups may wait on a connection that died as well.
    bool in_doubt = !reached && !life_.ending();
    if (seen)
        in_doubt = state_.looked(*seen, load(), time_ms(broker_));
    if (in_doubt)
        broker_.wake();
}

}  // namespace work::detail
