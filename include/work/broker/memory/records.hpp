// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/bounds.hpp>
#include <work/broker/envelope_header.hpp>
#include <work/broker/exchange.hpp>
#include <work/broker/policy.hpp>
#include <work/build_config.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace work::detail {

struct text_hash
{
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept
    {
        return std::hash<std::string_view>()(text);
    }
};
template <typename T>
using text_map = std::unordered_map<std::string, T, text_hash, std::equal_to<>>;
using text_set = std::unordered_set<std::string, text_hash, std::equal_to<>>;

/// A job's bytes. They never change: a job that is rewritten gets new ones, so answers can share
/// them.
struct job_bytes
{
    std::string id;
    std::string envelope;
};

using stored_bytes = std::shared_ptr<job_bytes const>;

/// A job that exists. `claim` is the claim that runs it, 0: none does.
struct memory_job
{
    std::shared_ptr<job_bytes const> bytes;
    claim_number claim = 0;
};

/// Ids by score, then by id.
class scored_ids
{
public:
    using entry = std::pair<std::int64_t, std::string>;

    void put(std::string_view id, std::int64_t score)
    {
        remove(id);
        order_.emplace(score, id);
        score_.emplace(id, score);
    }
    bool remove(std::string_view id)
    {
        auto const found = score_.find(id);
        if (found == score_.end())
            return false;
        order_.erase(order_.find(entry(found->second, found->first)));
        score_.erase(found);
        return true;
    }
    std::optional<std::int64_t> find(std::string_view id) const
    {
        auto const found = score_.find(id);
        if (found == score_.end())
            return std::nullopt;
        return found->second;
    }
    std::string pop_first()
    {
        std::string id = order_.begin()->second;
        remove(id);
        return id;
    }
    std::set<entry> const& order() const noexcept { return order_; }
    std::size_t size() const noexcept { return order_.size(); }
    bool empty() const noexcept { return order_.empty(); }

private:
    std::set<entry> order_;
    text_map<std::int64_t> score_;
};

/// How many bytes each of some ids has.
class counted_bytes
{
public:
    void set(std::string_view id, std::int64_t bytes)
    {
        auto const found = of_.find(id);
        total_ += bytes - (found == of_.end() ? 0 : found->second);
        if (found == of_.end())
            of_.emplace(id, bytes);
        else
            found->second = bytes;
    }
    void forget(std::string_view id)
    {
        auto const found = of_.find(id);
        if (found == of_.end())
            return;
        total_ -= found->second;
        of_.erase(found);
    }
    std::int64_t total() const noexcept { return total_; }
    text_map<std::int64_t> const& by_id() const noexcept { return of_; }

private:
    text_map<std::int64_t> of_;
    std::int64_t total_ = 0;
};

/// Where jobs of one name wait. An id in `ghosts` stands in `ids` as often as its number says
/// without being there: it was dropped from the middle.
struct memory_list
{
    std::deque<std::string> ids;
    scored_ids ahead;
    text_map<std::int64_t> ghosts;
    std::int64_t ghost_total = 0;

    std::int64_t length() const noexcept
    {
        return static_cast<std::int64_t>(ids.size() + ahead.size());
    }
    std::int64_t pending() const noexcept { return length() - ghost_total; }
    bool empty() const noexcept { return ids.empty() && ahead.empty() && ghost_total == 0; }
    /// Whether that place is of a job that was taken out; it is not any more.
    bool take_ghost(std::string_view id)
    {
        auto const ghost = ghosts.find(id);
        if (ghost == ghosts.end())
            return false;
        if (--ghost->second == 0)
            ghosts.erase(ghost);
        --ghost_total;
        return true;
    }
};

/// What is claimed: `scripts/parts/reap.lua`.
enum class claim_kind : char {
    jobs = 'j',
    suspects = 's',
    isolated = 'i',
    fallen = 'f',
    fallen_isolated = 'g',
    fallen_rest = 'h',
    verdict = 'v',
};

/// A suspect and its list.
using suspect = std::pair<std::string, std::string>;

