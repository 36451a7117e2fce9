// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/client.hpp>
#include <work/context.hpp>
#include <work/events.hpp>
#include <work/job.hpp>
#include <work/middleware.hpp>
#include <work/outcome.hpp>
#include <work/pool/handler.hpp>
#include <work/pool_options.hpp>
#include <work/task.hpp>
#include <work/values/attempt_ends.hpp>
#include <work/values/pool_health.hpp>
#include <work/values/run_times.hpp>
#include <work/values/running_jobs.hpp>

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work {

namespace detail {
struct client_core;
class pool;
}  // namespace detail

/// Claims jobs and runs their handlers: up to `pool_options::concurrency` at once, each in a
/// coroutine on the client's executor, one thing at a time, or on `pool_options::handler_executor`.
///
///     work::worker_pool pool{client, {.concurrency = 1000}};
///     pool.use(work::log_jobs());
///     pool.handle<send_email>(deliver, {.max_attempts = 10, .timeout = 30s});
///     pool.handle("resize", [](std::int64_t id, std::string file) -> work::task<void> { … });
///     boost::asio::co_spawn(io, pool.run(), work::rethrow);
///
/// A handler returns `task<void>`, `task<R>` (R becomes the job's result) or `task<outcome>`. What
/// it throws makes the job run again after its backoff, until its attempts are used up;
/// `work::fatal` ends it at once. Its first parameter may be `work::context&`.
///
/// \par Thread safety as its client; `handle`, `use` and `provide` before it runs
/// \par Redis         one script call an exchange (jobs done, and jobs wanted); two under way, or
///                    up to 15 where there are jobs for full ones; none while there is nothing to
///                    do, but a look every 4 s.
class worker_pool
{
public:
    /// \par Errors errc::invalid_option, errc::invalid_name
    WORK_DECL explicit worker_pool(client& from, pool_options options = {});
    /// Jobs that still run are left to their leases: `stop()` and wait for `run()` first.
    WORK_DECL ~worker_pool();
    worker_pool(worker_pool&&) noexcept = default;
    worker_pool& operator=(worker_pool&&) = delete;

    /// Registers the handler of a described job.
    /// \par Errors errc::invalid_option: the name is taken, the pool runs, or an option is out of
    /// range; errc::invalid_name: another type of that name is known (see `enqueuer`)
    template <described_job Job, typename Handler>
    void handle(Handler handler, job_options options = {})
    {
        if constexpr (!detail::good_handler<Job, Handler>) {
            detail::explain_handler<Job, Handler>();
            detail::explain_fault<detail::argument_fault_of<Job, Handler>(), Handler>();
        } else {
            own(detail::job_identity_v<Job>);
            std::string const name(job_name_v<Job>);
            auto rule = detail::rule_of_handler(name, options, detail::args_rule_of<Job>());
            auto adapted = detail::adapt<Job>(std::move(handler), name, {}, std::move(rule));
            add(name, std::move(options), std::move(adapted));
        }
    }
    template <typename Job, typename Handler>
        requires(std::is_class_v<Job> && !described_job<Job>)
    void handle(Handler, job_options = {})
    {
        static_assert(
            described_job<Job>,
            "work: describe the job with BOOST_DESCRIBE_STRUCT(name, (), (members))"
        );
    }
    /// Registers a handler by name; its parameters are bound by position.
    template <typename Handler>
    void handle(std::string_view name, Handler handler, job_options options = {})
    {
        if constexpr (!detail::good_handler<void, Handler>) {
            detail::explain_handler<void, Handler>();
            detail::explain_fault<detail::argument_fault_of<void, Handler>(), Handler>();
        } else {
            handle_by_name(name, {}, std::move(handler), std::move(options));
        }
    }
    /// The same, for named arguments too: `handle("resize", {"id", "file"}, fn)`.
    template <typename Handler>
    void handle(
        std::string_view name,
        std::initializer_list<std::string_view> parameters,
        Handler handler,
        job_options options = {}
    )
    {
        if constexpr (!detail::good_handler<void, Handler>) {
            detail::explain_handler<void, Handler>();
            detail::explain_fault<detail::argument_fault_of<void, Handler>(), Handler>();
        } else {
            std::vector<std::string> names(parameters.begin(), parameters.end());
            handle_by_name(name, std::move(names), std::move(handler), std::move(options));
        }
    }

    /// Puts a middleware around all handlers; the first one used is the outermost.
    /// \par Errors errc::invalid_option when it is empty, or the pool runs
    WORK_DECL void use(middleware layer);
    /// Puts a middleware around one job name's handler, inside the ones around all. A name without
    /// a handler is refused when the pool runs, with errc::invalid_option: should it be misspelt,
    /// the handler that was meant would run without its middleware.
    WORK_DECL void use(std::string_view name, middleware layer);
    /// The same for a described job, whose name can't be misspelt.
    template <described_job Job>
    void use(middleware layer)
    {
        use(job_name_v<Job>, std::move(layer));
    }

    /// Makes an object of your own for each job, before the middleware; it is gone after the job.
    /// Handlers and middleware reach it with `job.get<T>()`. When `make` throws or returns null the
    /// attempt fails with type `provider_failed`, and the log says so, at most once a minute.
    /// \par Errors errc::invalid_option: it is empty, the pool provides a T already, or runs
    template <typename T>
    void provide(std::function<std::shared_ptr<T>(context&)> make)
    {
        if (!make)
            detail::refuse_empty("provide");
        provide_erased(typeid(T), [make = std::move(make)](detail::worker& s) {
            s.provide<T>(detail::make_provided<T>(make, s.job()));
        });
    }

    /// Calls `hook` whenever that happens: a function of `event_info const&` that returns nothing,
    /// or a `task<void>`. An event may have several; they run one after the other, on the client's
    /// executor, and never within what the pool is doing.
    ///
    ///     pool.on(work::event::dead, work::failure_file{"/var/log/shop/dead.jsonl"});
    ///     pool.on(work::event::dead, [&](work::event_info const& e) -> work::task<void> {
    ///         co_await page("job " + e.job + " is dead: " + e.failure->message);
    ///     });
    ///
    /// Events of jobs are told after the broker stored what happened. `dead` is told at least once
    /// by the pool that stored it, as long as its process lives. What a hook throws is logged, and
    /// changes nothing; one that takes longer than 30 s is cancelled. Up to `max_waiting_events`
    /// wait; what comes then is dropped, logged, and counted in `pool_info::events_dropped`.
    /// `run()` ends after them, or after its grace, but a second at least.
    /// \par Errors errc::invalid_option when it is empty, or the pool runs
    template <typename Hook>
    void on(event what, Hook hook)
    {
        static_assert(
            event_hook<Hook>,
            "work: a hook takes (work::event_info const&) and returns nothing or work::task<void>"
        );
        if constexpr (event_hook<Hook>) {
            if constexpr (detail::may_be_empty<Hook>)
                if (hook == nullptr)
                    detail::refuse_empty("on");
            add_hook(what, detail::erase_hook(std::move(hook)));
        }
    }

    /// Runs something else while the pool runs, on the client's executor: `cron.duty()`, say. It
    /// begins with the pool and is cancelled when that ends, after its last job; one that returns
    /// before is not begun again, and one that throws ends the pool: `run()` throws the same.
    /// \par Errors errc::invalid_option when it is empty, or the pool runs
    WORK_DECL void beside(std::function<task<void>()> duty);

    /// Runs until `stop()`; then everything was said to the broker.
    ///
    /// \par Cancellation of any type is `stop()`; a second one ends the grace, so that running jobs
    ///                   are cancelled and given back at once. It returns when nothing is left of
    ///                   the run, and throws operation_aborted. Afterwards the awaiting coroutine's
    ///                   cancellation filter is Asio's default again; set another one anew.
    /// \par Errors       errc::no_handler, errc::invalid_option (it runs already), errc::closed,
    ///                   errc::forked
    task<void> run() { return run_pool(client_, pool_, false); }
    /// Runs until nothing is pending or active for the names it serves, and stops. Scheduled jobs,
    /// retries and paused queues don't count. Errors and cancellation as `run()`.
    task<void> run_until_empty() { return run_pool(client_, pool_, true); }

    /// Claims nothing any more, gives back what did not start, lets running jobs go on for
    /// `pool_options::grace`, then cancels them; those will run again, and no attempt is counted.
    /// Idempotent, thread safe.
    WORK_DECL void stop();
    /// Claims nothing any more; running jobs go on. Idempotent, thread safe. `inspector::order` and
    /// `work quiet` tell it so from elsewhere.
    WORK_DECL void quiet();
    /// Claims jobs again, after `quiet`. Idempotent, thread safe.
    WORK_DECL void resume();
    /// While it runs: SIGTERM and SIGINT stop it, a second one ends the process; SIGTSTP makes it
    /// quiet; SIGTTIN logs what runs. Should a handler block the thread, the process ends within
    /// grace + 1 s nevertheless.
    WORK_DECL void stop_on_signals();

    /// What `inspector::pools` and `work pools` call it; it is the same from run to run.
    WORK_DECL std::string const& id() const noexcept;
    /// Jobs running now. Thread safe.
    WORK_DECL int running() const noexcept;
    /// What it runs now, by job name, as `pool_info::in_flight` has it. Thread safe.
    WORK_DECL std::vector<running_jobs> in_flight() const;
    /// Jobs that returned, since the pool was made. Thread safe.
    WORK_DECL std::int64_t processed() const noexcept;
    /// Attempts that failed, since the pool was made. Thread safe.
    WORK_DECL std::int64_t failed() const noexcept;
    /// Whether it is ready, and what it does. Thread safe. `web_server::watch` serves it to probes
    /// and to Prometheus.
    WORK_DECL pool_health health() const;
    /// How long attempts ran, by job name, since the pool was made. Thread safe while it runs.
    /// `web_server::watch` serves it to Prometheus.
    WORK_DECL std::vector<work::run_times> run_times() const;

    /// How long first attempts waited from when they were due to their claim, likewise.
    WORK_DECL std::vector<work::run_times> wait_times() const;

    /// What became of attempts, by job name, likewise.
    WORK_DECL std::vector<work::attempt_ends> attempt_ends() const;

    std::shared_ptr<detail::pool> const& core() const noexcept { return pool_; }

private:
    template <typename Handler>
    void handle_by_name(
        std::string_view name,
        std::vector<std::string> parameters,
        Handler handler,
        job_options options
    )
    {
        if constexpr (std::is_pointer_v<Handler>)
            if (handler == nullptr)
                detail::refuse_empty("handle");
        std::string whose(name);
        auto rule = detail::rule_of_handler(whose, options, {});
        auto adapted =
            detail::adapt<void>(std::move(handler), whose, std::move(parameters), std::move(rule));
        add(std::move(whose), std::move(options), std::move(adapted));
    }
    WORK_DECL void own(detail::job_identity const& job);
    WORK_DECL void add(std::string name, job_options options, detail::erased_handler handler);
    WORK_DECL void provide_erased(
        std::type_info const& type,
        std::function<void(detail::worker&)> make
    );
    WORK_DECL void add_hook(event what, detail::erased_hook call);
    WORK_DECL static task<void> run_pool(
        std::shared_ptr<detail::client_core> client,
        std::shared_ptr<detail::pool> pool,
        bool until_empty
    );

    std::shared_ptr<detail::client_core> client_;
    std::shared_ptr<detail::pool> pool_;
};

/// Logs each job's start, end and failure, one line each; what comes from outside (names, messages
/// of exceptions) is made printable, and cut. `to` is called on the thread that runs the handler,
/// and may throw: the job goes on.
WORK_DECL middleware log_jobs(logger to = log_to_stderr);

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/worker_pool.ipp>
#endif
