// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <string>
#include <type_traits>

namespace work {

/// What can go wrong, each with its remedy.
enum class errc {
    /// An option is outside its range. The message names the field, the value and the range.
    invalid_option = 1,
    /// A job, queue or namespace name is empty, too long, or has a control character.
    invalid_name,
    /// A job id chosen by the caller is empty, too long, or has a character ids can't have.
    invalid_id,
    /// A broker URL can't be used. The message says which part.
    invalid_url,
    /// Arguments don't fit the handler: the message has the path, what was expected and found.
    invalid_arguments,
    /// The arguments are larger than the payload limit. Store them elsewhere and pass a reference.
    payload_too_large,
    /// The broker can't be reached; nothing was changed. Try again later.
    unavailable,
    /// The connection was lost after the request was sent: it may have been carried out, or not.
    /// An enqueue with an id of your own can be repeated safely.
    outcome_unknown,
    /// The broker is out of memory; nothing was changed. Let workers drain it, or raise maxmemory.
    full,
    /// Too much is waiting to be sent from this process; nothing was changed. Slow down.
    buffer_full,
    /// The broker refused: wrong password, missing permission, or a server that is too old.
    refused,
    /// The server may evict jobs (an allkeys-* maxmemory-policy). Set noeviction, or force it.
    may_evict,
    /// No handler is registered for that job name.
    no_handler,
    /// A stored record can't be read. Its bytes were set aside.
    unreadable,
    /// The client or pool was closed before the operation ended.
    closed,
    /// The server sent bytes that are no valid RESP, or a reply of another shape than expected.
    protocol,
    /// This process is a child made by fork(), and the client, pool or enqueuer is its parent's:
    /// nothing was sent. Make one in the child.
    forked,
    /// The job that is waited for has not ended in the time that was given. It goes on.
    timed_out,
    /// The job whose result is asked for is dead, was cancelled or deleted. The message has its
    /// last failure.
    job_failed,
    /// There is no such job, or it has ended and is not kept.
    no_such_job,
    /// Middleware of the enqueuer refused the job, which was not stored. The message says why.
    vetoed,
    /// As many jobs wait in the queue as its bound lets wait; the job was not stored. Try again
    /// when some have been worked off, or raise the bound.
    queue_full,
    /// There are as many entries of that kind as there may be; nothing was changed. The message
    /// says how many, and what to remove.
    too_many,
};

}  // namespace work

/// \cond
template <>
struct boost::system::is_error_code_enum<work::errc> : std::true_type
{};
/// \endcond

namespace work {

WORK_DECL boost::system::error_category const& error_category() noexcept;

inline boost::system::error_code make_error_code(errc e) noexcept
{
    return {static_cast<int>(e), error_category()};
}

/// What every failing operation of the library throws. `what()` is a full sentence that names the
/// thing, the value and the way out; `code()` is an `errc`.
class error : public boost::system::system_error
{
public:
    explicit error(errc code) : error(code, make_error_code(code).message()) {}
    error(errc code, std::string message) : error(make_error_code(code), std::move(message)) {}
    /// The message is kept as `printable` text of at most 4 KiB: it may hold text from outside.
    WORK_DECL error(boost::system::error_code code, std::string message);

    char const* what() const noexcept override { return message_.c_str(); }

private:
    std::string message_;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/error.ipp>
#endif
