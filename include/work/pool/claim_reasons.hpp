// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace work::detail {

/// Why a pool asks for jobs when none are known to wait for it.
enum class claim_reason : unsigned {
    started = 1 << 0,           ///< the run began
    wakeup = 1 << 1,            ///< the broker woke it
    full_claim = 1 << 2,        ///< the last claim got all it asked for, or left jobs behind
    more_due = 1 << 3,          ///< more is due or lapsed than one exchange may move
    looked = 1 << 4,            ///< a look found jobs, or lapsed leases, that no wakeup told of
    unreachable = 1 << 5,       ///< the broker could not be reached: wakeups may have been lost
    forgotten = 1 << 6,         ///< the broker had forgotten what the pool serves
    suspects_ended = 1 << 7,    ///< what waits for a pool without suspects can come
    quarantine_ended = 1 << 8,  ///< the next group of suspects can come
    outstanding = 1 << 9,       ///< jobs are pending while the pool runs until empty
};

/// The reasons that came since jobs were asked for.
class claim_reasons
{
public:
    void add(claim_reason why) noexcept { set_ |= static_cast<unsigned>(why); }
    void clear() noexcept { set_ = 0; }
    bool any() const noexcept { return set_ != 0; }
    bool has(claim_reason why) const noexcept { return (set_ & static_cast<unsigned>(why)) != 0; }

    std::string text() const
    {
        static constexpr std::pair<claim_reason, std::string_view> names[] = {
            {claim_reason::started, "started"},
            {claim_reason::wakeup, "wakeup"},
            {claim_reason::full_claim, "full claim"},
            {claim_reason::more_due, "more due"},
            {claim_reason::looked, "looked"},
            {claim_reason::unreachable, "unreachable"},
            {claim_reason::forgotten, "forgotten"},
            {claim_reason::suspects_ended, "suspects ended"},
            {claim_reason::quarantine_ended, "quarantine ended"},
            {claim_reason::outstanding, "outstanding"},
        };
        std::string text;
        for (auto const& [why, name] : names) {
            if (has(why))
                text.append(text.empty() ? "" : ", ").append(name);
        }
        return text;
    }

private:
    unsigned set_ = 0;
};

}  // namespace work::detail
