// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/exchange.hpp>
#include <work/broker/records.hpp>
#include <work/config.hpp>
#include <work/redis/reply.hpp>
#include <work/redis/script.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace work::redis_codec {

// Requests as the scripts' ARGV, encoded straight into what is sent, and replies as answers. What
// the sections mean is said in `broker/scripts/`.

WORK_DECL void encode(redis::script_call& out, enqueue_request const& request,
                      std::int64_t keep_answer_ms = 600'000);
WORK_DECL enqueue_answer decode_enqueue(redis::reply const& reply, enqueue_request const& request);

WORK_DECL void encode(redis::script_call& out, exchange_request const& request);
WORK_DECL exchange_answer decode_exchange(redis::reply reply, exchange_request const& request);

WORK_DECL std::vector<move_code> decode_moves(redis::reply const& reply, std::size_t expected);
WORK_DECL job_record decode_job(redis::reply const& reply);
/// Everything but what is active of each list; `claims` gets the claims that are open.
WORK_DECL broker_counts decode_counts(redis::reply const& reply, std::vector<std::string>& claims);

/// What is active in some claims, looked up a few claims at a time.
struct active_jobs
{
    std::map<std::string, std::int64_t, std::less<>> by_list;
    std::int64_t claims_gone = 0;  ///< ended or lapsed since they were named

    WORK_DECL void add(redis::reply const& reply);
    std::int64_t in(std::string_view list) const
    {
        auto const found = by_list.find(list);
        return found == by_list.end() ? 0 : found->second;
    }
    /// In what is served: `*` and names, or lists.
    WORK_DECL std::int64_t in(std::vector<std::string> const& served) const;
};

}  // namespace work::redis_codec

#ifdef WORK_HEADER_ONLY
#include <work/impl/broker/redis_codec.ipp>
#endif
