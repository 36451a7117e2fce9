// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client/name_owners.hpp>
#include <work/error.hpp>
#include <work/values/text.hpp>

#include <typeinfo>

namespace work::detail {

WORK_DECL void name_owners::check(job_identity const& who)
{
    std::lock_guard const lock(mutex_);
    auto const [at, is_new] = owners_.emplace(std::string(who.name), &who);
    job_identity const& owner = *at->second;
    if (is_new || *owner.type == *who.type || !(owner.derived || who.derived))
        return;
    job_identity const& unnamed = who.derived ? who : owner;
    throw error(
        errc::invalid_name,
        "the job name " + quote(who.name) + " belongs to " + std::string(owner.type_name) +
            " already, and " + std::string(who.type_name) + " has it too; give " +
            std::string(unnamed.type_name) +
            " a name of its own: static constexpr std::string_view job_name = \"...\""
    );
}

}  // namespace work::detail
