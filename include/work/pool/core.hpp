// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/build_config.hpp>
#include <work/fork.hpp>
#include <work/pool/claims.hpp>
#include <work/pool/client_core.hpp>
#include <work/pool/close_listener.hpp>
#include <work/pool/fetch_order.hpp>
#include <work/pool/heartbeat.hpp>
#include <work/pool/job_type.hpp>
#include <work/pool/provider.hpp>
#include <work/pool/wakeable.hpp>
#include <work/pool/worker.hpp>
#include <work/pool_options.hpp>
#include <work/task.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/failure.hpp>
#include <work/values/progress.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/set.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace work::detail {

/// What became of a job that is not on the fast path.
struct job_report
{
    claim* of = nullptr;
    std::string_view id;
    outcome_kind kind = outcome_kind::release;
    std::int64_t number = 0;
    std::string text;
    std::optional<work::failure> why{};
};

/// A job that ended after the heartbeat gave it up and before the heartbeat could say whether the
/// broker knows.
struct ended_unreported
{
    worker const* who = nullptr;
    std::uint64_t generation = 0;
    held_job held;
};

/// A job whose awaits are to be cancelled.
struct queued_interrupt
{
    worker* who = nullptr;
    std::uint64_t generation = 0;
};

/// A job that waits for the broker to hear that it starts.
struct queued_start
{
    worker* who = nullptr;
    std::uint64_t generation = 0;
};

/// One exchange under way, with everything its views point into.
struct exchange_round
{
    exchange_request request;
    std::uint64_t serial = 0;  ///< no other has it
    std::size_t reports = 0;   ///< about jobs
    bool on_wake = false;      ///< it was left with the broker while the pool waited
    queued_start start;
    std::vector<claim*> reported;
    std::vector<claim*> closed;
    std::vector<job_report> outcomes;
    std::vector<std::string> texts;
    std::vector<std::string> counted;  ///< lists
    std::vector<job_cancel> cancels_seen;
};

