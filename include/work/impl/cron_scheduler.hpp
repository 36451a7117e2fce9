// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client/client_core.hpp>
#include <work/error.hpp>
#include <work/log.hpp>
#include <work/pool/wakeable.hpp>

#include <work/impl/cron_plan.hpp>

#include <algorithm>
#include <chrono>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace work::detail {

/// Fires what is due: as often as it is told, or until it is stopped. Lives on the client's
/// executor.
///
/// It keeps nothing that matters: who finds an entry due works out from the entry alone what is to
/// be enqueued, and the broker lets one of them do it. So any number may, and any of them may die.
class cron_scheduler : public std::enable_shared_from_this<cron_scheduler>
{
public:
    using clock = std::chrono::steady_clock;

    explicit cron_scheduler(std::shared_ptr<client_core> core) : core_(std::move(core)) {}

    static task<void> run(std::shared_ptr<cron_scheduler> self)
    {
        auto const nap = std::make_shared<wakeable>(self->core_->executor);
        auto const listed = self->naps_.insert(self->naps_.end(), nap);
        std::int64_t const begun = self->stops_;
        // However this ends.
        struct leaves
        {
            ~leaves() { self->naps_.erase(nap); }
            std::shared_ptr<cron_scheduler> self;
            std::list<std::shared_ptr<wakeable>>::iterator nap;
        } const at_end{self, listed};
        while (self->stops_ == begun) {
            std::chrono::milliseconds const pause = co_await look(self);
            if (self->stops_ == begun)
                co_await nap->sleep_until(clock::now() + pause);
        }
    }

    void stop()
    {
        ++stops_;
        for (auto const& nap : naps_)
            nap->wake();
    }

    /// How many entries were due.
    static task<std::size_t> fire_due(std::shared_ptr<cron_scheduler> self)
    {
        std::size_t done = 0;
        for (;;) {
            round const went = co_await fire_some(self);
            done += went.fired;
            if (went.met < at_once)
                co_return done;
        }
    }

private:
    static constexpr std::size_t at_once = 256;
    static constexpr std::chrono::milliseconds longest_nap{1'000};

    struct round
    {
        std::size_t met = 0;    // due, and to be used here
        std::size_t fired = 0;  // by this one
        std::chrono::milliseconds pause{0};
    };

    // One look, and how long to wait for the next one. A broker that is away is told of once.
    static task<std::chrono::milliseconds> look(std::shared_ptr<cron_scheduler> self)
    {
        std::string trouble;
        round went;
        try {
            went = co_await fire_some(self);
        } catch (error const& failure) {
            if (failure.code() == errc::closed || failure.code() == errc::forked)
                throw;
            trouble = failure.what();
        }
        if (trouble.empty()) {
            self->told_.clear();
            co_return went.pause;
        }
        if (trouble != self->told_ && !self->core_->broker->ailing())
            self->log(log_level::warning, "cron entries can't be fired: " + trouble);
        self->told_ = std::move(trouble);
        co_return longest_nap;
    }

    static task<round> fire_some(std::shared_ptr<cron_scheduler> self)
    {
        // Those that can't be used here stay due, and stand in front of the others.
        due_crons const found =
            co_await self->core_->broker->ask_due_crons(at_once + self->useless_.size());
        round went;
        std::map<std::string, std::int64_t> useless;
        for (cron_record const& record : found.due) {
            auto const known = self->useless_.find(record.name);
            bool const told = known != self->useless_.end() && known->second == record.revision;
            std::string fault;
            cron_fire fire;
            try {
                fire = fire_of(record, found.now_ms);
            } catch (std::exception const& e) {
                fault = e.what();
            }
            if (!fault.empty()) {
                useless[record.name] = record.revision;
                if (!told)
                    self->log(
                        log_level::error,
                        "the cron entry " + record.name + " is due, and can't be used: " + fault
                    );
                continue;
            }
            ++went.met;
            cron_answer const answer = co_await self->core_->broker->fire_cron(std::move(fire));
            went.fired += answer.code != cron_code::moved_on ? 1 : 0;
        }
        self->useless_ = std::move(useless);
        went.pause = longest_nap;
        if (went.met > 0)
            went.pause = std::chrono::milliseconds(0);
        else if (found.next_ms > 0)
            went.pause = std::clamp(
                std::chrono::milliseconds(found.next_ms - found.now_ms),
                std::chrono::milliseconds(1),
                longest_nap
            );
        co_return went;
    }

    // The same, whoever works it out.
    static cron_fire fire_of(cron_record const& record, std::int64_t now_ms)
    {
        cron_plan const plan = cron_plan::read(record);
        cron_turn const turn = turn_of(plan, record.next_ms, now_ms);
        cron_fire fire;
        fire.name = record.name;
        fire.seen_revision = record.revision;
        fire.seen_next_ms = record.next_ms;
        fire.next_ms = turn.next;
        fire.unless_live = plan.said.overlap == overlap::skip;
        for (std::int64_t const at : turn.fire)
            fire.jobs.push_back(plan.job(cron_job_id(record.name, at), now_ms));
        if (!fire.jobs.empty())
            fire.job = fire.jobs.back().id;
        fire.text = ",\"due_ms\":" + std::to_string(turn.last) + ",\"job\":";
        append_json_string(fire.text, fire.job);
        fire.text += ",\"jobs\":" + std::to_string(fire.jobs.size()) +
                     ",\"missed\":" + std::to_string(turn.missed) + ",\"by\":\"\"}";
        return fire;
    }

    void log(log_level level, std::string const& line) const
    {
        if (core_->options.logger)
            core_->options.logger(level, line);
    }

    std::shared_ptr<client_core> core_;
    std::list<std::shared_ptr<wakeable>> naps_;
    std::int64_t stops_ = 0;
    std::map<std::string, std::int64_t> useless_;  // by revision; each was told of
    std::string told_;
};

}  // namespace work::detail
