// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/batch_plan.hpp>
#include <work/broker/records.hpp>

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace work::detail {

WORK_DECL std::string enqueued_text(
    std::vector<new_job> const& jobs,
    std::vector<enqueued> const& answers
)
{
    std::string text;
    std::vector<bool> told(jobs.size(), false);
    batch_plan const plan(jobs);
    for (std::size_t const i : plan.coded()) {
        told[i] = true;
        text += static_cast<char>(answers[i].code);
        if (!answers[i].other.empty())
            text.append(answers[i].other).append(1, ',');
    }
    bool const whole = std::all_of(answers.begin(), answers.end(), [&](enqueued const& one) {
        return told[static_cast<std::size_t>(&one - answers.data())] ||
               one.code == enqueue_code::stored;
    });
    if (whole)
        return text;
    for (auto const& groups : {plan.plain_by_list(), plan.priorities_by_place()}) {
        for (std::vector<std::size_t> const& group : groups) {
            for (std::size_t const i : group) {
                if (answers[i].code == enqueue_code::stored)
                    continue;
                text += static_cast<char>(answers[i].code);
                text.append(answers[i].other).append(1, ' ').append(jobs[i].id).append(1, ',');
            }
        }
    }
    return text;
}

WORK_DECL bool read_enqueued(
    std::string_view text,
    std::vector<new_job> const& jobs,
    std::vector<enqueued>& answers
)
{
    constexpr std::string_view letters = "sdurebnvfw";
    constexpr std::string_view with_text = "urebnvfw";
    auto const take = [&](enqueued& one) {
        if (text.empty() || letters.find(text[0]) == letters.npos)
            return false;
        one.code = static_cast<enqueue_code>(text[0]);
        bool const named = with_text.find(text[0]) != with_text.npos;
        text.remove_prefix(1);
        if (!named)
            return true;
        std::size_t const end = text.find(',');
        if (end == text.npos)
            return false;
        one.other = text.substr(0, end);
        text.remove_prefix(end + 1);
        return true;
    };
    batch_plan const plan(jobs);
    for (std::size_t const i : plan.coded())
        if (!take(answers[i]))
            return false;
    if (text.empty())
        return true;
    std::unordered_map<std::string_view, std::size_t> by_id;
    for (std::size_t i = 0; i != jobs.size(); ++i)
        by_id.emplace(jobs[i].id, i);
    while (!text.empty()) {
        enqueued one;
        if (!take(one))
            return false;
        std::size_t const space = one.other.find(' ');
        auto const job = space == one.other.npos
                             ? by_id.end()
                             : by_id.find(std::string_view(one.other).substr(space + 1));
        if (job == by_id.end())
            return false;
        one.other.resize(space);
        answers[job->second] = std::move(one);
    }
    return true;
}

WORK_DECL void give_back(enqueue_answer& answer, std::vector<new_job>& jobs)
{
    for (std::size_t i = 0; i != jobs.size(); ++i) {
        enqueue_code const code = answer.jobs[i].code;
        if (code == enqueue_code::refused || code == enqueue_code::no_room)
            answer.back.emplace_back(i, std::move(jobs[i]));
    }
}

}  // namespace work::detail
