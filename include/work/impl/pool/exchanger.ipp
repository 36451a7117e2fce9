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
    if (c.open == 0 && !c.lost && !c.closing &&
        std::find(closable_.begin(), closable_.end(), &c) == closable_.end())
        closable_.push_back(&c);
}

WORK_DECL void pool_core::say(said words)
{
    claim& c = *words.of;
    --c.open;
    outcomes_.push_back(std::move(words));
    touched(c);
    kick();
}

WORK_DECL void pool_core::say_finished(claim& c, std::string_view id)
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

// A claim's memory goes when the broker knows that nothing is left of it, and no frame uses it.
WORK_DECL void pool_core::forget(claim& c)
{
    if (c.holders > 0 || c.requests > 0 || c.dirty)
        return;
    if (!(c.closing || c.lost))
        return;
    for (said const& s : outcomes_) {
        if (s.of == &c)
            return;
    }
    if (probation_ == c.number)
        probation_ = 0;
    closable_.erase(std::remove(closable_.begin(), closable_.end(), &c), closable_.end());
    claims_.erase(c.number);
}

WORK_DECL bool pool_core::words_waiting() const noexcept
{
    return !dirty_.empty() || !outcomes_.empty() || !cancels_seen_.empty() || !serves_new_.empty();
}

WORK_DECL int pool_core::capacity() const noexcept
{
    if (stop_requested_ || quiet_ || probation_ != 0)
        return 0;
    // Short jobs are fetched ahead: as many as end while an exchange is on its way.
    double const ahead = std::min(rate_ * round_trip_, 256.0);
    int const prefetch = ahead < 1 ? 0 : static_cast<int>(ahead);
    return options_.concurrency + prefetch - running_.load(std::memory_order_relaxed) -
           static_cast<int>(ready_.size()) - asked_;
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
    if (probation_ != 0)
        next = std::min(next, probation_until_);
    if (counts_dirty_)
        next = std::min(next, counts_at_);
    if (!progress_.empty())
        next = std::min(next, counts_at_);
    return next;
}

