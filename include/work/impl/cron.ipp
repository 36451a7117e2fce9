// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client/client_core.hpp>
#include <work/cron.hpp>
#include <work/error.hpp>
#include <work/values/nearest.hpp>
#include <work/values/tag_word.hpp>

#include <work/impl/cron_plan.hpp>
#include <work/impl/cron_scheduler.hpp>
#include <work/impl/kept_operation.hpp>

#include <algorithm>
#include <utility>

namespace work {
namespace detail {

inline void check_cron_name(std::string_view name)
{
    bool const good =
        !name.empty() && name.size() <= 100 && std::all_of(name.begin(), name.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                   c == '.' || c == '_' || c == '-';
        });
    if (!good)
        throw error(
            errc::invalid_name,
            "a cron entry can't be called " + quote(name) + ": give it 1 to 100 of [A-Za-z0-9._-]"
        );
}

// What is known of entries that can't be used here is shown nevertheless.
inline cron_entry shown_cron(cron_record const& record, std::int64_t now_ms)
{
    cron_entry entry;
    entry.name = record.name;
    entry.paused = record.paused_ms != 0;
    entry.paused_ms = record.paused_ms;
    entry.next_ms = record.next_ms;
    entry.fired_ms = record.fired_ms;
    entry.last_job = record.last_job;
    entry.revision = record.revision;
    try {
        auto const line = record.text.find('\n');
        if (auto const said = decode_record<cron_text>(record.text.substr(0, line), "entry")) {
            entry.spec = said->spec;
            entry.zone = said->zone;
            entry.missed = said->missed;
            entry.most_missed = said->most_missed;
            entry.overlap = said->overlap;
        }
        std::string const envelope = line == record.text.npos ? "" : record.text.substr(line + 1);
        if (auto const job = decode_envelope(envelope)) {
            queue_info list = queue_of_list(std::string(job->list));
            entry.job = std::move(list.name);
            entry.queue = std::move(list.queue);
            if (is_json(job->options))
                entry.options.text = job->options;
            entry.args = sanitized_utf8(job->args, job->args.size() * 3);
        }
        cron_plan const plan = cron_plan::read(record);
        entry.words = plan.schedule.describe();
        std::int64_t at = record.next_ms != 0 ? record.next_ms : plan.next_ms(now_ms);
        for (; at != 0 && entry.upcoming.size() < 5; at = plan.next_ms(at))
            entry.upcoming.push_back(at);
    } catch (std::exception const& e) {
        entry.fault = e.what();
    }
    return entry;
}

struct kept_fire
{
    std::int64_t at_ms = 0;
    std::string code;
    std::int64_t due_ms = 0;
    std::string job;
    std::int64_t jobs = 0;
    std::int64_t missed = 0;
    std::string by;
};
BOOST_DESCRIBE_STRUCT(kept_fire, (), (at_ms, code, due_ms, job, jobs, missed, by))

inline cron_fired shown_fire(kept_fire const& kept)
{
    cron_fired fired;
    fired.at_ms = kept.at_ms;
    fired.due_ms = kept.due_ms;
    fired.end = kept.code == "o"   ? cron_end::overlapped
                : kept.code == "p" ? cron_end::known
                                   : cron_end::fired;
    bool const none = fired.end == cron_end::overlapped;
    fired.job = none ? "" : kept.job;
    fired.jobs = none ? 0 : kept.jobs;
    fired.missed = kept.missed;
    fired.by = kept.by;
    return fired;
}

/// What one call asks for, and what is known of the entry.
struct cron_call
{
    std::shared_ptr<client_core> core;
    std::string name;
    std::string by;

    task<cron_details> look() const
    {
        std::string asked = name;
        return core->broker->cron(std::move(asked));
    }

    task<void> tell(std::string action, bool done) const
    {
        audit_entry entry;
        entry.by = by;
        entry.action = std::move(action);
        entry.what = "cron " + name;
        entry.asked = 1;
        entry.done = done ? 1 : 0;
        return tell_audit(core, std::move(entry));
    }

