// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/admin.hpp>
#include <work/broker/bounds.hpp>
#include <work/broker/broker_clock.hpp>
#include <work/broker/broker_info.hpp>
#include <work/broker/crons.hpp>
#include <work/broker/durable.hpp>
#include <work/broker/exchange.hpp>
#include <work/broker/flows.hpp>
#include <work/broker/history.hpp>
#include <work/broker/ledger.hpp>
#include <work/broker/limits.hpp>
#include <work/broker/look.hpp>
#include <work/broker/pause.hpp>
#include <work/broker/records.hpp>
#include <work/broker/worker_record.hpp>
#include <work/task.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace work {

/// What the heartbeat calls from its own thread, on a connection of its own.
class lease_port
{
public:
    virtual ~lease_port() = default;

    /// As `broker::exchange`, for words and renewals only (`want` is 0).
    virtual task<exchange_answer> exchange(exchange_request request) = 0;
    /// Shows the pool's status (JSON) for so long. False: the last one was no longer there.
    virtual task<bool> heartbeat(
        std::string pool,
        std::string status,
        std::chrono::milliseconds shown_for
    ) = 0;
    /// As `broker::leave`.
    virtual task<void> leave(
        std::string pool,
        std::vector<std::string> lists,
        std::chrono::milliseconds deadline
    ) = 0;
    /// Shows the statuses of several pools as one, for so long. False: the last one was no longer
    /// there.
    virtual task<bool> heartbeat_together(shared_status all, std::chrono::milliseconds shown_for)
    {
        bool known = true;
        for (pool_status const& one : all.pools) {
            std::string pool = one.pool;
            std::string status = one.status;
            bool const shown = co_await heartbeat(std::move(pool), std::move(status), shown_for);
            known = known && shown;
        }
        co_return known;
    }
    /// Gives up whatever is under way; calls end with errc::closed.
    virtual void close() = 0;
};

/// What keeps jobs and moves them: the one interface between pools, enqueuers, inspectors and a
/// store. Every function that changes something is one atomic transition, or a batch of them; each
/// either happened whole or not at all.
///
/// What an implementation owes its callers, beyond what each function says:
/// - *Nothing acknowledged is lost*: what a function returned has happened, for as long as the
///   store keeps what it acknowledged.
/// - *Time is the broker's*: leases, schedules and `created` are decided by its clock alone.
/// - *Numbers*: a numbered request that comes again changes nothing and gets the first answer; one
///   that comes after a later one of its stream is refused (errc::refused, "STALE").
/// - *Batches*: all vectors of a request may have up to the sizes it names, and the answer has one
///   element for each element of the request, in its order.
/// - *Views*: those of a request are valid until its awaitable ended; those of an answer as long as
///   its `bytes`.
/// The same tests run on each implementation (tests/broker).
///
/// \par Errors        errc::unavailable (certainly not carried out), errc::outcome_unknown (it may
///                    have been), errc::full, errc::refused, errc::closed, errc::forked (this
///                    process is a child of the one that made it).
///                    `exchange` is repeated inside until the broker answers, or its deadline.
/// \par Cancellation  terminal; the request may be carried out nevertheless.
/// \par Thread safety none: call from the thread that runs the executor it was made with.
class broker
{
public:
    virtual ~broker() = default;

    /// Stores a batch of jobs: each goes into its list, or the scheduled set when it has a time to
    /// come. A chosen id that is there, or was within its retention, is `duplicate` and changes
    /// nothing. Wakes pools that serve what was stored.
    /// \par Errors errc::full: the store has no memory left, nothing of the batch was stored
    /// \par Redis  one script call
    virtual task<enqueue_answer> enqueue(enqueue_request request) = 0;
    /// The same, and who else has what was stored; nothing: more of it comes, and is waited for
    /// then. Its numbers are a stream of their own, one at a time. Once it is stored, no error is
    /// thrown: `safety` says what is not known.
    /// \par Errors errc::invalid_option: the store has no such thing; nothing was stored
    /// \par Redis  one script call, then GETEX and WAIT, or WAITAOF, on a connection for it alone
    virtual task<durable_answer> enqueue_durably(
        enqueue_request request,
        std::optional<durability> how
    ) = 0;
    /// Takes what a pool reports and gives it jobs, all at one moment and in this order:
    /// 1. what the pool serves, then renewals: nobody is reaped before;
    /// 2. reports: progress, finished jobs, outcomes, starts. Of a claim whose lease is no longer
    ///    valid nothing is taken (`lease_lost`);
    /// 3. the claims to be closed; should it have heard of fewer of a claim's jobs than that had,
    ///    the others go back to the front of their lists;
    /// 4. counts, and the cancels and orders that the pool has seen;
    /// 5. claims that lapsed are reaped, whoever held them, and what is due becomes pending;
    /// 6. the claim: at most `want` jobs and `max_bytes` (but always one), in the fetch order;
    ///    suspects before others, where the pool takes them;
    /// 7. who is to come back for the next due job, if the pool will wait; then chores.
    /// \par Errors errc::full, unless `lean`
    /// \par Redis  one script call of about 20 commands, and one or two more for each list
    virtual task<exchange_answer> exchange(exchange_request request) = 0;

