// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/records.hpp>
#include <work/build_config.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/arguments.hpp>
#include <work/values/failure.hpp>
#include <work/values/job_ending.hpp>
#include <work/values/job_gift.hpp>
#include <work/values/past_action.hpp>
#include <work/values/progress.hpp>
#include <work/values/stored_options.hpp>

#include <boost/describe/class.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace work {

/// JSON text that is not read: in JSON it stands as it is.
struct json_text
{
    std::string text = "null";

    void append_json(std::string& out) const { out += text; }
    friend bool operator==(json_text const&, json_text const&) = default;
};

/// A job that runs was cancelled or killed: what it ends as when its handler has returned, unless
/// that completes it.
struct job_cancelling
{
    bool killed = false;
    std::int64_t asked_ms = 0;
    std::string reason;
    std::string by;  ///< of a killed one the reason says it

    friend bool operator==(job_cancelling const&, job_cancelling const&) = default;
};
BOOST_DESCRIBE_STRUCT(job_cancelling, (), (killed, asked_ms, reason, by))

/// A unique job keeps others of its key out, until it is started, has succeeded, has ended.
struct job_uniqueness
{
    std::string digest;  ///< of what it is unique by
    std::string until;   ///< `work::until` in a word; "time": for a while from when it was stored

    friend bool operator==(job_uniqueness const&, job_uniqueness const&) = default;
};
BOOST_DESCRIBE_STRUCT(job_uniqueness, (), (digest, until))

/// A job that another one waits for.
struct job_bond
{
    std::string id;
    std::string otherwise;  ///< `work::otherwise` in a word
    std::string as;         ///< under which its result is found; "": its id

    friend bool operator==(job_bond const&, job_bond const&) = default;
};
BOOST_DESCRIBE_STRUCT(job_bond, (), (id, otherwise, as))

/// What binds a job to others: of each at most 100.
struct job_bindings
{
    std::string flow;  ///< "": it is of none
    int needed = 0;    ///< how many others it needed when it was stored
    std::vector<job_bond> waits_for;
    std::int64_t waits_for_count = 0;
    std::vector<std::string> needed_by;
    std::int64_t needed_by_count = 0;
    std::vector<job_gift> given;

    friend bool operator==(job_bindings const&, job_bindings const&) = default;
};
BOOST_DESCRIBE_STRUCT(
    job_bindings,
    (),
    (flow, needed, waits_for, waits_for_count, needed_by, needed_by_count, given)
)

/// One job: where it is, and what is kept of it. Times are the broker's, in ms since 1970.
///
///     work::job_info const job = co_await inspector.job(id);
///     if (job.state == work::job_state::completed)
///         use(job.result_as<std::int64_t>());
struct job_info
{
    std::string id;
    /// `unknown`: it never existed, or is kept no longer; then nothing else is set.
    job_state state = job_state::unknown;
    std::int64_t now_ms = 0;
    /// Due (scheduled, retry), ended (dead, completed, set_aside), end of the lease (active), since
    /// when (waiting).
    std::int64_t when_ms = 0;
    std::string name;
    std::string queue;
    std::int64_t created_ms = 0;
    int priority = 0;
    int failed_attempts = 0;
    int snoozes = 0;
    int stages = 0;        ///< how many it went through before this one
    int args_version = 1;  ///< of its arguments
    /// As stored, `{}` when all are defaults: `decode_options` reads it.
    json_text options;
    /// As stored, so that no number is changed. Of a completed job the beginning, see `cut_from`.
    std::string args;
    /// Of a completed job: options and arguments are only the beginning of so many bytes; 0: whole.
    std::int64_t cut_from = 0;
    std::int64_t fence = 0;                    ///< active: the claim it runs under
    std::string pool;                          ///< active: who runs it
    std::optional<job_cancelling> cancelling;  ///< active, and asked to end
    std::optional<job_checkin> progress;
    std::optional<job_uniqueness> unique;
    std::optional<job_bindings> bound;  ///< to a flow, or to jobs that it needs or that need it
    std::optional<job_ending> ended;
    std::string result;             ///< JSON text; "" when there is none
    std::vector<failure> failures;  ///< the last 10, oldest first
    /// What people did to it: the last 20 things, oldest first, as far as its log has room beside
    /// what its handlers said since. That one that runs was cancelled or killed is in `cancelling`,
    /// and then in `ended` or the last failure.
    std::vector<past_action> history;
    /// Another one with each change of what is stored of it; "" where it can't be changed any more.
    std::string version;
    /// Why the record can't be read, and its bytes, made printable; "" where it can.
    std::string unreadable;
    std::string bytes;

    /// The result as a value. \par Errors errc::invalid_arguments: it has none, or another type
    template <typename T>
    T result_as() const
    {
        args_parser parser;
        return decode<T>(parser.parse(checked_result(), name), name, "result");
    }
    /// The arguments as the described job they were made from.
    /// \par Errors errc::invalid_arguments: they don't fit it, or were cut
    template <described_job Job>
    Job args_as() const
    {
        args_parser parser;
        return decode_job<Job>(parser.parse(checked_args(), name), name);
    }

private:
    WORK_DECL std::string_view checked_result() const;
    WORK_DECL std::string_view checked_args() const;
};
BOOST_DESCRIBE_STRUCT(
    job_info,
    (),
    (id,
     state,
     now_ms,
     when_ms,
     name,
     queue,
     created_ms,
     priority,
     failed_attempts,
     snoozes,
     stages,
     args_version,
     options,
     args,
     cut_from,
     fence,
     pool,
     cancelling,
     progress,
     unique,
     bound,
     ended,
     result,
     failures,
     history,
     version,
     unreadable,
     bytes)
)

/// What a broker's record says.
WORK_DECL job_info read_record(std::string id, job_record const& record);

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/job_info.ipp>
#endif
