// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_clock.hpp>
#include <work/broker/envelope_header.hpp>
#include <work/broker/policy.hpp>
#include <work/broker/records.hpp>
#include <work/client/client_core.hpp>
#include <work/client/prepare.hpp>
#include <work/error.hpp>
#include <work/flow.hpp>
#include <work/printable.hpp>
#include <work/values/envelope.hpp>
#include <work/values/id.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace work {
namespace detail {

// What its first line says of it.
inline void write_links(new_job& job, job_links links)
{
    std::size_t const count = links.needs.size() + (links.gate.empty() ? 0 : 1);
    if (count > 0 || !links.flow.empty()) {
        auto const header = read_header(job.envelope);
        job.envelope = with_flags(job.envelope, header->flags | envelope_flags::holds);
    }
    if (count > 0)
        job.envelope = with_word(job.envelope, "n", std::to_string(count));
    if (!links.flow.empty())
        job.envelope = with_word(job.envelope, "f", links.flow);
    job.links = std::make_shared<job_links const>(std::move(links));
}

/// How far a flow is sent.
struct flow_progress
{
    std::string producer;      ///< "": nothing was sent
    std::string gate;          ///< at which it waits until all of it is stored, if it does
    std::int64_t waiting = 0;  ///< so many there: all jobs of a flow, some of those beside one
    std::size_t jobs = 0;      ///< so many are stored
    std::size_t needs = 0;     ///< of the next one, if it is, so many of whom it needs are said
    std::int64_t batches = 0;  ///< so many were sent
    bool committed = false;
    std::optional<error> failed{};  ///< why nothing more of it is sent
    bool is_left_open = false;      ///< and its gate is not told that yet
};

/// A flow that is being sent. What it says of a job that was refused ends it.
struct flow_sender
{
    std::shared_ptr<client_core> core;
    std::string flow;
    std::string name;
    bool is_beside;
    std::vector<new_job>& jobs;
    std::set<std::string, std::less<>> const& ids;
    bool closed;  ///< none of them needs one outside
    flow_progress& sent;

    // A batch has so much room; of it a job takes as much as two that are needed.
    static constexpr auto room_in_all = static_cast<std::size_t>(policy::most_bonds);
    static constexpr std::size_t room_of_job = 2;
    static constexpr std::size_t most_needs = room_in_all - room_of_job;
    // What its first line is to say of them takes no more.
    static constexpr std::size_t bytes_of_links = 64;