WORK_DECL bool pool_core::should_exchange(bool timers)
{
    check_probation();
    if (words_waiting() || more_ || pass_hint_on_)
        return true;
    for (claim* c : closable_) {
        if (c->requests == 0)
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
    return (counts_dirty_ || !progress_.empty()) && now >= counts_at_;
}

// ---- one request

WORK_DECL void pool_core::build(exchange_round& round)
{
    exchange_request& r = round.request;
    r.pool = id_;
    r.lease_ms = options_.lease.count();
    r.serves = std::exchange(serves_new_, {});
    clock::time_point const now = clock::now();
    build_words(round);
    if (now >= chores_at_) {
        r.chores = true;
        chores_at_ = now + std::chrono::seconds(5);
        // A server that lost its data, or forgot a pool that slept for long, hears it again.
        r.serves.clear();
        for (auto const& s : served_)
            r.serves.push_back(served_list{s->list, s->rank});
    }
    // The keeper renews; should it fail to, the exchange does, before it reaps others.
    if (now - keeper_->renewed_at() > options_.lease / 2) {
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

WORK_DECL void pool_core::build_words(exchange_round& round)
{
    exchange_request& r = round.request;
    clock::time_point const now = clock::now();
    auto const worded = [&](claim* c) {
        if (std::find(round.worded.begin(), round.worded.end(), c) == round.worded.end()) {
            round.worded.push_back(c);
            ++c->requests;
        }
    };
    std::size_t words = 0;
    while (!dirty_.empty() && words < 4096) {
        claim* const c = dirty_.back();
        dirty_.pop_back();
        c->dirty = false;
        if (c->lost || c->finished.empty())
            continue;
        words += c->finished.size();
        finished_jobs f;
        f.claim = c->number;
        f.ids = std::exchange(c->finished, {});
        r.finished.push_back(std::move(f));
        worded(c);
    }
    // Released jobs go to the front of their lists: the last one first, to keep their order.
    std::size_t const some = std::min<std::size_t>(outcomes_.size(), 1024);
    round.outcomes.assign(std::make_move_iterator(outcomes_.begin()),
                          std::make_move_iterator(outcomes_.begin() + static_cast<std::ptrdiff_t>(some)));
    outcomes_.erase(outcomes_.begin(), outcomes_.begin() + static_cast<std::ptrdiff_t>(some));
    std::erase_if(round.outcomes, [](said const& s) { return s.of->lost; });
    for (said const& s : round.outcomes)
        worded(s.of);
    std::vector<claim*> later;
    for (claim* c : closable_) {
        bool const elsewhere =
            c->requests > (std::find(round.worded.begin(), round.worded.end(), c) != round.worded.end());
        bool const unsaid = c->dirty || std::any_of(outcomes_.begin(), outcomes_.end(),
                                                    [&](said const& s) { return s.of == c; });
        if (c->lost)
            continue;
        if (elsewhere || unsaid) {
            later.push_back(c);
            continue;
        }
        c->closing = true;
        ++c->requests;
        r.close.push_back(c->number);
        round.closed.push_back(c);
        keeper_->remove(c->number);
    }
    closable_ = std::move(later);
    round.cancels_seen = std::exchange(cancels_seen_, {});
    r.cancels_seen = round.cancels_seen;
    bool const flush = now >= counts_at_ || stop_requested_ || idle();
    if (!flush)
        return;
    counts_at_ = now + std::chrono::seconds(1);
    if (std::exchange(counts_dirty_, false)) {
        for (auto const& s : served_) {
            if (s->processed != 0 || s->failed != 0)
                r.counts.push_back(job_counts{s->list, std::exchange(s->processed, 0),
                                              std::exchange(s->failed, 0)});
        }
    }
    for (slot* s : std::exchange(progress_, {})) {
        s->progress_dirty = false;
        if (!s->busy || s->said || s->held.of->lost)
            continue;
        r.progress.push_back(job_progress{s->held.of->number, s->held.id, {}});
        round.texts.push_back(s->progress);
    }
}

WORK_DECL void pool_core::build_claim(exchange_round& round)
{
    exchange_request& r = round.request;
    int const room = capacity();
    if (std::exchange(pass_hint_on_, false) && room <= 0) {
        for (served* s : served_lists_) {
            if (r.plan.size() < 256)
                r.plan.push_back(wanted_list{s->list, 0, false});
        }
        return;
    }
    if (room <= 0 || !(hungry_ || surplus_ > 0 || more_ || clock::now() >= alarm_at_ || look_now_))
        return;
    r.want = std::min(room, 256);
    r.take_suspects = true;
    r.will_wait = asked_ == 0;
    r.discover = served_lists_.size() > claim_plan::most_lists;
    plan_.fill(served_lists_, r.want, r.plan);
    for (served* s : served_lists_) {
        if (s->type->options.on_crash == on_crash::dead)
            r.plan.push_back(wanted_list{s->list, 0, true});
    }
    asked_ += r.want;
    surplus_ = std::max<std::int64_t>(0, surplus_ - r.want);
    hungry_ = false;
}

// Texts are made last, and again when the server has no memory for long ones.
WORK_DECL void pool_core::render(exchange_round& round, bool lean)
{
    exchange_request& r = round.request;
    r.lean = lean;
    r.outcomes.clear();
    for (said& s : round.outcomes) {
        if (s.why)
            s.text = encode_failure(*s.why, lean ? lean_failure_message : max_failure_message);
        else if (lean)
            s.text.clear();
        r.outcomes.push_back(job_outcome{s.of->number, s.id, s.kind, s.number, s.text});
    }
    for (std::size_t i = 0; i != r.progress.size(); ++i)
        r.progress[i].text = lean ? std::string_view("{}") : std::string_view(round.texts[i]);
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
            if (timers && self->lists_stale_)
                co_await self->learn_lists();
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
        round.request.number = self->next_number_[parity];
        self->next_number_[parity] += 2;
        ++self->in_flight_;
        bool lean = clock::now() < self->lean_until_;
        clock::time_point const sent = clock::now();
        exchange_answer answer;
        bool answered = false;
        while (!answered) {
            self->render(round, lean);
            std::string problem;
            try {
                answer = co_await self->broker_->exchange(round.request);
                answered = true;
            } catch (work::error const& e) {
                if (e.code() == errc::full && !lean) {
                    lean = true;
                    self->lean_until_ = clock::now() + std::chrono::seconds(1);
                    continue;
                }
                problem = e.what();
                if (e.code() == errc::closed)
                    self->closed_ = true;
            } catch (std::exception const& e) {
                problem = e.what();
            }
            auto const state = co_await this_coro::cancellation_state;
            if (!answered && (self->closed_ || state.cancelled() != boost::asio::cancellation_type::none))
                break;
            if (!answered) {
                self->log(log_level::error, "the broker did not take an exchange, it is sent again: " + problem);
                co_await self->exchanger_wake_[parity].sleep_until(clock::now() +
                                                                   std::chrono::milliseconds(500));
            }
        }
        --self->in_flight_;
        self->asked_ -= round.request.want;
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

// ---- one answer

WORK_DECL void pool_core::apply(exchange_round& round, exchange_answer answer)
{
    for (std::string const& note : answer.notes)
        log(note.starts_with("lapsed") ? log_level::info : log_level::warning, note);
    for (std::size_t i = 0; i != answer.finished.size(); ++i) {
        claim* const c = claims_.find(round.request.finished[i].claim);
        if (answer.finished[i] == outcome_code::lease_lost && c)
            claims_lost({c->number});
    }
    for (std::size_t i = 0; i != answer.outcomes.size(); ++i) {
        if (answer.outcomes[i] == outcome_code::lease_lost)
            log(log_level::warning, "a word about job " + std::string(round.outcomes[i].id) +
                                        " came after its lease was lost; nothing was changed");
    }
    claims_lost(answer.lost);
    jobs_cancelled(answer.cancels);
    for (claim* c : round.worded) {
        --c->requests;
        touched(*c);
    }
    for (claim* c : round.closed)
        --c->requests;
    for (claim* c : round.worded)
        if (std::find(round.closed.begin(), round.closed.end(), c) == round.closed.end())
            forget(*c);
    for (claim* c : round.closed)
        forget(*c);

    // What the lists hold now.
    if (round.request.want > 0) {
        for (wanted_list const& w : round.request.plan) {
            auto const found = served_by_id_.find(w.list);
            if (found != served_by_id_.end())
                found->second->length = 0;
        }
        surplus_ = 0;
        for (list_left const& l : answer.left) {
            auto const found = served_by_id_.find(l.list);
            if (found != served_by_id_.end())
                found->second->length = l.length;
            surplus_ += l.length;
        }
        surplus_ = std::max<std::int64_t>(0, surplus_ - asked_);
        if (static_cast<int>(answer.jobs.size()) >= round.request.want || surplus_ > 0 ||
            (answer.suspects && !answer.jobs.empty()))
            hungry_ = true;
    }
    if (round.request.will_wait)
        alarm_at_ = answer.alarm_ms == 0 ? clock::time_point::max() : local_time(answer.alarm_ms);
    if (answer.more) {
        more_ = true;
        hungry_ = true;
    }
    clock::time_point const now = clock::now();
    tick_at_ = now + std::chrono::seconds(5);
    if (answer.next_lapse_ms != 0)
        tick_at_ = std::min(tick_at_, std::max(local_time(answer.next_lapse_ms),
                                               now + std::chrono::milliseconds(10)));
    if (answer.lists_version != lists_version_) {
        lists_version_ = answer.lists_version;
        lists_stale_ = true;
    }
    double const since = std::chrono::duration<double>(now - rate_since_).count();
    if (since > 0.005) {
        rate_ += (static_cast<double>(finished_since_) / since - rate_) / 4;
        finished_since_ = 0;
        rate_since_ = now;
    }
    accept_jobs(answer);
    // The other loop may sleep on timers that this answer moved.
    if (exchanger_wake_[0].sleeping() && next_timer() < timers_set_)
        exchanger_wake_[0].wake();
    if (can_wait())
        waiter_wake_.wake();
    else if (lists_stale_ || tick_at_ < now + std::chrono::seconds(5))
        kick();
}

WORK_DECL void pool_core::accept_jobs(exchange_answer& answer)
{
    if (answer.claim == 0)
        return;
    claim& c = claims_.add(answer);
    keeper_->add(c.number);
    touched(c);  // all of a repeated answer's jobs may have been cancelled since
    if (c.suspects) {
        probation_ = c.number;
        probation_until_ = clock::time_point::max();
    }
    auto front = ready_.begin();
    for (claimed_job const& job : answer.jobs) {
        auto record = decode_envelope(job.envelope);
        auto const list = record ? served_by_id_.find(record->list) : served_by_id_.end();
        if (list == served_by_id_.end()) {
            --c.unstarted;
            --c.holders;
            // A list this pool does not serve can only come from a record that is broken.
            log(log_level::error,
                "the record of job " + std::string(job.id) + " can't be read, it is set aside: " +
                    (record ? "it names list " + std::string(record->list) : record.error()));
            say(said{&c, job.id, outcome_kind::set_aside, 0, {}, {}});
            continue;
        }
        held_job held{&c, job.id, *record, list->second};
        if (c.suspects) {
            front = ready_.insert(front, held) + 1;
        } else {
            ready_.push_back(held);
        }
    }
    if (stop_requested_) {
        release_unstarted();
        return;
    }
    dispatch();
}

// The words of a request that will never be answered: the jobs are left to their leases.
WORK_DECL void pool_core::failed_round(exchange_round& round)
{
    for (claim* c : round.worded)
        --c->requests;
    for (claim* c : round.closed)
        --c->requests;
}

// Suspects run with nobody started beside them until all of them were started and some time passed:
// should the process die now, it was one of them.
WORK_DECL void pool_core::check_probation()
{
    if (probation_ == 0)
        return;
    claim* const c = claims_.find(probation_);
    clock::time_point const now = clock::now();
    if (!c || c->open == 0 || c->lost || now >= probation_until_) {
        probation_ = 0;
        probation_until_ = clock::time_point::max();
        hungry_ = true;
        return;
    }
    if (c->unstarted == 0 && probation_until_ == clock::time_point::max()) {
        probation_until_ = now + std::chrono::milliseconds(100);
        kick();
    }
}

// ---- what happens elsewhere

WORK_DECL task<void> pool_core::look_around()
{
    tick_at_ = clock::now() + std::chrono::seconds(5);
    if (!claims_.empty()) {
        look_now_ = true;
        co_return;
    }
    exchange_answer seen;
    try {
        seen = co_await broker_->peek();
    } catch (std::exception const&) {
        // It can't be reached, so look for work as soon as it can.
        look_now_ = true;
        hungry_ = true;
        co_return;
    }
    std::int64_t const now = now_ms();
    bool const overdue = seen.next_due_ms != 0 && seen.next_due_ms + 1000 < now;
    if (seen.next_lapse_ms == 0 && !overdue)
        co_return;
    look_now_ = true;
    hungry_ = true;
}

WORK_DECL task<void> pool_core::learn_lists()
{
    lists_stale_ = false;
    std::vector<std::string> lists;
    try {
        lists = co_await broker_->lists();
    } catch (std::exception const& e) {
        log(log_level::warning, std::string("the lists can't be read: ") + e.what());
        lists_stale_ = true;
        tick_at_ = std::min(tick_at_, clock::now() + std::chrono::milliseconds(500));
        co_return;
    }
    for (std::string const& list : lists)
        serve(list);
}

// Adds a list to what is served, if a handler of its name is registered and its queue is wanted.
WORK_DECL void pool_core::serve(std::string_view list)
{
    if (served_by_id_.contains(list))
        return;
    list_name parts;
    try {
        parts = parse_list_id(list);
    } catch (work::error const&) {
        return;
    }
    auto const type = types_.find(parts.name);
    if (type == types_.end())
        return;
    auto s = std::make_unique<served>();
    s->list = list;
    s->queue = parts.queue;
    s->type = type->second.get();
    s->weight = type->second->options.weight;
    if (!options_.queues.empty()) {
        auto const wanted =
            std::find_if(options_.queues.begin(), options_.queues.end(),
                         [&](queue_share const& q) { return q.queue == parts.queue; });
        if (wanted == options_.queues.end())
            return;
        s->weight = wanted->weight;
        s->rank = wanted - options_.queues.begin();
    }
    if (options_.order == queue_order::weighted)
        s->rank = 1000 - s->weight;
    served_lists_.push_back(s.get());
    served_by_id_.emplace(s->list, s.get());
    serves_new_.push_back(served_list{s->list, s->rank});
    served_.push_back(std::move(s));
    hungry_ = true;
    kick();
}

WORK_DECL void pool_core::claims_lost(std::vector<claim_number> const& lost)
{
    for (claim_number const number : lost) {
        claim* const c = claims_.find(number);
        if (!c || c->lost || c->closing)
            continue;
        c->lost = true;
        keeper_->remove(number);
        log(log_level::warning,
            "the lease of claim " + std::to_string(number) + " was lost with " +
                std::to_string(c->open) + " job(s) unfinished; they may run elsewhere");
        c->finished.clear();
        for (slot& s : slots_) {
            if (s.busy && s.held.of == c)
                interrupt(s, stop_reason::lease_lost);
        }
        claim* const still = claims_.find(number);
        if (still)
            forget(*still);
    }
}

WORK_DECL void pool_core::jobs_cancelled(std::vector<job_cancel> const& cancels)
{
    for (job_cancel const& cancel : cancels) {
        cancels_seen_.push_back(cancel);
        claim* const c = claims_.find(cancel.claim);
        if (!c || c->lost)
            continue;
        auto const waiting = std::find_if(ready_.begin(), ready_.end(), [&](held_job const& job) {
            return job.of == c && job.id == cancel.id;
        });
        if (waiting != ready_.end()) {
            held_job const job = *waiting;
            ready_.erase(waiting);
            --c->unstarted;
            --c->open;
            touched(*c);
            drop_ready(job);
            continue;
        }
        for (slot& s : slots_) {
            if (s.busy && s.held.of == c && s.held.id == cancel.id) {
                interrupt(s, stop_reason::cancelled);
                break;
            }
        }
    }
}

WORK_DECL void pool_core::given_up_by_keeper(slot& worker, std::uint64_t generation)
{
    if (worker.generation != generation || !worker.busy || worker.said)
        return;
    worker.said = true;
    ++worker.held.list->failed;
    ++failed_;
    counts_dirty_ = true;
    --worker.held.of->open;
    touched(*worker.held.of);
    interrupt(worker, stop_reason::timed_out);
    kick();
}

}  // namespace work::detail
