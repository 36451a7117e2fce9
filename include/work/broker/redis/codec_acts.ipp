// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/redis/codec.hpp>
#include <work/error.hpp>
#include <work/values/name.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace work::redis_codec {
namespace detail {

struct state_letter
{
    job_state state;
    char letter;
};
inline constexpr state_letter state_letters[] = {
    {job_state::scheduled, 's'},
    {job_state::waiting, 'w'},
    {job_state::pending, 'p'},
    {job_state::suspect, 'u'},
    {job_state::active, 'a'},
    {job_state::retry, 'r'},
    {job_state::dead, 'd'},
    {job_state::completed, 'c'},
    {job_state::cancelled, 'x'},
    {job_state::set_aside, 'q'},
};

inline job_state state_of(char letter)
{
    for (state_letter const& s : state_letters) {
        if (s.letter == letter)
            return s.state;
    }
    return job_state::unknown;
}

inline char const* verb_of(admin_action action)
{
    switch (action) {
    case admin_action::cancel:
    case admin_action::remove: return "drop";
    case admin_action::requeue: return "requeue";
    case admin_action::kill: return "kill";
    case admin_action::move: return "move";
    }
    return "";
}

}  // namespace detail

WORK_DECL acted_ids::acted_ids(admin_request request)
    : verb_(detail::verb_of(request.action)),
      seen_ms_(request.seen_ms),
      version_(request.version)
{
    job_states const allowed = states_for(request.action);
    for (detail::state_letter const& s : detail::state_letters) {
        if (allowed.contains(s.state) && (request.only.empty() || request.only.contains(s.state)))
            states_ += s.letter;
    }
    if (request.action == admin_action::cancel || request.action == admin_action::kill)
        text_ = work::detail::cancel_text(request);
    else if (request.action == admin_action::move && !request.queue.empty())
        text_ = encode_name(request.queue);
    note_ = work::detail::history_note(request);
    set_ids(std::move(request.ids));
}

WORK_DECL acted_ids acted_ids::home(std::vector<std::string> ids)
{
    acted_ids all;
    for (detail::state_letter const& s : detail::state_letters)
        all.states_ += s.letter;
    all.at_once_ = 16;
    all.set_ids(std::move(ids));
    return all;
}

WORK_DECL acted_ids acted_ids::look(std::vector<std::string> ids)
{
    acted_ids all;
    all.verb_ = "look";
    all.set_ids(std::move(ids));
    return all;
}

WORK_DECL acted_ids acted_ids::follow(std::vector<std::string> ids, std::string follower)
{
    acted_ids all;
    all.verb_ = "follow";
    for (detail::state_letter const& s : detail::state_letters) {
        if (!work::detail::ended_states.contains(s.state))
            all.states_ += s.letter;
    }
    all.text_ = std::move(follower);
    all.set_ids(std::move(ids));
    return all;
}

WORK_DECL void acted_ids::set_ids(std::vector<std::string> ids)
{
    ids_ = std::move(ids);
    results_.resize(ids_.size());
    for (std::size_t i = 0; i != ids_.size(); ++i)
        open_.push_back(i);
}

WORK_DECL void acted_ids::encode(redis::script_call& out)
{
    asked_ = std::min(at_once_, open_.size());
    out.arg(std::string_view(cursor_));
    out.arg(verb_);
    out.arg(std::string_view(states_));
    out.arg(seen_ms_);
    out.arg(std::string_view(version_));
    out.arg(std::string_view(text_));
    out.arg(std::string_view(note_));
    for (std::size_t i = 0; i != asked_; ++i)
        out.arg(std::string_view(ids_[open_[i]]));
}

WORK_DECL void acted_ids::hear(redis::reply const& reply)
{
    std::string_view const codes = reply[0].text();
    std::string_view const states = reply[3].text();
    if (codes.size() != asked_ || states.size() != asked_)
        throw error(errc::protocol, "the broker answered for another number of jobs than asked");
    std::string const before = std::exchange(cursor_, std::string(reply[2].text()));
    std::vector<std::size_t> again;
    for (std::size_t i = 0; i != asked_; ++i) {
        if (codes[i] == '?')
            again.push_back(open_[i]);
        else
            results_[open_[i]] =
                admin_result{static_cast<admin_code>(codes[i]), detail::state_of(states[i])};
    }
    if (again.empty())
        cursor_ = "0";
    else if (cursor_ == before)
        throw error(errc::protocol, "the broker asks to be asked again, and does not go on");
    // The rest waits until these are placed: the cursor is theirs.
    open_.erase(open_.begin(), open_.begin() + static_cast<std::ptrdiff_t>(asked_));
    asked_ = 0;
    if (!again.empty()) {
        pending_.insert(pending_.end(), open_.begin(), open_.end());
        open_ = std::move(again);
    } else if (open_.empty()) {
        open_ = std::exchange(pending_, {});
    }
}

}  // namespace work::redis_codec
