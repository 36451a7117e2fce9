// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/exchange.hpp>
#include <work/broker/memory/data.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace work::detail {

/// What the steps of one exchange share.
struct memory_call
{
    memory_data& data;
    exchange_request const& request;
    std::int64_t us;
    std::int64_t now;
    std::string owner;  ///< the pool, also when its heartbeat speaks
    int want = 0;
    std::vector<stored_bytes> taken;
    exchange_answer answer;
};

/// One step of an exchange.
class memory_step
{
protected:
    explicit memory_step(memory_call& call)
        : data_(call.data),
          request_(call.request),
          us_(call.us),
          now_(call.now),
          owner_(call.owner),
          want_(call.want),
          taken_(call.taken),
          answer_(call.answer)
    {}

    memory_data& data_;
    exchange_request const& request_;
    std::int64_t const us_;
    std::int64_t const now_;
    std::string const& owner_;
    int const& want_;
    std::vector<stored_bytes>& taken_;
    exchange_answer& answer_;
};

}  // namespace work::detail
