// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client/client_core.hpp>
#include <work/client/followed_jobs.hpp>
#include <work/error.hpp>
#include <work/job_handle.hpp>

#include <utility>
#include <vector>

namespace work {
namespace detail {

inline std::shared_ptr<client_core> core_of(
    std::shared_ptr<client_core> core,
    std::string const& id
)
{
    if (core == nullptr)
        throw error(
            errc::invalid_option,
            "the handle of job " + id + " was made by hand: only that of an enqueue can wait"
        );
    return core;
}

inline task<job_end> wait_for_end(
    std::shared_ptr<client_core> core,
    std::string id,
    std::chrono::milliseconds at_most
)
{
    std::string waited = id;
    told_end const end = co_await core->here(core->followed()->end_of(std::move(waited), at_most));
    co_return read_end(std::move(id), end.state, end.text);
}

inline task<admin_result> cancel_job(std::shared_ptr<client_core> core, admin_request request)
{
    std::vector<admin_result> const went =
        co_await core->here(core->broker->act(std::move(request)));
    co_return went.at(0);
}

}  // namespace detail

WORK_DECL task<job_end> job_handle::end(std::chrono::milliseconds at_most) const
{
    return detail::wait_for_end(detail::core_of(core_, id_), id_, at_most);
}

WORK_DECL task<admin_result> job_handle::cancel(std::string reason) const
{
    admin_request request;
    request.action = admin_action::cancel;
    request.ids.push_back(id_);
    request.reason = std::move(reason);
    return detail::cancel_job(detail::core_of(core_, id_), std::move(request));
}

}  // namespace work
