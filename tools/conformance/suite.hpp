// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/http_caller.hpp"

namespace work::tool {

/// A case found something else than it has to be; the text says what.
struct nonconforming : std::runtime_error
{
    using std::runtime_error::runtime_error;
};

/// What the cases ask, and of whom. Each case works with names and ids that no other has, so that
/// they can run in a namespace that is in use.
class scene
{
public:
    scene(http_caller server, std::optional<http_caller> second);

    http_caller const& server() const noexcept { return server_; }
    /// Another server of the same namespace. Precondition: there is one.
    http_caller const& second() const { return *second_; }
    bool has_second() const noexcept { return second_.has_value(); }

    /// A job name, an id, a pool's id, a key: of nobody else.
    std::string fresh(std::string_view what);

    static void require(bool met, std::string const& what);
    static void equal(std::string const& got, std::string const& wanted, std::string const& what);
    static void equal(std::int64_t got, std::int64_t wanted, std::string const& what);
    /// The reply's status; the text of what was refused otherwise.
    static void status(http_reply const& reply, int wanted);
    static void refused(http_reply const& reply, int status, std::string_view slug);

    /// Stores a job: its id. `more` is further members, with a comma before each.
    std::string enqueue(
        std::string const& name,
        std::string const& args = "[]",
        std::string const& more = {}
    ) const;
    boost::json::object job(std::string const& id) const;
    boost::json::object logs(std::string const& id) const;
    std::string state(std::string const& id) const;
    /// Until the job is in the state, or 10 s are over.
    void await_state(std::string const& id, std::string_view wanted) const;

private:
    http_caller server_;
    std::optional<http_caller> second_;
    std::string run_;
    int next_ = 0;
};

/// One worker pool over HTTP, with the next numbers of its streams.
class worker
{
public:
    /// Registers it. `types` is the array of job types; `more` as in `scene::enqueue`.
    worker(scene& in, std::string const& types, std::string const& more = {});
    /// One that runs jobs of this name.
    static worker of(scene& in, std::string const& name, std::string const& more = {});

    http_reply put(http_caller const& to, std::string const& types, std::string const& more) const;
    /// The body of the next claim, or of claim `number`.
    std::string claim_body(std::string const& more = {});
    static std::string claim_body(std::int64_t number, std::string const& more);
    http_reply claim_reply(std::string const& body) const;
    boost::json::object claim(std::string const& more = {});
    /// A claim that must bring exactly one job.
    boost::json::object one(std::string const& more = {});
    /// A report of these outcomes: its answer.
    boost::json::object report(std::string const& members);
    http_reply report_reply(std::int64_t number, std::string const& members) const;
    /// The outcome of one job: its code.
    std::string outcome(boost::json::object const& job, std::string const& what);
    void leave() const;

    std::string path(std::string_view behind = {}) const;
    std::int64_t claims = 0;  ///< the number of the last claim
    std::int64_t reports = 0;
    std::string const id;

private:
    scene* in_;
};

/// `{"id":…,"fence":…` of a job, for an outcome to go on with.
std::string named(boost::json::object const& job);
std::string text(boost::json::object const& of, std::string_view member);
std::int64_t number(boost::json::object const& of, std::string_view member);
boost::json::array list(boost::json::object const& of, std::string_view member);
std::int64_t ms_since(std::chrono::steady_clock::time_point from);
void pause_ms(std::int64_t ms);

/// A guarantee of the protocol. Its name is a sentence, with the group before it.
struct conformance_case
{
    std::string_view name;
    void (*run)(scene&);
    std::string_view feature{};  ///< what `features` of the server must have for it
    bool two_servers = false;
};

using case_list = std::vector<conformance_case>;
void add_enqueue_cases(case_list& to);
void add_claim_cases(case_list& to);
void add_number_cases(case_list& to);
void add_outcome_cases(case_list& to);
void add_lease_cases(case_list& to);
void add_absent_cases(case_list& to);

}  // namespace work::tool
