// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/dump.hpp>
#include <work/values/id.hpp>

#include <algorithm>

namespace work::detail {

template <typename Ids>
std::string joined_ids(Ids const& ids)
{
    std::string text("\n,");
    for (auto const& id : ids)
        text.append(id).append(1, ',');
    return text;
}

inline void dump_jobs(dump_keys& keys, memory_data const& data)
{
    std::map<std::string, std::map<std::string_view, std::string_view>> segments;
    for (auto const& [id, job] : data.jobs) {
        auto const segment = id_segment(id);
        segments["jobs:" + std::string(segment.data(), segment.size())][id] = job.bytes->envelope;
    }
    for (auto const& [id, body] : data.bodies) {
        auto const segment = id_segment(id);
        segments["bodies:" + std::string(segment.data(), segment.size())][id] = body;
    }
    std::map<std::string, std::string, std::less<>> failures;
    for (auto const& [id, texts] : data.failures) {
        std::string& lines = failures[std::string(id)];
        for (std::string const& text : texts)
            lines.append(lines.empty() ? "" : "\n").append(text);
    }
    for (auto const& [id, lines] : failures) {
        auto const segment = id_segment(id);
        segments["failures:" + std::string(segment.data(), segment.size())][id] = lines;
    }
    std::map<std::string, std::string, std::less<>> locks;
    for (auto const& [key, lock] : data.locks)
        locks[key] = lock.id + (lock.until > 0 ? " " + std::to_string(lock.until) : "");
    for (auto const& [key, value] : locks) {
        auto const segment = id_segment(key);
        segments["unique:" + std::string(segment.data(), segment.size())][key] = value;
    }
    for (auto const& [key, jobs] : segments)
        keys.hash(key, jobs);
    std::map<std::string, std::map<std::string, std::string, std::less<>>> sides;
    for (std::string const& name : data.paused_lists)
        sides[name]["{paused"] = "1";
    for (auto const& [name, limited] : data.limited_lists) {
        sides[name]["{limits"] = limited.names;
        if (!limited.parked.empty())
            sides[name]["{parked"] = limited.parked;
    }
    for (auto const& [name, list] : data.lists_of_jobs) {
        keys.list("list:" + name, list.ids);
        keys.scored("prio:" + name, list.ahead);
        for (auto const& [id, count] : list.ghosts)
            sides[name][id] = std::to_string(count);
        if (list.ghost_total > 0)
            sides[name][""] = std::to_string(list.ghost_total);
    }
    for (auto const& [name, side] : sides)
        keys.hash("side:" + name, side);
    for (auto const& [id, lines] : data.logs)
        keys.list("log:" + id, lines);
    keys.scored("waiting", data.waiting);
    keys.scored("then:" + std::string(reader_gate), data.unread);
    for (auto const& [id, needs] : data.needs)
        keys.hash("needs:" + id, needs);
    for (auto const& [id, left] : data.given) {
        auto fields = left.of;
        if (left.counted)
            fields["{bytes"] = std::to_string(left.bytes);
        keys.hash("given:" + id, fields);
    }
    for (auto const* const told : {&data.then, &data.telling}) {
        for (auto const& [id, children] : *told) {
            scored_ids all;
            for (std::string const& child : children)
                all.put(child, 0);
            keys.scored((told == &data.then ? "then:" : "telling:") + id, all);
        }
    }
    std::map<std::string, std::string> tellings;
    for (auto const& [number, end] : data.tellings)
        tellings[std::to_string(number)] =
            std::string(1, end.letter) + (end.aborted ? "a" : "-") + end.id + "\n" + end.text;
    keys.hash("tellings", tellings);
    keys.scored("flows", data.flows);
    keys.scored("flows_ended", data.flows_ended);
    keys.scored("uncommitted", data.uncommitted);
    for (auto const& [flow, fields] : data.flow_fields)
        keys.hash("flow:" + flow, fields);
    for (auto const& [tag, jobs] : data.tags)
        keys.scored("tag:" + tag, jobs);
    keys.scored("scheduled", data.scheduled);
    keys.scored("retry", data.retry);
    keys.scored("dead", data.dead);
    keys.scored("traces", data.traces);
    keys.hash("set_aside", data.set_aside);
    keys.hash("kept", data.kept);
    for (auto const& [list, ids] : data.completed_by_list)
        keys.scored("completed:" + list, ids);
    keys.scored("completed", data.completed);
    keys.scored("set_aside_at", data.set_aside_at);
    std::pair<char const*, counted_bytes const*> const counted[] = {
        {"bytes:kept", &data.kept_bytes},
        {"bytes:dead", &data.dead_bytes},
        {"bytes:set_aside", &data.set_aside_bytes}
    };
    for (auto const& [key, bytes] : counted) {
        std::map<std::string_view, std::int64_t> fields(
            bytes->by_id().begin(),
            bytes->by_id().end()
        );
        if (!bytes->by_id().empty())
            fields.emplace(std::string_view(), bytes->total());
        keys.hash(key, fields);
    }
}

// The index from id to claim, and the claims that are not in it.
inline void dump_index(dump_keys& keys, memory_data const& data)
{
    std::map<std::string, std::map<std::string_view, std::int64_t>> segments;
    scored_ids large;
    for (auto const& [number, claim] : data.claims) {
        if (number % 2 != 0) {
            large.put(std::to_string(number), number);
            continue;
        }
        for (std::string const& id : claim.ids) {
            auto const job = data.jobs.find(id);
            if (job == data.jobs.end() || job->second.claim != number)
                continue;
            auto const segment = id_segment(id);
            segments["claimed:" + std::string(segment.data(), segment.size())][id] = number;
        }
    }
    for (auto const& [key, ids] : segments)
        keys.hash(key, ids);
    keys.scored("large_claims", large);
}

inline void dump_claims(dump_keys& keys, memory_data const& data)
{
    scored_ids leases;
    for (auto const& [number, claim] : data.claims) {
        std::string const n = std::to_string(number);
        leases.put(n, claim.lapses);
        std::string text = claim.pool + " " + static_cast<char>(claim.kind) + " " +
                           std::to_string(claim.lease) + " " + std::to_string(claim.size) + " ";
        for (std::string const& list : claim.dead_on_crash)
            text += (&list == &claim.dead_on_crash.front() ? "" : ";") + list;
        text += claim.dead_on_crash.empty() ? "%" : "";
        keys.text("claim:" + n, text + joined_ids(claim.ids));
        keys.set("left:" + n, claim.left);
        keys.set("followed:" + n, claim.followed);
        keys.set("started:" + n, claim.started);
        keys.set("limited:" + n, claim.limits);
        if (claim.reported > 0)
            keys.text("reported:" + n, std::to_string(claim.reported));
        std::vector<std::string> fallen;
        for (auto const& [group, job] : claim.fallen)
            fallen.push_back(std::to_string(group) + " " + job.first + " " + job.second);
        keys.list("fallen:" + n, fallen);
        keys.hash("progress:" + n, claim.progress);
    }
    keys.scored("leases", leases);
    for (auto const& [number, group] : data.groups) {
        std::string text;
        for (auto const& [list, ids] : group) {
            text += list;
            for (std::string const& id : ids)
                text.append(1, ',').append(id);
            text += ",\n";
        }
        keys.text("group:" + std::to_string(number), text);
    }
    scored_ids suspects;
    for (auto const& [name, count] : data.suspects)
        suspects.put(name, count);
    keys.scored("suspects", suspects);
    for (auto const& [name, numbers] : data.groups_by_name) {
        scored_ids order;
        for (std::int64_t const number : numbers)
            order.put(std::to_string(number), number);
        keys.scored("suspects:" + name, order);
    }
    std::map<std::string, std::int64_t> fallen(data.fallen.begin(), data.fallen.end());
    keys.hash("fallen", fallen);
    keys.scored("deaths", data.deaths);
    keys.scored("known_deaths", data.known_deaths);
    keys.scored("vanished", data.vanished);
}

inline std::string stored_text(stored_exchange const& e)
{
    std::string text = std::to_string(e.number) + "|";
    for (outcome_code const c : e.finished)
        text += static_cast<char>(c);
    for (outcome_code const c : e.outcomes)
        text += static_cast<char>(c);
    for (outcome_code const c : e.started)
        text += static_cast<char>(c);
    text += "|" + (e.claim == 0 ? std::string() : std::to_string(e.claim));
    text += "|" + std::to_string(e.suspects) + "|";
    for (claim_number const& n : e.lost)
        text += (&n == &e.lost.front() ? "" : ",") + std::to_string(n);
    return text;
}

inline void dump_pools(dump_keys& keys, memory_data const& data, std::int64_t now)
{
    for (auto const& [name, pool] : data.pools_by_name) {
        std::map<std::string, std::string> fields;
        for (std::size_t i = 0; i != pool.answers.size(); ++i) {
            if (pool.answers[i])
                fields["x" + std::to_string(i)] = stored_text(*pool.answers[i]);
        }
        keys.hash("pool:" + name, fields);
    }
    for (auto const& [name, lists] : data.served) {
        scored_ids ranks;
        for (auto const& [list, rank] : lists)
            ranks.put(list, rank);
        keys.scored("serves:" + name, ranks);
    }
    for (auto const& [name, told] : data.orders) {
        std::vector<std::string> texts;
        for (auto const& [claim, id] : told)
            texts.push_back(std::to_string(claim) + " " + id);
        keys.set("orders:" + name, texts);
    }
    for (auto const& [name, status] : data.status) {
        if (status.expires > now)
            keys.text("status:" + name, status.text);
    }
    for (auto const& [name, worker] : data.workers) {
        std::map<std::string, std::string> fields;
        if (!worker.registered.empty())
            fields["registered"] = worker.registered;
        for (auto const& [claim, note] : worker.claims)
            fields[std::to_string(claim)] = note;
        if (worker.expires > now)
            keys.hash("worker:" + name, fields);
    }
    for (auto const& [name, batch] : data.batches) {
        if (batch.expires > now)
            keys.text("producer:" + name, std::to_string(batch.number) + " " + batch.codes);
    }
    std::map<std::string, std::string> operations;
    for (auto const& [id, one] : data.operations) {
        operations[id] = one.text;
        if (one.stop)
            operations["stop " + id] = "1";
    }
    keys.hash("operations", operations);
    using fields = std::map<std::string, std::string>;
    keys.hash("tracked", fields(data.tracked.begin(), data.tracked.end()));
    keys.hash("tracked_ends", fields(data.tracked_ends.begin(), data.tracked_ends.end()));
    keys.list("audit", data.audit);
    keys.set("pools", data.pools);
    scored_ids absent;
    for (auto const& [pool, since] : data.absent)
        absent.put(pool, since);
    keys.scored("absent", absent);
}

inline void dump_stats(
    dump_keys& keys,
    std::string key,
    text_map<memory_stats> const& stats,
    std::int64_t forgotten = 0
)
{
    std::map<std::string, std::int64_t> fields;
    if (forgotten != 0)
        fields["* forgotten"] = forgotten;
    for (auto const& [list, s] : stats) {
        if (s.processed != 0)
            fields[list + " processed"] = s.processed;
        if (s.failed != 0)
            fields[list + " failed"] = s.failed;
    }
    keys.hash(std::move(key), fields);
}

inline void dump_limits(dump_keys& keys, memory_data const& data)
{
    std::set<std::string> names;
    for (auto const& [name, limit] : data.job_limits) {
        names.insert(name);
        keys.hash(
            "limit:" + name,
            std::map<std::string, std::string>{
                {"slots", std::to_string(limit.slots)},
                {"by", limit.by},
                {"who", limit.who},
                {"at_ms", std::to_string(limit.at_ms)},
                {"on", limit.scope}
            }
        );
        keys.hash("held:" + name, limit.held);
        keys.scored("waits:" + name, limit.waits);
    }
    keys.set("limits", names);
    keys.hash("limited", data.limited);
}

inline void dump_bounds(dump_keys& keys, memory_data const& data)
{
    std::string all;
    for (auto const& [queue, bound] : data.bounds) {
        all += (all.empty() ? "\n" : "") + queue + " " + std::to_string(bound.most) + " " +
               static_cast<char>(bound.full) + "\n";
        std::map<std::string, std::string> fields{
            {"who", bound.who},
            {"at_ms", std::to_string(bound.at_ms)}
        };
        if (bound.refused != 0)
            fields["refused"] = std::to_string(bound.refused);
        if (bound.dropped != 0)
            fields["dropped"] = std::to_string(bound.dropped);
        if (bound.full_at_ms != 0)
            fields["full_at"] = std::to_string(bound.full_at_ms);
        keys.hash("bound:" + queue, fields);
        keys.set("bounded:" + queue, bound.lists);
    }
    if (!all.empty())
        keys.text("bounds", all);
}

inline void dump_crons(dump_keys& keys, memory_data const& data)
{
    std::map<std::string, std::string> records;
    for (auto const& [name, record] : data.crons)
        records[name] = cron_value(record);
    keys.hash("crons", records);
    keys.scored("crons_due", data.crons_due);
    for (auto const& [name, fires] : data.fires)
        keys.list("fires:" + name, fires);
}

WORK_DECL std::map<std::string, std::string> dump(memory_data const& data, std::int64_t now_us)
{
    dump_keys keys;
    dump_jobs(keys, data);
    dump_claims(keys, data);
    dump_index(keys, data);
    dump_pools(keys, data, now_us / 1000);
    dump_crons(keys, data);
    dump_limits(keys, data);
    dump_bounds(keys, data);
    dump_stats(keys, "stats", data.stats, data.forgotten_words);
    for (auto const& [day, stats] : data.stats_by_day)
        dump_stats(keys, "stats:" + std::to_string(day), stats);
    keys.set("ready", data.ready);
    scored_ids lists;
    for (auto const& [list, used] : data.lists)
        lists.put(list, used);
    for (auto const& [list, said] : data.listened)
        lists.put("!" + list, said);
    for (std::string const& list : data.paused_lists)
        lists.put("!{" + list, policy::paused_score);
    for (auto const& [list, limited] : data.limited_lists)
        lists.put("!|" + list, policy::paused_score);
    keys.scored("lists", lists);
    keys.hash("settings", data.settings);
    for (auto const& [name, ready] : data.queues)
        keys.set("queues:" + name, ready);
    for (std::string const& wakeup : data.wakeups) {
        std::vector<std::string> const token(1, "1");
        keys.list("wake:" + wakeup, token);
    }
    std::map<std::string, std::string> clock;
    if (data.last_exchange != 0) {
        clock["fence"] = std::to_string(data.fence);
        clock["last_exchange"] = std::to_string(data.last_exchange);
        clock["layout"] = std::to_string(policy::layout);
    }
    if (data.silent_until != 0) {
        clock["from"] = std::to_string(data.silent_from);
        clock["until"] = std::to_string(data.silent_until);
    }
    if (data.last_group != 0)
        clock["groups"] = std::to_string(data.last_group);
    if (data.last_telling != 0)
        clock["tellings"] = std::to_string(data.last_telling);
    if (data.until_claim)
        clock["until_claim"] = "1";
    if (data.last_cron != 0)
        clock["crons"] = std::to_string(data.last_cron);
    keys.hash("broker", clock);
    std::map<std::string, std::string> alarm;
    if (data.alarm.holder) {
        alarm["holder"] = *data.alarm.holder;
        alarm["holder_at"] = std::to_string(data.alarm.holder_at);
    }
    if (data.alarm.backup) {
        alarm["backup"] = *data.alarm.backup;
        alarm["backup_at"] = std::to_string(data.alarm.backup_at);
    }
    keys.hash("alarm", alarm);
    for (auto const& [key, counts] : data.history)
        keys.text("hist:" + key, encode_history(counts));
    for (auto const& [writer, last] : data.historians)
        keys.text("historian:" + writer, std::to_string(last.number));
    scored_ids histories;
    for (auto const& [list, day] : data.histories)
        histories.put(list, day);
    keys.scored("histories", histories);
    return keys.take();
}

}  // namespace work::detail
