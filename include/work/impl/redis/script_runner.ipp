// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/redis/error_table.hpp>
#include <work/redis/script_runner.hpp>

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
        result.deadline = std::min(options.attempt_deadline, end - clock::now());
        return result;
    }

    script_options options;
    clock::time_point begun;
    clock::time_point end;
    bool unknown = false;  // an attempt was sent, and its reply lost
    std::string last;      // why the last attempt came to nothing
};

[[noreturn]] inline void throw_script_error(errc code, script const& program, std::string_view text)
{
    throw error(
        code,
        "the script \"" + std::string(program.name()) +
            "\" got from the server: " + std::string(text.substr(0, 256))
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

/// An error reply: throws, or returns true if the same bytes should be sent again.
inline bool script_refused(script_progress& so_far, script const& program, std::string_view text)
{
    auto const act = classify(text);
    if (act == action::out_of_memory)
        throw_script_error(so_far.unknown ? errc::outcome_unknown : errc::full, program, text);
    bool const passing =
        act == action::retry || (act == action::reconnect && error_word(text) != "WRONGPASS");
    if (!passing)
        throw_script_error(errc::refused, program, text);
    if (!so_far.options.repeatable)
        throw_script_error(errc::unavailable, program, text);
    so_far.last = text.substr(0, 256);
    return true;
}

}  // namespace detail

WORK_DECL script_runner::script_runner(backoff_limits pauses)
    : state_(std::make_shared<state>(pauses))
{}

WORK_DECL task<reply> script_runner::run(lane& on, script_call& call, script_options options)
{
    return run_loop(state_, on, call, options);
}

WORK_DECL task<reply> script_runner::run(
    lane& on,
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
    lane& on,
    script_call call,
    script_options options
)
{
    co_return co_await run_loop(std::move(self), on, call, options);
}

WORK_DECL task<reply> script_runner::run_loop(
    std::shared_ptr<state> self,
    lane& on,
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
            if (failure.code() == errc::outcome_unknown && options.repeatable)
                so_far.unknown = true;
            else if (failure.code() != errc::unavailable)
                throw;
            so_far.last = failure.what();
        }
        if (replied) {
            if (!answer.is_error() ||
                (options.return_oom && classify(answer.text()) == action::out_of_memory))
                co_return answer;
            detail::script_refused(so_far, program, answer.text());
        }
        if (so_far.over())
            detail::give_up(so_far, program);
        ++self->stats.repetitions;
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
