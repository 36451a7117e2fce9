// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/admin.hpp>
#include <work/build_config.hpp>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace work {

/// Who set a limit: a person (or a program that acts for one), or a pool, which said how many jobs
/// of a type may run (`max_concurrency`). What a hand set no pool overwrites.
enum class limit_origin { hand, pool };
BOOST_DESCRIBE_ENUM(limit_origin, hand, pool)

/// A limit as it stands: so many jobs of what it is for may run at a time, in all pools.
struct limit_state
{
    std::string name;  ///< of one that pools set: `name:` and the job name
    std::int64_t slots = 0;
    std::int64_t held = 0;     ///< how many run; more than `slots`, if it was lowered since
    std::int64_t waiting = 0;  ///< how many lists wait for a slot
    limit_origin by = limit_origin::hand;
    std::string who{};                   ///< as the one who set it is called
    std::int64_t at_ms = 0;              ///< when it was set
    std::vector<std::string> queues{};   ///< it is for all jobs of these queues,
    std::vector<std::string> names{};    ///< and for all jobs of these names
    std::vector<std::string> holders{};  ///< ids of jobs that run, five at most
    std::vector<std::string> waiters{};  ///< lists that wait, five at most, the longest first

    friend bool operator==(limit_state const&, limit_state const&) = default;
};
BOOST_DESCRIBE_STRUCT(
    limit_state,
    (),
    (name, slots, held, waiting, by, who, at_ms, queues, names, holders, waiters)
)

/// How many holders, and lists that wait, a state names.
inline constexpr std::size_t limit_shown = 5;

/// What a limit is for.
struct limit_scope
{
    std::vector<std::string> queues{};
    std::vector<std::string> names{};

    friend bool operator==(limit_scope const&, limit_scope const&) = default;
};

/// Sets a limit, or removes it.
struct limit_change
{
    std::string name;
    bool remove = false;
    std::int64_t slots = 0;
    std::optional<limit_scope> scope{};  ///< nullopt: as it was
    std::string who{};
};

/// `done`, `already` (it was so), `gone` (there is none to remove), or `full`: there are too many
/// limits, or too many for one of the queues or names.
enum class limit_code { done, already, gone, full };
BOOST_DESCRIBE_ENUM(limit_code, done, already, gone, full)

/// Which limits: all, that of a name, or those that apply to a list.
struct limit_query
{
    std::string name{};
    std::string list{};  ///< as `queue_info::list` has it
};

struct limits_answer
{
    std::int64_t now_ms = 0;
    std::vector<limit_state> limits{};  ///< by name
    std::string waits_at{};             ///< of a list: the limit at which it waits; "": at none

    friend bool operator==(limits_answer const&, limits_answer const&) = default;
};

/// What limits keep and should not: somebody wrote into the store, or a bug did.
struct limit_leaks
{
    /// A job that has a slot of a limit, and does not run under a lease.
    struct holder
    {
        std::string limit;
        std::string id;

        friend bool operator==(holder const&, holder const&) = default;
    };
    std::vector<holder> holders{};
    /// Lists that wait at a limit that is gone, or does not know of it: `queue_info::list`.
    std::vector<std::string> lists{};

    bool none() const noexcept { return holders.empty() && lists.empty(); }
    friend bool operator==(limit_leaks const&, limit_leaks const&) = default;
};

namespace detail {

/// The limit that a job name has of its own is called so.
inline constexpr std::string_view own_limit = "name:";

inline constexpr std::int64_t most_slots = 1'000'000'000;

/// A limit's name in keys. Errors: errc::invalid_name
WORK_DECL std::string limit_key(std::string_view name);
WORK_DECL std::string limit_name(std::string_view key);
/// Those of keys that are joined by spaces, by name.
WORK_DECL std::vector<std::string> limit_names(std::string_view keys);
/// As scripts have it: `queue:<q>` and `name:<n>`, sorted, joined by spaces.
WORK_DECL std::string scope_text(limit_scope const& scope);
WORK_DECL limit_scope read_scope(std::string_view text);
/// A limit of what is said about it, but for who holds it.
WORK_DECL limit_state
make_limit(std::string_view key, std::int64_t slots, std::string_view by, std::string_view scope);
/// In the order in which people look for them.
WORK_DECL void sort_limits(std::vector<limit_state>& limits);
/// Whether it applies to this list.
WORK_DECL bool applies_to(limit_state const& limit, std::string_view list);

}  // namespace detail
}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/broker/limits.ipp>
#endif
