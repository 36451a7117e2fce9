// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/build_config.hpp>
#include <work/values/failure.hpp>
#include <work/values/job_ending.hpp>

#include <boost/describe/class.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace work {

/// Which jobs. What is empty, or 0, asks for nothing. The texts are copied by the call; it is
/// trivially destructible, since g++ 12 destroys other aggregates inside a co_await twice.
struct job_filter
{
    job_states states{};  ///< empty: all
    std::string_view queue{};
    std::string_view name{};
    std::string_view pool{};  ///< active ones of this pool
    /// One of its tags is this. Jobs that have not ended are then found in the set of that tag, by
    /// when they were made, whatever their states: however many others there are.
    std::string_view tag{};
    std::string_view failure{};  ///< the type of its last failure
    std::string_view message{};  ///< in the message of its last failure stands this
    std::string_view args{};     ///< in its arguments, as stored, stands this
    /// When it came into its state: died, ended; failed last (retry); for others, when it was
    /// created. From the first on, and before the second; ms of the broker's clock.
    std::int64_t since_ms = 0;
    std::int64_t until_ms = 0;
    int min_attempt = 0;  ///< so many attempts of it have failed
};

/// Which comes first, of each state by itself. `usual` is that of `look_request`. The others are of
/// states that are kept by time alone: waiting, scheduled, retry, dead, completed, cancelled,
/// set_aside.
enum class job_order { usual, oldest, newest };

/// Which part of what is found, and how far to look. The text is copied, too.
struct page
{
    std::string_view cursor{};  ///< `job_page::next` of the page before; "": from the first on
    int limit = 50;             ///< rows, 1 to 500
    int scan = 1000;            ///< jobs that are looked at for them, 1 to 100 000
    job_order order = job_order::usual;
};

/// A job in a list. Texts are cut: `inspector::job` has them whole.
struct job_row
{
    std::string id;
    std::string name;
    std::string queue;
    job_state state = job_state::unknown;
    std::int64_t when_ms = 0;  ///< as in `job_info`; 0 for pending ones and suspects
    std::int64_t created_ms = 0;
    int failed_attempts = 0;
    int priority = 0;
    std::vector<std::string> tags;
    std::string args;  ///< JSON text, its first 256 bytes
    std::int64_t args_bytes = 0;
    std::optional<work::failure> failure;  ///< the last one, of those that failed
    std::optional<job_ending> ended;
    std::int64_t fence = 0;
    std::string pool;
    std::string unreadable;  ///< why its record can't be read, "" where it can
};
BOOST_DESCRIBE_STRUCT(
    job_row,
    (),
    (id,
     name,
     queue,
     state,
     when_ms,
     created_ms,
     failed_attempts,
     priority,
     tags,
     args,
     args_bytes,
     failure,
     ended,
     fence,
     pool,
     unreadable)
)

struct job_page
{
    std::int64_t now_ms = 0;
    std::vector<job_row> jobs;
    std::string next;          ///< the cursor of the page behind this one; "": there is none
    std::int64_t scanned = 0;  ///< how many were looked at for this page
    /// How many there are in the states, the queue and the name that were asked for; -1: not known,
    /// since active ones are among them.
    std::int64_t of = 0;
    bool skipped = false;  ///< so many were taken meanwhile that some may have been passed over
};
BOOST_DESCRIBE_STRUCT(job_page, (), (now_ms, jobs, next, scanned, of, skipped))

namespace detail {

/// What was asked for, with texts of its own.
class kept_filter
{
public:
    WORK_DECL kept_filter(job_filter const& filter, page const& how);
    kept_filter(kept_filter const&) = delete;
    kept_filter& operator=(kept_filter const&) = delete;

    job_filter filter;
    page how;

private:
    std::string texts_;
};

/// What a broker found, as a row.
WORK_DECL job_row make_row(job_state state, found_job const& found);
/// Whether a job that was found is asked for, beyond what the broker looked for.
WORK_DECL bool matches(job_filter const& filter, job_row const& row, found_job const& found);
/// A page's cursor, bound to its filter.
WORK_DECL std::string seal_cursor(
    job_filter const& filter,
    job_state state,
    std::string const& cursor
);
struct opened_cursor
{
    job_state state = job_state::unknown;
    std::string cursor;
};
/// \par Errors errc::invalid_option: it is none, or of another filter
WORK_DECL opened_cursor open_cursor(job_filter const& filter, std::string_view sealed);
/// \par Errors errc::invalid_option: names the member, its value and the range
WORK_DECL void validate(job_filter const& filter, page const& how);

/// The order in which states are looked through.
inline constexpr job_state states_in_order[] = {
    job_state::active,
    job_state::suspect,
    job_state::retry,
    job_state::dead,
    job_state::pending,
    job_state::waiting,
    job_state::scheduled,
    job_state::completed,
    job_state::cancelled,
    job_state::set_aside
};

}  // namespace detail
}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/job_page.ipp>
#endif
