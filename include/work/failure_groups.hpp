// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/records.hpp>
#include <work/build_config.hpp>
#include <work/job_page.hpp>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace work {

/// By what failures are put together.
enum class failure_key { type, name };
BOOST_DESCRIBE_ENUM(failure_key, type, name)

/// What `inspector::failures` looks at. The texts are copied by the call.
struct failure_query
{
    failure_key by = failure_key::type;
    job_states states{};  ///< of retry and dead; empty: both
    std::string_view queue{};
    std::string_view name{};
    int scan = 10'000;  ///< jobs that are looked at, 1 to 100 000
    int limit = 200;    ///< groups, the largest: 1 to 1000
};

/// Jobs that failed alike.
struct failure_group
{
    std::string type;                ///< by type: that of their last failure
    std::string name;                ///< by name: theirs; by type: that of all of them, or ""
    std::int64_t count = 0;          ///< of them
    std::int64_t retry = 0;          ///< so many come again
    std::int64_t dead = 0;           ///< so many do not
    std::int64_t first_ms = 0;       ///< when the first of them failed last
    std::int64_t last_ms = 0;        ///< and the last
    std::string sample_id;           ///< that one
    std::string sample_message;      ///< and its message, the first 256 bytes
    std::vector<std::string> names;  ///< their names, at most 10 of them

    friend bool operator==(failure_group const&, failure_group const&) = default;
};
BOOST_DESCRIBE_STRUCT(
    failure_group,
    (),
    (type, name, count, retry, dead, first_ms, last_ms, sample_id, sample_message, names)
)

struct failure_groups
{
    std::int64_t now_ms = 0;
    std::vector<failure_group> groups;  ///< the largest first
    std::int64_t scanned = 0;           ///< so many jobs were looked at
    std::int64_t of = 0;                ///< of so many
    bool whole = false;                 ///< those were all, and all groups are here
};
BOOST_DESCRIBE_STRUCT(failure_groups, (), (now_ms, groups, scanned, of, whole))

namespace detail {

/// Puts rows of failed jobs together.
class failure_sums
{
public:
    explicit failure_sums(failure_key by) : by_(by) {}
    WORK_DECL void add(job_row const& row);
    WORK_DECL std::vector<failure_group> largest_first() const;

private:
    failure_key by_;
    std::vector<failure_group> groups_;
    std::map<std::string, std::size_t> places_;
};

}  // namespace detail
}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/failure_groups.ipp>
#endif
