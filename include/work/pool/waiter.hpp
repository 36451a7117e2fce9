// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/pool/claim_ledger.hpp>
#include <work/pool/exchange_round.hpp>
#include <work/pool/exchange_state.hpp>
#include <work/pool/exchanger.hpp>
#include <work/pool/lease_renewals.hpp>
#include <work/pool/lifecycle.hpp>
#include <work/pool/pool_log.hpp>
#include <work/pool/queue_set.hpp>
#include <work/pool/shared_part.hpp>
#include <work/pool/station.hpp>
#include <work/pool/wakeable.hpp>
#include <work/pool_options.hpp>
#include <work/task.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace work::detail {

/// Sleeps on the broker's wakeups while there is room for jobs and none are known to be there. A
/// wakeup taken is followed by an exchange, which gives it to somebody else if jobs are left over;
/// but for the wakeup of a lone job, which the claim on wake brings at once. A pool whose workers
/// are all taken, and which has not spoken for a while, waits for what it is told itself: that a
/// job was cancelled, or to stop.
class waiter final : public shared_part<waiter>, public station_guest
{
public:
    waiter(
        boost::asio::any_io_executor const& executor,
        station& at,
        pool_options const& options,
        lifecycle const& life,
        claim_ledger& ledger,
        queue_set& queues,
        exchange_state& state,
        exchanger& exchanges,
        pool_log& log,
        exchange_listener& listener
    )
        : station_(at),
          options_(options),
          life_(life),
          ledger_(ledger),
          queues_(queues),
          state_(state),
          exchanger_(exchanges),
          log_(log),
          listener_(listener),
          wake_(executor)
    {}

    ~waiter()
    {
        if (in_station_)
            station_.forget(*this);
    }
    waiter(waiter const&) = delete;
    waiter& operator=(waiter const&) = delete;

    void begin_run(lease_renewals& renewals)
    {
        renewals_ = &renewals;
        in_station_ = true;
        station_.enter(*this, state_.pool(), queues_.ids());
    }
    WORK_DECL static task<void> loop(std::shared_ptr<waiter> self);
    /// It may be able to wait for jobs now, or has to end.
    WORK_DECL void wake();
    /// It would take no job now: it is to listen once it has heard nothing for a while.
    void filled()
    {
        if (!watches_)
            wake_.wake();
    }
    /// What waits now is ended; it may wait again.
    void interrupt() { station_.interrupt(*this); }
    /// Waits no more.
    void end()
    {
        station_.end_wait(*this);
        wake();
    }
    /// The same, and others need not look for it any more.
    void leave_station()
    {
        if (std::exchange(in_station_, false))
            station_.exit(*this);
    }

private:
    using clock = std::chrono::steady_clock;

    WORK_DECL void build_claim(exchange_round& round);
    WORK_DECL task<bool> wait_once(wait_answer& got, exchange_round const& round, bool for_orders);
    WORK_DECL task<void> wait_for_orders();
    WORK_DECL task<void> settle(exchange_round& round);
    WORK_DECL void take(exchange_round& round, exchange_answer answer);
    WORK_DECL task<void> pause(std::chrono::milliseconds time);

    WORK_DECL void wakeup_came() override;
    WORK_DECL void jobs_seen() override;

    station& station_;
    pool_options const& options_;
    lifecycle const& life_;
    claim_ledger& ledger_;
    queue_set& queues_;
    exchange_state& state_;
    exchanger& exchanger_;
    pool_log& log_;
    exchange_listener& listener_;
    lease_renewals* renewals_ = nullptr;  // of this run
    wakeable wake_;
    bool in_station_ = false;
    bool for_orders_ = false;  ///< so it waits, and nobody has ended that yet
    bool watches_ = false;     ///< for how long a full pool has heard nothing
    bool quiet_service_ = true;
    /// A claim on wake brought nothing, when so many claims had been added: then wakeups alone are
    /// waited for until jobs come.
    std::optional<std::uint64_t> ran_out_at_;
    /// Wakeups in a row that brought nothing, and how many claims had been added at the last.
    int vain_wakeups_ = 0;
    std::uint64_t added_at_wakeup_ = 0;
    clock::time_point wakeup_at_{};
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/pool/waiter.ipp>
#endif
