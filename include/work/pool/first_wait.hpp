// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/exchange.hpp>
#include <work/values/envelope.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace work::detail {

/// How long a claimed job waited since it was due, if this is its first attempt. What ran before
/// waits for its retry, its next stage, or for others: that is no sign of too few workers. What
/// somebody requeued was not due.
inline std::optional<std::int64_t> first_wait_us(envelope_view const& record, claim_number claim)
{
    if (record.attempts > 0 || record.snoozes > 0 || record.stages > 0 ||
        (record.flags & envelope_flags::failed) != 0)
        return std::nullopt;
    // A claim's number is its time, in us.
    if (record.due_ms > claim / 1'000)
        return std::nullopt;
    std::int64_t const due_ms = std::max(record.due_ms, record.created_ms);
    return std::max<std::int64_t>(claim - due_ms * 1'000, 0);
}

}  // namespace work::detail
