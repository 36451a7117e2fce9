// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string>
#include <utility>

namespace work {

/// A job that was stored.
class job_handle
{
public:
    job_handle() = default;
    job_handle(std::string id, bool duplicate) : id_(std::move(id)), duplicate_(duplicate) {}

    std::string const& id() const noexcept { return id_; }
    /// A job with the id of your choice was there already, or finished a while ago: nothing new
    /// was stored.
    bool duplicate() const noexcept { return duplicate_; }

private:
    std::string id_;
    bool duplicate_ = false;
};

}  // namespace work
