// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/core.hpp>
#include <work/pool/provider.hpp>
#include <work/values/failure.hpp>

#include <exception>
#include <string>

namespace work::detail {

WORK_DECL task<void> pool_core::invoke(worker& s)
{
    if (!options_.handler_executor)
        return call_handler(s);
    return run_on(options_.handler_executor, call_elsewhere(s), shared_from_this());
}

// Nothing of it runs before it is where it is to run.
WORK_DECL task<void> pool_core::call_elsewhere(worker& s)
{
    co_await call_handler(s);
}

WORK_DECL task<void> pool_core::call_handler(worker& s)
{
    for (provider const& from : providers_) {
        try {
            from.make(s);
        } catch (...) {
            provider_threw(from, s);
            throw;
        }
    }
    return next(s.held.list->type->calls, 0, s.job())();
}

// At most a line a minute: what a provider needs may be away for all jobs at once.
WORK_DECL void pool_core::provider_threw(provider const& from, worker const& s) const
{
    std::int64_t const failures = from.failures->add(clock::now());
    if (failures == 0)
        return;
    std::string text = "job " + std::string(s.held.id) + " (" + s.held.list->type->name +
                       ") did not start: " + describe_exception(std::current_exception()).message;
    if (failures > 1)
        text += "; so did " + std::to_string(failures - 1) + " more since the last such line";
    log(log_level::warning, text);
}

}  // namespace work::detail
