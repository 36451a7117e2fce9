// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/data.hpp>
#include <work/broker/policy.hpp>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

namespace work::detail {

// As `scripts/parts/needs.lua`.
WORK_DECL std::optional<std::pair<char, std::string>> memory_data::ended_as(
    std::string_view id,
    std::int64_t now
) const
{
    using end = std::pair<char, std::string>;
    if (auto const job = jobs.find(id); job != jobs.end()) {
        if (!read_header(job->second.bytes->envelope))
            return end('q', std::string());
        if (!dead.find(id))
            return std::nullopt;
        auto const all = failures.find(id);
        return end('d', all == failures.end() ? std::string() : all->second.back());
    }
    auto const record = kept.find(id);
    if (record != kept.end()) {
        char const letter = kept_state(record->second) == job_state::cancelled ? 'x' : 'c';
        return std::pair(letter, record->second.substr(0, record->second.find('\n')));
    }
    if (set_aside.find(id) != set_aside.end())
        return std::pair('q', std::string());
    if (traces.find(id).value_or(0) > now)
        return std::pair('c', std::string());
    return end('g', std::string());
}

WORK_DECL void memory_data::mark_needed(std::string_view id)
{
    memory_job& job = *find_job(id);
    stored_bytes const bytes = job.bytes;
    if (is_needed(bytes->envelope))
        return;
    if (job.claim != 0)
        claims.find(job.claim)->second.followed.emplace(id);
    rewrite(job, needed(bytes->envelope));
    if (dead.find(id))
        dead_bytes.set(id, stored_bytes_of(job.bytes->envelope));
}

// Whom it needs, as it is with those now.
WORK_DECL void memory_data::look_at_needs(
    job_ties& ties,
    std::vector<job_need> const& all,
    std::int64_t now
)
{
    for (job_need const& need : all) {
        auto const end = ended_as(need.id, now);
        bool const any = need.otherwise == otherwise::run && end && end->first != 'g';
        if (end && (is_done(end->first, end->second) || any)) {
            ties.given.push_back({need.as.empty() ? need.id : need.as, *end});
        } else if (end && !(end->first == 'd' && need.otherwise == otherwise::wait)) {
            ties.refuse(need.id);
        } else {
            mark_needed(need.id);
            ties.needs.emplace_back(need.id, std::string(1, letter_of(need.otherwise)) + need.as);
        }
    }
}

WORK_DECL job_ties memory_data::bind(detail::job_links const& links, std::int64_t now)
{
    job_ties ties;
    if (!links.gate.empty()) {
        std::string gate = "{" + links.gate;
        auto const flow = flow_fields.find(links.gate);
        if (flow != flow_fields.end() &&
            (flow->second.contains("{aborted") || flow->second.contains("{committed")))
            ties.refuse(gate);
        ties.needs.emplace_back(std::move(gate), "f");
    }
    look_at_needs(ties, links.needs, now);
    for (job_need const& after : links.before) {
        if (waiting.find(after.id) && !unread.find(after.id))
            ties.after.emplace_back(after.id, std::string(1, letter_of(after.otherwise)));
        else
            ties.refuse(after.id);
    }
    for (std::string const& id : links.beside) {
        auto const all = then.find(id);
        if (all == then.end())
            continue;
        if (static_cast<std::int64_t>(all->second.size()) > policy::most_bonds) {
            ties.refuse("=" + id);
            continue;
        }
        for (std::string const& child : all->second)
            if (auto const how = need_of(child, id))
                ties.after.emplace_back(child, how->substr(0, 1));
    }
    // Nobody is to wait for one that waits for him.
    bool const check = !links.closed || !links.before.empty();
    if (check && !ties.after.empty() && !ties.needs.empty() && waits_for(ties))
        ties.refuse(ties.after.front().first);
    return ties;
}

// Whether one that it needs waits for one that is to need it. Where that takes long to find out it
// is said to.
WORK_DECL bool memory_data::waits_for(job_ties const& ties) const
{
    std::vector<std::string> ids;
    std::set<std::string, std::less<>> others, met;
    for (auto const& [parent, how] : ties.needs)
        ids.push_back(parent);
    for (auto const& [child, how] : ties.after)
        others.insert(child);
    for (std::size_t at = 0; at != ids.size(); ++at) {
        if (others.contains(ids[at]) || at >= policy::walked_needs)
            return true;
        auto const all = needs.find(ids[at]);
        if (all == needs.end())
            continue;
        if (static_cast<std::int64_t>(all->second.size()) > policy::most_bonds)
            return true;
        for (auto const& [parent, how] : all->second)
            if (!is_gate(parent) && met.insert(parent).second)
                ids.push_back(parent);
    }
    return false;
}

WORK_DECL std::optional<std::string> memory_data::need_of(
    std::string_view child,
    std::string_view parent
) const
{
    auto const all = needs.find(child);
    if (all == needs.end())
        return std::nullopt;
    auto const one = all->second.find(parent);
    return one == all->second.end() ? std::nullopt : std::optional(one->second);
}

// What the end of one left for another. One that completed without a result leaves nothing, though
// it be kept as a sample.
WORK_DECL void memory_data::give(
    std::string_view id,
    std::string_view from,
    char letter,
    std::string_view text
)
{
    bool const is_done = text.starts_with(R"({"outcome":"done")");
    bool const has_result = text.find(R"("result":)") != text.npos;
    if (letter == 'c' && (text.empty() || (is_done && !has_result)))
        return;
    auto& all = given[std::string(id)];
    if (text.size() > policy::given_bytes) {
        text = {};
    } else {
        all.bytes += static_cast<std::int64_t>(text.size());
        all.counted = true;
        if (all.bytes > policy::given_in_all)
            text = {};
    }
    all.of[std::string(from)] = std::string(state_of_letter(letter)).append("\n").append(text);
}

WORK_DECL void memory_data::add_needs(std::string const& id, job_ties const& ties)
{
    for (auto const& [parent, how] : ties.needs) {
        needs[id][parent] = how;
        then[parent].insert(id);
    }
    for (auto const& [from, end] : ties.given)
        give(id, from, end.first, end.second);
}

WORK_DECL bool memory_data::tie(
    std::string const& id,
    std::string_view list,
    job_ties const& ties,
    job_links const& links,
    std::int64_t now
)
{
    add_needs(id, ties);
    for (auto const& [child, how] : ties.after) {
        needs[child][id] = how;
        then[id].insert(child);
    }
    if (!links.gate.empty())
        wait_at_gate(links.gate, links.flow, now);
    if (!links.flow.empty())
        join_flow(id, list, links, now);
    if (ties.needs.empty())
        return false;
    waiting.put(id, now);
    return true;
}

WORK_DECL job_bonds memory_data::bonds_of(std::string_view id) const
{
    job_bonds bonds;
    auto const first = [](auto const& from, auto& to) {
        for (auto const& one : from)
            if (static_cast<std::int64_t>(to.size()) < policy::shown_bonds)
                to.emplace_back(one);
    };
    if (auto const all = needs.find(id); all != needs.end()) {
        bonds.needs_left = static_cast<std::int64_t>(all->second.size());
        first(all->second, bonds.needs);
    }
    if (auto const all = then.find(id); all != then.end()) {
        bonds.needed_by_count = static_cast<std::int64_t>(all->second.size());
        first(all->second, bonds.needed_by);
    }
    if (auto const all = given.find(id); all != given.end())
        first(all->second.of, bonds.given);
    return bonds;
}

WORK_DECL void memory_data::untie(std::string_view id)
{
    waiting.remove(id);
    auto const all = needs.find(id);
    if (all == needs.end())
        return;
    if (all->second.contains(reader_gate))
        unread.remove(id);
    needs.erase(all);
}

WORK_DECL void memory_data::wait_for_reader(std::string const& id, std::int64_t now)
{
    std::string const& record = find_job(id)->bytes->envelope;
    auto const features = read_header(record)->flags & envelope_flags::features;
    needs[id][std::string(reader_gate)] = "f";
    unread.put(id, 65'536 * (record[0] - '0') + static_cast<std::int64_t>(features));
    waiting.put(id, now);
}

WORK_DECL void memory_data::reader_came(record_reader const& reader, std::int64_t now)
{
    auto left = policy::told_jobs;
    std::vector<std::string> some;
    for (auto const& [asks, id] : unread.order()) {
        if (left == 0)
            break;
        if (!reader.knows(static_cast<int>(asks / 65'536), static_cast<unsigned>(asks % 65'536)))
            continue;
        some.push_back(id);
        --left;
    }
    for (std::string const& id : some) {
        unread.remove(id);
        auto const all = needs.find(id);
        if (all == needs.end() || all->second.erase(std::string(reader_gate)) == 0)
            continue;
        if (all->second.empty())
            let_go(id, now);
    }
}

// It needs nobody any more.
WORK_DECL void memory_data::let_go(std::string const& id, std::int64_t now)
{
    untie(id);
    memory_job* const job = find_job(id);
    if (job == nullptr)
        return;
    stored_bytes const bytes = job->bytes;
    auto const header = read_header(bytes->envelope);
    if (!header)
        return put_aside(id, now, notes());
    std::int64_t due = 0;
    auto const word = word_of(bytes->envelope, "d").value_or("");
    std::from_chars(word.data(), word.data() + word.size(), due);
    if (due > now)
        return enter_until(scheduled, id, due);
    rewrite(*job, with_word(bytes->envelope, "d", std::to_string(now)));
    enter(id, *header, list_end::back, now);
}

WORK_DECL void memory_data::give_up(std::string const& id, std::string why, std::int64_t now)
{
    untie(id);
    memory_job* const job = find_job(id);
    if (job == nullptr)
        return;
    stored_bytes const bytes = job->bytes;
    auto const header = read_header(bytes->envelope);
    if (!header)
        return put_aside(id, now, notes());
    for (std::size_t at = why.find_first_of("\"\\"); at != why.npos;
         at = why.find_first_of("\"\\", at + 2))
        why.insert(at, 1, '\\');
    std::string const text =
        R"({"outcome":"cancelled","at_ms":)" + std::to_string(now) + R"(,"reason":")" + why + "\"}";
    std::string const list(header->list);
    finish(id, finish_as::cancelled, text);
    keep(id, list, text, bytes->envelope, policy::kept_cancelled, now);
}

// Whom one that waits at a gate needs as well.
WORK_DECL enqueued memory_data::need_more(detail::job_links const& links, std::int64_t now)
{
    std::string const& id = links.more_of;
    if (!need_of(id, "{" + links.gate))
        return {};
    job_ties ties;
    look_at_needs(ties, links.needs, now);
    if (!links.closed && !ties.code && then.find(id) != then.end()) {
        ties.after.emplace_back(id, "");
        if (waits_for(ties))
            ties.refuse(id);
    }
    if (ties.code) {
        give_up(id, "what it needs is not there", now);
        return *std::move(ties.code);
    }
    add_needs(id, ties);
    return {};
}

WORK_DECL void memory_data::tell_one(std::string const& child, end_to_tell const& end)
{
    auto const how = need_of(child, end.id);
    if (!how)
        return;
    char const unless = how->front();
    std::string const label = how->substr(1);
    if (!end.aborted && (unless == 'r' || is_done(end.letter, end.text))) {
        auto const all = needs.find(child);
        all->second.erase(end.id);
        bool const met = all->second.empty();
        if (!is_gate(end.id))
            give(child, label.empty() ? end.id : label, end.letter, end.text);
        if (met)
            let_go(child, end.now);
    } else if (unless == 'h' && end.letter == 'd') {
        then[end.id].insert(child);
    } else if (is_gate(end.id) || end.aborted) {
        give_up(child, "its flow was not stored whole", end.now);
    } else {
        std::string const state(state_of_letter(end.letter));
        give_up(child, "it needs " + end.id + ", which is " + state, end.now);
    }
}

// The others are told later.
WORK_DECL void memory_data::put_by(end_to_tell end)
{
    auto& from = end.number == 0 ? then : telling;
    std::string const key = end.number == 0 ? end.id : std::to_string(end.number);
    auto const others = from.find(key);
    if (others == from.end() || others->second.empty()) {
        if (others != from.end())
            from.erase(others);
        tellings.erase(end.number);
        return;
    }
    if (end.number == 0) {
        end.number = ++last_telling;
        auto moved = std::move(others->second);
        from.erase(others);
        telling[std::to_string(end.number)] = std::move(moved);
        tellings[end.number] = end;
    }
    scheduled.put("{tell " + std::to_string(end.number), end.now);
    soonest = end.now;
}

// In the order of the ends; none begins within another.
WORK_DECL void memory_data::tell_all(std::int64_t now)
{
    if (draining)
        return;
    draining = true;
    while (!ends.empty()) {
        end_to_tell end = std::move(ends.front());
        ends.pop_front();
        end.now = now;
        aborting = end.aborted;
        auto& from = end.number == 0 ? then : telling;
        auto const found = from.find(end.number == 0 ? end.id : std::to_string(end.number));
        std::vector<std::string> told;
        if (found != from.end()) {
            auto& all = found->second;
            while (!all.empty() && static_cast<std::int64_t>(told.size()) < told_budget)
                told.push_back(all.extract(all.begin()).value());
            if (all.empty())
                from.erase(found);
        }
        told_budget -= static_cast<std::int64_t>(told.size());
        for (std::string const& child : told)
            tell_one(child, end);
        if (end.number != 0 || told_budget <= 0)
            put_by(std::move(end));
    }
    draining = aborting = false;
}

WORK_DECL void memory_data::ended(
    std::string_view id,
    char letter,
    std::string_view text,
    std::int64_t now
)
{
    ends.push_back({std::string(id), std::string(text), letter, aborting || letter == 'a', 0, now});
    tell_all(now);
}

WORK_DECL void memory_data::tell_more(std::int64_t number, std::int64_t now)
{
    auto const found = tellings.find(number);
    if (found == tellings.end())
        return;
    ends.push_back(found->second);
    tell_all(now);
}

WORK_DECL void memory_data::sweep_needs(record_reader const& reader, std::int64_t now)
{
    if (!waiting.empty() && reader.format > 0)
        reader_came(reader, now);
    if (waiting.empty())
        return;
    auto left = policy::swept_needs;
    auto const size = static_cast<std::int64_t>(waiting.size());
    auto at = std::next(waiting.order().begin(), now / 5'000 * policy::swept_needs % size);
    std::vector<std::string> some;
    for (std::int64_t i = 0; i != left && at != waiting.order().end(); ++i, ++at)
        some.push_back(at->second);
    for (std::string const& id : some) {
        if (left <= 0)
            break;
        // What was put aside just now may have let this one go.
        memory_job const* const job = waiting.find(id) ? find_job(id) : nullptr;
        std::vector<std::string> parents;
        if (auto const all = needs.find(id); job != nullptr && all != needs.end())
            for (auto const& [parent, how] : all->second)
                parents.push_back(parent);
        // Of very many others each time.
        if (auto const all_of_it = static_cast<std::int64_t>(parents.size()); all_of_it > left) {
            auto const first = now / 5'000 * policy::swept_needs % all_of_it;
            std::rotate(parents.begin(), parents.begin() + first, parents.end());
            parents.resize(static_cast<std::size_t>(left));
        }
        left -= 1 + static_cast<std::int64_t>(parents.size());
        if (job == nullptr || !read_header(job->bytes->envelope)) {
            untie(id);
            if (job != nullptr)
                put_aside(id, now, notes());
        } else if (parents.empty()) {
            let_go(id, now);
        }
        for (std::string const& parent : parents)
            look_at_need(id, parent, now);
    }
    tell_all(now);
}

// Whether who is needed is still to end.
WORK_DECL void memory_data::look_at_need(
    std::string const& id,
    std::string const& parent,
    std::int64_t now
)
{
    std::optional<std::pair<char, std::string>> end;
    if (parent == reader_gate) {
        if (needs.find(id) != needs.end() && !unread.find(id))
            wait_for_reader(id, now);
    } else if (is_gate(parent)) {
        auto const flow = flow_fields.find(std::string_view(parent).substr(1));
        if (flow == flow_fields.end())
            end.emplace('a', std::string());
        else if (flow->second.contains("{committed"))
            end.emplace('c', std::string());
    } else if (end = ended_as(parent, now); !end) {
        mark_needed(parent);
        then[parent].insert(id);
    }
    // While ends are still to be told, one that is nowhere, job or gate, may be one of those.
    if (!end || ((end->first == 'g' || end->first == 'a') && !tellings.empty()))
        return;
    ends.push_back({parent, end->second, end->first, end->first == 'a', 0, now});
    then[parent].insert(id);
}

}  // namespace work::detail
