// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/data.hpp>
#include <work/broker/policy.hpp>
#include <work/values/envelope_parts.hpp>

#include <algorithm>
#include <cstdlib>

namespace work::detail {

WORK_DECL void memory_data::give_wakeup(std::string_view key)
{
    if (wakeups.find(key) == wakeups.end()) {
        wakeups.emplace(key);
        given_wakeups.emplace_back(key);
    }
}

WORK_DECL memory_list* memory_data::find_list(std::string_view list)
{
    auto const found = lists_of_jobs.find(list);
    return found == lists_of_jobs.end() ? nullptr : &found->second;
}

WORK_DECL memory_job* memory_data::find_job(std::string_view id)
{
    auto const found = jobs.find(id);
    return found == jobs.end() ? nullptr : &found->second;
}

WORK_DECL void memory_data::drop_list_if_empty(std::string_view list)
{
    auto const found = lists_of_jobs.find(list);
    if (found != lists_of_jobs.end() && found->second.empty())
        lists_of_jobs.erase(found);
}

// A list got its first job.
WORK_DECL void memory_data::made_ready(std::string_view list, std::int64_t now)
{
    bool const is_new = lists.find(list) == lists.end();
    std::int64_t& used = lists[std::string(list)];
    if (std::abs(used - now) > policy::ms_per_hour)
        used = now;
    auto const marked = paused_lists.find(list);
    bool const was_paused = marked != paused_lists.end();
    // One that is new takes after what is set for its queue and its name.
    if ((was_paused || is_new) && is_paused(list, now)) {
        if (is_new)
            take_limits(list);
        paused_lists.emplace(list);
        return;
    }
    if (was_paused)
        paused_lists.erase(marked);
    if (is_new)
        take_limits(list);
    if (is_parked(list))
        return;
    became_ready.emplace(list);
    ready.emplace(list);
    std::string_view const name = list_job_name(list);
    if (name.size() != list.size()) {
        ready.insert("*" + std::string(name));
        queues[std::string(name)].emplace(list);
    }
    memory_list const* const held = was_paused ? find_list(list) : nullptr;
    if ((held != nullptr && (held->ghost_total > 0 || !held->ahead.empty())) ||
        limited_lists.find(list) != limited_lists.end())
        mark_mixed(list);
}

// One that is new takes after what is set for its queue and its name.
WORK_DECL void memory_data::take_limits(std::string_view list)
{
    if (memory_bound* const bound = bound_of(list))
        bound->lists.emplace(list);
    std::string names = limits_for(list);
    if (!names.empty() && limited_lists.find(list) == limited_lists.end())
        limited_lists[std::string(list)].names = std::move(names);
}

// Jobs with priorities, or ghosts, came to a list of another queue than the name's own: beside the
// lists of a name without such a mark a server looks for none.
WORK_DECL void memory_data::mark_mixed(std::string_view list)
{
    std::string_view const name = list_job_name(list);
    if (name.size() != list.size() && queues.find(name) != queues.end())
        ready.insert("!" + std::string(name));
}

WORK_DECL void memory_data::wake_woken()
{
    for (std::string const& list : woken) {
        if (paused_lists.find(list) != paused_lists.end() || is_parked(list))
            continue;
        give_wakeup("*" + std::string(list_job_name(list)));
        if (became_ready.find(list) != became_ready.end() && listened.find(list) != listened.end())
            give_wakeup(list);
    }
    woken.clear();
}

WORK_DECL bool memory_data::serves(std::string_view pool, std::string_view list) const
{
    auto const found = served.find(pool);
    return found != served.end() &&
           (found->second.find(list) != found->second.end() ||
            found->second.find("*" + std::string(list_job_name(list))) != found->second.end());
}

// Something falls due: make sure that a pool will come. An exchange that ends by appointing its own
// pool says so in `appoints`.
WORK_DECL void memory_data::due_at(std::int64_t due, std::int64_t now, bool appoints)
{
    if (alarm.holder && alarm.holder_at + policy::alarm_late_ms >= now) {
        if (due < alarm.holder_at)
            give_wakeup(*alarm.holder);
        return;
    }
    if (appoints)
        return;
    for (std::string const& pool : some_pools(2, {}, now))
        give_wakeup(pool);
}

WORK_DECL void memory_data::store_group(std::int64_t number, suspect_group after)
{
    std::map<std::string, std::int64_t, std::less<>> more;
    text_set has;
    for (auto const& [list, ids] : groups[number])
        more[std::string(list_job_name(list))] -= static_cast<std::int64_t>(ids.size());
    for (auto const& [list, ids] : after) {
        more[std::string(list_job_name(list))] += static_cast<std::int64_t>(ids.size());
        has.emplace(list_job_name(list));
    }
    if (after.empty())
        groups.erase(number);
    else
        groups[number] = std::move(after);
    for (auto const& [name, count] : more) {
        auto& found = groups_by_name[name];
        if (has.find(name) != has.end())
            found.insert(number);
        else
            found.erase(number);
        if (found.empty())
            groups_by_name.erase(name);
        if ((suspects[name] += count) <= 0)
            suspects.erase(name);
    }
}

WORK_DECL void memory_data::drop_suspect(std::int64_t number, std::string_view id)
{
    suspect_group rest;
    for (auto const& [list, ids] : groups.find(number)->second) {
        std::vector<std::string> others = ids;
        std::erase(others, id);
        if (!others.empty())
            rest.emplace_back(list, std::move(others));
    }
    store_group(number, std::move(rest));
}

WORK_DECL void memory_data::new_groups(std::vector<suspect> const& members, std::size_t size)
{
    last_group += static_cast<std::int64_t>((members.size() + size - 1) / size);
    std::int64_t number = last_group;
    for (std::size_t from = 0; from < members.size(); from += size, --number) {
        suspect_group parts;
        for (std::size_t i = from; i != std::min(from + size, members.size()); ++i) {
            auto const& [list, id] = members[i];
            auto part = std::find_if(parts.begin(), parts.end(), [&list = list](auto const& p) {
                return p.first == list;
            });
            if (part == parts.end())
                part = parts.insert(parts.end(), {list, {}});
            part->second.push_back(id);
        }
        store_group(number, std::move(parts));
    }
}

WORK_DECL void memory_data::add_failure(std::string_view id, std::string_view text)
{
    auto found = failures.find(id);
    if (found == failures.end())
        found = failures.emplace(id, std::vector<std::string>()).first;
    found->second.emplace_back(text);
    if (found->second.size() > policy::max_failures)
        found->second.erase(found->second.begin());
}

WORK_DECL void memory_data::forget_failures(std::string_view id)
{
    auto const found = failures.find(id);
    if (found != failures.end())
        failures.erase(found);
}

WORK_DECL void memory_data::add_log(std::string_view id, std::vector<std::string_view> const& lines)
{
    auto found = logs.find(id);
    if (found == logs.end())
        found = logs.emplace(id, std::vector<std::string>()).first;
    std::vector<std::string>& kept_lines = found->second;
    kept_lines.insert(kept_lines.end(), lines.begin(), lines.end());
    auto const over = static_cast<std::ptrdiff_t>(kept_lines.size()) - policy::max_log_lines;
    if (over > 0)
        kept_lines.erase(kept_lines.begin(), kept_lines.begin() + over);
}

WORK_DECL void memory_data::forget_log(std::string_view id)
{
    auto const found = logs.find(id);
    if (found != logs.end())
        logs.erase(found);
}

WORK_DECL void memory_data::forget_body(std::string_view id)
{
    auto const found = bodies.find(id);
    if (found != bodies.end())
        bodies.erase(found);
}

WORK_DECL std::shared_ptr<job_bytes const> memory_data::whole_bytes(memory_job const& job) const
{
    if (!has_body_apart(job.bytes->envelope))
        return job.bytes;
    auto const body = bodies.find(job.bytes->id);
    if (body == bodies.end())
        return job.bytes;
    return std::make_shared<job_bytes const>(
        job_bytes{job.bytes->id, whole_envelope(job.bytes->envelope, body->second)}
    );
}

WORK_DECL void memory_data::rewrite(memory_job& job, std::string envelope)
{
    job.bytes = std::make_shared<job_bytes const>(job_bytes{job.bytes->id, std::move(envelope)});
}

WORK_DECL void memory_data::unready_if_empty(std::string_view name)
{
    memory_list const* const list = find_list(name);
    if (list == nullptr || list->length() == 0)
        unready(name);
}

WORK_DECL void memory_data::unready(std::string_view name)
{
    auto const erase = [](auto& set, std::string_view key) {
        auto const found = set.find(key);
        if (found != set.end())
            set.erase(found);
    };
    erase(ready, name);
    std::string const job_name(list_job_name(name));
    auto const others = queues.find(job_name);
    if (job_name.size() != name.size() && others != queues.end()) {
        erase(others->second, name);
        if (others->second.empty()) {
            queues.erase(others);
            erase(ready, "*" + job_name);
            erase(ready, "!" + job_name);
        }
    }
    drop_list_if_empty(name);
}

WORK_DECL void memory_data::unlist(std::string_view id)
{
    for (auto& [name, list] : lists_of_jobs) {
        auto const ghost = list.ghosts.find(id);
        auto const ghosts = ghost == list.ghosts.end() ? 0 : ghost->second;
        bool const listed = std::count(list.ids.begin(), list.ids.end(), id) > ghosts;
        if (listed)
            list.ids.erase(std::find(list.ids.begin(), list.ids.end(), id));
        if (listed || list.ahead.remove(id)) {
            std::string const emptied = name;
            unready_if_empty(emptied);
            return;
        }
    }
}

}  // namespace work::detail
