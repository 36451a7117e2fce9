// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/redis/advice.hpp>
#include <work/redis/error_table.hpp>
#include <work/redis/script_runner.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace work::redis {
namespace detail {

/// What a script call has come to so far.
struct script_progress
{
    using clock = std::chrono::steady_clock;

    explicit script_progress(script_options const& given)
        : options(given),
          begun(clock::now()),
          end(given.deadline < clock::time_point::max() - begun ? begun + given.deadline
                                                                : clock::time_point::max())
    {}

    bool over() const { return clock::now() >= end; }
    call_options next_attempt() const
    {
        call_options result;
        result.deadline = std::min(options.attempt_limit, end - clock::now());
        result.silence = options.attempt_deadline;
        result.closed_is_unknown = true;
        return result;
    }

    script_options options;
    clock::time_point begun;
    clock::time_point end;
    bool unknown = false;  // an attempt was sent, and its reply lost
    bool lost = false;     // so was the last one's
    std::string last;      // why the last attempt came to nothing
};

[[noreturn]] inline void throw_script_error(errc code, script const& program, std::string_view text)
{
    throw error(
        code,
        "the script \"" + std::string(program.name()) +
            "\" got from the server: " + std::string(text.substr(0, 320))
    );
}

[[noreturn]] inline void give_up(script_progress const& so_far, script const& program)
{
    std::string const name = "the script \"" + std::string(program.name()) + "\" ";
    if (so_far.unknown)
        throw error(
            errc::outcome_unknown,
            name +
                "was sent, but no reply came before its deadline; it may have been carried "
                "out or not (last: " +
                so_far.last + ")"
        );
    throw error(
        errc::unavailable,
        name +
            "was not carried out before its deadline; nothing was "
            "stored, try again later (last: " +
            so_far.last + ")"
    );
}

/// What ends a call whose first reply was lost: no refusal of a repetition says that the first was
/// not carried out.
[[noreturn]] inline void throw_unknown(script const& program, std::string_view last)
{
    throw error(
        errc::outcome_unknown,
        "the script \"" + std::string(program.name()) +
            "\" was sent and its reply was lost, so it may have been carried out or not; its "
            "repetition failed: " +
            std::string(last.substr(0, 512))
    );
}

/// An error reply: throws, or returns if the same bytes should be sent again.
inline void script_refused(script_progress& so_far, script const& program, std::string_view text)
{
    auto const act = classify(text);
    bool const passing =
        act == action::retry || (act == action::reconnect && error_word(text) != "WRONGPASS");
    if (!passing && so_far.unknown)
        throw_unknown(program, text.substr(0, 256));
    if (act == action::out_of_memory)
        throw_script_error(errc::full, program, text);
    if (std::string const fault = script_fault(text); !fault.empty())
        throw_script_error(errc::refused, program, std::string(text.substr(0, 64)) + "; " + fault);
    if (!passing)
        throw_script_error(errc::refused, program, text);
    if (!so_far.options.repeatable)
        throw_script_error(errc::unavailable, program, text);
    so_far.last = text.substr(0, 256);
}

/// A call that ended without a reply: throws, or returns if it should be sent again. To be called
/// while the failure is handled.
inline void script_failed(
    script_progress& so_far,
    script const& program,
    error const& failure,
    bool closed
)
{
    if (failure.code() == boost::asio::error::operation_aborted || failure.code() == errc::forked)
        throw;
    bool const lost = failure.code() == errc::outcome_unknown;
    so_far.lost = lost;
    bool const before = std::exchange(so_far.unknown, so_far.unknown || lost);
    bool const again = failure.code() == errc::unavailable || (lost && so_far.options.repeatable);
    so_far.last = failure.what();
    if (again && !closed)
        return;
    if (before && !lost)
        throw_unknown(program, failure.what());
    throw;
}

}  // namespace detail

WORK_DECL script_runner::script_runner(backoff_limits pauses)
    : state_(std::make_shared<state>(pauses))
{}

WORK_DECL task<reply> script_runner::run(connection& on, script_call& call, script_options options)
{
    return run_loop(state_, on, call, options);
}

WORK_DECL task<reply> script_runner::run(
    connection& on,
    script const& program,
    std::string_view key,
    std::vector<std::string_view> const& arguments,
    script_options options
)
{
    std::size_t size = 0;
    for (auto const& argument : arguments)
        size += argument.size() + 16;
    script_call call(program, key, size);
    for (auto const& argument : arguments)
        call.arg(argument);
    return run_owned(state_, on, std::move(call), options);
}

WORK_DECL task<reply> script_runner::run_owned(
    std::shared_ptr<state> self,
    connection& on,
    script_call call,
    script_options options
)
{
    co_return co_await run_loop(std::move(self), on, call, options);
}

WORK_DECL task<reply> script_runner::run_loop(
    std::shared_ptr<state> self,
    connection& on,
    script_call& call,
    script_options options
)
{
    script const& program = call.program();
    detail::script_progress so_far(options);
    ++self->stats.calls;
    for (unsigned attempt = 1;; ++attempt) {
        bool replied = false;
        reply answer;
        try {
            answer = co_await on.execute_raw(call.evalsha(), so_far.next_attempt());
            if (answer.is_error() && classify(answer.text()) == action::load_script) {
                ++self->stats.loads;
                std::string const whole = call.eval();
                answer = co_await on.execute_raw(whole, so_far.next_attempt());
            }
            replied = true;
        } catch (error const& failure) {
            detail::script_failed(so_far, program, failure, on.closed());
        }
        if (replied) {
            if (!answer.is_error() || (options.return_oom && !so_far.unknown &&
                                       classify(answer.text()) == action::out_of_memory))
                co_return answer;
            detail::script_refused(so_far, program, answer.text());
        }
        if (so_far.over())
            detail::give_up(so_far, program);
        ++self->stats.repetitions;
        if (options.repeated && std::exchange(so_far.lost, false))
            options.repeated(so_far.last);
        boost::asio::steady_timer pause(on.get_executor());
        pause.expires_at(std::min(
            so_far.end,
            detail::script_progress::clock::now() + self->pauses.pause(attempt)
        ));
        co_await pause.async_wait(boost::asio::use_awaitable);
        if (so_far.over())
            detail::give_up(so_far, program);
    }
}

}  // namespace work::redis
