// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/exchange.hpp>
#include <work/broker/policy.hpp>
#include <work/error.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/decode.hpp>
#include <work/values/decode_record.hpp>
#include <work/values/name.hpp>
#include <work/values/stored_options.hpp>
#include <work/values/text.hpp>
#include <work/web/json_slices.hpp>
#include <work/web/problem.hpp>
#include <work/web/worker_registration.hpp>

#include <algorithm>
#include <set>

namespace work::web {

// Of routes/read_body.hpp, which needs a service, of which this is a part.
WORK_DECL void check_object(std::string_view text);

/// The members of PUT's body but for the job types.
struct registration_text
{
    std::string name{};
    std::string host{};
    std::int64_t pid = 0;
    std::string language{};
    std::int64_t concurrency = 1;
    std::int64_t lease_ms = 60'000;
};
BOOST_DESCRIBE_STRUCT(registration_text, (), (name, host, pid, language, concurrency, lease_ms))

struct job_type_text
{
    std::string name{};
    std::string queue{};
    std::string on_crash = "rerun";
};
BOOST_DESCRIBE_STRUCT(job_type_text, (), (name, queue, on_crash))

namespace detail_of_registration {

inline problem bad(std::string field, std::string detail)
{
    return problem(422, "invalid-option", std::move(detail), std::move(field));
}

inline void check_range(
    std::string const& field,
    std::int64_t value,
    std::int64_t low,
    std::int64_t high
)
{
    if (value < low || value > high)
        throw bad(
            field,
            field + " is " + std::to_string(value) + ", it must be " + std::to_string(low) +
                " to " + std::to_string(high) + "."
        );
}

template <typename T>
T read(std::string_view text, char const* noun)
{
    args_parser parser;
    try {
        return decode<T>(parser.parse(text, noun), noun, "member");
    } catch (error const& fault) {
        throw bad("", fault.what());
    }
}

inline void refuse_absent(std::vector<json_member> const& members)
{
    // They would change what runs here, and this server has nothing that heeds them.
    for (std::string_view const absent : {"labels", "limits", "weight", "serial"}) {
        for (json_member const& one : members)
            if (one.key == absent)
                throw bad(
                    std::string(absent),
                    "This server does not know " + detail::quote(absent) +
                        ", and without it other jobs would come than were asked for."
                );
    }
}

inline std::string options_in(std::vector<json_member> const& members)
{
    std::string out = "{";
    for (std::string_view const name :
         {"max_attempts", "timeout_ms", "deadline_ms", "backoff", "skip_dead"}) {
        for (json_member const& one : members)
            if (one.key == name)
                out.append(out.size() > 1 ? ",\"" : "\"")
                    .append(name)
                    .append("\":")
                    .append(one.value);
    }
    return out + "}";
}

inline void check_name(std::string const& field, std::string const& name)
{
    if (char const* const fault = name_fault(name))
        throw bad(
            "job_types",
            field + " " + detail::quote(name) + " can't be used: " + fault + "."
        );
}

inline worker_job_type read_job_type(std::string_view text, web_user const& user)
{
    if (!text.starts_with('{'))
        throw bad("job_types", "job_types must be objects as {\"name\":\"resize\"}.");
    std::vector<json_member> const members = json_members(text);
    refuse_absent(members);
    job_type_text const said = read<job_type_text>(text, "job_type");
    check_name("The name", said.name);
    worker_job_type type;
    type.name = said.name;
    type.queue = said.queue.empty() && user.bound ? said.name : said.queue;
    if (!type.queue.empty())
        check_name("The queue", type.queue);
    if (said.on_crash != "rerun" && said.on_crash != "dead")
        throw bad(
            "job_types",
            "on_crash is " + detail::quote(said.on_crash) + ", it must be rerun or dead."
        );
    type.dead_on_crash = said.on_crash == "dead";
    type.options = options_in(members);
    auto const options = decode_options(type.options);
    if (!options)
        throw bad("job_types", "Of " + detail::quote(said.name) + ": " + options.error());
    std::string const& used = type.queue.empty() ? type.name : type.queue;
    if (!user.may_use(used))
        throw problem(
            403,
            "forbidden",
            detail::quote(user.name) + " may not use the queue " + detail::quote(used) + "."
        );
    return type;
}

inline void check_job_types(std::vector<worker_job_type> const& all)
{
    std::set<std::string> served;
    for (worker_job_type const& one : all) {
        if (one.queue.empty() != all.front().queue.empty())
            throw bad(
                "job_types",
                "Some job types name a queue and some don't: a pool takes names from whatever "
                "queue, or names each queue."
            );
        if (!served.insert(served_as(one)).second)
            throw bad("job_types", "job_types has " + detail::quote(one.name) + " twice.");
    }
}

}  // namespace detail_of_registration

WORK_DECL std::int64_t worker_registration::heartbeat_ms() const noexcept
{
    return std::min(policy::heartbeat_ms, lease_ms / 3);
}

WORK_DECL std::string served_as(worker_job_type const& type)
{
    return type.queue.empty() ? "*" + encode_name(type.name) : list_id(type.queue, type.name);
}

WORK_DECL std::vector<std::string> worker_registration::served() const
{
    std::vector<std::string> all;
    for (worker_job_type const& one : job_types)
        all.push_back(served_as(one));
    return all;
}

WORK_DECL worker_job_type const* worker_registration::find(std::string_view list) const
{
    auto const colon = list.find(':');
    std::string const any_queue =
        "*" + std::string(colon == list.npos ? list : list.substr(colon + 1));
    for (worker_job_type const& one : job_types) {
        std::string const served = served_as(one);
        if (served == list || served == any_queue)
            return &one;
    }
    return nullptr;
}

WORK_DECL job_options options_of(worker_job_type const& type)
{
    job_options all;
    auto const own = decode_options(type.options);
    if (!own)
        return all;
    if (own->max_attempts)
        all.max_attempts = *own->max_attempts;
    if (own->timeout)
        all.timeout = *own->timeout;
    if (own->backoff)
        all.backoff = *own->backoff;
    if (own->skip_dead)
        all.skip_dead = *own->skip_dead;
    all.deadline = own->deadline;
    return all;
}

WORK_DECL worker_registration read_registration(web_request const& request)
{
    using namespace detail_of_registration;
    check_object(request.body);
    std::vector<json_member> const members = json_members(request.body);
    refuse_absent(members);
    // An object of which nothing is known is taken for a mistake, and this one may be without any.
    static std::set<std::string_view> const
        known{"name", "host", "pid", "language", "concurrency", "lease_ms"};
    bool const described = std::any_of(members.begin(), members.end(), [](json_member const& one) {
        return known.contains(one.key);
    });
    registration_text said;
    if (described)
        said = read<registration_text>(request.body, "body");
    check_range("concurrency", said.concurrency, 1, 10'000);
    check_range("lease_ms", said.lease_ms, 500, 3'600'000);
    for (auto const& [field, text] :
         {std::pair("name", &said.name),
          std::pair("host", &said.host),
          std::pair("language", &said.language)})
        if (text->size() > max_name_size)
            throw bad(
                field,
                std::string(field) + " has " + std::to_string(text->size()) +
                    " bytes, it may have 128."
            );
    worker_registration all;
    all.user = request.user.name;
    all.name = said.name;
    all.host = said.host;
    all.pid = said.pid;
    all.language = said.language;
    all.concurrency = static_cast<int>(said.concurrency);
    all.lease_ms = said.lease_ms;
    std::string_view types;
    for (json_member const& one : members)
        if (one.key == "job_types")
            types = one.value;
    if (!types.starts_with('['))
        throw bad(
            "job_types",
            "job_types is missing: [{\"name\":\"resize\"}] says what runs here."
        );
    auto const texts = json_elements(types);
    if (texts.empty() || texts.size() > max_worker_job_types)
        throw bad(
            "job_types",
            "job_types has " + std::to_string(texts.size()) + " names, it must have 1 to " +
                std::to_string(max_worker_job_types) + "."
        );
    for (std::string_view const text : texts)
        all.job_types.push_back(read_job_type(text, request.user));
    check_job_types(all.job_types);
    return all;
}

WORK_DECL std::optional<worker_registration> known_registration(std::string_view text)
{
    if (text.empty())
        return std::nullopt;
    auto read = detail::decode_record<worker_registration>(text, "registration");
    if (!read)
        return std::nullopt;
    return std::move(*read);
}

WORK_DECL std::string checked_pool(web_request const& request)
{
    std::string const pool(request.parameter("pool"));
    bool const good = !pool.empty() && pool.size() <= 64 && !pool.ends_with(heartbeat_suffix) &&
                      std::all_of(pool.begin(), pool.end(), [](char c) {
                          return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                                 (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
                      });
    if (!good)
        throw problem(
            400,
            "bad-parameter",
            "The id of a pool must be 1 to 64 of [A-Za-z0-9._-] and not end in .heartbeat: "
            "host-pid-random makes a good one.",
            "pool"
        );
    return pool;
}

}  // namespace work::web