/// One that ran when its process died, and the claim of its group, 0: it was of no group.
struct fallen_job
{
    claim_number group = 0;
    suspect job;
};

struct memory_claim
{
    std::string pool;
    std::int64_t lapses = 0;
    claim_kind kind = claim_kind::jobs;
    std::int64_t lease = 0;
    std::int64_t size = 0;  ///< bytes of its records; of what fell: when its process died
    std::vector<std::string> dead_on_crash;  ///< lists, sorted
    std::vector<std::string> ids;
    text_set left;  ///< of `ids`: those that went elsewhere
    text_map<std::string> progress;
    text_set followed;             ///< of `ids`: those whose followers the pool does not know of
    text_set started;              ///< of `ids`: those whose handler may have started
    std::set<std::string> limits;  ///< those of its jobs
    std::int64_t reported = 0;     ///< of `ids`: how many are finished that are not in `left`
    std::vector<fallen_job> fallen;
};

/// Suspects by list.
using suspect_group = std::vector<std::pair<std::string, std::vector<std::string>>>;

/// What a pool was answered last, in words that a repetition gets again.
struct stored_exchange
{
    std::int64_t number = 0;
    std::vector<outcome_code> finished, outcomes, started;
    claim_number claim = 0;
    int suspects = 0;  ///< 1: they are; 2: in isolation
    std::vector<claim_number> lost;
};

struct memory_pool
{
    /// By the number, modulo their count.
    std::array<std::optional<stored_exchange>, policy::stored_answers> answers;

    /// The place of the exchange of this number.
    std::optional<stored_exchange>& answer(std::int64_t number)
    {
        return answers[static_cast<std::size_t>(number) % answers.size()];
    }
};

/// Who has a lock; `until` > 0: for so long, whatever becomes of it.
struct memory_lock
{
    std::string id;
    std::int64_t until = 0;
};

/// So many jobs of some lists may run.
struct memory_limit
{
    std::int64_t slots = 0;
    std::string by;  ///< `hand`, `pool`
    std::string who;
    std::string scope;  ///< what it is for, as scripts have it
    std::int64_t at_ms = 0;
    std::map<std::string, claim_number, std::less<>> held;  ///< the jobs that run
    scored_ids waits;                                       ///< `{<list>`, or `{{suspects`
};

/// How many jobs may wait in a queue.
struct memory_bound
{
    std::int64_t most = 0;
    when_full full = when_full::refuse;
    std::string who;
    std::int64_t at_ms = 0;
    std::int64_t refused = 0;
    std::int64_t dropped = 0;
    std::int64_t full_at_ms = 0;
    std::set<std::string, std::less<>> lists;  ///< those of the queue
};

/// A list to which limits apply.
struct memory_limited
{
    std::string names;
    std::string parked;  ///< the limit at which it waits
};

/// What waits at a limit where a group of suspects was refused.
inline constexpr std::string_view refused_suspects = "{{suspects";

/// What a record says of its lock.
struct held_lock
{
    char mode = 'f';
    std::string key;
};

/// On what occasion a lock may go.
enum class lock_release { claimed, dead, ended };

struct stored_batch
{
    std::int64_t number = 0;
    std::string codes;
    std::int64_t expires = 0;
};

struct stored_status
{
    std::string text;
    std::int64_t expires = 0;
};

/// A pool that speaks through servers.
struct memory_worker
{
    std::string registered;
    std::map<claim_number, std::string> claims;  ///< what was noted about each
    std::int64_t expires = 0;
};

/// An operation on many jobs.
struct memory_operation
{
    std::string text;
    bool stop = false;
};

struct memory_historian
{
    std::int64_t number = 0;  ///< of the last write
    std::int64_t expires = 0;
};

struct memory_alarm
{
    std::optional<std::string> holder, backup;
    std::int64_t holder_at = 0, backup_at = 0;
};

struct memory_stats
{
    std::int64_t processed = 0, failed = 0;

    void add(std::int64_t more_processed, std::int64_t more_failed)
    {
        processed = std::max<std::int64_t>(processed + more_processed, 0);
        failed = std::max<std::int64_t>(failed + more_failed, 0);
    }
};

}  // namespace work::detail
