// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/admin.hpp>
#include <work/broker/bounds.hpp>
#include <work/broker/crons.hpp>
#include <work/broker/exchange.hpp>
#include <work/broker/flows.hpp>
#include <work/broker/history.hpp>
#include <work/broker/ledger.hpp>
#include <work/broker/limits.hpp>
#include <work/broker/look.hpp>
#include <work/broker/memory/data.hpp>
#include <work/broker/pause.hpp>
#include <work/broker/policy.hpp>
#include <work/broker/records.hpp>
#include <work/broker/worker_record.hpp>
#include <work/build_config.hpp>

#include <boost/json/object.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace work {

/// Jobs in memory: the state machine of the broker, without I/O and without a clock.
///
/// Every transition gets the time (µs since 1970) of the broker's clock. It does what the script of
/// the same name in `broker/redis/scripts/` does, and the conformance tests compare the two.
///
/// \par Thread safety none.
class memory_state
{
public:
    static constexpr std::int64_t keep_status_ms = policy::status_shown_ms;

    /// How long a producer's batch may be repeated.
    std::int64_t keep_answers_ms = 600'000;

    /// Errors: errc::protocol when a later batch of the producer was stored before.
    WORK_DECL enqueue_answer enqueue(enqueue_request const& request, std::int64_t now_us);
    /// Errors: errc::protocol when a later exchange of the pool was answered before.
    WORK_DECL exchange_answer exchange(exchange_request const& request, std::int64_t now_us);
    WORK_DECL exchange_answer peek(std::string_view pool, std::int64_t now_us) const;
    WORK_DECL exchange_answer
    peek_at(std::vector<std::string> const& served, std::int64_t now_us) const;
    WORK_DECL void leave(
        std::string_view pool,
        std::vector<std::string> const& lists,
        std::int64_t now_us
    );

    WORK_DECL std::vector<admin_result> act(admin_request const& request, std::int64_t now_us);
    WORK_DECL admin_code order(std::string_view pool, told_order what);
    WORK_DECL pause_result pause(pause_request const& request, std::int64_t now_us);
    WORK_DECL limit_code change_limit(limit_change const& change, std::int64_t now_us);
    WORK_DECL limits_answer limits(limit_query const& query, std::int64_t now_us) const;
    WORK_DECL bound_code change_bound(bound_change const& change, std::int64_t now_us);
    WORK_DECL bounds_answer bounds(std::string_view queue, std::int64_t now_us) const;
    WORK_DECL limit_leaks look_for_leaks(bool mend, std::int64_t now_us);
    WORK_DECL admin_result edit(edit_request const& request, std::int64_t now_us);
    WORK_DECL admin_code restore(std::string_view id, std::string envelope, std::int64_t now_us);

    WORK_DECL found_jobs look(look_request const& request, std::int64_t now_us) const;
    WORK_DECL job_record job(std::string_view id, std::int64_t now_us) const;
    WORK_DECL std::vector<std::string> logs(std::string_view id) const;
    WORK_DECL broker_counts counts(std::int64_t now_us) const;
    WORK_DECL std::vector<pause_info> pauses() const;
    WORK_DECL outstanding_jobs outstanding(std::vector<std::string> const& served) const;

    /// What was shown for a time is gone for good when that is over, also should the clock go back.
    /// Before each transition.
    WORK_DECL void let_expire(std::int64_t now_us);

    /// False: no status of the pool was shown any more.
    WORK_DECL bool heartbeat(
        std::string_view pool,
        std::string_view status,
        std::int64_t now_us,
        std::int64_t keep_ms = keep_status_ms
    );
    /// The same of several at once.
    WORK_DECL bool heartbeat_together(
        shared_status const& all,
        std::int64_t now_us,
        std::int64_t keep_ms
    );
    WORK_DECL std::vector<pool_status> pools(std::int64_t now_us) const;

    WORK_DECL worker_record worker(std::string_view pool, std::int64_t now_us);
    WORK_DECL void keep_worker(worker_change const& change, std::int64_t now_us);
    WORK_DECL void forget_worker(std::string_view pool);
    WORK_DECL std::vector<held_claim> held(std::vector<held_request> const& claims) const;

    WORK_DECL bool keep_operation(operation_change const& change, std::int64_t now_us);
    WORK_DECL std::vector<operation_note> operations() const;
    WORK_DECL admin_code stop_operation(std::string_view id);
    WORK_DECL void write_audit(std::string line);
    WORK_DECL track_answer track(track_request const& request);
    WORK_DECL std::vector<std::string> read_audit(audit_range range) const;

    WORK_DECL std::vector<cron_record> crons() const;
    WORK_DECL cron_details cron(std::string_view name, std::int64_t now_us) const;
    WORK_DECL due_crons ask_due_crons(std::size_t most, std::int64_t now_us) const;
    WORK_DECL cron_answer change_cron(cron_change const& change, std::int64_t now_us);
    WORK_DECL cron_answer fire_cron(cron_fire const& fire, std::int64_t now_us);

