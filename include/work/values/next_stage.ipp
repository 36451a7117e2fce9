// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/job_name.hpp>
#include <work/values/next_stage.hpp>
#include <work/values/stored_options.hpp>
#include <work/values/tag_word.hpp>

#include <algorithm>

namespace work {
namespace detail {

inline void keep_unsaid(stored_options& own, stored_options const& before)
{
    auto const keep = [](auto& one, auto const& was) {
        if (!one)
            one = was;
    };
    keep(own.max_attempts, before.max_attempts);
    keep(own.timeout, before.timeout);
    keep(own.expires_in, before.expires_in);
    keep(own.deadline, before.deadline);
    keep(own.backoff, before.backoff);
    keep(own.skip_dead, before.skip_dead);
}

inline std::string next_envelope(envelope_view const& job, envelope_view next)
{
    constexpr unsigned of_the_id = envelope_flags::chosen_id | envelope_flags::failed;
    next.flags = (next.flags & ~(of_the_id | envelope_flags::body_apart)) | (job.flags & of_the_id);
    next.flags &= ~(envelope_flags::holds | envelope_flags::followed);
    next.attempts = 0;
    next.created_ms = job.created_ms;
    next.snoozes = 0;
    next.due_ms = 0;
    next.stages = std::min(job.stages, 999'999'998) + 1;
    next.cut_from = 0;
    std::string text;
    text.reserve(envelope_size(next));
    append_envelope(text, next);
    if (next.options.find("\"tags\"") != next.options.npos)
        if (auto const options = decode_options(next.options))
            write_tags(text, options->tags);
    return text;
}

}  // namespace detail

WORK_DECL void refuse_id_of_stage(new_job const& stage)
{
    if (stage.chosen_id)
        throw error(
            errc::invalid_option,
            "the stage " + stage.name() + " chooses the id " + stage.id +
                ", but a job keeps its id from stage to stage; leave enqueue_options::id empty"
        );
}

WORK_DECL std::int64_t delay_of_stage(new_job const& stage, std::int64_t now_ms) noexcept
{
    return stage.at_ms > 0 ? std::max<std::int64_t>(stage.at_ms - now_ms, 0) : stage.delay_ms;
}

WORK_DECL std::string next_stage_of(envelope_view const& job, new_job const& stage)
{
    refuse_id_of_stage(stage);
    envelope_view next;
    if (auto const read = decode_envelope(stage.envelope))
        next = *read;
    next.list = stage.list;
    next.args = stage.arguments();
    auto own = decode_options(next.options.empty() ? "{}" : next.options);
    auto const before = decode_options(job.options.empty() ? "{}" : job.options);
    std::string options(next.options);
    if (own && before) {
        if (own->headers.empty())
            own->headers = before->headers;
        if (own->tags.empty())
            own->tags = before->tags;
        if (own->priority == 0)
            own->priority = before->priority;
        // Options of another job type mean something else.
        if (parse_list_id(stage.list).name == parse_list_id(job.list).name)
            detail::keep_unsaid(*own, *before);
        next.flags = own->expires_in || own->deadline ? envelope_flags::expires : 0u;
        options = encode_options(as_enqueue_options(*own));
        next.priority = own->priority;
    }
    next.options = options;
    next.flags = (next.flags & envelope_flags::expires) |
                 (next.priority != 0 ? envelope_flags::priority : 0u);
    return detail::next_envelope(job, next);
}

WORK_DECL std::string next_stage_of(envelope_view const& job, std::string_view queue)
{
    envelope_view next = job;
    std::string const list = list_id(queue, parse_list_id(job.list).name);
    next.list = list;
    return detail::next_envelope(job, next);
}

}  // namespace work
