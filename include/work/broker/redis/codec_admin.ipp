// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/envelope_header.hpp>
#include <work/broker/limits.hpp>
#include <work/broker/redis/codec.hpp>
#include <work/error.hpp>
#include <work/values/encode.hpp>
#include <work/values/envelope_parts.hpp>
#include <work/values/id.hpp>
#include <work/values/job_ending.hpp>
#include <work/values/name.hpp>

#include <algorithm>
#include <charconv>
#include <functional>
#include <set>
#include <string>
#include <utility>

namespace work::redis_codec {
namespace detail {

// Of each list: length, beside it, ghosts, first id; then numbers of all.
inline constexpr std::size_t replies_a_list = 5;

inline std::int64_t number_of(redis::value v)
{
    std::int64_t n = 0;
    std::string_view const text = v.is_null() ? std::string_view() : v.text();
    std::from_chars(text.data(), text.data() + text.size(), n);
    return n;
}

}  // namespace detail

WORK_DECL std::string encode_statuses(std::vector<pool_status> const& pools)
{
    std::string text;
    for (pool_status const& one : pools)
        text += one.pool + " " + std::to_string(one.status.size()) + "\n" + one.status;
    return text;
}

WORK_DECL std::map<std::string, std::string> decode_statuses(std::string_view text)
{
    std::map<std::string, std::string> by_pool;
    while (!text.empty()) {
        auto const space = text.find(' ');
        auto const end = text.find('\n');
        if (end == std::string_view::npos || space > end)
            break;
        std::string_view const size = text.substr(space + 1, end - space - 1);
        std::size_t bytes = 0;
        auto const read = std::from_chars(size.data(), size.data() + size.size(), bytes);
        if (read.ec != std::errc() || bytes > text.size() - end - 1)
            break;
        by_pool.emplace(text.substr(0, space), text.substr(end + 1, bytes));
        text.remove_prefix(end + 1 + bytes);
    }
    return by_pool;
}

WORK_DECL std::string job_cursor(redis::reply const& reply)
{
    return reply[1].text() == "?" ? std::string(reply[3].text()) : std::string();
}

WORK_DECL admin_code decode_restore(redis::reply const& reply)
{
    std::string_view const code = reply[0].text();
    if (code.size() != 1)
        throw error(errc::protocol, "the broker answered a restore with no code");
    return static_cast<admin_code>(code[0]);
}

WORK_DECL void encode_edit(
    redis::script_call& out,
    std::string_view cursor,
    edit_request const& request
)
{
    bool const large = is_large_envelope(request.envelope);
    std::string const head = large ? make_head(request.envelope) : std::string();
    out.arg(cursor);
    out.arg(std::string_view(request.version));
    out.arg(request.due_ms > 0 ? std::to_string(request.due_ms) : std::string());
    out.arg(large ? std::string_view(head) : std::string_view(request.envelope));
    out.arg(large ? body_of(request.envelope) : std::string_view());
    out.arg(std::string_view(work::detail::history_note(request)));
    out.arg(std::string_view(request.id));
}

WORK_DECL std::string edit_cursor(redis::reply const& reply)
{
    return reply[0].text() == "?" ? std::string(reply[2].text()) : std::string();
}

WORK_DECL admin_result decode_edit(redis::reply const& reply)
{
    admin_result result;
    result.code = static_cast<admin_code>(reply[0].text().at(0));
    result.state = state_named(reply[1].text());
    return result;
}

WORK_DECL void encode_restore(
    redis::script_call& out,
    std::string_view id,
    std::string_view envelope
)
{
    out.arg("0");
    out.arg(id);
    if (!is_large_envelope(envelope)) {
        out.arg(envelope);
        return;
    }
    std::string const head = make_head(envelope);
    out.arg(std::string_view(head));
    out.arg(body_of(envelope));
}

namespace detail {

inline std::vector<std::pair<std::string, std::string>> read_pairs(redis::value const& from)
{
    std::vector<std::pair<std::string, std::string>> all;
    for (auto v = from.begin(); v != from.end();) {
        std::string field((*v++).text());
        std::string value((*v++).text());
        if (field != "{bytes")
            all.emplace_back(std::move(field), std::move(value));
    }
    std::sort(all.begin(), all.end());
    return all;
}

inline job_bonds read_bonds(redis::value const& from)
{
    job_bonds bonds;
    bonds.needs = read_pairs(from[0]);
    bonds.needs_left = from[1].integer();
    for (redis::value const v : from[2])
        bonds.needed_by.emplace_back(v.text());
    bonds.needed_by_count = from[3].integer();
    bonds.given = read_pairs(from[4]);
    return bonds;
}

}  // namespace detail

WORK_DECL job_record decode_job(redis::reply const& reply)
{
    job_record r;
    r.now_ms = reply[0].integer();
    r.state = state_named(reply[1].text());
    r.when_ms = reply[2].integer();
    r.claim = reply[3].integer();
    r.pool = reply[4].text();
    r.envelope = reply[5].text();
    r.progress = reply[6].text();
    r.kept = reply[7].text();
    for (redis::value const v : reply[8])
        r.failures.emplace_back(v.text());
    if (reply.size() > 9)
        r.version = reply[9].text();
    if (reply.size() > 10)
        for (redis::value const v : reply[10])
            r.history.emplace_back(v.text());
    if (reply.size() > 11)
        r.bonds = detail::read_bonds(reply[11]);
    return r;
}

WORK_DECL void encode_pause(redis::script_call& out, pause_request const& request)
{
    out.arg(request.pause ? "pause" : "resume");
    out.arg(std::string_view(work::detail::pause_key(request)));
    out.arg(request.until_ms);
    out.arg(request.for_ms);
    out.arg(std::string_view(work::detail::pause_text(request)));
}

WORK_DECL void encode_settle(redis::script_call& out, pause_request const& request)
{
    out.arg("settle");
    out.arg(std::string_view(work::detail::pause_key(request)));
}

WORK_DECL bool is_settled(redis::reply const& reply)
{
    return reply[3].integer() == 0;
}

WORK_DECL pause_result decode_pause(redis::reply const& reply, pause_request const& request)
{
    pause_result result;
    result.now_ms = reply[0].integer();
    result.code = static_cast<admin_code>(reply[1].text().at(0));
    if (request.pause)
        result.info = work::detail::read_pause(work::detail::pause_key(request), reply[2].text());
    return result;
}

WORK_DECL std::vector<pause_info> decode_pauses(redis::value const settings)
{
    std::vector<pause_info> all;
    for (auto v = settings.begin(); v != settings.end();) {
        std::string_view const key = (*v++).text();
        if (auto one = work::detail::read_pause(key, (*v++).text()))
            all.push_back(std::move(*one));
    }
    return all;
}

WORK_DECL broker_counts decode_counts(redis::reply const& reply)
{
    broker_counts c;
    c.now_ms = reply[0].integer();
    c.scheduled = reply[1].integer();
    c.retry = reply[2].integer();
    c.dead = reply[3].integer();
    c.set_aside = reply[4].integer();
    c.suspect = reply[5].integer();
    c.paused = decode_pauses(reply[7]);
    c.waiting = reply[8].integer();
    c.unsupported = reply[9].integer();
    c.active = reply[6].integer() - c.suspect - c.waiting - c.scheduled - c.retry - c.dead;
    return c;
}

WORK_DECL redis::command read_totals(std::string_view prefix, std::int64_t now_ms)
{
    std::string const p(prefix);
    redis::command reads("HMGET", p + "stats", "* processed", "* failed", "* forgotten");
    reads.push("HGETALL", p + "stats:" + std::to_string(now_ms / 86'400'000));
    return reads;
}

WORK_DECL void add_totals(broker_counts& counts, std::vector<redis::reply> const& read)
{
    if (!read[0].is_error()) {
        counts.processed += detail::number_of(read[0][0]);
        counts.failed += detail::number_of(read[0][1]);
        counts.forgotten = detail::number_of(read[0][2]);
    }
    if (read[1].is_error())
        return;
    for (auto v = read[1].begin(); v != read[1].end();) {
        bool const failed = (*v++).text().ends_with(" failed");
        (failed ? counts.failed_today : counts.processed_today) += detail::number_of(*v++);
    }
}

WORK_DECL redis::command read_lists(std::string_view prefix, std::vector<std::string> const& lists)
{
    redis::command reads;
    std::string const p(prefix);
    for (std::string const& list : lists) {
        reads.push("LLEN", p + "list:" + list);
        reads.push("ZCARD", p + "prio:" + list);
        reads.push("HMGET", p + "side:" + list, "", "{limits", "{parked");
        reads.push("LINDEX", p + "list:" + list, 0);
        reads.push("ZRANGE", p + "prio:" + list, 0, 0);
    }
    reads.begin(2 + 2 * lists.size()).arg("HMGET").arg(p + "stats");
    for (std::string const& list : lists)
        reads.arg(list + " processed").arg(list + " failed");
    return reads;
}

WORK_DECL redis::command read_fronts(
    std::string_view prefix,
    std::vector<redis::reply> const& read,
    std::size_t lists,
    std::vector<std::size_t>& fronts
)
{
    redis::command reads;
    for (std::size_t i = 0; i != lists; ++i) {
        auto const look_at = [&](auto const& id) {
            if (id.is_null() || id.is_error())
                return;
            fronts.push_back(i);
            auto const segment = id_segment(id.text());
            std::string key(prefix);
            key.append("jobs:").append(segment.data(), segment.size());
            reads.push("HGET", key, id.text());
        };
        look_at(read[i * detail::replies_a_list + 3].root());
        redis::reply const& ahead = read[i * detail::replies_a_list + 4];
        if (!ahead.is_error() && ahead.size() != 0)
            look_at(ahead[0]);
    }
    return reads;
}

WORK_DECL void add_lists(
    broker_counts& counts,
    std::vector<std::string> const& lists,
    std::vector<redis::reply> const& read,
    std::vector<std::size_t> const& fronts,
    std::vector<redis::reply> const& records
)
{
    auto const whole = [](redis::reply const& r) { return r.is_error() ? 0 : r.integer(); };
    std::size_t const first = counts.lists.size();
    redis::reply const& all = read[lists.size() * detail::replies_a_list];
    auto done = all.begin();
    for (std::size_t i = 0; i != lists.size(); ++i) {
        redis::reply const* const r = &read[i * detail::replies_a_list];
        queue_info one = queue_of_list(lists[i]);
        one.pending = whole(r[0]) + whole(r[1]);
        if (!r[2].is_error()) {
            if (one.pending > 0)
                one.pending -= detail::number_of(r[2][0]);
            if (!r[2][1].is_null())
                one.limited = work::detail::limit_names(r[2][1].text());
            if (!r[2][2].is_null())
                one.waits_at = work::detail::limit_name(r[2][2].text());
        }
        if (!all.is_error()) {
            one.processed = detail::number_of(*done++);
            one.failed = detail::number_of(*done++);
        }
        counts.pending += one.pending;
        counts.processed += one.processed;
        counts.failed += one.failed;
        counts.lists.push_back(std::move(one));
    }
    for (std::size_t i = 0; i != fronts.size() && i != records.size(); ++i) {
        if (records[i].is_null() || records[i].is_error())
            continue;
        auto const since = work::detail::waits_since(records[i].text());
        std::int64_t& oldest = counts.lists[first + fronts[i]].oldest_ms;
        if (since)
            oldest = oldest == 0 ? *since : std::min(oldest, *since);
    }
}

WORK_DECL void finish_counts(broker_counts& counts)
{
    counts.active = std::max<std::int64_t>(0, counts.active - counts.pending);
    work::detail::mark_paused(counts);
    std::sort(
        counts.lists.begin(),
        counts.lists.end(),
        [](queue_info const& a, queue_info const& b) { return a.list < b.list; }
    );
}

WORK_DECL std::int64_t active_jobs::in(std::vector<std::string> const& served) const
{
    std::set<std::string, std::less<>> const asked(served.begin(), served.end());
    std::int64_t sum = 0;
    for (auto const& [list, count] : by_list) {
        auto const colon = list.find(':');
        std::string const name = "*" + (colon == list.npos ? list : list.substr(colon + 1));
        if (asked.contains(list) || asked.contains(name))
            sum += count;
    }
    return sum;
}

WORK_DECL void active_jobs::add(redis::reply const& reply)
{
    auto v = reply.begin();
    claims_seen += static_cast<std::size_t>((*v++).integer());
    claims_gone += (*v++).integer();
    while (v != reply.end()) {
        std::string list((*v++).text());
        by_list[std::move(list)] += (*v++).integer();
    }
}

}  // namespace work::redis_codec
