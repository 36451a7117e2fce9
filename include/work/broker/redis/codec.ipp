// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/redis/codec.hpp>
#include <work/broker/redis/codec_jobs.ipp>
#include <work/error.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

namespace work::redis_codec {
namespace detail {

// As the fields they are added to: of each list, then of each job name.
inline void encode_counts(redis::script_call& out, std::vector<job_counts> const& counts)
{
    std::map<std::string_view, job_counts> by_name;
    for (job_counts const& c : counts) {
        // A list in another queue than its name's own is `<queue>:<name>`.
        std::string_view const name = c.list.substr(c.list.rfind(':') + 1);
        job_counts& sum = by_name.emplace(name, job_counts{name}).first->second;
        sum.processed += c.processed;
        sum.failed += c.failed;
    }
    std::vector<job_counts> names;
    for (auto const& [name, sum] : by_name)
        names.push_back(sum);
    out.arg("C");
    std::string field;
    for (auto const* const some : {&counts, &std::as_const(names)}) {
        std::int64_t fields = 0;
        for (job_counts const& c : *some)
            fields += (c.processed != 0) + (c.failed != 0);
        out.arg(fields);
        for (job_counts const& c : *some) {
            if (c.processed != 0)
                out.arg(std::string_view(field.assign(c.list).append(" processed")));
            if (c.failed != 0)
                out.arg(std::string_view(field.assign(c.list).append(" failed")));
        }
        for (job_counts const& c : *some) {
            if (c.processed != 0)
                out.arg(c.processed);
            if (c.failed != 0)
                out.arg(c.failed);
        }
    }
}

inline void encode_writes(redis::script_call& out, outcome_writes const& writes)
{
    char const kind = static_cast<char>(writes.otherwise);
    std::size_t const at = std::min(writes.text.find(refused_write_mark), writes.text.size());
    out.arg("R");
    out.arg(std::string_view(&kind, 1));
    out.arg(writes.number);
    out.arg(writes.text.substr(0, at));
    out.arg(writes.text.substr(std::min(writes.text.size(), at + refused_write_mark.size())));
    out.arg(static_cast<std::int64_t>(writes.all.size()));
    for (redis_write const& one : writes.all) {
        out.arg(static_cast<std::int64_t>(one.words().size()));
        for (std::string const& word : one.words())
            out.arg(std::string_view(word));
    }
}

inline outcome_code code_of(char c)
{
    switch (c) {
    case 'k': return outcome_code::ok;
    case 'p': return outcome_code::partly;
    case 'g': return outcome_code::gone;
    case 'l': return outcome_code::lease_lost;
    case 'z': return outcome_code::cancelled;
    case 'w': return outcome_code::refused;
    default: throw error(errc::protocol, "the broker answered an outcome with an unknown code");
    }
}

}  // namespace detail

WORK_DECL void encode(redis::script_call& out, exchange_request const& r)
{
    out.arg(r.pool);
    out.arg(r.number);
    out.arg(r.lease_ms);
    std::string modes;
    if (r.discover)
        modes += r.serves_many ? 'D' : 'd';
    if (r.take_suspects)
        modes += 's';
    if (r.runs_suspects)
        modes += 'r';
    if (r.joins_suspects)
        modes += 'j';
    if (r.provisional)
        modes += 'p';
    if (r.will_wait)
        modes += 'w';
    if (r.chores)
        modes += 'c';
    if (r.wakes_pool)
        modes += 'u';
    out.arg(std::string_view(modes));
    out.arg(std::int64_t(std::clamp(r.want, 0, 256)));
    out.arg(r.max_bytes);
    if (!r.serves.empty()) {
        out.arg("V");
        out.arg(static_cast<std::int64_t>(r.serves.size()));
        for (served_list const& s : r.serves) {
            out.arg(s.list);
            out.arg(s.rank);
        }
    }
    if (r.reads.format > 0) {
        out.arg("Y");
        out.arg(std::int64_t(r.reads.format));
        out.arg(std::int64_t(r.reads.features));
    }
    for (pool_limit const& limit : r.max_concurrency) {
        out.arg("M");
        out.arg(limit.name);
        out.arg(limit.slots);
    }
    if (!r.renew.empty()) {
        out.arg("N");
        out.arg(static_cast<std::int64_t>(r.renew.size()));
        for (claim_number const n : r.renew)
            out.arg(n);
    }
    for (job_progress const& p : r.progress) {
        out.arg("P");
        out.arg(p.claim);
        out.arg(p.id);
        out.arg(p.text);
    }
    for (job_log_lines const& l : r.logs) {
        out.arg("G");
        out.arg(l.claim);
        out.arg(l.id);
        out.arg(static_cast<std::int64_t>(l.lines.size()));
        for (std::string_view const line : l.lines)
            out.arg(line);
    }
    for (finished_jobs const& f : r.finished) {
        out.arg("F");
        out.arg(f.claim);
        if (f.known_ms)
            out.arg(*f.known_ms);
        else
            out.arg("");
        out.arg(f.forgets ? "1" : "0");
        bool first = true;
        detail::for_each_segment(
            f.ids,
            [](std::string_view id) { return id; },
            [&](std::string_view segment,
                std::vector<std::size_t> const& indexes,
                std::size_t segments) {
                if (first)
                    out.arg(static_cast<std::int64_t>(segments));
                first = false;
                out.arg(segment);
                out.arg(static_cast<std::int64_t>(indexes.size()));
                for (std::size_t const index : indexes)
                    out.arg(f.ids[index]);
            }
        );
        if (first)
            out.arg(std::int64_t(0));
    }
    if (r.limits != retention_limits() && (r.chores || !r.outcomes.empty())) {
        out.arg("K");
        for (std::int64_t const limit :
             {r.limits.completed_per_list,
              r.limits.completed_bytes,
              r.limits.completed_ms,
              r.limits.dead,
              r.limits.dead_bytes,
              r.limits.set_aside,
              r.limits.set_aside_bytes})
            out.arg(limit);
    }
    auto then = r.then.begin();
    auto writes = r.writes.begin();
    for (std::size_t i = 0; i != r.outcomes.size(); ++i) {
        job_outcome const& o = r.outcomes[i];
        char const kind = static_cast<char>(o.kind);
        bool const parted = o.kind == outcome_kind::stage && is_large_envelope(o.text);
        if (writes != r.writes.end() && writes->outcome == i)
            detail::encode_writes(out, *writes++);
        out.arg("O");
        out.arg(o.claim);
        out.arg(o.id);
        out.arg(std::string_view(&kind, 1));
        out.arg(o.number);
        if (parted)
            out.arg(std::string_view(make_head(o.text)));
        else
            out.arg(o.text);
        if (o.kind == outcome_kind::stage)
            out.arg(parted ? body_of(o.text) : std::string_view());
        if (then == r.then.end() || then->outcome != i)
            continue;
        out.arg("E");
        auto const sections = out.begin_count();
        detail::encode_jobs(out, then->jobs);
        out.end_count(sections);
        ++then;
    }
    for (started_job const& s : r.started) {
        out.arg("T");
        out.arg(s.claim);
        out.arg(s.id);
    }
    for (closed_claim const& c : r.close) {
        out.arg("X");
        out.arg(c.number);
        out.arg(c.jobs);
    }
    if (!r.counts.empty())
        detail::encode_counts(out, r.counts);
    for (job_cancel const& c : r.cancels_seen) {
        out.arg("A");
        out.arg(c.claim);
        out.arg(std::string_view(c.id));
    }
    for (told_order const o : r.orders_seen) {
        out.arg("A");
        out.arg("0");
        out.arg(std::string_view("{" + to_text(o)));
    }
    for (wanted_list const& w : r.fetch_order) {
        out.arg("L");
        out.arg(w.list);
        out.arg(std::int64_t(w.take));
        out.arg(w.dead_on_crash ? "1" : "0");
    }
}

WORK_DECL exchange_answer decode_exchange(redis::reply reply, exchange_request const& request)
{
    // { now, repeated, codes, lost*, claim, suspects, due, lapse, alarm, more, about the pool,
    //   told*,
    //   left*, notes*, jobs* }: walked once, since finding an element behind arrays is O(n).
    auto const owned = std::make_shared<redis::reply>(std::move(reply));
    if (owned->size() < 15)
        throw error(errc::protocol, "the broker answered an exchange with too few parts");
    exchange_answer a;
    auto at = owned->begin();
    auto const next = [&] { return *at++; };
    a.now_ms = next().integer();
    std::int64_t const repeated = next().integer();
    a.repeated = repeated != 0;
    a.claim_jobs = std::max<std::int64_t>(repeated - 1, 0);
    std::string_view const codes = next().text();
    std::size_t const finished = request.finished.size();
    std::size_t const spoken_of = finished + request.outcomes.size();
    if (codes.size() != spoken_of + request.started.size())
        throw error(errc::protocol, "the broker answered an exchange with the wrong codes");
    for (std::size_t i = 0; i != codes.size(); ++i)
        (i < finished    ? a.finished
         : i < spoken_of ? a.outcomes
                         : a.started)
            .push_back(detail::code_of(codes[i]));
    for (redis::value const v : next())
        a.lost.push_back(v.integer());
    a.claim = next().integer();
    std::int64_t const quarantine = next().integer();
    a.suspects = quarantine != 0;
    a.isolate = quarantine < 0;
    a.quarantine_ms = a.isolate ? -quarantine : quarantine;
    a.next_due_ms = next().integer();
    a.next_lapse_ms = next().integer();
    a.alarm_ms = next().integer();
    a.more = next().integer() != 0;
    std::int64_t const about_pool = next().integer();
    a.forgotten = about_pool % 2 != 0;
    a.chores_left = about_pool >= 2;
    a.chores_soon = about_pool >= 4;
    redis::value const told = next();
    for (auto t = told.begin(); t != told.end();) {
        claim_number const n = (*t++).integer();
        std::string_view const what = (*t++).text();
        std::string_view const why = (*t++).text();
        if (n != 0)
            a.cancels.push_back(work::detail::read_cancel(n, std::string(what), why));
        else if (auto const order = read_order(what))
            a.orders.push_back(*order);
    }
    redis::value const left = next();
    for (auto l = left.begin(); l != left.end();) {
        std::string list((*l++).text());
        a.left.push_back(list_left{std::move(list), (*l++).integer()});
    }
    for (redis::value const v : next())
        a.notes.emplace_back(v.text());
    redis::value const jobs = next();
    a.jobs.reserve(jobs.size() / 2);
    for (auto j = jobs.begin(); j != jobs.end();) {
        std::string_view const id = (*j++).text();
        a.jobs.push_back(claimed_job{id, (*j++).text()});
    }
    a.bytes = owned;
    return a;
}

}  // namespace work::redis_codec
