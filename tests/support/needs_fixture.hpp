// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/needs.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/broker_fixture.hpp"

namespace work_test {

/// Jobs that need others.
class needs_fixture : public transitions
{
protected:
    static work::new_job bound(work::new_job made, work::detail::job_links links)
    {
        std::size_t const count = links.needs.size() + (links.gate.empty() ? 0 : 1);
        std::string envelope(made.envelope);
        if (count > 0 || !links.flow.empty()) {
            auto const flags = work::detail::read_header(envelope)->flags;
            envelope = work::detail::with_flags(envelope, flags | work::envelope_flags::holds);
        }
        if (count > 0)
            envelope = work::detail::with_word(envelope, "n", std::to_string(count));
        if (!links.flow.empty())
            envelope = work::detail::with_word(envelope, "f", links.flow);
        made.envelope = envelope;
        made.links = std::make_shared<work::detail::job_links const>(std::move(links));
        return made;
    }
    work::new_job after(
        std::string const& id,
        std::vector<work::detail::job_need> needed,
        std::string const& list = "b"
    )
    {
        work::detail::job_links links;
        links.needs = std::move(needed);
        return bound(job(id, list), std::move(links));
    }
    work::new_job of_flow(
        std::string const& flow,
        std::string const& id,
        std::vector<work::detail::job_need> needed = {},
        std::string const& list = "b"
    )
    {
        work::detail::job_links links;
        links.flow = flow;
        if (needed.empty())
            links.gate = flow;
        links.needs = std::move(needed);
        return bound(job(id, list), std::move(links));
    }
    /// More of whom a job needs.
    static work::new_job more_of(
        std::string id,
        std::string gate,
        std::vector<work::detail::job_need> needed
    )
    {
        work::detail::job_links links;
        links.more_of = std::move(id);
        links.gate = std::move(gate);
        links.needs = std::move(needed);
        work::new_job made;
        made.links = std::make_shared<work::detail::job_links const>(std::move(links));
        return made;
    }
    static work::new_job commit(std::string const& flow, std::int64_t jobs, std::string name = {})
    {
        work::detail::job_links links;
        links.gate = flow;
        links.commits = jobs;
        links.flow_name = std::move(name);
        work::new_job made;
        made.links = std::make_shared<work::detail::job_links const>(std::move(links));
        return made;
    }
    /// The codes of a batch, with whom they name.
    std::string store(std::vector<work::new_job> jobs)
    {
        std::string text;
        for (work::enqueued const& one : enqueue(std::move(jobs)).jobs)
            text += std::string(text.empty() ? "" : " ") + static_cast<char>(one.code) + one.other;
        return text;
    }
    void end(work::exchange_answer const& a, work::outcome_kind kind, std::string_view text = {})
    {
        said words{.want = 0};
        for (auto const& j : a.jobs)
            words.outcomes.push_back({a.claim, j.id, kind, 0, text});
        words.close = {a.claim};
        exchange("A", std::move(words));
    }
    std::string given(std::string const& id, std::string const& from)
    {
        for (auto const& [name, text] : b().job(id).bonds.given)
            if (name == from)
                return text;
        return "-";
    }
    std::string field(std::string const& flow, std::string const& name)
    {
        auto const text = key("flow:" + flow);
        auto const at = text.find("\n  " + name + " => ");
        if (at == text.npos)
            return "-";
        auto const from = at + name.size() + 7;
        return text.substr(from, text.find('\n', from) - from);
    }
    /// Until nothing more is due just now.
    void settle()
    {
        for (int i = 0; i != 100; ++i)
            if (!exchange("A", {.want = 0}).more)
                return;
        ADD_FAILURE() << "it does not come to an end";
    }
};

}  // namespace work_test
