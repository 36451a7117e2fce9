// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/history_writer.hpp>

#include <exception>
#include <utility>

namespace work::detail {

WORK_DECL void history_writer::add(std::vector<history_row> rows, std::int64_t now_ms)
{
    if (rows.empty())
        return;
    constexpr std::int64_t length = length_ms(history_step::minute);
    if (minutes_.empty() || minutes_.back().at_ms / length != now_ms / length)
        minutes_.emplace_back();
    minute& last = minutes_.back();
    last.at_ms = now_ms;
    for (history_row& row : rows) {
        auto const [found, made] = last.rows.try_emplace(std::move(row.list));
        found->second.add(row.counts);
        rows_ += made;
    }
    while (rows_ > most_waiting && minutes_.size() > 1) {
        minute const oldest = std::move(minutes_.front());
        minutes_.pop_front();
        for (auto const& [list, counts] : oldest.rows) {
            auto const [found, made] = minutes_.front().rows.try_emplace(list);
            found->second.add(counts);
            rows_ -= !made;
        }
    }
}

WORK_DECL bool history_writer::next()
{
    if (sent_ && clock::now() - sent_at_ > repeated_for)
        sent_.reset();
    if (sent_)
        return true;
    if (minutes_.empty())
        return false;
    minute& first = minutes_.front();
    history_write& what = sent_.emplace();
    what.writer = writer_;
    what.number = ++number_;
    what.at_ms = first.at_ms;
    while (!first.rows.empty() && what.rows.size() != history_write::most_rows) {
        auto row = first.rows.extract(first.rows.begin());
        what.rows.push_back(history_row{std::move(row.key()), row.mapped()});
    }
    rows_ -= what.rows.size();
    if (first.rows.empty())
        minutes_.pop_front();
    sent_at_ = clock::now();
    return true;
}

WORK_DECL task<bool> history_writer::write(std::chrono::milliseconds deadline)
{
    if (writing_)
        co_return false;
    turn const mine(writing_);
    clock::time_point const until = clock::now() + deadline;
    while (next()) {
        auto const left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - clock::now());
        if (left <= std::chrono::milliseconds(0))
            co_return false;
        history_write what = *sent_;
        what.deadline_ms = left.count();
        try {
            co_await to_.write_history(std::move(what));
        } catch (std::exception const&) {
            co_return false;
        }
        sent_.reset();
    }
    co_return true;
}

}  // namespace work::detail
