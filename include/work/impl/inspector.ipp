// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client/client_core.hpp>
#include <work/inspector.hpp>

#include <algorithm>
#include <utility>

namespace work {

WORK_DECL inspector::inspector(client& of) : core_(of.core()) {}

namespace detail {

inline task<job_info> look_up(std::shared_ptr<broker> at, std::string id)
{
    std::string asked = id;
    job_record const record = co_await at->job(std::move(asked));
    co_return read_record(std::move(id), record);
}

inline task<std::vector<pool_info>> look_up_pools(std::shared_ptr<broker> at)
{
    std::vector<pool_status> const shown = co_await at->pools();
    std::vector<pool_info> pools;
    for (pool_status const& one : shown) {
        auto read = decode_pool_info(one.status);
        pool_info info;
        if (read)
            info = std::move(*read);
        else
            info.trouble = "its status can't be read: " + read.error();
        info.pool = one.pool;
        pools.push_back(std::move(info));
    }
    std::sort(pools.begin(), pools.end(), [](pool_info const& a, pool_info const& b) {
        return a.pool < b.pool;
    });
    co_return pools;
}

}  // namespace detail

WORK_DECL task<job_info> inspector::job(std::string id)
{
    return core_->here(detail::look_up(core_->broker, std::move(id)));
}

WORK_DECL task<broker_counts> inspector::counts()
{
    return core_->here(core_->broker->counts());
}

WORK_DECL task<std::vector<pool_info>> inspector::pools()
{
    return core_->here(detail::look_up_pools(core_->broker));
}

WORK_DECL task<std::vector<admin_result>> inspector::cancel(std::vector<std::string> ids)
{
    return core_->here(core_->broker->cancel(std::move(ids)));
}

WORK_DECL task<admin_result> inspector::restore(std::string id, std::string envelope)
{
    return core_->here(core_->broker->restore(std::move(id), std::move(envelope)));
}

WORK_DECL task<std::vector<std::string>> inspector::strays()
{
    return core_->here(core_->broker->strays());
}

WORK_DECL task<std::vector<admin_result>> inspector::take_back(std::vector<std::string> ids)
{
    return core_->here(core_->broker->take_back(std::move(ids)));
}

WORK_DECL task<std::vector<admin_result>> inspector::requeue(std::vector<std::string> ids)
{
    return core_->here(core_->broker->requeue(std::move(ids)));
}

}  // namespace work
