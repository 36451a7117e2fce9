// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/context.hpp>
#include <work/error.hpp>
#include <work/printable.hpp>

#include <boost/core/demangle.hpp>

#include <limits>
#include <stdexcept>

namespace work {

WORK_DECL std::string_view context::header(std::string_view name) const noexcept
{
    for (auto const& [key, value] : headers_) {
        if (key == name)
            return value;
    }
    return {};
}

WORK_DECL task<checkin_result> context::checkin(std::string message)
{
    return checkin(std::move(message), std::numeric_limits<double>::quiet_NaN());
}

WORK_DECL task<checkin_result> context::checkin(std::string message, double percent)
{
    port_->checked_in(*worker_, std::move(message), percent);
    co_return checkin_result(stop_reason_now().has_value(), &told_);
}

WORK_DECL task<std::vector<job_gift>> context::given() const
{
    return port_->given(*worker_);
}

WORK_DECL std::string_view context::gift_text(
    std::vector<job_gift> const& gifts,
    std::string_view name
)
{
    std::string known;
    for (job_gift const& one : gifts) {
        if (one.from != name) {
            known.append(known.empty() ? "; there are: " : ", ").append(one.from);
            continue;
        }
        if (one.state != "completed")
            throw error(
                errc::job_failed,
                "job " + one.from + ", which this one needed, is " + one.state +
                    (one.reason.empty() ? "" : ": " + one.reason)
            );
        if (one.result.empty())
            throw error(errc::no_such_job, "job " + one.from + " left no result");
        return one.result;
    }
    throw error(errc::no_such_job, "no job left a result under " + detail::quote(name) + known);
}

WORK_DECL void context::add_log(std::string text)
{
    port_->logged(*worker_, std::move(text));
}

WORK_DECL std::string context::why() const
{
    return port_->why(*worker_);
}

WORK_DECL void* context::user_object(std::type_info const& type) const
{
    for (user_entry const& entry : user_) {
        if (*entry.type == type)
            return entry.object.get();
    }
    std::string others;
    for (user_entry const& entry : user_)
        others +=
            (others.empty() ? "; provided: " : ", ") + boost::core::demangle(entry.type->name());
    std::string const name = boost::core::demangle(type.name());
    throw std::logic_error(
        "work: no object of type " + name + " was provided; call pool.provide<" + name +
        ">(...) before the pool runs" + others
    );
}

}  // namespace work