    WORK_DECL void write_history(history_write const& what, std::int64_t now_us);
    /// Those that hold jobs, and stay.
    WORK_DECL std::vector<std::string> forget_lists(
        std::vector<std::string> const& lists,
        std::int64_t now_us
    );
    WORK_DECL history_lists histories(std::int64_t now_us) const;
    WORK_DECL std::vector<history_cell> read_history(
        history_request const& request,
        std::int64_t now_us
    ) const;

    /// What handlers wrote with the ends of their attempts: each key, with text, or an object of a
    /// hash or a sorted set, or an array.
    WORK_DECL boost::json::object written(std::int64_t now_us) const;

    /// A line among those of its log, as in `scripts/parts/past_actions.lua`.
    WORK_DECL void keep_history(std::string const& id, std::string const& line);
    WORK_DECL std::vector<std::string> history_of(std::string_view id) const;
    WORK_DECL std::vector<job_state> states(std::vector<std::string> const& ids) const;
    WORK_DECL detail::text_pairs given(std::string_view id) const;
    WORK_DECL flow_record flow(std::string_view id) const;
    WORK_DECL flow_list flows(std::int64_t from, int count) const;
    WORK_DECL std::vector<admin_result> follow(
        std::vector<std::string> const& ids,
        std::string_view follower
    );
    /// What the last transition says to whoever listens: channel and text.
    std::vector<std::pair<std::string, std::string>> take_messages()
    {
        return std::exchange(data_.messages, {});
    }

    /// Takes the wakeup to look at a list, or at a pool's own business, if there is one.
    WORK_DECL bool take_wakeup(std::string_view list_or_pool);
    /// Makes a pool, or who waits for several, look again.
    WORK_DECL void give_wakeup(std::string_view pool);
    /// The wakeups given by the last transition.
    std::vector<std::string> const& wakeups_given() const noexcept { return data_.given_wakeups; }

    /// Writes a job's record by hand, as somebody with a Redis client could: for tests.
    WORK_DECL void overwrite(std::string_view id, std::string_view envelope);

    /// Everything, as the keys a Redis would have: the key without its prefix, and a text that
    /// has the same form for both (`memory_dump.hpp`). What expired is left out.
    WORK_DECL std::map<std::string, std::string> dump(std::int64_t now_us) const;

private:
    struct place
    {
        job_state state = job_state::unknown;
        std::int64_t when = 0;
        claim_number claim = 0;
        std::int64_t group = 0;  ///< of a suspect
    };
    WORK_DECL place find(std::string_view id) const;
    WORK_DECL place look_up(std::string_view id) const;
    WORK_DECL std::int64_t in_state_since(place const& at, std::string_view id) const;
    WORK_DECL std::string version_of(std::string_view id) const;
    WORK_DECL void take_from(place const& at, std::string_view id);
    WORK_DECL void out_of_list(
        std::string_view id,
        std::optional<detail::envelope_header> const& header
    );
    WORK_DECL void take_out(
        place const& at,
        std::string_view id,
        std::optional<detail::envelope_header> const& header
    );
    WORK_DECL void tell_pool(place const& at, std::string_view id);
    WORK_DECL bool runs(place const& at) const;
    WORK_DECL admin_code follow(place const& at, std::string_view id, std::string_view follower);
    WORK_DECL admin_code
    tell(place const& at, std::string const& id, admin_request const& request, std::int64_t now);
    WORK_DECL admin_code
    drop(place const& at, std::string const& id, admin_request const& request, std::int64_t now);
    WORK_DECL admin_code requeue(place const& at, std::string const& id, std::int64_t now);
    WORK_DECL admin_code
    kill(place const& at, std::string const& id, admin_request const& request, std::int64_t now);
    WORK_DECL admin_code
    move(place const& at, std::string const& id, std::string const& queue, std::int64_t now);
    WORK_DECL admin_code
    bring_back(std::string_view id, std::optional<std::string> envelope, std::int64_t now);

    /// Where a list that has no history yet is counted.
    WORK_DECL std::string history_of(std::string const& list, std::int64_t today);
    WORK_DECL void add_history(
        std::string_view list,
        history_counts const& counts,
        std::int64_t at,
        std::int64_t now
    );
    WORK_DECL void end_histories(std::int64_t now);

    detail::memory_data data_;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/broker/memory/admin.ipp>
#include <work/broker/memory/bounds.ipp>
#include <work/broker/memory/crons.ipp>
#include <work/broker/memory/edit.ipp>
#include <work/broker/memory/followed.ipp>
#include <work/broker/memory/history.ipp>
#include <work/broker/memory/ledger.ipp>
#include <work/broker/memory/limiting.ipp>
#include <work/broker/memory/look.ipp>
#include <work/broker/memory/state.ipp>
#include <work/broker/memory/workers.ipp>
#endif
