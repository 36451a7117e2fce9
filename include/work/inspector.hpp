// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/audit.hpp>
#include <work/broker/admin.hpp>
#include <work/broker/pause.hpp>
#include <work/build_config.hpp>
#include <work/client.hpp>
#include <work/diagnosis.hpp>
#include <work/explanation.hpp>
#include <work/failure_groups.hpp>
#include <work/flow_info.hpp>
#include <work/job_change.hpp>
#include <work/job_info.hpp>
#include <work/job_page.hpp>
#include <work/job_stats.hpp>
#include <work/operation.hpp>
#include <work/queue_removal.hpp>
#include <work/task.hpp>
#include <work/tracked_job.hpp>
#include <work/values/job_gift.hpp>
#include <work/values/job_log.hpp>
#include <work/values/pool_info.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace work {

/// How something is paused. The texts are copied by the call.
///
///     co_await inspector.pause(work::pause_kind::queue, "billing", {.lasting = 1h});
struct pause_options
{
    /// After that it goes on by itself, once any pool looks; 0: only `resume` ends it. At most 365
    /// days.
    std::chrono::milliseconds lasting{0};
    std::string_view reason{};  ///< the first 200 bytes are kept
    std::string_view by{};      ///< who wants it; the first 128
};

/// What an action on jobs may touch, and what is told of it. The texts are copied by the call.
///
///     co_await inspector.requeue(ids, {.only = {work::job_state::dead}, .seen_ms = seen});
struct admin_options
{
    /// Jobs in other states are left alone and answered with `moved_on`; empty: all states that the
    /// action is for.
    job_states only{};
    /// Likewise those that came into their state after that time of the broker's clock: dead,
    /// completed, cancelled and set-aside ones by their end, retrying ones by their last failure,
    /// others by their creation. 0: whenever.
    std::int64_t seen_ms = 0;
    /// Only as it was seen, `job_info::version`: for one job. "": whatever is there.
    std::string_view version{};
    std::string_view reason{};  ///< of `cancel` and `kill`; the first 512 bytes are kept
    std::string_view by{};      ///< who wants it, likewise
};

/// Sees and steers what a broker keeps.
///
/// Functions that act on jobs take their ids and answer an `admin_result` for each, in their order:
/// what became of it, and in which state it was found. Each job is looked at in the moment in which
/// it is acted on. How many there may be is not limited, they are sent in parts.
///
/// What is asked for with a `by` stands in the audit as soon as it is done (LPUSH and LTRIM more).
///
/// \par Errors        errc::unavailable: nothing of it was done, it may go better later;
///                    errc::outcome_unknown: the answer did not come within 10 s; all of it may be
///                    repeated; errc::refused, errc::closed, errc::forked
/// \par Cancellation  terminal ends a call with operation_aborted; what it was to change may be
///                    changed nevertheless.
/// \par Thread safety as its client
class inspector
{
public:
    WORK_DECL explicit inspector(client& of);

