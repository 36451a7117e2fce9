// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client/client_core.hpp>
#include <work/inspector.hpp>

#include <utility>

namespace work {

WORK_DECL inspector::inspector(client& of) : core_(of.core()) {}

WORK_DECL task<job_record> inspector::job(std::string id)
{
    return core_->here(core_->broker->job(std::move(id)));
}

WORK_DECL task<broker_counts> inspector::counts()
{
    return core_->here(core_->broker->counts());
}

WORK_DECL task<std::vector<pool_status>> inspector::pools()
{
    return core_->here(core_->broker->pools());
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