    /// A part of a batch: a job, and whom it needs; or some more of those.
    struct piece
    {
        std::size_t job;
        std::size_t first;
        std::size_t end;
        bool last;
    };
    // What fits into one batch. Whom a job needs is said in one, unless those fit into none.
    std::vector<piece> next_pieces() const
    {
        std::vector<piece> pieces;
        std::size_t room = room_in_all;
        std::size_t bytes = 0;
        std::size_t first = sent.needs;
        for (std::size_t at = sent.jobs; at != jobs.size() && room > 0; ++at, first = 0) {
            std::size_t const needs = jobs[at].links->needs.size();
            std::size_t const count = std::min(needs - first, most_needs);
            if (first == 0)
                bytes += jobs[at].bytes() + (sent.producer.empty() ? bytes_of_links : 0);
            if (!pieces.empty() && (bytes > (1u << 20) || count + room_of_job > room))
                break;
            room -= std::min(room, count + room_of_job);
            pieces.push_back({at, first, first + count, first + count == needs});
            if (!pieces.back().last)
                break;
        }
        return pieces;
    }
    bool is_all(std::vector<piece> const& pieces) const
    {
        return pieces.back().last && pieces.back().job + 1 == jobs.size();
    }
    // The jobs of a flow wait at its gate, but for those that others of it hold back whatever
    // people do to those meanwhile. What is added beside one that runs is committed, and may run,
    // batch by batch: if it is more than one, it has a gate of its own.
    void begin()
    {
        bool const is_one = is_all(next_pieces());
        sent.producer = is_beside ? core->next_id(core->broker->now_ms()).str() : flow;
        if (!is_beside || !is_one)
            sent.gate = sent.producer;
        for (new_job& job : jobs) {
            job_links links = *job.links;
            bool const held =
                std::any_of(links.needs.begin(), links.needs.end(), [&](job_need const& one) {
                    return one.otherwise != otherwise::run && ids.contains(one.id);
                });
            if (!held || links.needs.size() > most_needs)
                links.gate = sent.gate;
            links.closed = closed;
            sent.waiting += is_beside && links.gate.empty() ? 0 : 1;
            write_links(job, std::move(links));
        }
    }
    new_job made_of(piece const& some) const
    {
        new_job const& whole = jobs[some.job];
        if (some.first == 0 && some.last)
            return whole;
        job_links links;
        if (some.first == 0)
            links = *whole.links;
        else
            links.more_of = whole.id;
        links.gate = sent.gate;
        links.closed = closed;
        auto const all = whole.links->needs.begin();
        links.needs.assign(
            all + static_cast<std::ptrdiff_t>(some.first),
            all + static_cast<std::ptrdiff_t>(some.end)
        );
        new_job made;
        if (some.first == 0)
            made = whole;
        made.links = std::make_shared<job_links const>(std::move(links));
        return made;
    }
    new_job commit(std::int64_t count) const
    {
        job_links links;
        links.gate = sent.gate;
        links.commits = count;
        links.flow_name = name;
        new_job last;
        last.links = std::make_shared<job_links const>(std::move(links));
        return last;
    }
    task<enqueued> commit_alone(std::int64_t count)
    {
        enqueue_request request;
        request.producer = sent.producer;
        request.number = sent.batches + 1;
        request.jobs.push_back(commit(count));
        enqueue_answer answer = co_await core->broker->enqueue(std::move(request));
        ++sent.batches;
        co_return std::move(answer.jobs.front());
    }
    // Nothing of it is to run: it counts other jobs than were stored.
    task<void> give_up()
    {
        if (!sent.is_left_open)
            co_return;
        co_await commit_alone(sent.waiting + 1);
        sent.is_left_open = false;
    }
    error too_late() const
    {
        std::string const what =
            is_beside ? std::string("what is added beside a job") : "the flow " + flow;
        return error(
            errc::no_such_job,
            what + " was not stored within 10 minutes: nothing of it runs"
        );
    }
    error refusal(new_job const& job, enqueued const& why) const
    {
        std::string const none =
            sent.gate.empty() ? "; it was not stored" : "; nothing of the flow runs";
        std::string const text = "job " + job.id + " (" + job.name() + ") ";
        if (why.code == enqueue_code::unmet && why.other == "{" + sent.gate)
            return too_late();
        if (why.code == enqueue_code::unmet && why.other.starts_with('='))
            return error(
                errc::too_many,
                text + "is added beside " + why.other.substr(1) + ", which more than " +
                    std::to_string(policy::most_bonds) +
                    " jobs need; let one need it, and those that one" + none
            );
        if (why.code == enqueue_code::unmet)
            return error(
                errc::no_such_job,
                text + "needs " + why.other +
                    ", which is not there, has ended otherwise or waits for it" + none
            );
        return error(
            errc::refused,
            text +
                (why.other.empty() ? "has an id that is in use"
                                   : "is unique, and " + why.other + " has its key") +
                none
        );
    }
    void end_with(enqueued const& what)
    {
        if (what.code != enqueue_code::stored) {
            sent.failed = too_late();
            throw *sent.failed;
        }
        sent.committed = true;
    }
    task<void> send()
    {
        if (sent.failed) {
            co_await give_up();
            throw *sent.failed;
        }
        if (sent.producer.empty())
            begin();
        while (sent.jobs != jobs.size()) {
            std::vector<piece> const pieces = next_pieces();
            enqueue_request request;
            request.producer = sent.producer;
            request.number = sent.batches + 1;
            for (piece const& one : pieces)
                request.jobs.push_back(made_of(one));
            // That all of it is stored is said with the last of it, unless that may be refused
            // without being missed: not all jobs beside one are counted, and parts are none.
            bool const all = is_all(pieces);
            bool const with_commit =
                all && !is_beside && std::none_of(pieces.begin(), pieces.end(), [](auto const& p) {
                    return p.first != 0;
                });
            if (with_commit)
                request.jobs.push_back(commit(sent.waiting));
            enqueue_answer const answer = co_await core->broker->enqueue(std::move(request));
            ++sent.batches;
            sent.jobs = pieces.back().job + (pieces.back().last ? 1 : 0);
            sent.needs = pieces.back().last ? 0 : pieces.back().end;
            for (std::size_t i = 0; i != pieces.size(); ++i) {
                enqueued const& one = answer.jobs[i];
                if (one.code == enqueue_code::stored)
                    continue;
                error const why = refusal(jobs[pieces[i].job], one);
                sent.failed = why;
                sent.is_left_open = !with_commit && !sent.gate.empty();
                co_await give_up();
                throw why;
            }
            if (with_commit)
                end_with(answer.jobs.back());
        }
        if (sent.gate.empty() || sent.committed)
            co_return;
        enqueued const last = co_await commit_alone(sent.waiting);
        end_with(last);
    }
};

inline task<std::vector<job_handle>> start_flow(
    std::shared_ptr<client_core> core,
    std::vector<std::string> others,
    flow_sender sender
)
{
    // Whom it needs outside is to tell of its end, wherever it is by then.
    for (std::size_t at = 0; at < others.size(); at += 256) {
        auto const end = std::min(others.size(), at + 256);
        std::vector<std::string> some(
            others.begin() + static_cast<std::ptrdiff_t>(at),
            others.begin() + static_cast<std::ptrdiff_t>(end)
        );
        co_await core->broker->follow(std::move(some), std::string(followed_by_jobs));
    }
    co_await sender.send();
    std::vector<job_handle> handles;
    for (new_job const& job : sender.jobs) {
        handles.emplace_back(job.id, false);
        handles.back().belongs_to(core);
    }
    co_return handles;
}

}  // namespace detail

