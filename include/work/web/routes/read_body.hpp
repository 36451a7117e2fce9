// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/admin.hpp>
#include <work/build_config.hpp>
#include <work/values/new_job.hpp>
#include <work/web/described_job.hpp>
#include <work/web/problem.hpp>
#include <work/web/request.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace work::web {

struct service;

/// How an action is to be done: all of it may be absent.
struct action_body
{
    job_states only{};
    std::int64_t seen_ms = 0;
    std::string version{};  ///< of the one job, where `If-Match` says so
    std::string queue{};
    std::string reason{};
};
struct many_actions
{
    admin_action action = admin_action::cancel;
    std::vector<std::string> ids{};
    action_body how{};
};

/// The action of that word. Errors: `problem` 422 invalid-option
WORK_DECL admin_action action_named(std::string_view word);
/// The body of an action on one job: none, or an object.
/// Errors: `problem` 400 bad-json, 422 invalid-option
WORK_DECL action_body read_action(web_request const& request, admin_action action);
/// The body of an action on up to 256 jobs.
/// Errors: likewise
WORK_DECL many_actions read_many_actions(web_request const& request);

/// Why somebody does something: what is kept of it is not cut.
/// Errors: `problem` 422 invalid-option
inline void check_reason(std::string_view reason)
{
    constexpr std::size_t most = 512;
    if (reason.size() > most)
        throw problem(
            422,
            "invalid-option",
            "reason has " + std::to_string(reason.size()) + " bytes, it may have " +
                std::to_string(most) + ".",
            "reason"
        );
}

/// The key under which a request may be repeated, "" where there is none.
/// Errors: `problem` 400 bad-parameter
WORK_DECL std::string_view check_key(web_request const& request);

/// Whether the caller may store the job in its queue. Errors: `problem` 403 forbidden
WORK_DECL void check_queue_right(web_request const& request, described_job const& job);

/// The `index`-th id of a key: the same for the same user in the same namespace.
WORK_DECL std::string id_of_key(
    service const& at,
    std::string_view user,
    std::string_view key,
    std::size_t index
);

/// The job that one JSON object describes. With a key, one without an id gets the `index`-th id of
/// the key: the same request with the same key names the same jobs.
/// Errors: `problem` 400 bad-json, 403 forbidden, 422 invalid-option; as `make_json`
WORK_DECL new_job
read_job(service const& at, web_request const& request, std::string_view text, std::size_t index);

}  // namespace work::web

#ifdef WORK_HEADER_ONLY
#include <work/web/routes/read_body.ipp>
#endif