    /// Errors: errc::invalid_name
    static task<cron_details> there(cron_call call)
    {
        cron_details details = co_await call.look();
        if (!details.record) {
            std::vector<cron_record> const all = co_await call.core->broker->crons();
            std::vector<std::string_view> names;
            for (cron_record const& one : all)
                names.push_back(one.name);
            throw error(
                errc::invalid_name,
                "there is no cron entry " + quote(call.name) + did_you_mean(call.name, names) +
                    (names.empty() ? "; there is none at all" : "")
            );
        }
        co_return details;
    }
};

inline cron_change change_of(std::string const& name, std::optional<cron_record> const& seen)
{
    cron_change change;
    change.name = name;
    if (seen) {
        change.seen_revision = seen->revision;
        change.seen_next_ms = seen->next_ms;
        change.next_ms = seen->next_ms;
        change.paused_ms = seen->paused_ms;
        change.text = seen->text;
    }
    return change;
}

inline cron_plan plan_of(
    std::string const& spec,
    new_job const& job,
    cron_options const& options,
    std::size_t max_payload
)
{
    if (options.most_missed < 1 || options.most_missed > most_missed_at_once)
        throw error(
            errc::invalid_option,
            "cron_options::most_missed is " + std::to_string(options.most_missed) +
                ", it must be 1 to " + std::to_string(most_missed_at_once)
        );
    if (job.list.empty())
        throw error(errc::invalid_name, "an empty work::new_job can't be enqueued: use work::make");
    if (job.chosen_id || job.at_ms > 0 || job.delay_ms > 0)
        throw error(
            errc::invalid_option,
            job.name() + " can't be a cron entry's with " +
                (job.chosen_id ? "an id of its own" : "a time of its own") +
                ": the entry gives both to each job; leave it away"
        );
    std::size_t const most = std::min(largest_cron_job, max_payload);
    if (job.envelope.size() > most)
        throw error(
            errc::payload_too_large,
            job.name() + ": with its options it is " + std::to_string(job.envelope.size()) +
                " bytes, a cron entry may have " + std::to_string(most) +
                "; store its arguments elsewhere and pass a reference"
        );
    auto view = decode_envelope(job.envelope);
    if (!view)
        throw error(errc::unreadable, "the job can't be read: " + view.error());
    view->flags |= envelope_flags::chosen_id;
    view->flags &= ~envelope_flags::holds;
    view->created_ms = 0;
    new_job unique = job;
    unique.envelope.clear();
    append_envelope(unique.envelope, *view);
    if (auto const own = decode_options(view->options))
        write_tags(unique.envelope, own->tags);
    unique.lock = job_lock();
    write_lock(unique);
    cron_text said;
    said.spec = trimmed(spec);
    said.zone = options.zone;
    said.missed = options.missed;
    said.most_missed = options.most_missed;
    said.overlap = options.overlap;
    if (!unique.lock.key.empty()) {
        job_lock const& lock = unique.lock;
        said.lock = cron_lock{lock.key, std::string(1, lock.mode), lock.time_ms, lock.on_conflict};
    }
    return cron_plan(std::move(said), std::move(unique.envelope));
}

inline task<cron_put> put_cron(cron_call call, cron_plan plan, bool paused)
{
    std::string const text = plan.text();
    for (;;) {
        cron_details const seen = co_await call.look();
        if (seen.record && seen.record->text == text)
            co_return cron_put::unchanged;
        cron_change change = change_of(call.name, seen.record);
        bool same_times = false;
        if (seen.record) {
            auto const before = decode_record<cron_text>(
                seen.record->text.substr(0, seen.record->text.find('\n')),
                "entry"
            );
            same_times = before && before->spec == plan.said.spec && before->zone == plan.said.zone;
        } else if (paused) {
            change.paused_ms = -1;
        }
        change.text = text;
        std::int64_t const next = plan.next_ms(seen.now_ms);
        if (next == 0)
            throw error(
                errc::invalid_option,
                "the cron spec " + quote(plan.said.spec) + " is never due in " + plan.said.zone +
                    ": each of its times is left out when clocks are put forward; give another"
            );
        if (change.paused_ms == 0 && !(same_times && change.next_ms != 0))
            change.next_ms = next;
        cron_answer const answer = co_await call.core->broker->change_cron(std::move(change));
        if (answer.code == cron_code::moved_on)
            continue;
        if (answer.code == cron_code::too_many)
            throw error(
                errc::too_many,
                "there are " + std::to_string(policy::most_crons) +
                    " cron entries, which is as many as there may be; delete some"
            );
        co_await call.tell("put", true);
        if (seen.record)
            co_return cron_put::changed;
        co_return cron_put::created;
    }
}

inline task<std::vector<cron_entry>> list_crons(std::shared_ptr<client_core> core)
{
    std::int64_t const now = co_await core->broker->ask_now_ms();
    std::vector<cron_record> const records = co_await core->broker->crons();
    std::vector<cron_entry> all;
    for (cron_record const& record : records)
        all.push_back(shown_cron(record, now));
    std::sort(all.begin(), all.end(), [](cron_entry const& a, cron_entry const& b) {
        return a.name < b.name;
    });
    co_return all;
}

inline task<std::optional<cron_entry>> get_cron(cron_call call)
{
    cron_details const details = co_await call.look();
    std::optional<cron_entry> entry;
    if (details.record)
        entry = shown_cron(*details.record, details.now_ms);
    co_return entry;
}

inline task<std::vector<cron_fired>> cron_history(cron_call call)
{
    cron_details const details = co_await cron_call::there(call);
    std::vector<cron_fired> all;
    for (std::string const& line : details.fires)
        if (auto const kept = decode_record<kept_fire>(line, "fire"))
            all.push_back(shown_fire(*kept));
    co_return all;
}

inline task<bool> remove_cron(cron_call call)
{
    for (;;) {
        cron_details const seen = co_await call.look();
        if (!seen.record)
            co_return false;
        cron_change change = change_of(call.name, seen.record);
        change.remove = true;
        cron_answer const answer = co_await call.core->broker->change_cron(std::move(change));
        if (answer.code == cron_code::moved_on)
            continue;
        co_await call.tell("delete", true);
        co_return true;
    }
}

inline task<admin_code> pause_cron(cron_call call, bool pause)
{
    for (;;) {
        cron_details const seen = co_await cron_call::there(call);
        if ((seen.record->paused_ms != 0) == pause)
            co_return admin_code::already;
        cron_change change = change_of(call.name, seen.record);
        change.paused_ms = pause ? -1 : 0;
        change.next_ms = pause ? 0 : cron_plan::read(*seen.record).next_ms(seen.now_ms);
        cron_answer const answer = co_await call.core->broker->change_cron(std::move(change));
        if (answer.code == cron_code::moved_on)
            continue;
        std::string verb = pause ? "pause" : "resume";
        co_await call.tell(std::move(verb), true);
        co_return admin_code::done;
    }
}

inline task<std::string> trigger_cron(cron_call call)
{
    for (;;) {
        cron_details const seen = co_await cron_call::there(call);
        cron_plan const plan = cron_plan::read(*seen.record);
        cron_fire fire;
        fire.name = call.name;
        fire.seen_revision = seen.record->revision;
        fire.seen_next_ms = seen.record->next_ms;
        fire.next_ms = seen.record->next_ms;
        std::string id = "cron:" + call.name + ":now:" + call.core->next_id(seen.now_ms).str();
        fire.job = id;
        fire.jobs.push_back(plan.job(id, seen.now_ms));
        fire.text = ",\"due_ms\":0,\"job\":";
        append_json_string(fire.text, id);
        fire.text += ",\"jobs\":1,\"missed\":0,\"by\":";
        append_json_string(fire.text, sanitized_utf8(call.by, 128));
        fire.text += "}";
        cron_answer const answer = co_await call.core->broker->fire_cron(std::move(fire));
        if (answer.code == cron_code::moved_on)
            continue;
        co_await call.tell("run", true);
        co_return id;
    }
}

}  // namespace detail

