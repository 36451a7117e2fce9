// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/exchange.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace work::detail {

/// The claims whose leases are to be renewed, and the jobs they brought.
///
/// \par Thread safety any thread
class lease_list
{
public:
    struct entry
    {
        std::vector<claimed_job> jobs;
        std::shared_ptr<void const> bytes;  ///< what the ids point into
    };
    using map = std::map<claim_number, entry>;

    /// Takes the list of its jobs. True: it is the first that is provisional.
    bool add(exchange_answer& answer, bool provisional)
    {
        std::lock_guard const lock(mutex_);
        claims_[answer.claim] = entry{std::move(answer.jobs), answer.bytes};
        if (!provisional)
            return false;
        provisional_.push_back(answer.claim);
        return provisional_.size() == 1;
    }
    void remove(std::vector<claim_number> const& claims)
    {
        if (claims.empty())
            return;
        std::lock_guard const lock(mutex_);
        for (claim_number const claim : claims)
            claims_.erase(claim);
    }
    /// All claims, after which none is provisional.
    std::vector<claim_number> take_all()
    {
        std::lock_guard const lock(mutex_);
        provisional_.clear();
        std::vector<claim_number> claims;
        claims.reserve(claims_.size());
        for (auto const& [number, held] : claims_)
            claims.push_back(number);
        return claims;
    }
    /// Those that are provisional and still held: most that were left with the broker are closed
    /// before they have to be made whole.
    std::vector<claim_number> take_provisional()
    {
        std::lock_guard const lock(mutex_);
        std::vector<claim_number> claims;
        for (claim_number const claim : std::exchange(provisional_, {}))
            if (claims_.contains(claim))
                claims.push_back(claim);
        return claims;
    }
    bool has_provisional()
    {
        std::lock_guard const lock(mutex_);
        return !provisional_.empty();
    }
    map copy()
    {
        std::lock_guard const lock(mutex_);
        return claims_;
    }

    /// A claim of this number is left with the broker.
    void begin_claim_on_wake(std::int64_t number)
    {
        std::lock_guard const lock(mutex_);
        on_wake_ = number;
    }
    /// Takes that back; nothing: somebody else did.
    std::optional<std::int64_t> end_claim_on_wake()
    {
        std::lock_guard const lock(mutex_);
        return std::exchange(on_wake_, std::nullopt);
    }
    bool has_claim_on_wake()
    {
        std::lock_guard const lock(mutex_);
        return on_wake_.has_value();
    }

private:
    std::mutex mutex_;
    map claims_;
    std::vector<claim_number> provisional_;
    std::optional<std::int64_t> on_wake_;
};

}  // namespace work::detail
