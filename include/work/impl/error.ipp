// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/printable.hpp>

namespace work {
namespace detail {

class error_category_type final : public boost::system::error_category
{
public:
    char const* name() const noexcept override { return "work"; }
    std::string message(int value) const override { return text(static_cast<errc>(value)); }

private:
    static char const* text(errc value) noexcept
    {
        switch (value) {
        case errc::invalid_option: return "an option is outside its range";
        case errc::invalid_name: return "a name is empty, too long or has a control character";
        case errc::invalid_id:
            return "a job id is empty, too long or has a character it can't have";
        case errc::invalid_url: return "the broker URL can't be used";
        case errc::invalid_arguments: return "the arguments don't fit the handler";
        case errc::payload_too_large: return "the arguments are larger than the payload limit";
        case errc::unavailable: return "the broker can't be reached; nothing was changed";
        case errc::outcome_unknown:
            return "the connection was lost after the request was sent; whether it was carried "
                   "out is unknown";
        case errc::full: return "the broker is out of memory; nothing was changed";
        case errc::buffer_full: return "too much is waiting to be sent; nothing was changed";
        case errc::refused: return "the broker refused the request";
        case errc::may_evict: return "the server may evict jobs; set maxmemory-policy noeviction";
        case errc::no_handler: return "no handler is registered for that job name";
        case errc::unreadable: return "a stored record can't be read; its bytes were set aside";
        case errc::closed: return "the client or pool was closed";
        case errc::protocol: return "the server sent something that is no valid reply";
        case errc::forked: return "it belongs to the parent of this process; make one in the child";
        case errc::timed_out: return "the job has not ended in the time that was given; it goes on";
        case errc::job_failed: return "the job is dead, was cancelled or deleted";
        case errc::no_such_job: return "there is no such job, or it has ended and is not kept";
        case errc::too_many: return "there are as many of them as there may be";
        case errc::queue_full: return "the queue holds as many jobs as may wait in it";
        case errc::vetoed: return "middleware of the enqueuer refused the job";
        }
        return "unknown error";
    }
};

}  // namespace detail

WORK_DECL boost::system::error_category const& error_category() noexcept
{
    static detail::error_category_type const category;
    return category;
}

WORK_DECL error::error(boost::system::error_code code, std::string message)
    : system_error(code),
      message_(printable(message, 4096))
{}

}  // namespace work
