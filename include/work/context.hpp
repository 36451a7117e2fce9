// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/task.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/arguments.hpp>
#include <work/values/job_gift.hpp>
#include <work/values/job_log.hpp>
#include <work/values/progress.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <vector>

namespace work {

/// Why a job is told to stop.
enum class stop_reason {
    shutting_down,  ///< the pool stops: the job will run again, and no attempt is counted
    cancelled,      ///< somebody cancelled it
    timed_out,      ///< it ran longer than its timeout
    lease_lost,     ///< another pool may be running it already; nothing it says counts any more
};

constexpr std::string_view to_string(stop_reason reason) noexcept
{
    switch (reason) {
    case stop_reason::shutting_down: return "shutting_down";
    case stop_reason::cancelled: return "cancelled";
    case stop_reason::timed_out: return "timed_out";
    case stop_reason::lease_lost: return "lease_lost";
    }
    return "cancelled";
}

namespace detail {
struct worker;

/// Where checkins go: the pool the job runs in.
class checkin_port
{
public:
    /// `percent` may be a NaN: none was given.
    virtual void checked_in(worker& who, std::string message, double percent) = 0;
    /// A line for the job's log.
    virtual void logged(worker& who, std::string text) = 0;
    /// What who cancelled it said.
    virtual std::string why(worker& who) = 0;
    /// What those that it needed left to it.
    virtual task<std::vector<job_gift>> given(worker& who) = 0;

protected:
    ~checkin_port() = default;
};
}  // namespace detail

/// The answer of `checkin`: true when the job should stop.
///
/// A handler that looked, saw true and returned has not done its job: it is run again (unless
/// cancelled). A handler that did not look and went on to its end is done, however late.
class checkin_result
{
public:
    operator bool() const noexcept
    {
        if (stop_ && told_)
            told_->store(true, std::memory_order_relaxed);
        return stop_;
    }
    checkin_result(bool stop, std::atomic<bool>* told) noexcept : stop_(stop), told_(told) {}

private:
    bool stop_;
    std::atomic<bool>* told_;
};

class commit;
class next;
class outcome;

/// What a handler knows about the job it runs. Lives as long as the handler's frame.
///
/// \par Thread safety none: use it in its job's handler, one call at a time.
class context
{
public:
    context(context const&) = delete;
    context& operator=(context const&) = delete;

    std::string_view id() const noexcept { return id_; }
    std::string_view name() const noexcept { return name_; }
    std::string_view queue() const noexcept { return queue_; }
    /// 1 the first time.
    int attempt() const noexcept { return attempt_; }
    int max_attempts() const noexcept { return max_attempts_; }
    /// How often the job snoozed before; a dead job that is requeued starts again with 0.
    int snoozes() const noexcept { return snoozes_; }
    /// How many stages it went through before this one (`next_stage`).
    int stages() const noexcept { return stages_; }
    /// Of which version its arguments are, as they were stored: a handler gets them upcast.
    int args_version() const noexcept { return args_version_; }
    /// The number of the claim the job runs under: it grows from run to run, also across failovers.
    /// A database of your own can refuse a late writer: `… WHERE fence < :fence`.
    std::int64_t fence() const noexcept { return fence_; }
    /// By the broker's clock.
    std::chrono::system_clock::time_point created_at() const noexcept
    {
        return std::chrono::system_clock::time_point(std::chrono::milliseconds(created_ms_));
    }
    std::vector<std::pair<std::string, std::string>> const& headers() const noexcept
    {
        return headers_;
    }
    /// The value of a header; empty when there is none.
    WORK_DECL std::string_view header(std::string_view name) const noexcept;
    /// The arguments as stored: JSON text.
    std::string_view arguments() const noexcept { return args_; }

    /// Shows where the job is, and asks whether it should stop. Shown at most once a second;
    /// answers from what is known here, without asking the broker.
    ///
    /// It never fails: text that is no valid UTF-8 is mended, and a message that makes more than
    /// `max_progress` bytes is cut and ends with its size. The log says so once per job name.
    WORK_DECL task<checkin_result> checkin(std::string message);
    /// The same with a percentage, 0..100; what is outside is moved to its end.
    WORK_DECL task<checkin_result> checkin(std::string message, double percent);

