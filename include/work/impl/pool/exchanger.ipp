// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/pool/core.hpp>
#include <work/values/name.hpp>

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>

namespace work::detail {

// ---- what there is to say

WORK_DECL void pool_core::touched(claim& c)
{
    if (c.open == 0 && !c.lost && !c.closing && !c.closable.is_linked())
        closable_.push_back(c);
}

WORK_DECL void pool_core::report(job_report what)
{
    claim& c = *what.of;
    --c.open;
    ++c.unreported;
    outcomes_.push_back(std::move(what));
    touched(c);
    kick();
}

WORK_DECL void pool_core::report_finished(claim& c, std::string_view id)
{
    --c.open;
    c.finished.push_back(id);
    if (!std::exchange(c.dirty, true))
        dirty_.push_back(&c);
    touched(c);
}

WORK_DECL void pool_core::release_holder(claim& c)
{
    --c.holders;
    forget(c);
}

// What waits for a pool without suspects can come now.
WORK_DECL void pool_core::suspects_ended(claim& c)
{
    if (!c.runs_suspects)
        return;
    claims_.runs_no_more(c);
    hungry_ = hungry_ || claims_.suspects() == 0;
}

// A claim's memory goes when the broker knows that nothing is left of it, and no frame uses it.
WORK_DECL void pool_core::forget(claim& c)
{
    if (c.holders > 0 || c.requests > 0 || c.unreported > 0 || c.dirty)
        return;
    if (!(c.closing || c.lost))
        return;
    if (quarantine_ == c.number)
        end_quarantine();
    claims_.erase(c.number);
}

WORK_DECL bool pool_core::reports_waiting() const noexcept
{
    return start_to_report() || !dirty_.empty() || !outcomes_.empty() || !cancels_seen_.empty() ||
           announced_ < served_lists_.size() || counts_waiting();
}

// Counts go with the last reports before a rest, else once in a second: where jobs of very many
// lists come in a row, to count each of them costs as much as to pop it.
WORK_DECL bool pool_core::resting() const noexcept
{
    return idle() && !hungry_ && surplus_ == 0;
}

// What no later second would bring.
WORK_DECL bool pool_core::counts_waiting() const noexcept
{
    return !counted_.empty() && (stop_requested_ || (until_empty_ && resting()));
}

WORK_DECL int pool_core::capacity() const noexcept
{
    if (stop_requested_ || quiet_ || isolating_)
        return 0;
    // Short jobs are fetched ahead: as many as end while an exchange is on its way.
    // But for those that must not have been claimed when the process dies.
    double const ahead = std::min(rate_ * round_trip_, static_cast<double>(options_.batch));
    int const prefetch = ahead < 1 || all_dead_on_crash_ ? 0 : static_cast<int>(ahead);
    int const held = static_cast<int>(ready_.size()) + asked_;
    int const room =
        options_.concurrency + prefetch - running_.load(std::memory_order_relaxed) - held;
    return std::min(room, static_cast<int>(most_unstarted_) - held);
}

WORK_DECL void pool_core::kick()
{
    for (wakeable& w : exchanger_wake_) {
        if (w.sleeping()) {
            w.wake();
            return;
        }
    }
    // Both are on their way; who comes back looks for itself.
}

WORK_DECL pool_core::clock::time_point pool_core::local_time(std::int64_t broker_ms) const
{
    // Half a millisecond late rather than early: the broker counts whole milliseconds.
    return clock::now() + std::chrono::milliseconds(broker_ms - now_ms()) +
           std::chrono::microseconds(500);
}

WORK_DECL pool_core::clock::time_point pool_core::next_timer() const
{
    clock::time_point next = std::min(tick_at_, alarm_at_);
    if (quarantine_ != 0)
        next = std::min(next, quarantine_until_);
    if (!counted_.empty())
        next = std::min(next, counts_at_);
    if (!progress_.empty())
        next = std::min(next, counts_at_);
    return next;
}

WORK_DECL bool pool_core::should_exchange(bool timers)
{
    check_quarantine();
    if (reports_waiting() || more_ || pass_wakeup_on_)
        return true;
    for (claim const& c : closable_) {
        if (c.requests == 0)
            return true;
    }
    if (closed_)
        return false;
    if ((hungry_ || surplus_ > 0) && capacity() > 0)
        return true;
    if (!timers)
        return false;
    clock::time_point const now = clock::now();
    if (now >= alarm_at_ || look_now_)
        return true;
    return (!counted_.empty() || !progress_.empty()) && now >= counts_at_;
}

// ---- one request

WORK_DECL void pool_core::build(exchange_round& round)
{
    exchange_request& r = round.request;
    r.pool = id_;
    r.lease_ms = options_.lease.count();
    r.limits = options_.keep;
    clock::time_point const now = clock::now();
    if (now >= announce_at_)
        announce();
    for (; announced_ < served_lists_.size() && r.serves.size() < most_announced; ++announced_)
        r.serves.push_back(
            served_list{served_lists_[announced_]->what, served_lists_[announced_]->rank}
        );
    build_reports(round);
    // A job that ends a long silence does not wait for them.
    bool const later =
        std::exchange(just_woken_, false) && now < chores_at_ + std::chrono::seconds(30);
    if (now >= chores_at_ && !later) {
        r.chores = true;
        chores_at_ = now + std::chrono::seconds(5);
    }
    // The heartbeat renews; should it fail to, the exchange does, before it reaps others.
    if (now - heartbeat_->renewed_at() > options_.lease / 2) {
        for (auto const& [number, c] : claims_) {
            if (!c->closing && !c->lost && r.renew.size() < 256)
                r.renew.push_back(number);
        }
    }
    build_claim(round);
    alarm_at_ = r.will_wait || now >= alarm_at_ ? clock::time_point::max() : alarm_at_;
    look_now_ = false;
    more_ = false;
}

WORK_DECL void pool_core::name(claim& c, exchange_round& round)
{
    if (std::exchange(c.named_in, round.serial) == round.serial)
        return;
    round.reported.push_back(&c);
    ++c.requests;
}

WORK_DECL void pool_core::build_reports(exchange_round& round)
{
    exchange_request& r = round.request;
    clock::time_point const now = clock::now();
    round.serial = ++rounds_;
    std::size_t reports = 0;
    while (!dirty_.empty() && reports < 4096 && round.reported.size() < most_claims_named) {
        claim* const c = dirty_.back();
        dirty_.pop_back();
        c->dirty = false;
        if (c->lost || c->finished.empty()) {
            forget(*c);
            continue;
        }
        reports += c->finished.size();
        finished_jobs f;
        f.claim = c->number;
        f.ids = std::exchange(c->finished, {});
        r.finished.push_back(std::move(f));
        name(*c, round);
    }
    // Released jobs go to the front of their lists: the last one first, to keep their order.
    std::size_t const some = std::min<std::size_t>(outcomes_.size(), 1024);
    round.outcomes.assign(
        std::make_move_iterator(outcomes_.begin()),
        std::make_move_iterator(outcomes_.begin() + static_cast<std::ptrdiff_t>(some))
    );
    outcomes_.erase(outcomes_.begin(), outcomes_.begin() + static_cast<std::ptrdiff_t>(some));
    std::vector<claim*> lost;
    for (job_report const& s : round.outcomes) {
        --s.of->unreported;
        if (!s.of->lost)
            name(*s.of, round);
        else if (s.of->unreported == 0)
            lost.push_back(s.of);
    }
    std::erase_if(round.outcomes, [](job_report const& s) { return s.of->lost; });
    for (claim* c : lost)
        forget(*c);
    // The heartbeat renews it until the broker has answered that it is closed.
    for (auto at = closable_.begin();
         at != closable_.end() && round.closed.size() < most_claims_named;) {
        claim& c = *at++;
        bool const elsewhere = c.requests > (c.named_in == round.serial ? 1 : 0);
        if (!c.lost && (elsewhere || c.unreported > 0 || c.dirty))
            continue;
        c.closable.unlink();
        if (c.lost)
            continue;
        c.closing = true;
        ++c.requests;
        suspects_ended(c);
        r.close.push_back(closed_claim(c.number, c.jobs));
        round.closed.push_back(&c);
    }
    round.reports = reports + round.outcomes.size();
    reports_in_flight_ += round.reports;
    build_start(round);
    round.cancels_seen = std::exchange(cancels_seen_, {});
    r.cancels_seen = round.cancels_seen;
    bool const flush = now >= counts_at_ || stop_requested_ || resting();
    if (!flush)
        return;
    counts_at_ = now + std::chrono::seconds(1);
    // A few at a time, and each once in a second.
    if (counts_due_ == 0)
        counts_due_ = counted_.size();
    for (; counts_due_ > 0 && r.counts.size() < most_counts; --counts_due_) {
        met_list& list = *counted_.front();
        counted_.pop_front();
        round.counted.push_back(list.list);
        r.counts.push_back(
            job_counts{{}, std::exchange(list.processed, 0), std::exchange(list.failed, 0)}
        );
    }
    if (counts_due_ > 0)
        counts_at_ = now;
    for (std::size_t i = 0; i != r.counts.size(); ++i)
        r.counts[i].list = round.counted[i];
    forget_unused_lists();
    for (worker* s : std::exchange(progress_, {})) {
        s->progress_listed = false;
        if (!std::exchange(s->progress_dirty, false) || !s->busy || s->reported || s->held.of->lost)
            continue;
        r.progress.push_back(job_progress{s->held.of->number, s->held.id, {}});
        round.texts.push_back(s->progress);
    }
}

WORK_DECL void pool_core::build_claim(exchange_round& round)
{
    exchange_request& r = round.request;
    int const room = capacity();
    if (std::exchange(pass_wakeup_on_, false) && room <= 0) {
        for (served* s : served_lists_) {
            if (r.fetch_order.size() < 256)
                r.fetch_order.push_back(wanted_list{s->what, 0, false});
        }
        return;
    }
    if (room <= 0 || !(hungry_ || surplus_ > 0 || more_ || clock::now() >= alarm_at_ || look_now_))
        return;
    r.want = std::min(room, options_.batch);
    r.take_suspects = quarantine_ == 0 && !asked_for_suspects_;
    r.runs_suspects = claims_.suspects() > 0;
    r.joins_suspects = clock::now() - started_ >= 3 * options_.lease / 2;
    asked_for_suspects_ = asked_for_suspects_ || r.take_suspects;
    r.will_wait = asked_ == 0;
    r.discover = should_discover(r.want);
    r.serves_many = served_lists_.size() > 1'000 && options_.order != queue_order::strict;
    fetch_order_.fill(served_lists_, r.want, r.fetch_order);
    for (served* s : served_lists_) {
        if (s->type->options.on_crash == on_crash::dead)
            r.fetch_order.push_back(wanted_list{s->what, 0, true});
    }
    asked_ += r.want;
    surplus_ = std::max<std::int64_t>(0, surplus_ - r.want);
    hungry_ = false;
}

// With many lists only a few are named, which may turn out empty: then the broker looks for ready
// ones itself. Not while enough are known to hold jobs, since that look costs it each of them.
WORK_DECL bool pool_core::should_discover(int want) const
{
    if (served_lists_.size() <= fetch_order::most_lists)
        return false;
    if (options_.order == queue_order::strict)
        return true;
    std::int64_t known = 0;
    std::size_t lists = 0;
    for (served const* s : served_lists_) {
        known += std::max<std::int64_t>(s->length, 0);
        lists += s->length > 0;
    }
    return lists <= fetch_order::few_lists || known < want;
}

// Texts are made last, and again when the server has no memory for long ones.
WORK_DECL void pool_core::render(exchange_round& round, bool lean)
{
    exchange_request& r = round.request;
    r.lean = lean;
    r.outcomes.clear();
    for (job_report& s : round.outcomes) {
        if (s.why)
            s.text = encode_failure(*s.why, lean ? lean_failure_message : max_failure_message);
        else if (lean)
            s.text.clear();
        r.outcomes.push_back(job_outcome{s.of->number, s.id, s.kind, s.number, s.text});
    }
    for (std::size_t i = 0; i != r.progress.size(); ++i)
        r.progress[i].text = lean ? std::string_view("{}") : std::string_view(round.texts[i]);
}

WORK_DECL task<exchange_answer> pool_core::send(exchange_request const& request)
{
    std::string closed;
    if (!client_gone_) {
        try {
            co_return co_await broker_->exchange(request);
        } catch (work::error const& e) {
            if (e.code() == errc::forked)
                left_in_parent();
            if (e.code() != errc::closed)
                throw;
            closed = e.what();
        }
    }
    if (!client_gone_)
        client_closed();
    if (closed_)
        throw error(errc::closed, std::move(closed));
    // The same number: should the broker have taken it before, it answers the same.
    co_return co_await heartbeat_->exchange_for_pool(request);
}

// When it has lasted for two seconds, then once a minute. Where the connections are in trouble,
// they have said so by then.
WORK_DECL void pool_core::log_problem(std::string const& problem)
{
    clock::time_point const now = clock::now();
    if (problems_++ == 0)
        problem_due_ = now + std::chrono::seconds(2);
    if (now < problem_due_ || ailing())
        return;
    problem_due_ = now + std::chrono::minutes(1);
    log(log_level::error,
        "the broker did not take an exchange, it is sent again (attempt " +
            std::to_string(problems_) + "): " + problem);
}

WORK_DECL task<void> pool_core::exchange_loop(std::shared_ptr<pool_core> self, std::size_t parity)
{
    namespace this_coro = boost::asio::this_coro;
    bool const timers = parity == 0;
    co_await this_coro::throw_if_cancelled(false);
    for (;;) {
        if (!self->should_exchange(timers)) {
            if (self->closed_)
                co_return;
            if (timers && clock::now() >= self->tick_at_)
                co_await self->look_around();
            if (self->should_exchange(timers))
                continue;
            clock::time_point const until = timers ? self->next_timer() : clock::time_point::max();
            if (timers)
                self->timers_set_ = until;
            co_await self->exchanger_wake_[parity].sleep_until(until);
            continue;
        }
        exchange_round round;
        self->build(round);
        round.request.number = self->next_number(parity);
        ++self->in_flight_;
        bool lean = clock::now() < self->lean_until_;
        clock::time_point const sent = clock::now();
        exchange_answer answer;
        bool answered = false;
        while (!answered) {
            self->render(round, lean);
            std::string problem;
            try {
                answer = co_await self->send(round.request);
                answered = true;
                self->problems_ = 0;
            } catch (work::error const& e) {
                if (e.code() == errc::full && !lean) {
                    lean = true;
                    self->lean_until_ = clock::now() + std::chrono::seconds(1);
                    continue;
                }
                problem = e.what();
            } catch (std::exception const& e) {
                problem = e.what();
            }
            self->problem_ = problem;
            auto const state = co_await this_coro::cancellation_state;
            if (!answered &&
                (self->closed_ || state.cancelled() != boost::asio::cancellation_type::none))
                break;
            if (!answered) {
                self->log_problem(problem);
                co_await self->exchanger_wake_[parity].sleep_until(
                    clock::now() + std::chrono::milliseconds(500)
                );
            }
        }
        --self->in_flight_;
        self->reports_in_flight_ -= round.reports;
        self->asked_ -= round.request.want;
        if (round.request.take_suspects) {
            self->asked_for_suspects_ = false;
            // Those of ours ended since it asked.
            if (round.request.runs_suspects && self->claims_.suspects() == 0)
                self->hungry_ = true;
        }
        if (!answered) {
            self->failed_round(round);
            co_return;
        }
        double const took = std::chrono::duration<double>(clock::now() - sent).count();
        self->round_trip_ += (took - self->round_trip_) / 8;
        self->round_trip_us_ = static_cast<std::int64_t>(self->round_trip_ * 1e6);
        self->apply(round, std::move(answer));
        if (self->stop_requested_ || self->until_empty_)
            self->became_idle();
    }
}

}  // namespace work::detail
