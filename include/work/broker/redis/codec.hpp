// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/admin.hpp>
#include <work/broker/crons.hpp>
#include <work/broker/exchange.hpp>
#include <work/broker/pause.hpp>
#include <work/broker/records.hpp>
#include <work/build_config.hpp>
#include <work/redis/command.hpp>
#include <work/redis/reply.hpp>
#include <work/redis/script.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work::redis_codec {

// Requests as the scripts' ARGV, encoded straight into what is sent, and replies as answers. What
// the sections mean is said in `broker/redis/scripts/`.

WORK_DECL void encode(
    redis::script_call& out,
    enqueue_request const& request,
    std::int64_t keep_answer_ms = 600'000
);
WORK_DECL enqueue_answer decode_enqueue(redis::reply const& reply, enqueue_request const& request);

WORK_DECL void encode_fire(redis::script_call& out, cron_fire const& fire);

WORK_DECL void encode(redis::script_call& out, exchange_request const& request);
WORK_DECL exchange_answer decode_exchange(redis::reply reply, exchange_request const& request);

/// Ids that the script `act` acts on, whose places may take several calls to find out.
class acted_ids
{
public:
    WORK_DECL explicit acted_ids(admin_request request);
    /// Those that are in no place go into their lists, in front.
    WORK_DECL static acted_ids home(std::vector<std::string> ids);
    /// Only to see in which states they are.
    WORK_DECL static acted_ids look(std::vector<std::string> ids);
    /// This follower is told of their ends.
    WORK_DECL static acted_ids follow(std::vector<std::string> ids, std::string follower);

    bool done() const noexcept { return open_.empty(); }
    /// The next call's arguments, and its answer.
    WORK_DECL void encode(redis::script_call& out);
    WORK_DECL void hear(redis::reply const& reply);
    std::vector<admin_result> const& results() const noexcept { return results_; }

private:
    acted_ids() = default;
    WORK_DECL void set_ids(std::vector<std::string> ids);

    char const* verb_ = "home";
    std::string states_;  // letters
    std::int64_t seen_ms_ = 0;
    std::string version_;
    std::string text_;
    std::string note_;
    std::size_t at_once_ = 64;
    std::vector<std::string> ids_;
    std::vector<admin_result> results_;
    std::vector<std::size_t> open_;     // not answered yet, by index
    std::vector<std::size_t> pending_;  // to be asked for when those are placed
    std::size_t asked_ = 0;             // the first so many of `open_`
    std::string cursor_ = "0";
};

/// With which cursor to ask again where a job is; empty: the reply is an answer.
/// The statuses of several pools in one text: `<pool> <bytes>\n<status>` for each.
WORK_DECL std::string encode_statuses(std::vector<pool_status> const& pools);
/// By pool; what is none of ours is left out.
WORK_DECL std::map<std::string, std::string> decode_statuses(std::string_view text);

WORK_DECL std::string job_cursor(redis::reply const& reply);
WORK_DECL job_record decode_job(redis::reply const& reply);
WORK_DECL void encode_edit(
    redis::script_call& out,
    std::string_view cursor,
    edit_request const& request
);
/// With which cursor to ask again; empty: the reply is an answer.
WORK_DECL std::string edit_cursor(redis::reply const& reply);
WORK_DECL admin_result decode_edit(redis::reply const& reply);
WORK_DECL admin_code decode_restore(redis::reply const& reply);
WORK_DECL void encode_restore(
    redis::script_call& out,
    std::string_view id,
    std::string_view envelope
);

WORK_DECL void encode_pause(redis::script_call& out, pause_request const& request);
/// What follows until all lists heed it.
WORK_DECL void encode_settle(redis::script_call& out, pause_request const& request);
WORK_DECL bool is_settled(redis::reply const& reply);
WORK_DECL pause_result decode_pause(redis::reply const& reply, pause_request const& request);

WORK_DECL std::vector<pause_info> decode_pauses(redis::value settings);

/// What is of one moment; `active` has what is pending or active, until `finish_counts`.
WORK_DECL broker_counts decode_counts(redis::reply const& reply);
/// Numbers of the lists that were forgotten, and of today.
WORK_DECL redis::command read_totals(std::string_view prefix, std::int64_t now_ms);
WORK_DECL void add_totals(broker_counts& counts, std::vector<redis::reply> const& read);
/// Lengths, first ids and numbers of these lists; then the records of the first ids, in `fronts`,
/// for each the index of its list: one of those without a priority, and one of those with.
WORK_DECL redis::command read_lists(std::string_view prefix, std::vector<std::string> const& lists);
WORK_DECL redis::command read_fronts(
    std::string_view prefix,
    std::vector<redis::reply> const& read,
    std::size_t lists,
    std::vector<std::size_t>& fronts
);
WORK_DECL void add_lists(
    broker_counts& counts,
    std::vector<std::string> const& lists,
    std::vector<redis::reply> const& read,
    std::vector<std::size_t> const& fronts,
    std::vector<redis::reply> const& records
);
WORK_DECL void finish_counts(broker_counts& counts);

/// What is active in some claims, looked up a few claims at a time.
struct active_jobs
{
    std::map<std::string, std::int64_t, std::less<>> by_list;
    std::size_t claims_seen = 0;   ///< of those that were named, from the first on
    std::int64_t claims_gone = 0;  ///< of them ended or lapsed since they were named

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
#include <work/broker/redis/codec.ipp>
#include <work/broker/redis/codec_acts.ipp>
#include <work/broker/redis/codec_admin.ipp>
#endif
