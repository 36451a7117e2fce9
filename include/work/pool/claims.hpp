// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/exchange.hpp>
#include <work/pool/job_type.hpp>
#include <work/values/envelope.hpp>

#include <boost/intrusive/list.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace work::detail {

using auto_unlinked = boost::intrusive::link_mode<boost::intrusive::auto_unlink>;

/// A worker that runs a job, in the list of the claim that brought it.
struct running_job : boost::intrusive::list_base_hook<auto_unlinked>
{};

/// Jobs of one list that were counted as processed.
struct counted_run
{
    std::string_view list;
    std::int64_t jobs = 0;
};

/// A job that completed and leaves failures or a log, or an id that is to stay known.
struct finished_apart
{
    std::string_view id;
    std::optional<std::int64_t> known_ms{};
    bool forgets = false;
};

/// One claim of the pool, and how much of it is still to be reported to the broker.
///
/// It may be closed once every job of it was reported and no request with such a report is on its
/// way: reports that arrive after the claim was closed would be refused.
struct claim
{
    claim_number number = 0;
    bool suspects = false;
    bool runs_suspects = false;               ///< until the last of them ended
    bool isolated = false;                    ///< a suspect beside which nothing else is claimed
    std::chrono::milliseconds quarantine{0};  ///< of suspects, from the start of the last of them
    bool lost = false;
    bool closing = false;
    bool dirty = false;  ///< is in the exchanger's list of claims with reports
    boost::intrusive::list_member_hook<auto_unlinked> closable;  ///< in the list of what may close
    int jobs = 0;                ///< it had, those included that were gone when the answer came
    int open = 0;                ///< jobs not reported
    int unstarted = 0;           ///< jobs still waiting for a worker
    int holders = 0;             ///< jobs, started or not, whose record points into `bytes`
    int requests = 0;            ///< on their way with reports about it
    int unreported = 0;          ///< reports about its jobs that no request took yet
    std::uint64_t named_in = 0;  ///< the last request with reports about it
    std::chrono::steady_clock::time_point received{};
    std::int64_t ready_then = 0;  ///< jobs that waited for a worker then, its own included
    std::vector<std::string_view> finished;  ///< to be reported
    std::vector<finished_apart> apart;       ///< likewise
    std::vector<counted_run> counted;        ///< of those, by list
    std::shared_ptr<void const> bytes;       ///< what ids and records point into
    boost::intrusive::list<running_job, boost::intrusive::constant_time_size<false>> running;
};

/// Claims of which nothing is left to be done.
using closable_claims = boost::intrusive::list<
    claim,
    boost::intrusive::
        member_hook<claim, boost::intrusive::list_member_hook<auto_unlinked>, &claim::closable>,
    boost::intrusive::constant_time_size<false>>;

/// A claimed job before it runs.
struct held_job
{
    detail::claim* of = nullptr;
    std::string_view id;
    envelope_view record;
    met_list* list = nullptr;
};

/// The claims the pool holds, by number.
class claim_table
{
public:
    claim& add(exchange_answer const& answer)
    {
        auto c = std::make_unique<claim>();
        c->number = answer.claim;
        c->suspects = answer.suspects;
        c->isolated = answer.isolate;
        c->quarantine = std::chrono::milliseconds(answer.quarantine_ms);
        c->open = c->unstarted = c->holders = static_cast<int>(answer.jobs.size());
        c->jobs = std::max(c->open, static_cast<int>(answer.claim_jobs));
        c->bytes = answer.bytes;
        c->finished.reserve(answer.jobs.size());
        c->runs_suspects = answer.suspects;
        suspects_ += answer.suspects;
        claim& made = *c;
        claims_[answer.claim] = std::move(c);
        return made;
    }
    claim* find(claim_number number)
    {
        auto const found = claims_.find(number);
        return found == claims_.end() ? nullptr : found->second.get();
    }
    void erase(claim_number number)
    {
        auto const found = claims_.find(number);
        if (found == claims_.end())
            return;
        runs_no_more(*found->second);
        claims_.erase(found);
    }
    /// Nothing of the claim is run here any more.
    void runs_no_more(claim& c) { suspects_ -= std::exchange(c.runs_suspects, false); }
    /// Claims of suspects of which some may run.
    int suspects() const noexcept { return suspects_; }
    bool empty() const noexcept { return claims_.empty(); }
    std::size_t size() const noexcept { return claims_.size(); }
    auto begin() { return claims_.begin(); }
    auto end() { return claims_.end(); }

private:
    std::unordered_map<claim_number, std::unique_ptr<claim>> claims_;
    int suspects_ = 0;
};

}  // namespace work::detail
