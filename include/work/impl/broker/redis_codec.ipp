// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/redis_codec.hpp>
#include <work/error.hpp>
#include <work/values/id.hpp>

#include <algorithm>
#include <array>
#include <set>

namespace work::redis_codec {
namespace detail {

// The ids of a batch, in runs of one segment. Batches come from few producers, so runs are long.
template <typename Items, typename IdOf, typename Use>
void for_each_segment(Items const& items, IdOf id_of, Use use)
{
    // Mostly one segment, seldom more than a handful: looking for it beats sorting.
    std::vector<std::pair<std::array<char, 2>, std::vector<std::size_t>>> groups;
    for (std::size_t i = 0; i != items.size(); ++i) {
        auto const segment = id_segment(id_of(items[i]));
        auto group = std::find_if(groups.rbegin(), groups.rend(), [&](auto const& g) {
            return g.first == segment;
        });
        if (group == groups.rend()) {
            groups.emplace_back(segment, std::vector<std::size_t>());
            group = groups.rbegin();
            group->second.reserve(items.size() - i);
        }
        group->second.push_back(i);
    }
    for (auto const& [segment, indexes] : groups)
        use(std::string_view(segment.data(), segment.size()), indexes, groups.size());
}

inline void encode_plain(
    redis::script_call& out,
    std::vector<new_job> const& jobs,
    std::vector<std::size_t> const& plain
)
{
    if (plain.empty())
        return;
    for_each_segment(
        plain,
        [&](std::size_t i) { return jobs[i].id; },
        [&](std::string_view segment, std::vector<std::size_t> const& indexes, std::size_t) {
            out.arg("J");
            out.arg(segment);
            out.arg(static_cast<std::int64_t>(indexes.size()));
            for (std::size_t const index : indexes) {
                out.arg(jobs[plain[index]].id);
                out.arg(jobs[plain[index]].envelope);
            }
        }
    );
    std::vector<std::string_view> lists;
    for (std::size_t const i : plain) {
        if (std::find(lists.rbegin(), lists.rend(), jobs[i].list) == lists.rend())
            lists.push_back(jobs[i].list);
    }
    for (std::string_view const list : lists) {
        auto const in_list = [&](std::size_t i) { return jobs[i].list == list; };
        out.arg("L");
        out.arg(list);
        out.arg(static_cast<std::int64_t>(std::count_if(plain.begin(), plain.end(), in_list)));
        for (std::size_t const i : plain) {
            if (in_list(i))
                out.arg(jobs[i].id);
        }
    }
}

inline outcome_code code_of(char c)
{
    switch (c) {
    case 'k': return outcome_code::ok;
    case 'p': return outcome_code::partly;
    case 'g': return outcome_code::gone;
    case 'l': return outcome_code::lease_lost;
    default: throw error(errc::protocol, "the broker answered an outcome with an unknown code");
    }
}

inline job_state state_of(std::string_view word)
{
    for (job_state const s :
         {job_state::scheduled,
          job_state::pending,
          job_state::suspect,
          job_state::active,
          job_state::retry,
          job_state::dead,
          job_state::completed,
          job_state::set_aside})
        if (to_string(s) == word)
            return s;
    return job_state::unknown;
}

}  // namespace detail

WORK_DECL void encode(
    redis::script_call& out,
    enqueue_request const& request,
    std::int64_t keep_answer_ms
)
{
    out.arg(request.producer);
    out.arg(request.number);
    out.arg(keep_answer_ms);
    // A list keeps the order of the batch: where one of its jobs is not plain, none is sent so.
    auto const& jobs = request.jobs;
    std::vector<std::string_view> mixed;
    for (new_job const& job : jobs) {
        if (!job.plain() && std::find(mixed.begin(), mixed.end(), job.list) == mixed.end())
            mixed.push_back(job.list);
    }
    std::vector<std::size_t> plain;
    plain.reserve(jobs.size());
    for (std::size_t i = 0; i != jobs.size(); ++i) {
        if (mixed.empty() || std::find(mixed.begin(), mixed.end(), jobs[i].list) == mixed.end())
            plain.push_back(i);
    }
    detail::encode_plain(out, jobs, plain);
    if (mixed.empty())
        return;
    for (new_job const& job : jobs) {
        if (std::find(mixed.begin(), mixed.end(), job.list) == mixed.end())
            continue;
        std::string flags;
        if (job.chosen_id)
            flags += 'c';
        if (job.expires)
            flags += 'e';
        bool const large = job.large();
        out.arg(large ? "B" : "S");
        out.arg(job.id);
        out.arg(std::string_view(flags));
        out.arg(job.delay_ms);
        out.arg(job.at_ms);
        if (!large) {
            out.arg(job.envelope);
            continue;
        }
        std::string const head = make_head(job.envelope);
        out.arg(std::string_view(head));
        out.arg(body_of(job.envelope));
    }
}

WORK_DECL enqueue_answer decode_enqueue(redis::reply const& reply, enqueue_request const& request)
{
    enqueue_answer answer;
    answer.now_ms = reply[0].integer();
    answer.repeated = reply[1].integer() != 0;
    answer.codes.assign(request.jobs.size(), enqueue_code::stored);
    std::string_view const codes = reply[2].text();
    if (codes.empty())
        return answer;
    std::vector<std::string_view> mixed;
    for (new_job const& job : request.jobs) {
        if (!job.plain() && std::find(mixed.begin(), mixed.end(), job.list) == mixed.end())
            mixed.push_back(job.list);
    }
    std::size_t at = 0;
    for (std::size_t i = 0; i != request.jobs.size(); ++i) {
        if (std::find(mixed.begin(), mixed.end(), request.jobs[i].list) == mixed.end())
            continue;
        if (at == codes.size())
            throw error(errc::protocol, "the broker answered fewer jobs than a batch had");
        answer.codes[i] = codes[at++] == 'd' ? enqueue_code::duplicate : enqueue_code::stored;
    }
    return answer;
}

WORK_DECL void encode(redis::script_call& out, exchange_request const& r)
{
    out.arg(r.pool);
    out.arg(r.number);
    out.arg(r.lease_ms);
    std::string modes;
    if (r.discover)
        modes += 'd';
    if (r.take_suspects)
        modes += 's';
    if (r.will_wait)
        modes += 'w';
    if (r.chores)
        modes += 'c';
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
    for (finished_jobs const& f : r.finished) {
        out.arg("F");
        out.arg(f.claim);
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
    for (job_outcome const& o : r.outcomes) {
        char const kind = static_cast<char>(o.kind);
        out.arg("O");
        out.arg(o.claim);
        out.arg(o.id);
        out.arg(std::string_view(&kind, 1));
        out.arg(o.number);
        out.arg(o.text);
    }
    for (started_job const& s : r.started) {
        out.arg("T");
        out.arg(s.claim);
        out.arg(s.id);
    }
    for (claim_number const n : r.close) {
        out.arg("X");
        out.arg(n);
    }
    for (job_counts const& c : r.counts) {
        out.arg("C");
        out.arg(c.list);
        out.arg(c.processed);
        out.arg(c.failed);
    }
    for (job_cancel const& c : r.cancels_seen) {
        out.arg("A");
        out.arg(c.claim);
        out.arg(std::string_view(c.id));
    }
    for (wanted_list const& w : r.plan) {
        out.arg("L");
        out.arg(w.list);
        out.arg(std::int64_t(w.take));
        out.arg(w.dead_on_crash ? "1" : "0");
    }
}

WORK_DECL exchange_answer decode_exchange(redis::reply reply, exchange_request const& request)
{
    // { now, repeated, codes, lost*, claim, suspects, due, lapse, alarm, more, about the pool,
    //   cancels*,
    //   left*, notes*, jobs* }: walked once, since finding an element behind arrays is O(n).
    auto const owned = std::make_shared<redis::reply>(std::move(reply));
    if (owned->size() < 15)
        throw error(errc::protocol, "the broker answered an exchange with too few parts");
    exchange_answer a;
    auto at = owned->begin();
    auto const next = [&] { return *at++; };
    a.now_ms = next().integer();
    a.repeated = next().integer() != 0;
    std::string_view const codes = next().text();
    std::size_t const finished = request.finished.size();
    std::size_t const spoken_of = finished + request.outcomes.size();
    if (codes.size() != spoken_of + request.started.size())
        throw error(errc::protocol, "the broker answered an exchange with the wrong codes");
    for (std::size_t i = 0; i != codes.size(); ++i)
        (i < finished ? a.finished : i < spoken_of ? a.outcomes : a.started)
            .push_back(detail::code_of(codes[i]));
    for (redis::value const v : next())
        a.lost.push_back(v.integer());
    a.claim = next().integer();
    a.suspects = next().integer() != 0;
    a.next_due_ms = next().integer();
    a.next_lapse_ms = next().integer();
    a.alarm_ms = next().integer();
    a.more = next().integer() != 0;
    std::int64_t const about_pool = next().integer();
    a.forgotten = about_pool % 2 != 0;
    a.chores_left = about_pool >= 2;
    redis::value const cancels = next();
    for (auto c = cancels.begin(); c != cancels.end();) {
        claim_number const n = (*c++).integer();
        a.cancels.push_back(job_cancel{n, std::string((*c++).text())});
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

WORK_DECL std::vector<move_code> decode_moves(redis::reply const& reply, std::size_t expected)
{
    std::string_view const codes = reply[0].text();
    if (codes.size() != expected)
        throw error(errc::protocol, "the broker answered for another number of jobs than asked");
    std::vector<move_code> moves;
    for (char const c : codes)
        moves.push_back(static_cast<move_code>(c));
    return moves;
}

WORK_DECL job_record decode_job(redis::reply const& reply)
{
    job_record r;
    r.now_ms = reply[0].integer();
    r.state = detail::state_of(reply[1].text());
    r.when_ms = reply[2].integer();
    r.claim = reply[3].integer();
    r.pool = reply[4].text();
    r.envelope = reply[5].text();
    r.progress = reply[6].text();
    r.kept = reply[7].text();
    for (redis::value const v : reply[8])
        r.failures.emplace_back(v.text());
    return r;
}

WORK_DECL broker_counts decode_counts(redis::reply const& reply, std::vector<std::string>& claims)
{
    broker_counts c;
    c.now_ms = reply[0].integer();
    c.scheduled = reply[1].integer();
    c.retry = reply[2].integer();
    c.dead = reply[3].integer();
    c.set_aside = reply[4].integer();
    c.suspect = reply[5].integer();
    for (redis::value const v : reply[6])
        claims.emplace_back(v.text());
    redis::value const lists = reply[7];
    for (auto l = lists.begin(); l != lists.end();) {
        list_counts one;
        one.list = (*l++).text();
        one.pending = (*l++).integer();
        one.oldest_ms = (*l++).integer();
        one.processed = (*l++).integer();
        one.failed = (*l++).integer();
        c.processed_today += (*l++).integer();
        c.failed_today += (*l++).integer();
        c.pending += one.pending;
        c.processed += one.processed;
        c.failed += one.failed;
        c.lists.push_back(std::move(one));
    }
    std::int64_t const records = reply[8].integer();
    std::int64_t const elsewhere = c.pending + c.suspect + c.scheduled + c.retry + c.dead;
    c.active = std::max<std::int64_t>(0, records - elsewhere);
    std::sort(c.lists.begin(), c.lists.end(), [](list_counts const& a, list_counts const& b) {
        return a.list < b.list;
    });
    return c;
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
    claims_gone += (*v++).integer();
    while (v != reply.end()) {
        std::string list((*v++).text());
        by_list[std::move(list)] += (*v++).integer();
    }
}

}  // namespace work::redis_codec
