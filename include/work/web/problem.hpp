// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/error.hpp>
#include <work/web/response.hpp>

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace work::web {

/// Why a request is not carried out: thrown by guards and routes, sent as RFC 9457 says.
class problem : public std::exception
{
public:
    problem(int status, std::string_view slug, std::string detail, std::string field = {})
        : status_(status),
          slug_(slug),
          detail_(std::move(detail)),
          field_(std::move(field))
    {}

    problem& with(std::string name, std::string value) &
    {
        fields_.emplace_back(std::move(name), std::move(value));
        return *this;
    }
    problem with(std::string name, std::string value) &&
    {
        return std::move(with(std::move(name), std::move(value)));
    }
    /// A member of its own: `json` is JSON text.
    problem member(std::string_view name, std::string_view json) &&
    {
        more_.append(",\"").append(name).append("\":").append(json);
        return std::move(*this);
    }
    /// What the request carries can't be told from what follows it: the connection ends.
    problem closing() &&
    {
        close_ = true;
        return std::move(*this);
    }

    int status() const noexcept { return status_; }
    std::string const& slug() const noexcept { return slug_; }
    char const* what() const noexcept override { return detail_.c_str(); }
    WORK_DECL std::string json(std::int64_t now_ms) const;
    WORK_DECL web_response response(std::int64_t now_ms) const;

private:
    int status_;
    std::string slug_;
    std::string detail_;
    std::string field_;
    std::string more_;
    std::vector<std::pair<std::string, std::string>> fields_;
    bool close_ = false;
};

/// What an exception of the library means to a caller over HTTP. Of what a broker says, only what
/// kind of trouble it is: its messages may name hosts.
WORK_DECL problem problem_of(std::exception_ptr failure);

/// What is said while the broker does not answer, and has not since then, by this machine's clock.
/// `server`: who it is, "" for those who are not to know. `under_way`: what was asked for was, when
/// it went away, so that it may have been done.
WORK_DECL problem broker_away(std::int64_t since_ms, std::string_view server, bool under_way);

}  // namespace work::web

#ifdef WORK_HEADER_ONLY
#include <work/web/problem.ipp>
#endif