    /// Sleeps until a wakeup comes that one of what is served (lists, or `*` and a name), or this
    /// pool itself, should be looked at; or until `wake` is called. Wakeups can be lost.
    ///
    /// `on_wake` is an exchange without words that wants jobs (`want` 0: none is left here). The
    /// broker may carry it out when the wakeup comes, which spares a lone job a journey; or not. It
    /// is left only on a connection that answered a moment ago, and for 4 s, after which `wait`
    /// ends: who asks for jobs on a connection that died would be given them.
    /// Should `wait` end by an exception, it may have been carried out.
    virtual task<wait_answer> wait(
        std::string pool,
        std::vector<std::string> served,
        std::chrono::milliseconds at_most,
        exchange_request on_wake
    ) = 0;
    /// Ends every `wait` under way at once; their wakeups, if any were taken, are lost.
    virtual void wake() = 0;
    /// Ends the `wait` of this pool, so that it can be begun with other lists. No wakeup is lost:
    /// it answers what came, or one of the pool itself.
    virtual task<void> wait_anew(std::string)
    {
        wake();
        co_return;
    }
    /// Cheap look: fills `next_lapse_ms`, `more` where something that the pool serves holds jobs,
    /// and where `also_due` is true `next_due_ms`. Fails after 3 s.
    virtual task<exchange_answer> peek(std::string pool, bool also_due) = 0;
    /// The same for what several pools serve: `left` names what of it holds jobs.
    virtual task<exchange_answer> peek_at(std::vector<std::string> served, bool also_due) = 0;
    /// The pool is gone for good: forgets it, hands its alarm on and arms wakeups for what it
    /// waited for.
    virtual task<void> leave(
        std::string pool,
        std::vector<std::string> served,
        std::chrono::milliseconds deadline
    ) = 0;

    /// What is pending and active of what is served; see `outstanding_jobs`.
    virtual task<outstanding_jobs> outstanding(std::vector<std::string> served) = 0;

    /// Acts on jobs by their ids, each by itself: whether it is in one of the states that are asked
    /// for is found out in the transition that acts.
    /// - *cancel* drops the record and keeps its ending. One that runs is told, and stays active
    ///   until its pool says what became of it: a completion wins, what would run it again ends it.
    /// - *requeue* makes it pending, at the end of its list. A dead one starts over with attempt 1;
    ///   a set-aside record comes back if it can be read again.
    /// - *kill* makes it dead, with a failure of the type `killed`; one that runs as *cancel* does.
    /// - *remove* drops the record, or what is kept of it.
    /// - *move* changes the queue; a pending one goes to the end of its new list.
    virtual task<std::vector<admin_result>> act(admin_request request) = 0;
    /// Pauses a queue or a job name, or lets it go on. What is paused is not claimed from, not even
    /// suspects: its jobs stay pending, what falls due or comes back waits with them. Wakeups may
    /// be given for what is stored. What runs goes on. It holds for lists that come to be later,
    /// too. When its end has come it goes on by itself, should any pool be there.
    virtual task<pause_result> pause(pause_request request) = 0;
    /// Sets a limit, or removes it. What is claimed from now on heeds it; what runs goes on, and is
    /// counted. Lists that wait are woken as there is room. Once this has returned all lists know.
    /// \par Redis one script for each 64 lists there are and 16 claims, where what the limit is for
    ///            has changed; else one
    virtual task<limit_code> change_limit(limit_change change) = 0;
    virtual task<limits_answer> limits(limit_query query) = 0;
    /// Bounds a queue, or lets any number of jobs wait in it. It is heeded by what is enqueued from
    /// now on; once this has returned all that waits in the queue is counted.
    /// \par Redis one script for each 64 lists there are, where the queue had no bound; else one
    virtual task<bound_code> change_bound(bound_change change) = 0;
    /// That of a queue, or all.
    /// \par Redis one script call: 2 commands, and 3 for each list of a bounded queue
    virtual task<bounds_answer> bounds(std::string queue) = 0;
    /// What limits keep and should not. With `mend` the slots are free from now on, and the lists
    /// are looked at again.
    /// \par Redis a script for 64 jobs that hold a slot, or lists that have limits: 4 commands each
    virtual task<limit_leaks> look_for_leaks(bool mend) = 0;
    /// Tells a pool what to do, in place of what it was told before and has not heard. It hears it
    /// with its next exchange, and is given no job before it said that it did; one that waits is
    /// woken. `already`: it was told; `gone`: there is no such pool.
    virtual task<admin_code> order(std::string pool, told_order what) = 0;
    /// Gives a job other bytes: a waiting, scheduled, pending, retrying or dead one. One that is
    /// pending and gets another queue or priority goes to the end there. `moved_on`: it is in
    /// another state, or its bytes are no more those that were seen; `unreadable`: the new ones
    /// can't be read.
    virtual task<admin_result> edit(edit_request request) = 0;
    /// From now on this follower is told when one of the jobs has ended, or is dead: its id, its
    /// state, and its ending or last failure, a line each, are published on the channel that is
    /// called as it is, behind "ended.".
    /// What is lost is not told again. `done`, `already`: it is told; `moved_on`: it has ended, and
    /// is kept; or too many are told of it, then its state says that it has not; `gone`: it is not
    /// kept, or never was.
    /// \par Redis one script for 256 ids, about 8 commands a job
    virtual task<std::vector<admin_result>> follow(
        std::vector<std::string> ids,
        std::string follower
    ) = 0;
    /// Brings a set-aside record back into its list, with this envelope in the place of its bytes.
    virtual task<admin_code> restore(std::string id, std::string envelope) = 0;

