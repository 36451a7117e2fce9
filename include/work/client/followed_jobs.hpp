// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/build_config.hpp>
#include <work/error.hpp>
#include <work/log.hpp>
#include <work/task.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace work::detail {

/// How a job ended: its state, and its ending or last failure as stored.
struct told_end
{
    job_state state = job_state::unknown;
    std::string text;
};

/// Waits for the ends of jobs, for all of a client: one subscription however many are waited for,
/// and one request for as many as are asked for at a time.
///
/// Tasks: 1. listens while somebody waits, and a little longer; 2. has the broker note who follows
/// a job; 3. since what is published can be lost, asks again after 1, 2, 4 and then each 8 s, and
/// whenever it listens anew.
class followed_jobs : public std::enable_shared_from_this<followed_jobs>
{
public:
    WORK_DECL followed_jobs(
        boost::asio::any_io_executor executor,
        std::shared_ptr<broker> store,
        work::logger log,
        std::string name
    );

    /// What a job is followed as: letters and digits.
    std::string const& name() const noexcept { return name_; }
    using clock = std::chrono::steady_clock;

    /// One who waits for a job, for as long as it does: what is told meanwhile is kept for it.
    /// Made, used and destroyed on the executor.
    class place
    {
    public:
        WORK_DECL place(std::shared_ptr<followed_jobs> of, std::string id);
        place(place const&) = delete;
        place& operator=(place const&) = delete;
        WORK_DECL ~place();

    private:
        friend class followed_jobs;

        std::string const& id() const noexcept { return at_->first; }

        std::shared_ptr<followed_jobs> all_;
        boost::asio::steady_timer timer_;
        std::optional<told_end> end_;
        bool asks_ = false;  ///< something may have been lost
        std::multimap<std::string, place*, std::less<>>::iterator at_;
    };

    /// What is thrown when it has not ended in time.
    WORK_DECL static error not_in_time(std::string const& id, std::chrono::milliseconds at_most);
    /// So far ahead, or as far as clocks go.
    WORK_DECL static clock::time_point until(std::chrono::milliseconds at_most);
    /// Listens: what is enqueued with this follower from now on is heard of. False: not in time.
    WORK_DECL task<bool> listen(place& here, clock::time_point until);
    /// `noted`: it was enqueued with this follower, by one who listened. Nothing: not in time.
    /// Errors: errc::no_such_job, and those of the broker.
    WORK_DECL task<std::optional<told_end>> end_of(
        place& here,
        clock::time_point until,
        bool noted
    );
    /// Errors: errc::timed_out, errc::no_such_job, and those of the broker.
    WORK_DECL task<told_end> end_of(std::string id, std::chrono::milliseconds at_most);

private:
    struct question
    {
        question(boost::asio::any_io_executor on, std::string of)
            : id(std::move(of)),
              timer(std::move(on))
        {}

        std::string id;
        boost::asio::steady_timer timer;
        std::optional<admin_result> answer;
        std::exception_ptr failure;
    };
    bool deaf() const { return clock::now() < deaf_until_; }
    WORK_DECL void begin_listening();
    WORK_DECL void ask_again();
    WORK_DECL void heard(std::string_view message);
    WORK_DECL void listens();
    WORK_DECL void is_deaf(std::exception_ptr why);
    WORK_DECL task<void> run_subscription();
    WORK_DECL task<void> end_when_idle();
    WORK_DECL task<void> ask_all();
    WORK_DECL task<std::optional<admin_result>> ask(std::string id, clock::time_point until);
    WORK_DECL task<std::optional<told_end>> look(place& here, clock::time_point until);
    WORK_DECL task<void> sleep(boost::asio::steady_timer& timer, clock::time_point until);

    boost::asio::any_io_executor executor_;
    std::shared_ptr<broker> broker_;
    work::logger log_;
    std::string name_;
    std::multimap<std::string, place*, std::less<>> waiters_;
    std::vector<std::shared_ptr<question>> questions_;
    std::shared_ptr<boost::asio::steady_timer> linger_;  ///< of the subscription under way
    clock::time_point idle_since_{};
    bool asking_ = false;
    bool subscribed_ = false;  ///< it does, or tries to
    bool listening_ = false;
    clock::time_point deaf_until_{};  ///< it may not: it asks, and tries again then
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/client/followed_jobs.ipp>
#endif