    /// Adds a line to the job's log: `job.log("sent {} of {}", 3, 9)`. Numbers, bools and text take
    /// the places of `{}`, one after the other; `{{` is a brace.
    ///
    /// Lines are sent once a second, and with what becomes of the job. The last `max_job_log_lines`
    /// are kept, each up to `max_job_log_line` bytes: as long as the job may still run or is dead,
    /// and of a completed or cancelled one as long as its record is kept. What is lost is counted.
    /// It never fails. `work logs` and `inspector::logs` show it.
    template <typename... Args>
    void log(std::string_view format, Args const&... args)
    {
        if constexpr (sizeof...(args) == 0)
            add_log(detail::fill_in(format, {}));
        else
            add_log(detail::fill_in(format, {detail::log_text(args)...}));
    }

    /// The flow that it belongs to; "": none.
    std::string_view flow() const noexcept { return flow_; }
    /// What those that it needed left to it: in which state they ended, with their results or
    /// failures; without those that completed and left nothing.
    /// \par Errors those of the broker
    /// \par Redis  HSCAN by 512 of them
    WORK_DECL task<std::vector<job_gift>> given() const;
    /// The result of one that it needed, by the name that it was given (`after::as`), or its id.
    ///
    ///     auto const page = co_await job.result_of<std::string>("page");
    ///
    /// \par Errors errc::no_such_job: it needed none of that name, or that left no result;
    ///             errc::job_failed: that did not complete; errc::invalid_arguments: the result is
    ///             of another type; those of the broker
    /// \par Redis  as `given`
    template <typename T>
    task<T> result_of(std::string name) const
    {
        return decode_gift<T>(given(), std::move(name));
    }

    /// Should the job stop, and why? Also the reason behind a cancelled await. A handler that read
    /// a reason here counts as told, as by `checkin`.
    std::optional<stop_reason> stopping() const noexcept
    {
        auto const reason = stop_reason_now();
        if (reason)
            told_.store(true, std::memory_order_relaxed);
        return reason;
    }

    /// Of a job that was cancelled: what who did it said; empty otherwise, and while it runs on.
    WORK_DECL std::string why() const;

    /// The object of your own that `worker_pool::provide<T>` made for this job.
    /// \par Errors std::logic_error when none of that type was provided; it names those that were.
    template <typename T>
    T& get() const
    {
        return *static_cast<T*>(user_object(typeid(T)));
    }

private:
    friend struct detail::worker;
    friend class worker_pool;
    friend class commit;
    friend class next;

    context() = default;
    template <typename T>
    static task<T> decode_gift(task<std::vector<job_gift>> all, std::string name)
    {
        std::vector<job_gift> const gifts = co_await std::move(all);
        args_parser parser;
        co_return decode<T>(parser.parse(gift_text(gifts, name), name), name, "result");
    }
    WORK_DECL static std::string_view gift_text(
        std::vector<job_gift> const& gifts,
        std::string_view name
    );
    WORK_DECL void add_log(std::string text);
    std::optional<stop_reason> stop_reason_now() const noexcept
    {
        int const reason = stopping_.load(std::memory_order_relaxed);
        return reason == not_stopping ? std::nullopt
                                      : std::optional(static_cast<stop_reason>(reason));
    }
    WORK_DECL void* user_object(std::type_info const& type) const;

    struct user_entry
    {
        std::type_info const* type;
        std::shared_ptr<void> object;
    };

    std::string_view id_;
    std::string_view name_;
    std::string_view queue_;
    std::string_view args_;
    std::string_view flow_;
    int attempt_ = 1;
    int max_attempts_ = 1;
    int snoozes_ = 0;
    int stages_ = 0;
    int args_version_ = 1;
    std::int64_t fence_ = 0;
    std::int64_t created_ms_ = 0;
    std::vector<std::pair<std::string, std::string>> headers_;
    std::vector<user_entry> user_;
    std::shared_ptr<outcome> committed_;  ///< what is to happen with its end
    // The pool writes the one and reads the other while the handler runs, perhaps elsewhere.
    static constexpr int not_stopping = -1;
    std::atomic<int> stopping_{not_stopping};
    mutable std::atomic<bool> told_{false};
    bool reached_ = false;  ///< the handler, or a middleware said that it is not to run
    bool ran_ = false;      ///< the handler runs, or has returned; one that threw may run again
    std::string misuse_;    ///< of go(): the job is dead, since each attempt would do it again
    int layers_ = 0;        ///< how many middlewares were entered
    detail::worker* worker_ = nullptr;
    detail::checkin_port* port_ = nullptr;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/context.ipp>
#endif