    /// Forgets lists (as `queue_info::list` has them) that hold no job, with their histories, as if
    /// nobody had used them for long; what was counted of them stays in the totals. Those that hold
    /// jobs stay, and are the answer. At most `policy::forgotten_lists` of them.
    /// \par Redis a script; and of each list that has a history, DEL of 834 keys
    virtual task<std::vector<std::string>> forget_lists(std::vector<std::string> lists) = 0;

    /// Ids of jobs whose records are there, in no list, claim or set: somebody overwrote or deleted
    /// keys. Of those that moved meanwhile some may be named as well.
    virtual task<std::vector<std::string>> strays() { co_return std::vector<std::string>(); }
    /// Puts those of them that are in no place into their lists again, in front; `already`: it is
    /// where it should be.
    virtual task<std::vector<admin_code>> take_back(std::vector<std::string> ids)
    {
        co_return std::vector<admin_code>(ids.size(), admin_code::already);
    }

    /// One job: where it is, and all that is kept of it. `unknown`: it never was, or is kept no
    /// longer.
    virtual task<job_record> job(std::string id) = 0;
    /// The lines of its log that are kept, oldest first.
    virtual task<std::vector<std::string>> logs(std::string id) = 0;
    /// Some jobs of one state, in their order: see `look_request`. At most `count` places are
    /// looked at in a call, and of those that moved meanwhile some may be left out, or seen where
    /// they were.
    virtual task<found_jobs> look(look_request request) = 0;
    /// Totals, and each list: see `broker_counts` for what is of one moment.
    virtual task<broker_counts> counts() = 0;
    /// What is paused: one read, whatever there is else.
    virtual task<std::vector<pause_info>> pauses() = 0;
    /// The status of each pool that showed one and is still shown, in no order.
    virtual task<std::vector<pool_status>> pools() = 0;

    /// What is kept of a pool that speaks through servers; keeps it for another hour.
    /// \par Redis six commands in one pipeline, O(claims noted)
    virtual task<worker_record> worker(std::string pool) = 0;
    /// Changes it, or makes it; kept for an hour.
    virtual task<void> keep_worker(worker_change change) = 0;
    virtual task<void> forget_worker(std::string pool) = 0;
    /// Some claims as they stand, whoever holds them: nothing is renewed. Of a claim that ends
    /// meanwhile some jobs may be seen without their envelopes.
    /// \par Redis two pipelines, O(jobs of the claims)
    virtual task<std::vector<held_claim>> held(std::vector<held_request> claims) = 0;

    /// Keeps how an operation on many jobs stands. True: somebody wants it to stop.
    /// \par Redis four commands in one pipeline
    virtual task<bool> keep_operation(operation_change change) = 0;
    /// Those that are kept, in no order.
    virtual task<std::vector<operation_note>> operations() = 0;
    /// Whoever runs it hears of it when it keeps it next. `already`: somebody said so before;
    /// `gone`: no such operation is kept.
    virtual task<admin_code> stop_operation(std::string id) = 0;
    /// Puts a line on top of the audit; the oldest go when there are too many.
    virtual task<void> write_audit(std::string line) = 0;
    virtual task<std::vector<std::string>> read_audit(audit_range range) = 0;

