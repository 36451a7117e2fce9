// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/redis/advice.hpp>
#include <work/redis/health.hpp>

#include <utility>
#include <vector>

namespace work::redis {
namespace detail {

inline std::string in_seconds(std::chrono::steady_clock::duration time)
{
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

}  // namespace detail

WORK_DECL health::health(std::string server, teller tell)
    : server_(std::move(server)),
      tell_(std::move(tell))
{}

WORK_DECL std::string health::names() const
{
    std::map<std::string, int> counted;
    for (auto const& [who, one] : ill_)
        ++counted[one.name];
    std::string text = ill_.size() == 1 ? "connection " : "connections ";
    bool first = true;
    for (auto const& [name, count] : counted) {
        text += (std::exchange(first, false) ? "" : ", ") + name;
        if (count > 1)
            text += " (" + std::to_string(count) + ")";
    }
    return text;
}

// The line that is due now; "" if none is.
WORK_DECL std::string health::due(clock::time_point now)
{
    if (ill_.empty() || now - since_ < patience || (told_ && now - told_at_ < interval))
        return {};
    std::string text = "the Redis server " + server_ + ", " + names();
    if (told_)
        text += ", for " + detail::in_seconds(now - since_) + " and " + std::to_string(failures_) +
                " attempts";
    told_ = true;
    told_at_ = now;
    return text + ": " + why_;
}

WORK_DECL void health::failed(
    void const* who,
    std::string_view name,
    std::string_view why,
    clock::time_point now
)
{
    std::string line;
    {
        std::lock_guard const lock(mutex_);
        if (!told_ && now - last_ > memory)
            ill_.clear();
        last_ = now;
        if (ill_.empty()) {
            since_ = now;
            failures_ = 0;
            why_.clear();
        }
        patient& one = ill_[who];
        one.name = name;
        if (why.empty() && one.why.empty())
            one.why =
                "has not answered yet; " + std::string(no_answer(server_.starts_with("rediss:")));
        if (why.empty() && why_.empty())
            why_ = one.why;
        if (!why.empty()) {
            ++failures_;
            one.why = why;
            why_ = why;
            line = due(now);
        }
    }
    if (!line.empty())
        tell_(false, line);
}

WORK_DECL void health::look(clock::time_point now)
{
    std::string line;
    {
        std::lock_guard const lock(mutex_);
        line = due(now);
    }
    if (!line.empty())
        tell_(false, line);
}

WORK_DECL void health::well(void const* who, clock::time_point now)
{
    std::string line;
    {
        std::lock_guard const lock(mutex_);
        if (ill_.erase(who) == 0)
            return;
        if (!ill_.empty()) {
            why_ = ill_.begin()->second.why;
            return;
        }
        if (std::exchange(told_, false))
            line = "the Redis server " + server_ + " can be used again after " +
                   detail::in_seconds(now - since_) + " and " + std::to_string(failures_) +
                   " attempts";
        why_.clear();
    }
    if (!line.empty())
        tell_(true, line);
}

WORK_DECL void health::gone(void const* who)
{
    std::lock_guard const lock(mutex_);
    if (ill_.erase(who) != 0 && ill_.empty())
        told_ = false;
}

WORK_DECL std::string health::trouble() const
{
    std::lock_guard const lock(mutex_);
    return told_ ? names() + ": " + why_ : std::string();
}

WORK_DECL bool health::ailing() const
{
    std::lock_guard const lock(mutex_);
    return !ill_.empty();
}

}  // namespace work::redis
