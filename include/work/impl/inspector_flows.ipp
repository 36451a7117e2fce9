// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client/client_core.hpp>
#include <work/flow_info.hpp>
#include <work/inspector.hpp>
#include <work/values/check_option.hpp>

#include <work/impl/inspector_acts.ipp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

namespace work {
namespace detail {

inline std::int64_t& count_of(flow_counts& in, job_state state)
{
    switch (state) {
    case job_state::waiting: return in.waiting;
    case job_state::scheduled: return in.scheduled;
    case job_state::pending: return in.pending;
    case job_state::suspect: return in.suspect;
    case job_state::active: return in.active;
    case job_state::retry: return in.retry;
    case job_state::dead: return in.dead;
    case job_state::completed: return in.completed;
    case job_state::cancelled: return in.cancelled;
    case job_state::set_aside: return in.set_aside;
    default: return in.unknown;
    }
}

inline constexpr std::size_t states_at_once = 256;

/// The states of those that have not ended, or are dead and may have been requeued.
inline task<void> look_up_states(
    std::shared_ptr<broker> at,
    std::vector<flow_member> const& members,
    std::vector<flow_job_info>& jobs
)
{
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i != members.size(); ++i)
        if (!members[i].over || members[i].ended == job_state::dead)
            open.push_back(i);
    for (std::size_t from = 0; from < open.size(); from += states_at_once) {
        std::size_t const end = std::min(from + states_at_once, open.size());
        std::vector<std::string> ids;
        for (std::size_t i = from; i != end; ++i)
            ids.push_back(members[open[i]].id);
        std::vector<job_state> const states = co_await at->states(std::move(ids));
        for (std::size_t i = from; i != end && i - from < states.size(); ++i)
            jobs[open[i]].state = states[i - from];
    }
}

inline task<flow_details> look_up_flow(std::shared_ptr<broker> at, std::string id)
{
    flow_record record = co_await at->flow(std::move(id));
    flow_details found;
    found.flow = info_of(record);
    found.now_ms = co_await at->ask_now_ms();
    if (found.flow.state == flow_state::unknown)
        co_return found;
    std::vector<flow_member> const members = in_order(std::move(record.members));
    for (flow_member const& one : members) {
        queue_info const names = queue_of_list(one.list);
        found.jobs.push_back({one.id, names.name, names.queue, one.ended, one.needs});
    }
    co_await look_up_states(at, members, found.jobs);
    for (flow_job_info const& one : found.jobs)
        ++count_of(found.counts, one.state);
    co_return found;
}

inline task<flow_page> look_up_flows(std::shared_ptr<broker> at, std::int64_t from, int count)
{
    flow_list const some = co_await at->flows(from, count);
    flow_page page;
    page.of = some.of;
    for (flow_record const& one : some.flows)
        page.flows.push_back(info_of(one));
    page.now_ms = co_await at->ask_now_ms();
    co_return page;
}

/// Whether it will not run, whoever saw to that.
inline bool is_off(admin_result const& one) noexcept
{
    return one.code == admin_code::done || one.code == admin_code::already ||
           (one.code == admin_code::moved_on && one.state == job_state::cancelled);
}

inline task<flow_cancel> cancel_flow(
    std::shared_ptr<client_core> core,
    std::string id,
    admin_request like
)
{
    flow_cancel result;
    result.id = id;
    std::set<std::string> asked;
    // Those that are added meanwhile are met by another look; more than a few are not waited for.
    constexpr int most_looks = 8;
    for (int look = 0; look != most_looks; ++look) {
        std::string of = id;
        flow_record record = co_await core->broker->flow(std::move(of));
        if (record.created_ms == 0 && look == 0) {
            result.code = admin_code::gone;
            break;
        }
        std::vector<flow_member> members = in_order(std::move(record.members));
        // Who needs others goes first, so that no end of one makes it run.
        std::reverse(members.begin(), members.end());
        std::vector<std::string> ids;
        for (flow_member const& one : members)
            if (!one.over && asked.insert(one.id).second)
                ids.push_back(one.id);
        if (ids.empty())
            break;
        for (std::size_t from = 0; from < ids.size(); from += states_at_once) {
            std::size_t const end = std::min(from + states_at_once, ids.size());
            admin_request part = like;
            part.ids.assign(
                ids.begin() + static_cast<std::ptrdiff_t>(from),
                ids.begin() + static_cast<std::ptrdiff_t>(end)
            );
            std::vector<admin_result> const answers = co_await core->broker->act(std::move(part));
            result.done += std::count_if(answers.begin(), answers.end(), is_off);
        }
    }
    result.asked = static_cast<std::int64_t>(asked.size());
    result.now_ms = co_await core->broker->ask_now_ms();
    if (result.code == admin_code::done && result.asked == 0)
        result.code = admin_code::already;
    if (result.code != admin_code::done)
        co_return result;
    audit_entry entry;
    entry.by = like.by;
    entry.action = to_string(admin_action::cancel);
    entry.what = "flow " + result.id;
    entry.reason = like.reason;
    entry.asked = result.asked;
    entry.done = result.done;
    co_await tell_audit(core, std::move(entry));
    co_return result;
}

inline task<std::vector<job_gift>> look_up_given(std::shared_ptr<broker> at, std::string id)
{
    text_pairs const pairs = co_await at->given(std::move(id));
    std::vector<job_gift> gifts;
    for (auto const& [from, text] : pairs)
        gifts.push_back(read_gift(from, text));
    std::sort(gifts.begin(), gifts.end(), [](job_gift const& a, job_gift const& b) {
        return a.from < b.from;
    });
    co_return gifts;
}

inline std::string checked_flow_id(std::string id)
{
    validate_id(id);
    return id;
}

}  // namespace detail

WORK_DECL task<flow_page> inspector::flows(std::int64_t from, int count)
{
    detail::check_integer("from", from, 0, std::numeric_limits<std::int64_t>::max() / 2);
    detail::check_integer("count", count, 1, 1'000);
    return core_->here(detail::look_up_flows(core_->broker, from, count));
}

WORK_DECL task<flow_details> inspector::flow(std::string id)
{
    return core_->here(detail::look_up_flow(core_->broker, detail::checked_flow_id(std::move(id))));
}

WORK_DECL task<flow_cancel> inspector::cancel_flow(std::string id, admin_options options)
{
    return core_->here(detail::cancel_flow(
        core_,
        detail::checked_flow_id(std::move(id)),
        detail::make_request(admin_action::cancel, {}, options)
    ));
}

WORK_DECL task<std::vector<job_gift>> inspector::given(std::string id)
{
    return core_->here(detail::look_up_given(core_->broker, std::move(id)));
}

}  // namespace work