/// What a worker pool is inside. Lives on one thread, but for what says otherwise.
///
/// Its roles, each in a file of its own under `impl/pool/`: `workers` run jobs; the `exchanger`
/// tells the broker what became of them and claims more, two requests at a time; the `waiter`
/// sleeps on the broker's wakeups; `deadlines` end what runs too long; the `stopper` ends it all;
/// the heartbeat has its own class and thread.
class pool_core final : public checkin_port,
                        public close_listener,
                        public std::enable_shared_from_this<pool_core>
{
public:
    using clock = std::chrono::steady_clock;

    WORK_DECL pool_core(std::shared_ptr<client_core> client, pool_options options);
    WORK_DECL ~pool_core();

    // Registration, before it runs.
    WORK_DECL job_type& add_type(std::string name, job_options options);
    WORK_DECL void add_layer(middleware layer);
    WORK_DECL void add_layer(std::string name, middleware layer);
    WORK_DECL void add_provider(std::type_info const& type, std::function<void(worker&)> make);
    WORK_DECL void with_signals();

    /// Runs until `stop()`, or until nothing is pending or active.
    WORK_DECL task<void> run(bool until_empty);
    /// Who waits for `run()` was cancelled.
    WORK_DECL void run_cancelled();
    /// Any thread.
    WORK_DECL void stop();
    /// Any thread: claims nothing any more.
    WORK_DECL void quiet();
    /// The pool object is gone; any thread.
    void let_go() noexcept { abandoned_ = true; }
    bool abandoned() const noexcept { return abandoned_; }
    /// The same, on the executor.
    WORK_DECL void abandon();

    std::string const& id() const noexcept { return id_; }
    pool_options const& options() const noexcept { return options_; }
    client_core& client() noexcept { return *client_; }
    boost::asio::any_io_executor const& executor() const noexcept { return executor_; }
    int running() const noexcept { return running_.load(std::memory_order_relaxed); }
    char const* state() const noexcept { return state_.load(std::memory_order_relaxed); }
    std::int64_t round_trip_us() const noexcept { return round_trip_us_.load(); }
    std::int64_t processed() const noexcept { return processed_.load(std::memory_order_relaxed); }
    std::int64_t failed() const noexcept { return failed_.load(std::memory_order_relaxed); }
    /// When it began to run, by the broker's clock.
    WORK_DECL std::int64_t started_ms() const noexcept;
    WORK_DECL std::vector<std::string> job_names() const;
    void log(log_level level, std::string const& line) const
    {
        client_->options.logger(level, "pool " + id_ + ": " + line);
    }
    /// What is wrong with the connections to the broker, which it has logged; "" if nothing is.
    std::string trouble() const { return broker_->trouble(); }
    bool ailing() const { return broker_->ailing(); }
    /// For this thread, until it suspends.
    WORK_DECL args_parser& parser();
    WORK_DECL std::int64_t now_ms() const noexcept;
    WORK_DECL std::uint64_t random() noexcept;

    // What the heartbeat posts here.
    WORK_DECL void forgotten();
    WORK_DECL void claims_lost(std::vector<claim_number> const& lost);
    WORK_DECL void jobs_cancelled(std::vector<job_cancel> const& cancels);
    WORK_DECL void given_up_by_heartbeat(heartbeat::late_job const& job, bool done);
    WORK_DECL void dump_running() const;
    WORK_DECL void log_notes(exchange_answer const& answer) const;
    /// Any thread. Logs, once for a type, that its own backoff function threw.
    WORK_DECL retry_decision next_step_of(
        job_type const& type,
        stored_options const* own,
        failed_attempt const& attempt
    ) const;

    WORK_DECL void checked_in(worker& who, std::string message, double percent) override;
    WORK_DECL void client_closed() override;
    /// Any thread. Logs a warning once for each key; a pool remembers up to 1024 of them.
    WORK_DECL void warn_once(std::string key, std::string const& line);

private:
    friend struct park_worker;
    friend struct await_start;

    using deadlines = boost::intrusive::multiset<worker, boost::intrusive::compare<by_deadline>>;

    // workers
    WORK_DECL void dispatch();
    WORK_DECL void dispatch_soon();
    WORK_DECL void spawn_worker();
    WORK_DECL static task<void> work_loop(std::shared_ptr<pool_core> self, worker& s);
    WORK_DECL bool take(worker& s);
    WORK_DECL task<void> invoke(worker& s);
    WORK_DECL task<void> call_handler(worker& s);
    WORK_DECL task<void> call_elsewhere(worker& s);
    WORK_DECL void show_progress(worker& who, std::string const& message, double percent);
    WORK_DECL void finish(worker& s, std::exception_ptr failure);
    WORK_DECL void decide_or_leave(worker& s, std::exception_ptr failure);
    WORK_DECL void decide(worker& s, std::exception_ptr failure);
    WORK_DECL void complete(worker& s, std::string_view how, std::string_view detail);
    WORK_DECL void fail(worker& s, work::failure why, bool is_fatal, bool bad_arguments = false);
    WORK_DECL void drop_ready(held_job const& job);
    WORK_DECL void miss_deadline(held_job const& job, stored_options const* own, std::int64_t now);
    WORK_DECL void all_started(claim const& c);

    // starts
    static constexpr char no_answer = '?';
    WORK_DECL void report_start(worker& s);
    WORK_DECL bool start_to_report() const noexcept;
    WORK_DECL void build_start(exchange_round& round);
    WORK_DECL void start_answered(exchange_round const& round, exchange_answer const& answer);
    WORK_DECL bool resume_startable();
    WORK_DECL void give_starts_back();
    WORK_DECL bool may_start(worker& s);

    // interrupts
    WORK_DECL void interrupt(worker& s, stop_reason why);
    WORK_DECL void deliver_interrupts();
    WORK_DECL void deliver_interrupts_in(clock::duration pause);
    WORK_DECL void end_interrupts();

    // deadlines
    WORK_DECL void arm_deadline(worker& s);
    WORK_DECL void disarm_deadline(worker& s);
    WORK_DECL void wait_for_deadline();
    WORK_DECL void deadlines_passed();

    // exchanger
    WORK_DECL static task<void> exchange_loop(std::shared_ptr<pool_core> self, std::size_t parity);
    WORK_DECL bool should_exchange(bool timers);
    WORK_DECL clock::time_point next_timer() const;
    WORK_DECL void build(exchange_round& round);
    WORK_DECL void build_reports(exchange_round& round);
    WORK_DECL void build_claim(exchange_round& round);
    WORK_DECL bool should_discover(int want) const;
    WORK_DECL void left_in_parent();
    WORK_DECL void log_problem(std::string const& problem);
    WORK_DECL void render(exchange_round& round, bool lean);
    WORK_DECL void apply(exchange_round& round, exchange_answer answer);
    WORK_DECL void accept_jobs(exchange_answer& answer, bool on_wake);
    WORK_DECL void failed_round(exchange_round& round);
    WORK_DECL void name(claim& c, exchange_round& round);
    /// By the client's connection, or once that was closed by the heartbeat's.
    WORK_DECL task<exchange_answer> send(exchange_request const& request);
    /// How often an idle pool looks for leases that lapse. Within half a lease, since the broker
    /// takes a longer silence for an outage, after which it waits a lease before it reaps.
    /// More often while a claim is left with the broker, whose provisional lease may be that of a
    /// job that nobody got.
    clock::duration look_period() const noexcept
    {
        std::chrono::milliseconds const most =
            claim_on_wake_ ? heartbeat::provisional_lease : heartbeat::provisional_lease * 2;
        return std::min<clock::duration>(most, options_.lease * 2 / 5);
    }
    WORK_DECL void look_sooner();
    WORK_DECL task<void> look_around();
    WORK_DECL void serve_all();
    WORK_DECL void serve(job_type& type, std::string what, int weight, std::int64_t rank);
    WORK_DECL void announce();
    WORK_DECL met_list* list_of(std::string_view list);
    WORK_DECL void forget_unused_lists();
    void count(met_list& list, std::int64_t& what)
    {
        if (list.processed == 0 && list.failed == 0)
            counted_.push_back(&list);
        ++what;
    }
    void count_processed(met_list& list)
    {
        count(list, list.processed);
        processed_.store(processed() + 1, std::memory_order_relaxed);
    }
    void count_failed(met_list& list)
    {
        count(list, list.failed);
        failed_.store(failed() + 1, std::memory_order_relaxed);
    }
    WORK_DECL int capacity() const noexcept;
    /// Exchangers are 0 and 1, the waiter is 2; each has every third number.
    std::int64_t next_number(std::size_t who) noexcept
    {
        std::int64_t const number = next_number_[who];
        next_number_[who] += static_cast<std::int64_t>(next_number_.size());
        return number;
    }
    WORK_DECL bool reports_waiting() const noexcept;
    WORK_DECL bool resting() const noexcept;
    WORK_DECL bool counts_waiting() const noexcept;
    WORK_DECL void report(job_report what);
    WORK_DECL void report_finished(claim& c, std::string_view id);
    WORK_DECL void touched(claim& c);
    WORK_DECL void forget(claim& c);
    WORK_DECL void release_holder(claim& c);
    WORK_DECL void suspects_ended(claim& c);
    WORK_DECL void check_quarantine();
    WORK_DECL void end_quarantine();
    WORK_DECL void kick();
    WORK_DECL clock::time_point local_time(std::int64_t broker_ms) const;

    // waiter
    WORK_DECL static task<void> wait_loop(std::shared_ptr<pool_core> self);
    WORK_DECL bool can_wait() const noexcept;
    WORK_DECL void build_claim_on_wake(exchange_round& round);
    WORK_DECL static task<void> settle(std::shared_ptr<pool_core> self, exchange_round round);
    WORK_DECL void take_claim_on_wake(exchange_round& round, exchange_answer answer);
    WORK_DECL task<void> pause_waiting(std::chrono::milliseconds time);
    WORK_DECL std::vector<std::string> served_ids() const;

    // stopper
    WORK_DECL static task<void> empty_loop(std::shared_ptr<pool_core> self);
    WORK_DECL void request_stop();
    WORK_DECL void release_last();
    WORK_DECL void release_unstarted();
    WORK_DECL task<void> stop_in_order();
    WORK_DECL void prepare_run(bool until_empty);
    WORK_DECL void start_roles(bool until_empty);
    WORK_DECL static task<void> greet(std::shared_ptr<pool_core> self);
    WORK_DECL static task<void> take_leave(std::shared_ptr<pool_core> self);
    WORK_DECL void spawn_role(task<void> role, boost::asio::cancellation_signal& cancel);
    WORK_DECL task<void> roles_end(clock::time_point by);
    WORK_DECL bool all_reported() const noexcept;
    WORK_DECL void log_what_is_left();
    /// Words that no answer confirmed.
    WORK_DECL std::size_t unconfirmed() const noexcept;
    WORK_DECL void check_layers() const;
    WORK_DECL task<void> check_names();
    WORK_DECL void look_for_lost_jobs(broker_counts const& counts) const;
    WORK_DECL void provider_threw(provider const& from, worker const& s) const;
    WORK_DECL bool idle() const noexcept;
    WORK_DECL void became_idle();

    std::shared_ptr<client_core> client_;
    std::shared_ptr<work::broker> broker_;
    boost::asio::any_io_executor executor_;
    pool_options options_;
    std::string id_;
    clock::time_point started_{};  // set before the heartbeat reads it
    std::uint64_t random_;
    args_parser parser_;

    std::unordered_map<std::string, std::unique_ptr<job_type>> types_;
    std::vector<middleware> layers_;
    std::vector<std::pair<std::string, middleware>> own_layers_;
    std::vector<provider> providers_;
    std::mutex warned_mutex_;
    std::set<std::string, std::less<>> warned_;
    bool with_signals_ = false;

    std::deque<worker> workers_;
    std::vector<worker*> parked_;
    std::deque<held_job> ready_;
    std::deque<queued_start> starts_;
    std::deque<worker*> startable_;
    bool start_out_ = false;  // reported, or on its way
    bool all_dead_on_crash_ = false;
    std::deque<queued_interrupt> interrupts_;
    boost::asio::steady_timer interrupt_timer_;
    bool interrupt_armed_ = false;
    clock::duration interrupt_pause_{};
    std::vector<ended_unreported> ended_unreported_;
    std::size_t starting_ = 0;
    bool dispatching_ = false;
    bool dispatch_posted_ = false;
    bool turn_over_ = false;
    /// For all that comes after the grace. The heartbeat ends a blocked process a little later.
    static constexpr std::chrono::milliseconds closing_budget{800};
    /// Each costs the broker some commands.
    static constexpr std::size_t most_claims_named = 512;
    static constexpr std::int64_t unlimited_unstarted = 1 << 20;
    std::int64_t most_unstarted_ = unlimited_unstarted;
    std::atomic<int> running_{0};

    deadlines deadlines_;
    boost::asio::steady_timer deadline_timer_;
    clock::time_point deadline_armed_ = clock::time_point::max();

    std::vector<std::unique_ptr<served>> served_;
    std::vector<served*> served_lists_;
    std::unordered_map<std::string_view, served*> served_by_id_;
    std::unordered_map<std::string_view, std::unique_ptr<met_list>> lists_;  // keys point into them
    std::size_t most_lists_ = 1024;  // before those that are not used are forgotten
    std::size_t announced_ = 0;      // how many of `served_lists_` the broker was told
    clock::time_point announce_at_ = clock::time_point::max();
    static constexpr std::size_t most_announced = 1000;  // at once
    static constexpr std::size_t most_counts = 256;      // at once
    fetch_order fetch_order_;

    claim_table claims_;
    std::vector<claim*> dirty_;
    closable_claims closable_;
    std::deque<job_report> outcomes_;
    std::uint64_t rounds_ = 0;
    std::size_t reports_in_flight_ = 0;
    std::size_t reports_lost_ = 0;  ///< of requests that nobody answered
    std::vector<worker*> progress_;
    std::vector<job_cancel> cancels_seen_;
    claim_number quarantine_ = 0;  // a claim of suspects
    bool isolating_ = false;       // and nothing else is claimed
    bool asked_for_suspects_ = false;
    clock::time_point quarantine_until_ = clock::time_point::max();
    std::array<wakeable, 2> exchanger_wake_;
    std::array<std::int64_t, 3> next_number_{0, 1, 2};
    std::array<boost::asio::cancellation_signal, 2> exchanger_cancel_;
    int in_flight_ = 0;
    bool claim_on_wake_ = false;  // a claim is left with the broker
    bool quiet_service_ = true;
    bool claim_ran_out_ =
        false;         // one stood and brought nothing: then wakeups alone are waited for
    int unheard_ = 0;  // looks in a row that found jobs no wakeup told of
    std::vector<job_cancel> early_cancels_;  // of a claim that may be one that stands
    int asked_ = 0;
    bool hungry_ = true;
    bool pass_wakeup_on_ = false;
    bool look_now_ = false;
    int looks_ = 0;
    bool more_ = false;
    std::int64_t surplus_ = 0;
    bool chores_left_ = false;
    bool just_woken_ = false;
    clock::time_point alarm_at_ = clock::time_point::max();
    clock::time_point tick_at_ = clock::time_point::max();
    clock::time_point timers_set_ = clock::time_point::max();
    clock::time_point chores_at_{};
    clock::time_point counts_at_{};
    clock::time_point lean_until_{};
    std::deque<met_list*> counted_;  // with counts to be reported
    std::size_t counts_due_ = 0;     // how many of them are to be reported now
    double rate_ = 0;                // jobs finished per second, smoothed
    double round_trip_ = 0.001;
    std::int64_t finished_since_ = 0;
    clock::time_point rate_since_{};

    wakeable waiter_wake_;
    wakeable stop_wake_;
    wakeable empty_wake_;
    boost::asio::cancellation_signal waiter_cancel_;
    boost::asio::cancellation_signal empty_cancel_;
    boost::asio::cancellation_signal greet_cancel_;
    boost::asio::cancellation_signal leave_cancel_;
    std::unique_ptr<heartbeat> heartbeat_;
    std::int64_t heartbeat_number_ = 0;  ///< its exchanges go on counting from run to run
    int roles_ = 0;
    int cancellations_ = 0;  ///< of this run
    bool until_empty_ = false;
    bool stop_requested_ = false;
    bool quiet_ = false;
    bool closed_ = true;
    std::atomic<bool> abandoned_{false};
    bool client_gone_ = false;  ///< it was closed while the pool ran
    std::string problem_;       ///< why the last exchange was not taken; empty: it was
    std::exception_ptr role_failure_;
    clock::time_point stop_at_{};
    clock::time_point close_by_{};
    std::atomic<bool> stop_flag_{false};
    std::atomic<char const*> state_{"stopped"};
    std::atomic<std::int64_t> round_trip_us_{0};
    std::int64_t problems_ = 0;
    clock::time_point problem_due_{};
    std::atomic<std::int64_t> processed_{0};  // written by one thread at a time
    std::atomic<std::int64_t> failed_{0};
    process_mark const mark_;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/impl/pool/answers.ipp>
#include <work/impl/pool/attempts.ipp>
#include <work/impl/pool/core.ipp>
#include <work/impl/pool/deadlines.ipp>
#include <work/impl/pool/exchanger.ipp>
#include <work/impl/pool/heartbeat.ipp>
#include <work/impl/pool/heartbeat_blocked.ipp>
#include <work/impl/pool/interrupts.ipp>
#include <work/impl/pool/lists.ipp>
#include <work/impl/pool/names.ipp>
#include <work/impl/pool/providers.ipp>
#include <work/impl/pool/starter.ipp>
#include <work/impl/pool/starts.ipp>
#include <work/impl/pool/stopper.ipp>
#include <work/impl/pool/waiter.ipp>
#include <work/impl/pool/workers.ipp>
#endif
