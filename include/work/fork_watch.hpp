// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/fork.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>

#include <memory>
#include <mutex>
#include <vector>

namespace work::detail {

/// What must let go of what it shares with its parent as soon as it finds itself in a child.
class fork_member
{
public:
    virtual void now_in_child() = 0;

protected:
    ~fork_member() = default;
};

/// Those of one execution context.
struct fork_members
{
    std::mutex mutex;
    std::vector<fork_member*> all;
};

/// Watches an execution context for forks. `notify_fork` reaches the members before any handler
/// runs in the child; where a program forgot to call it, the first of ours that finds itself in
/// the child does (`settle`). Without it the child would go on with its parent's epoll set and
/// timer.
class fork_watch final : public boost::asio::execution_context::service
{
public:
    using key_type = fork_watch;
    inline static boost::asio::execution_context::id id;

    WORK_DECL explicit fork_watch(boost::asio::execution_context& owner);
    WORK_DECL static fork_watch& of(boost::asio::any_io_executor const& executor);

    std::shared_ptr<fork_members> const& members() const noexcept { return members_; }
    /// In a child: gives the context what is its own, unless that was done, and tells the members.
    WORK_DECL void settle();

private:
    WORK_DECL void shutdown() override;
    WORK_DECL void notify_fork(boost::asio::execution_context::fork_event event) override;

    std::shared_ptr<fork_members> members_ = std::make_shared<fork_members>();
    process_mark mark_;
};

/// A member for as long as it lives; the context may go first.
class fork_membership
{
public:
    WORK_DECL fork_membership(boost::asio::any_io_executor const& executor, fork_member& member);
    fork_membership(fork_membership const&) = delete;
    fork_membership& operator=(fork_membership const&) = delete;
    WORK_DECL ~fork_membership();

private:
    std::shared_ptr<fork_members> of_;
    fork_member& member_;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/impl/fork_watch.ipp>
#endif
