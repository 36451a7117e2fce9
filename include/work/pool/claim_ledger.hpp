// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/exchange.hpp>
#include <work/build_config.hpp>
#include <work/pool/claims.hpp>
#include <work/pool/exchange_round.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

namespace work::detail {

/// The claims that a pool holds, and what is to be reported about their jobs.
///
/// A report goes into the next request (`take`), and is answered or not. A claim is closed by a
/// request that comes after the answers to all reports about it, and forgotten when that was
/// answered and no frame uses its bytes any more.
class claim_ledger
{
public:
    WORK_DECL claim& add(exchange_answer const& answer);
    claim* find(claim_number number) { return claims_.find(number); }
    /// How many were ever added.
    std::uint64_t added() const noexcept { return added_; }
    bool empty() const noexcept { return claims_.empty(); }
    /// Claims of suspects of which some may run.
    int suspects() const noexcept { return claims_.suspects(); }
    /// The numbers of those that are held, at most so many.
    WORK_DECL std::vector<claim_number> held(std::size_t most);

    // What became of a job; each once.
    WORK_DECL void report(job_report what);
    WORK_DECL void report_finished(claim& c, finished_apart const& what, std::string_view list);
    /// The broker knows it already.
    WORK_DECL void settled(claim& c);

    /// Nothing reads the job's record any more.
    WORK_DECL void release(claim& c);
    /// Its lease is lost: nothing is reported about it any more. Null: it is not held, or known to
    /// be lost, or its last request is to tell.
    WORK_DECL claim* lose(claim_number number);
    WORK_DECL void forget(claim& c);
    void cancel_seen(job_cancel const& cancel) { cancels_seen_.push_back(cancel); }
    void order_seen(told_order order) { orders_seen_.push_back(order); }

    /// Moves what there is to report into the request, and names what can be closed.
    WORK_DECL void take(exchange_round& round);
    /// The request says something about the claim, which is not closed before that was answered.
    WORK_DECL void name(claim& c, exchange_round& round);
    WORK_DECL void answered(exchange_round const& round);
    /// It never will be: the jobs are left to their leases.
    WORK_DECL void unanswered(exchange_round const& round);
    /// A run begins: what was lost before is not counted any more.
    void begin_run() noexcept { reports_lost_ = 0; }

    bool has_reports() const noexcept
    {
        return !dirty_.empty() || !outcomes_.empty() || !cancels_seen_.empty() ||
               !orders_seen_.empty();
    }
    WORK_DECL bool can_close() const noexcept;
    /// Nothing is left to be said.
    bool all_reported() const noexcept { return !has_reports() && closable_.empty(); }
    /// Reports that no answer confirmed.
    WORK_DECL std::size_t unconfirmed() const noexcept;

private:
    WORK_DECL void touched(claim& c);
    /// Moves those of a claim into the request.
    WORK_DECL static std::size_t take_finished(claim& c, exchange_round& round);

    /// Each costs the broker some commands.
    static constexpr std::size_t most_claims_named = 512;
    static constexpr std::size_t most_finished = 4096;
    static constexpr std::size_t most_outcomes = 1024;

    claim_table claims_;
    std::vector<claim*> dirty_;  // with finished jobs to be reported
    closable_claims closable_;
    std::deque<job_report> outcomes_;
    std::vector<job_cancel> cancels_seen_;
    std::vector<told_order> orders_seen_;
    std::uint64_t added_ = 0;
    std::uint64_t rounds_ = 0;
    std::size_t reports_in_flight_ = 0;
    std::size_t reports_lost_ = 0;  // of requests that nobody answered
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/pool/claim_ledger.ipp>
#endif
