// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/fork_watch.hpp>

#include <boost/asio/execution/context_as.hpp>
#include <boost/asio/query.hpp>

#include <algorithm>

namespace work::detail {

WORK_DECL fork_watch::fork_watch(boost::asio::execution_context& owner)
    : boost::asio::execution_context::service(owner)
{}

WORK_DECL fork_watch& fork_watch::of(boost::asio::any_io_executor const& executor)
{
    namespace execution = boost::asio::execution;
    using context = execution::context_as_t<boost::asio::execution_context&>;
    return boost::asio::use_service<fork_watch>(boost::asio::query(executor, context()));
}

WORK_DECL void fork_watch::settle()
{
    if (mark_.surely_elsewhere())
        context().notify_fork(boost::asio::execution_context::fork_child);
}

WORK_DECL void fork_watch::shutdown() {}

WORK_DECL void fork_watch::notify_fork(boost::asio::execution_context::fork_event event)
{
    if (event != boost::asio::execution_context::fork_child || !mark_.surely_elsewhere())
        return;
    mark_.renew();
    std::vector<fork_member*> members;
    {
        std::lock_guard const lock(members_->mutex);
        members = members_->all;
    }
    for (fork_member* const member : members)
        member->now_in_child();
}

WORK_DECL fork_membership::fork_membership(
    boost::asio::any_io_executor const& executor,
    fork_member& member
)
    : of_(fork_watch::of(executor).members()),
      member_(member)
{
    std::lock_guard const lock(of_->mutex);
    of_->all.push_back(&member_);
}

WORK_DECL fork_membership::~fork_membership()
{
    std::lock_guard const lock(of_->mutex);
    of_->all.erase(std::remove(of_->all.begin(), of_->all.end(), &member_), of_->all.end());
}

}  // namespace work::detail
