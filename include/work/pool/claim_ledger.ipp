// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/claim_ledger.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace work::detail {

WORK_DECL claim& claim_ledger::add(exchange_answer const& answer)
{
    ++added_;
    claim& c = claims_.add(answer);
    touched(c);  // all of a repeated answer's jobs may have been cancelled since
    return c;
}

WORK_DECL std::vector<claim_number> claim_ledger::held(std::size_t most)
{
    std::vector<claim_number> numbers;
    for (auto const& [number, c] : claims_) {
        if (!c->closing && !c->lost && numbers.size() < most)
            numbers.push_back(number);
    }
    return numbers;
}

WORK_DECL void claim_ledger::touched(claim& c)
{
    if (c.open == 0 && !c.lost && !c.closing && !c.closable.is_linked())
        closable_.push_back(c);
}

WORK_DECL void claim_ledger::report(job_report what)
{
    claim& c = *what.of;
    --c.open;
    ++c.unreported;
    outcomes_.push_back(std::move(what));
    touched(c);
}

WORK_DECL void claim_ledger::report_finished(
    claim& c,
    finished_apart const& what,
    std::string_view list
)
{
    --c.open;
    if (what.known_ms || what.forgets)
        c.apart.push_back(what);
    else
        c.finished.push_back(what.id);
    if (c.counted.empty() || c.counted.back().list != list)
        c.counted.push_back({list});
    ++c.counted.back().jobs;
    if (!std::exchange(c.dirty, true))
        dirty_.push_back(&c);
    touched(c);
}

WORK_DECL void claim_ledger::settled(claim& c)
{
    --c.open;
    touched(c);
}

WORK_DECL void claim_ledger::release(claim& c)
{
    --c.holders;
    forget(c);
}

WORK_DECL claim* claim_ledger::lose(claim_number number)
{
    claim* const c = claims_.find(number);
    if (!c || c->lost || c->closing)
        return nullptr;
    c->lost = true;
    claims_.runs_no_more(*c);
    c->finished.clear();
    c->apart.clear();
    return c;
}

// A claim's memory goes when the broker knows that nothing is left of it, and no frame uses it.
WORK_DECL void claim_ledger::forget(claim& c)
{
    if (c.holders > 0 || c.requests > 0 || c.unreported > 0 || c.dirty)
        return;
    if (c.closing || c.lost)
        claims_.erase(c.number);
}

WORK_DECL bool claim_ledger::can_close() const noexcept
{
    return std::any_of(closable_.begin(), closable_.end(), [](claim const& c) {
        return c.requests == 0;
    });
}

WORK_DECL void claim_ledger::name(claim& c, exchange_round& round)
{
    if (std::exchange(c.named_in, round.serial) == round.serial)
        return;
    round.reported.push_back(&c);
    ++c.requests;
}

// Jobs that are to stay known for the same time go together.
WORK_DECL std::size_t claim_ledger::take_finished(claim& c, exchange_round& round)
{
    auto& all = round.request.finished;
    std::size_t const before = all.size();
    std::size_t const taken = c.finished.size() + c.apart.size();
    if (!c.finished.empty()) {
        finished_jobs f;
        f.claim = c.number;
        f.ids = std::exchange(c.finished, {});
        all.push_back(std::move(f));
    }
    for (finished_apart const& one : c.apart) {
        auto const alike = [&](finished_jobs const& f) {
            return f.known_ms == one.known_ms && f.forgets == one.forgets;
        };
        auto into =
            std::find_if(all.begin() + static_cast<std::ptrdiff_t>(before), all.end(), alike);
        if (into == all.end()) {
            finished_jobs f;
            f.claim = c.number;
            f.known_ms = one.known_ms;
            f.forgets = one.forgets;
            into = all.insert(into, std::move(f));
        }
        into->ids.push_back(one.id);
    }
    c.apart.clear();
    // What was counted goes with the first: all of a claim are taken, or none.
    round.counted_of_finished.resize(all.size());
    if (taken > 0)
        round.counted_of_finished[before] = std::exchange(c.counted, {});
    return taken;
}

WORK_DECL void claim_ledger::take(exchange_round& round)
{
    exchange_request& r = round.request;
    round.serial = ++rounds_;
    std::size_t reports = 0;
    while (!dirty_.empty() && reports < most_finished && round.reported.size() < most_claims_named
    ) {
        claim* const c = dirty_.back();
        dirty_.pop_back();
        c->dirty = false;
        std::size_t const taken = c->lost ? 0 : take_finished(*c, round);
        if (taken == 0) {
            forget(*c);
            continue;
        }
        reports += taken;
        name(*c, round);
    }
    // Released jobs go to the front of their lists: the last one first, to keep their order.
    auto const some = static_cast<std::ptrdiff_t>(std::min(outcomes_.size(), most_outcomes));
    round.outcomes.assign(
        std::make_move_iterator(outcomes_.begin()),
        std::make_move_iterator(outcomes_.begin() + some)
    );
    outcomes_.erase(outcomes_.begin(), outcomes_.begin() + some);
    std::vector<claim*> lost;
    for (job_report const& s : round.outcomes) {
        --s.of->unreported;
        if (!s.of->lost)
            name(*s.of, round);
        else if (s.of->unreported == 0)
            lost.push_back(s.of);
    }
    auto const heard = std::stable_partition(
        round.outcomes.begin(),
        round.outcomes.end(),
        [](job_report const& s) { return !s.of->lost; }
    );
    round.dropped.assign(
        std::make_move_iterator(heard),
        std::make_move_iterator(round.outcomes.end())
    );
    round.outcomes.erase(heard, round.outcomes.end());
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
        claims_.runs_no_more(c);
        r.close.push_back(closed_claim(c.number, c.jobs));
        round.closed.push_back(&c);
    }
    round.reports = reports + round.outcomes.size();
    reports_in_flight_ += round.reports;
    round.cancels_seen = std::exchange(cancels_seen_, {});
    r.cancels_seen = round.cancels_seen;
    round.orders_seen = std::exchange(orders_seen_, {});
    r.orders_seen = round.orders_seen;
}

WORK_DECL void claim_ledger::answered(exchange_round const& round)
{
    reports_in_flight_ -= round.reports;
    for (claim* c : round.reported) {
        --c->requests;
        touched(*c);
    }
    for (claim* c : round.closed)
        --c->requests;
    // What is closing is closed by this request: another's reports would have kept it open.
    for (claim* c : round.reported)
        if (!c->closing)
            forget(*c);
    for (claim* c : round.closed)
        forget(*c);
}

WORK_DECL void claim_ledger::unanswered(exchange_round const& round)
{
    reports_in_flight_ -= round.reports;
    reports_lost_ += round.reports;
    for (claim* c : round.reported)
        --c->requests;
    for (claim* c : round.closed)
        --c->requests;
}

WORK_DECL std::size_t claim_ledger::unconfirmed() const noexcept
{
    std::size_t reports = reports_lost_ + reports_in_flight_ + outcomes_.size();
    for (claim const* c : dirty_)
        reports += c->finished.size() + c->apart.size();
    return reports;
}

}  // namespace work::detail