WORK_DECL cron::cron(client& of)
    : core_(of.core()),
      scheduler_(std::make_shared<detail::cron_scheduler>(core_))
{}

WORK_DECL task<cron_put> cron::put(
    std::string name,
    std::string spec,
    new_job job,
    cron_options options
)
{
    detail::check_cron_name(name);
    if (job.type != nullptr)
        core_->names.claim(*job.type);
    detail::cron_plan plan = detail::plan_of(spec, job, options, core_->options.max_payload);
    detail::cron_call call{core_, std::move(name), std::string(options.by)};
    return core_->here(detail::put_cron(std::move(call), std::move(plan), options.paused));
}

WORK_DECL task<std::vector<cron_entry>> cron::list()
{
    return core_->here(detail::list_crons(core_));
}

WORK_DECL task<std::optional<cron_entry>> cron::get(std::string name)
{
    detail::check_cron_name(name);
    return core_->here(detail::get_cron(detail::cron_call{core_, std::move(name), {}}));
}

WORK_DECL task<std::vector<cron_fired>> cron::history(std::string name)
{
    detail::check_cron_name(name);
    return core_->here(detail::cron_history(detail::cron_call{core_, std::move(name), {}}));
}

WORK_DECL task<bool> cron::remove(std::string name, std::string by)
{
    detail::check_cron_name(name);
    detail::cron_call call{core_, std::move(name), std::move(by)};
    return core_->here(detail::remove_cron(std::move(call)));
}

WORK_DECL task<admin_code> cron::pause(std::string name, std::string by)
{
    detail::check_cron_name(name);
    detail::cron_call call{core_, std::move(name), std::move(by)};
    return core_->here(detail::pause_cron(std::move(call), true));
}

WORK_DECL task<admin_code> cron::resume(std::string name, std::string by)
{
    detail::check_cron_name(name);
    detail::cron_call call{core_, std::move(name), std::move(by)};
    return core_->here(detail::pause_cron(std::move(call), false));
}

WORK_DECL task<std::string> cron::trigger(std::string name, std::string by)
{
    detail::check_cron_name(name);
    detail::cron_call call{core_, std::move(name), std::move(by)};
    return core_->here(detail::trigger_cron(std::move(call)));
}

WORK_DECL task<void> cron::run()
{
    return core_->here(detail::cron_scheduler::run(scheduler_));
}

WORK_DECL task<std::size_t> cron::fire_due()
{
    return core_->here(detail::cron_scheduler::fire_due(scheduler_));
}

WORK_DECL void cron::stop()
{
    core_->soon([scheduler = scheduler_] { scheduler->stop(); });
}

WORK_DECL std::function<task<void>()> cron::duty() const
{
    return [core = core_, scheduler = scheduler_] {
        return core->here(detail::cron_scheduler::run(scheduler));
    };
}

}  // namespace work
