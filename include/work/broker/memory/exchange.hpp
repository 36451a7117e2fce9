// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/step.hpp>
#include <work/build_config.hpp>

#include <cstdint>

namespace work::detail {

/// One exchange: words, then reap, promote, claim, appoint, answer.
class memory_exchange : memory_call, memory_step
{
public:
    memory_exchange(memory_data& state, exchange_request const& asked, std::int64_t now_us)
        : memory_call{state, asked, now_us, now_us / 1000, {}, 0, {}, {}},
          memory_step(static_cast<memory_call&>(*this))
    {}

    WORK_DECL exchange_answer run();

private:
    WORK_DECL void appoint(std::int64_t due);
    WORK_DECL void do_chores();
    WORK_DECL void answer_rest(std::int64_t due);
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/broker/memory/exchange.ipp>
#endif
