// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/batch_plan.hpp>
#include <work/broker/envelope_header.hpp>
#include <work/broker/redis/codec.hpp>
#include <work/error.hpp>
#include <work/values/id.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

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
    work::detail::batch_plan const& plan
)
{
    std::vector<std::size_t> const plain = plan.all(work::detail::told_as::plain);
    if (plain.empty())
        return;
    for_each_segment(
        plain,
        [&](std::size_t i) { return std::string_view(jobs[i].id); },
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
    for (std::vector<std::size_t> const& list : plan.plain_by_list()) {
        out.arg("L");
        out.arg(jobs[list.front()].list);
        out.arg(static_cast<std::int64_t>(list.size()));
        for (std::size_t const i : list)
            out.arg(jobs[i].id);
    }
}

inline std::string_view view_of(std::array<char, 2> const& segment)
{
    return {segment.data(), segment.size()};
}

// In the order of the batch.
inline void encode_chosen(
    redis::script_call& out,
    std::vector<new_job> const& jobs,
    std::vector<std::size_t> const& chosen
)
{
    if (chosen.empty())
        return;
    out.arg("I");
    out.arg(static_cast<std::int64_t>(chosen.size()));
    for (std::size_t const i : chosen) {
        out.arg(jobs[i].list);
        out.arg(view_of(id_segment(jobs[i].id)));
        out.arg(jobs[i].id);
        out.arg(jobs[i].envelope);
    }
}

inline void encode_priorities(
    redis::script_call& out,
    std::vector<new_job> const& jobs,
    work::detail::batch_plan const& plan
)
{
    for (std::vector<std::size_t> const& indexes : plan.priorities_by_place()) {
        out.arg("P");
        out.arg(jobs[indexes.front()].list);
        out.arg(view_of(id_segment(jobs[indexes.front()].id)));
        out.arg(static_cast<std::int64_t>(indexes.size()));
        for (std::size_t const i : indexes) {
            auto const header = work::detail::read_header(jobs[i].envelope);
            if (!header)
                throw error(errc::protocol, "the envelope of a new job can't be read");
            out.arg(jobs[i].id);
            out.arg(jobs[i].envelope);
            out.arg(header->score());
        }
    }
}

inline void encode_due(
    redis::script_call& out,
    std::vector<new_job> const& jobs,
    std::vector<std::size_t> const& some
)
{
    using when = std::tuple<std::array<char, 2>, std::int64_t, std::int64_t>;
    std::map<when, std::vector<std::size_t>> groups;
    for (std::size_t const i : some) {
        std::int64_t const delay = jobs[i].at_ms > 0 ? 0 : jobs[i].delay_ms;
        groups[{id_segment(jobs[i].id), delay, jobs[i].at_ms}].push_back(i);
    }
    for (auto const& [key, indexes] : groups) {
        out.arg("D");
        out.arg(view_of(std::get<0>(key)));
        out.arg(static_cast<std::int64_t>(indexes.size()));
        out.arg(std::get<1>(key));
        out.arg(std::get<2>(key));
        for (std::size_t const i : indexes) {
            out.arg(jobs[i].id);
            out.arg(jobs[i].envelope);
        }
    }
}

inline void encode_links(redis::script_call& out, work::detail::job_links const& links)
{
    using work::detail::letter_of;
    auto const letter = [&](char which) { out.arg(std::string_view(&which, 1)); };
    bool const is_job = links.more_of.empty();
    out.arg(is_job ? "W" : links.closed ? "M" : "N");
    out.arg(is_job ? links.flow : links.more_of);
    out.arg(links.gate);
    out.arg(static_cast<std::int64_t>(links.needs.size()));
    for (work::detail::job_need const& need : links.needs) {
        out.arg(need.id);
        letter(letter_of(need.otherwise));
        out.arg(need.as);
    }
    if (!is_job)
        return;
    out.arg(static_cast<std::int64_t>(links.before.size() + links.beside.size()));
    for (work::detail::job_need const& one : links.before) {
        out.arg(one.id);
        letter(letter_of(one.otherwise));
    }
    for (std::string const& id : links.beside) {
        out.arg(id);
        letter(links.closed ? '+' : '=');
    }
}

inline void encode_alone(redis::script_call& out, new_job const& job)
{
    if (job.links != nullptr && job.links->commits > 0) {
        out.arg("Z");
        out.arg(job.links->gate);
        out.arg(job.links->commits);
        out.arg(job.links->flow_name);
        return;
    }
    if (job.links != nullptr && !job.links->more_of.empty())
        return encode_links(out, *job.links);
    std::string flags;
    if (job.chosen_id)
        flags += 'c';
    if (job.stamp)
        flags += 'e';
    if (!job.lock.key.empty()) {
        char const mode = job.lock.mode;
        char const policy = work::detail::policy_of(job.lock.on_conflict);
        out.arg("U");
        out.arg(job.lock.key);
        out.arg(std::string_view(&mode, 1));
        out.arg(std::string_view(&policy, 1));
        out.arg(job.lock.time_ms);
    }
    if (job.links != nullptr)
        encode_links(out, *job.links);
    bool const large = job.large();
    out.arg(large ? "B" : "S");
    out.arg(job.id);
    out.arg(std::string_view(flags));
    out.arg(job.delay_ms);
    out.arg(job.at_ms);
    if (!large) {
        out.arg(job.envelope);
        return;
    }
    std::string const head = make_head(job.envelope);
    out.arg(std::string_view(head));
    out.arg(body_of(job.envelope));
}

// As `store` reads them.
inline void encode_jobs(redis::script_call& out, std::vector<new_job> const& jobs)
{
    using work::detail::told_as;
    work::detail::batch_plan const plan(jobs);
    encode_plain(out, jobs, plan);
    if (plan.all_plain())
        return;
    encode_chosen(out, jobs, plan.all(told_as::chosen));
    encode_priorities(out, jobs, plan);
    encode_due(out, jobs, plan.all(told_as::due));
    for (std::size_t const i : plan.all(told_as::alone))
        encode_alone(out, jobs[i]);
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
    detail::encode_jobs(out, request.jobs);
}

WORK_DECL void encode_fire(redis::script_call& out, cron_fire const& fire)
{
    out.arg(fire.name);
    out.arg(fire.seen_revision);
    out.arg(fire.seen_next_ms);
    out.arg(fire.next_ms);
    out.arg(fire.unless_live ? "1" : "0");
    out.arg(fire.job);
    out.arg(fire.text);
    detail::encode_jobs(out, fire.jobs);
}

WORK_DECL enqueue_answer decode_enqueue(redis::reply const& reply, enqueue_request const& request)
{
    enqueue_answer answer;
    answer.now_ms = reply[0].integer();
    answer.repeated = reply[1].integer() != 0;
    answer.jobs.resize(request.jobs.size());
    std::string_view const codes = reply[2].text();
    if (codes.empty())
        return answer;
    if (!work::detail::read_enqueued(codes, request.jobs, answer.jobs))
        throw error(errc::protocol, "the broker answered something else than a code for each job");
    return answer;
}

}  // namespace work::redis_codec