WORK_DECL after after::as(std::string_view name) &&
{
    if (needs_.size() != 1)
        throw error(
            errc::invalid_option,
            "after(...).as(\"" + printable(name) + "\") is of " + std::to_string(needs_.size()) +
                " jobs: name each, and join them with &&"
        );
    if (name.empty() || name.size() > detail::most_need_name || name.front() == '{')
        throw error(
            errc::invalid_option,
            detail::quote(name) + " can't name a result: it takes 1 to 128 characters, of which "
                                  "the first is no {"
        );
    needs_.front().as = name;
    return std::move(*this);
}

WORK_DECL flow detail::new_flow(std::shared_ptr<client_core> core, std::string_view name)
{
    return flow(std::move(core), name);
}

WORK_DECL flow::flow(client& of, std::string_view name) : flow(of.core(), name) {}

WORK_DECL flow::flow(std::shared_ptr<detail::client_core> core, std::string_view name)
    : core_(std::move(core)),
      name_(name),
      sent_(std::make_shared<detail::flow_progress>())
{
    if (name.size() > detail::most_need_name)
        throw error(
            errc::invalid_option,
            "the name of a flow has " + std::to_string(name.size()) + " characters; it may have 128"
        );
    std::int64_t const now = core_->broker->now_ms();
    id_ = core_->next_id(now == 0 ? wall_ms() : now).str();
}

WORK_DECL flow flow::beside(client& of, context const& job)
{
    flow more(of);
    more.beside_ = job.id();
    more.id_ = job.flow();
    return more;
}

WORK_DECL flow_job flow::add(new_job job)
{
    static after const none;
    return add(std::move(job), none);
}

WORK_DECL flow_job flow::add(new_job job, after const& others)
{
    if (started_)
        throw error(errc::invalid_option, "a flow that was started takes no jobs: make another");
    detail::prepare(*core_, job);
    if (ids_.contains(job.id))
        throw error(errc::invalid_option, "the flow has a job " + job.id + " already");
    detail::job_links links;
    links.flow = id_;
    links.needs = others.needs();
    std::set<std::string_view> needed;
    for (detail::job_need const& one : links.needs) {
        validate_id(one.id);
        if (!needed.insert(one.id).second)
            throw error(errc::invalid_option, "a job needs " + one.id + " twice");
        if (!ids_.contains(one.id))
            others_.insert(one.id);
    }
    if (!beside_.empty())
        links.beside.push_back(beside_);
    job.links = std::make_shared<detail::job_links const>(std::move(links));
    flow_job added(job.id);
    ids_.insert(job.id);
    all_.push_back(added);
    jobs_.push_back(std::move(job));
    return added;
}

WORK_DECL std::vector<flow_job> flow::members() const
{
    std::vector<flow_job> some;
    for (flow_job const& one : all_)
        if (std::find(callbacks_.begin(), callbacks_.end(), one.id()) == callbacks_.end())
            some.push_back(one);
    if (some.empty())
        throw error(errc::invalid_option, "a callback of a flow needs a job that it waits for");
    return some;
}

WORK_DECL task<std::vector<job_handle>> flow::start()
{
    if (jobs_.empty())
        throw error(errc::invalid_option, "a flow without jobs can't be started: add some");
    started_ = true;
    detail::flow_sender
        sender{core_, id_, name_, !beside_.empty(), jobs_, ids_, others_.empty(), *sent_};
    std::vector<std::string> others(others_.begin(), others_.end());
    return core_->here(detail::start_flow(core_, std::move(others), std::move(sender)));
}

}  // namespace work