    /// Jobs that people want to see the state of, at most `policy::most_tracked`: changes which,
    /// and shows all. Of one that `followed_by_trackers` follows its end is noted.
    /// \par Redis 5 commands in one pipeline, and one or two for each job
    virtual task<track_answer> track(track_request request) = 0;

    /// In which states these jobs are.
    /// \par Redis a script for 64 of them, 6 commands each
    virtual task<std::vector<job_state>> states(std::vector<std::string> ids) = 0;
    /// What those that a job needed left to it: under which name, and state, newline, ending.
    /// \par Redis HSCAN by 512 fields
    virtual task<detail::text_pairs> given(std::string id) = 0;
    /// \par Redis HSCAN by 512 of its jobs
    virtual task<flow_record> flow(std::string id) = 0;
    /// Those that were begun last, first, after so many.
    virtual task<flow_list> flows(std::int64_t from, int count) = 0;

    /// All cron entries, in no order.
    virtual task<std::vector<cron_record>> crons() = 0;
    virtual task<cron_details> cron(std::string name) = 0;
    /// Those that are due, the longest overdue first.
    /// \par Redis one script call of two commands, and one more for each
    virtual task<due_crons> ask_due_crons(std::size_t most) = 0;
    /// Changes one, if it is as it was seen. Who asks again after an answer that was lost may hear
    /// `moved_on`, of his own change.
    virtual task<cron_answer> change_cron(cron_change change) = 0;
    /// Fires one, if it is as it was seen: of those who saw the same one does, and the others hear
    /// `moved_on`. So may who asks again after an answer that was lost, though his was the one.
    /// \par Errors errc::full: the store has no memory left, nothing was changed
    virtual task<cron_answer> fire_cron(cron_fire fire) = 0;

    /// Adds to the histories what a writer measured: at most `history_write::most_rows` lists.
    /// Beyond the lists that have a history of their own they are counted together.
    /// \par Redis one script, a BITFIELD of about 8 us for each list and step
    virtual task<void> write_history(history_write what) = 0;
    /// Which histories there are.
    virtual task<history_lists> histories() = 0;
    /// What was counted in some periods; those without anything, or kept no more, are left out.
    /// \par Redis MGET of 256 periods at a time, 0.1 ms each
    virtual task<std::vector<history_cell>> read_history(history_request request) = 0;

    /// Sends a text to whoever listens now; nothing is kept for others.
    virtual task<void> publish(std::string channel, std::string text) = 0;
    /// Calls `receive` for each message on the channel until `end_subscriptions`, and `listening`
    /// when it begins to listen, and when it does so again after messages may have been lost.
    virtual task<void> subscribe(
        std::string channel,
        std::function<void(std::string_view)> receive,
        std::function<void()> listening
    ) = 0;
    /// Ends every `subscribe` under way; each returns.
    virtual void end_subscriptions() = 0;
    /// Ends those of one channel.
    virtual void end_subscription(std::string_view channel) = 0;

    /// A way in for the heartbeat's thread. The executor is the heartbeat's. After an outage it
    /// must be back well within the lease: whoever is back first reaps what was not renewed by
    /// then.
    virtual std::unique_ptr<lease_port> make_lease_port(
        boost::asio::any_io_executor executor,
        std::chrono::milliseconds lease
    ) = 0;

    /// Asks once, without waiting for a broker that is away, whether all that is needed works.
    virtual task<void> check() { co_return; }

    /// How it does, with a verdict; `clients`: also what others' connections are for. One that is
    /// away is told of, not thrown.
    /// \par Errors errc::closed, errc::forked
    virtual task<broker_info> info(bool clients) = 0;
    /// This client's connections, without those of other threads; empty: there are none.
    virtual std::vector<broker_link> links() const { return {}; }

    /// The broker's clock as last heard, carried on by the local steady clock, in ms; 0: not yet.
    /// For showing and for guesses; what decides is decided by the broker.
    virtual std::int64_t now_ms() const noexcept = 0;
    /// Asks it for its time, in ms.
    virtual task<std::int64_t> ask_now_ms() = 0;

    /// What is wrong with the connections to it, once that was logged; "" if nothing is.
    /// Thread safety: any thread.
    virtual std::string trouble() const { return {}; }
    /// Something is wrong with them, and it is logged there if it lasts: callers need not log what
    /// follows from it. Thread safety: any thread.
    virtual bool ailing() const { return false; }
    /// For people: what it is and where, without passwords.
    virtual std::string describe() const = 0;
    /// Ends everything under way with errc::closed.
    virtual void close() = 0;
};

/// The broker's time, or before it was heard this machine's, in ms.
inline std::int64_t time_ms(broker const& of) noexcept
{
    std::int64_t const now = of.now_ms();
    return now != 0 ? now : wall_ms();
}

}  // namespace work