    /// One job: where it is, since when, its record, progress and failures. Of a job that never
    /// was, or is kept no longer, the state is `unknown`.
    /// \par Redis one short script; one more for every 64 claims of more than 32 jobs that are open
    WORK_DECL task<job_info> job(std::string id);
    /// What is kept of what its handlers logged with `context::log`; empty when it is not known.
    /// \par Redis LRANGE of at most 100 lines
    WORK_DECL task<job_log> logs(std::string id);
    /// Why it does not run now, or what became of it: its state, pauses, pools with a handler for
    /// it, and how many are before it. What it says was true at moments one after the other.
    /// \par Redis as `job`; while it waits also as `pauses` and `pools`; while it is pending, at
    ///            most 10 reads of 100 jobs of its list
    WORK_DECL task<explanation> explain(std::string id);
    /// Jobs that are asked for, state by state and there in their order (`look_request`), newest
    /// ends and oldest waits first. Looks at no more than `how.scan` jobs, and says how many it
    /// looked at: what was not looked at may match as well, so a page with few rows or none and a
    /// `next` is not the last one. What moves meanwhile may be left out, or met twice.
    ///
    ///     auto const dead = co_await inspector.find({.states = {work::job_state::dead}});
    ///
    /// \par Errors also errc::invalid_option: a value out of its range, or another filter's cursor
    /// \par Redis in short reads of at most 100 jobs, 2 to 4 commands a job; where pending jobs are
    ///            looked for O(lists), active ones O(claims)
    WORK_DECL task<job_page> find(job_filter filter, page how = {});
    /// How many jobs a filter finds, and the first five of them. Looks at no more than `scan` jobs,
    /// 1 to 1 000 000, and says whether those were all.
    /// \par Errors also errc::invalid_option
    /// \par Redis as `find`
    WORK_DECL task<job_count> count(job_filter filter, std::int64_t scan = 10'000);
    /// What failed, by the type of the last failure or by name: how often, when first and last, and
    /// one of them. Retrying and dead jobs, newest first, as far as `how.scan` goes.
    /// \par Errors also errc::invalid_option
    /// \par Redis as `find`: nothing is counted while jobs fail
    WORK_DECL task<failure_groups> failures(failure_query how = {});
    /// How much there is, by state and by list.
    /// \par Redis O(lists) + O(active jobs), in short calls
    WORK_DECL task<broker_counts> counts();
    /// What was done and what failed, and how long jobs waited and ran, period by period, of all
    /// jobs, of a name, of a queue. Pools add to it with their heartbeats.
    /// \par Errors also errc::invalid_option: a range or step that is not kept, errc::invalid_name
    /// \par Redis a key a period: MGET of 256 at a time, 0.1 ms each; of a name as many for each
    ///            of its queues
    WORK_DECL task<job_stats> stats(stats_query what = {});
    /// The same of each name, in sum over the range, which begins with a whole period: those of
    /// which most was done or failed, at most `limit`. What there was no room for
    /// (`policy::history_lists`) is there as `other`.
    /// \par Errors also errc::invalid_option
    /// \par Redis likewise, with 7 to 91 keys for each list that was written in the range: of 500
    ///            lists 2 ms in all for an hour, 22 ms for 90 days
    WORK_DECL task<all_named_stats> name_stats(
        std::chrono::milliseconds range = std::chrono::hours(1),
        int limit = 500
    );
    /// What is paused: since when and until when, by whom and why.
    /// \par Redis HGETALL of as many fields as there are pauses
    WORK_DECL task<std::vector<pause_info>> pauses();
    /// The pools that showed a sign of life in the last 15 s, or three of their heartbeats, by id.
    /// One whose status can't be read has its id and a `trouble`.
    /// \par Redis SMEMBERS and one MGET: O(pools)
    WORK_DECL task<std::vector<pool_info>> pools();
    /// How the broker does, and whether requests wait for it or for this process. One that is away
    /// is a verdict, within 3 s, and no error. `clients`: also what connections are for, where
    /// there are not more than 1 000.
    /// \par Errors only errc::closed, errc::forked
    /// \par Redis  INFO of seven sections, about 0.2 ms; a few PING where little was sent lately
    WORK_DECL task<broker_info> broker(bool clients = true);
    /// When the first job that waits for a time is due, in ms of the broker's clock; 0: none does.
    /// What is due for long was not seen by any pool.
    /// \par Redis as `find` for two jobs
    WORK_DECL task<std::int64_t> first_due_ms();
    /// Looks for what is wrong, check by check: `doctor_checks`. With `repair` it puts strays back
    /// as `take_back` does.
    /// \par Redis as `broker`, `counts`, `pools` and `client::check`; `strays` as the function
    WORK_DECL task<diagnosis> doctor(doctor_options how = {});
    /// Looks for strays and puts them back as `doctor` does, as an operation that others see and
    /// may stop: of the options `id`, `by`, `reason` and `watch` are used. `matched` are those that
    /// were found, `done` those that were put back, `already` those that were in no place only
    /// while it looked.
    /// \par Errors also errc::invalid_option: an id that can't be one
    /// \par Redis  as `strays` and `take_back`
    WORK_DECL task<operation_info> repair(operation_options how = {});
    /// Pauses a queue, or the jobs of a name in every queue: they stay where they are, and what is
    /// enqueued, falls due or comes back waits with them. What runs goes on. It holds for queues
    /// and names that were never used, too. Of what is paused already it changes end, reason and
    /// who wants it, not when it began: `already`.
    /// \par Errors also errc::invalid_name; errc::invalid_option: less than 0, or too long a time
    /// \par Redis a script for 64 lists there are, with 3 commands for each that it shuts; new
    ///            lists are shut from the first
    WORK_DECL task<pause_result> pause(
        pause_kind kind,
        std::string name,
        pause_options options = {}
    );
    /// Lets it go on; `already`: it was not paused. A list that another pause holds stays so.
    /// \par Errors also errc::invalid_name
    /// \par Redis likewise, with 5 commands for each list that it opens
    WORK_DECL task<admin_code> resume(pause_kind kind, std::string name, std::string_view by = {});
    /// Tells a pool, wherever it runs, to claim nothing any more (`quiet`), to claim again
    /// (`resume`), or to end as `worker_pool::stop` does (`stop`). It hears of it at once when it
    /// waits, else with its next exchange, at most a third of a lease later; until then it is given
    /// no job. The last word counts. `grace_ms` of a stop is in the place of `pool_options::grace`;
    /// told to one that stops already, it may only make that shorter. `already`: it was told so;
    /// `gone`: there is no such pool.
    /// \par Errors also errc::invalid_option: no id
    /// \par Redis one script, 5 commands
    WORK_DECL task<admin_code> order(std::string pool, told_order what, std::string_view by = {});
    /// Forgets a queue that is empty and for which no living pool has handlers: its row in
    /// `counts`, its pause and its histories. What was done in it stays in the totals, and what is
    /// kept of its jobs as long as it is kept. A job that is stored there later makes it anew.
    /// `active`: it is in use, and nothing was changed.
    /// \par Errors also errc::invalid_name
    /// \par Redis as `counts`, `pools`, and `count` of a million jobs at most; then 6 commands for
    ///            each 64 of its lists, and DEL of 834 keys for each that has a history
    WORK_DECL task<queue_removal> remove_queue(std::string queue, std::string_view by = {});
    /// Jobs that may still run are not to: scheduled, pending, suspect, retrying, active ones. What
    /// is kept of one says who did it and why. The handler of one that runs is cancelled as soon as
    /// its pool hears of it, at most a third of a lease later; the job stays active until it has
    /// returned. A completion wins; what would run it again ends it. `already`: it was told before.
    /// \par Redis a script for 64 of them, about 20 commands a job
    WORK_DECL task<std::vector<admin_result>> cancel(
        std::vector<std::string> ids,
        admin_options options = {}
    );
    /// Makes dead, retrying or scheduled jobs pending now, at the end of their lists. Dead ones
    /// start over with attempt 1. Brings set-aside records back that can be read again. `active`
    /// and `already`: it runs, or is pending, and nothing changed.
    /// \par Redis a script for 64 of them, about 10 commands a job
    WORK_DECL task<std::vector<admin_result>> requeue(
        std::vector<std::string> ids,
        admin_options options = {}
    );
    /// Makes jobs dead that are not: no attempt is counted, and the last failure is of the type
    /// `killed`. One that runs is told, and ends, as by `cancel`.
    /// \par Redis a script for 64 of them, about 15 commands a job
    WORK_DECL task<std::vector<admin_result>> kill(
        std::vector<std::string> ids,
        admin_options options = {}
    );
    /// Drops the records of jobs that will not run: dead, completed, cancelled, set aside. It is
    /// `delete` in the command line: in C++ that is a keyword.
    /// \par Redis a script for 64 of them, about 10 commands a job
    WORK_DECL task<std::vector<admin_result>> remove(
        std::vector<std::string> ids,
        admin_options options = {}
    );
    /// Moves jobs into another queue, "": that of their own name. Pending ones go to the end there;
    /// scheduled, retrying and dead ones come there when they are due, or requeued. `active`: it
    /// runs, and nothing changed.
    /// \par Errors errc::invalid_name: that can't be a queue's name
    /// \par Redis a script for 64 of them, about 10 commands a job
    WORK_DECL task<std::vector<admin_result>> move(
        std::vector<std::string> ids,
        std::string queue,
        admin_options options = {}
    );
    /// Changes a waiting, scheduled, pending, retrying or dead job: arguments, queue, priority,
    /// options, its time. A pending one that gets another queue or priority goes to the end there.
    /// `moved_on`: it is in another state, or was changed since the `version` that was seen;
    /// nothing was changed.
    /// \par Errors also errc::invalid_option, errc::invalid_arguments, errc::invalid_name,
    ///             errc::payload_too_large: it says what can't be so
    /// \par Redis two short scripts
    WORK_DECL task<admin_result> edit(std::string id, job_change change);
    /// Acts on all jobs that a filter finds, in parts of 100, and leaves the broker to others for
    /// as long as each took. What came into its state after it began is left alone. It is kept for
    /// a day, so that `operations` shows it everywhere. Who called runs it: should that process
    /// end, it is `interrupted`, and may be started again.
    ///
    /// That the broker fails meanwhile is no exception: the state is `failed`, with its `trouble`.
    /// \par Errors        errc::invalid_option: a filter that asks for nothing, without `all`;
    ///                    states that the action is not for; a number out of its range
    /// \par Cancellation  terminal: what was begun stays done
    /// \par Redis         `find` and the action itself, and 5 commands for each 100 jobs
    WORK_DECL task<operation_info> act_on_all(
        admin_action action,
        job_filter filter,
        operation_options how = {}
    );
    /// Those of the last day, newest first, at most 200 that ended.
    /// \par Redis HGETALL
    WORK_DECL task<std::vector<operation_info>> operations();
    /// It stops behind the part that is under way. `already`: somebody said so, or it has ended;
    /// `gone`: there is no such operation.
    /// \par Redis 3 commands
    WORK_DECL task<admin_code> stop_operation(std::string id);
    /// What people did, newest first: whatever was asked of this class with a `by`, by any program.
    /// 10 000 lines are kept. What is written meanwhile moves the others on: a line may be met
    /// twice, none is left out.
    /// \par Errors also errc::invalid_option: less than 0, a count that is not 1 to 1000
    /// \par Redis LRANGE
    WORK_DECL task<audit_page> audit(std::int64_t from = 0, int count = 50);
    /// Flows, those that were begun last first, after so many.
    /// \par Errors also errc::invalid_option: less than 0, a count that is not 1 to 1000
    /// \par Redis ZREVRANGE, and HMGET for each; TIME
    WORK_DECL task<flow_page> flows(std::int64_t from = 0, int count = 50);
    /// A flow with its jobs, and in which states they are; its own state is `unknown` where there
    /// is none of that id, or it is kept no longer. What moves meanwhile may be seen before or
    /// after that.
    /// \par Errors also errc::invalid_id
    /// \par Redis HSCAN by 512 of its jobs, and a script for 64 of those that have not ended
    WORK_DECL task<flow_details> flow(std::string id);
    /// Its jobs that may still run are not to, as `cancel` has it, those that need others first:
    /// none runs since another one ended. Jobs that are added meanwhile are cancelled, too.
    /// \par Errors also errc::invalid_id
    /// \par Redis as `flow` and `cancel`
    WORK_DECL task<flow_cancel> cancel_flow(std::string id, admin_options options = {});
    /// Jobs whose state is to be seen in one place, until they are untracked: at most 1 000. The
    /// end of a live one is noted, so that it is known when nothing else is kept of it. `gone`:
    /// there is none of that id; `already`: it is tracked.
    /// \par Errors also errc::too_many: there would be too many, and none was added
    /// \par Redis a script for each, and one for 64 of those that may still run; 3 commands
    WORK_DECL task<std::vector<admin_result>> track(
        std::vector<std::string> ids,
        std::string_view by = {}
    );
    /// \par Redis 2 commands for each
    WORK_DECL task<std::vector<admin_code>> untrack(
        std::vector<std::string> ids,
        std::string_view by = {}
    );
    /// Those that are tracked, and their states, the last one first.
    /// \par Redis HGETALL twice, and a script for 64 of them
    WORK_DECL task<std::vector<tracked_job>> tracked();
    /// What those that a job needed have left to it so far, by its names.
    /// \par Redis HSCAN by 512 fields
    WORK_DECL task<std::vector<job_gift>> given(std::string id);
    /// Brings a set-aside record back into its list, with this envelope in the place of its bytes
    /// (docs/protocol.md has its form). `unreadable`: it can't be read either, and nothing changed.
    /// \par Redis one script
    WORK_DECL task<admin_code> restore(std::string id, std::string envelope);

    /// Ids of jobs that are stored and in no list, claim or set, so that nothing will run them:
    /// somebody deleted or overwrote keys by hand. With a broker in memory there are none.
    ///
    /// What moved while it looked may be named as well; `take_back` tells it apart. Claims that
    /// lost their lease are given one, so that their jobs run again when it ends.
    ///
    /// \par Redis O(jobs), in short reads; holds all ids in this process's memory meanwhile
    WORK_DECL task<std::vector<std::string>> strays();
    /// Puts strays into their lists again, in front, their attempts kept. `admin_code::already`:
    /// the job is where it should be.
    ///
    /// \par Redis a script for 16 of them, O(length of the list, at most 20 000) each
    WORK_DECL task<std::vector<admin_code>> take_back(std::vector<std::string> ids);

private:
    WORK_DECL task<std::vector<admin_result>> act(
        admin_action action,
        std::vector<std::string> ids,
        admin_options options
    );

    std::shared_ptr<detail::client_core> core_;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/doctor.ipp>
#include <work/impl/inspector.ipp>
#include <work/impl/inspector_acts.ipp>
#include <work/impl/inspector_flows.ipp>
#include <work/impl/inspector_queues.ipp>
#include <work/impl/inspector_stats.ipp>
#include <work/impl/inspector_tracked.ipp>
#endif
