// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client/followed_jobs.hpp>
#include <work/error.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace work::detail {

inline constexpr std::chrono::seconds listens_on{2};
inline constexpr std::chrono::seconds first_question{1};
inline constexpr std::chrono::seconds last_question{8};
/// So long what was published may still be on its way when its job is gone already.
inline constexpr std::chrono::milliseconds on_its_way{500};
/// Until it tries again what it was refused.
inline constexpr std::chrono::seconds deaf_for{60};
inline constexpr std::chrono::milliseconds longest_wait{std::chrono::hours(24 * 365 * 10)};
inline constexpr std::size_t questions_at_once = 256;

WORK_DECL followed_jobs::followed_jobs(
    boost::asio::any_io_executor executor,
    std::shared_ptr<broker> store,
    work::logger log,
    std::string name
)
    : executor_(std::move(executor)),
      broker_(std::move(store)),
      log_(std::move(log)),
      name_(std::move(name))
{}

WORK_DECL followed_jobs::place::place(std::shared_ptr<followed_jobs> of, std::string id)
    : all_(std::move(of)),
      timer_(all_->executor_),
      at_(all_->waiters_.emplace(std::move(id), this))
{}

WORK_DECL followed_jobs::place::~place()
{
    all_->waiters_.erase(at_);
    all_->idle_since_ = clock::now();
}

WORK_DECL error followed_jobs::not_in_time(std::string const& id, std::chrono::milliseconds at_most)
{
    return error(
        errc::timed_out,
        "job " + id + " has not ended within " + std::to_string(at_most.count()) +
            " ms; it goes on: wait for longer, or cancel it"
    );
}

WORK_DECL followed_jobs::clock::time_point followed_jobs::until(std::chrono::milliseconds at_most)
{
    return clock::now() + std::min<std::chrono::milliseconds>(at_most, longest_wait);
}

// Somebody cancelled the waiting coroutine, or it woke.
WORK_DECL task<void> followed_jobs::sleep(boost::asio::steady_timer& timer, clock::time_point until)
{
    timer.expires_at(until);
    boost::system::error_code woken;
    auto token = boost::asio::redirect_error(boost::asio::use_awaitable, woken);
    co_await timer.async_wait(token);
    auto const state = co_await boost::asio::this_coro::cancellation_state;
    if (state.cancelled() != boost::asio::cancellation_type::none)
        throw boost::system::system_error(boost::asio::error::operation_aborted, "wait");
}

WORK_DECL void followed_jobs::begin_listening()
{
    if (subscribed_ || deaf())
        return;
    subscribed_ = true;
    idle_since_ = clock::now();
    linger_ = std::make_shared<boost::asio::steady_timer>(executor_);
    boost::asio::co_spawn(
        executor_,
        [self = shared_from_this()]() { return self->end_when_idle(); },
        [](std::exception_ptr) {}
    );
    boost::asio::co_spawn(
        executor_,
        [self = shared_from_this()]() { return self->run_subscription(); },
        [self = shared_from_this()](std::exception_ptr failed) {
            self->subscribed_ = false;
            self->listening_ = false;
            self->linger_->cancel();
            if (failed)
                self->is_deaf(failed);
            else if (!self->waiters_.empty())
                self->begin_listening();
            self->ask_again();
        }
    );
}

WORK_DECL task<void> followed_jobs::run_subscription()
{
    std::weak_ptr<followed_jobs> const weak = weak_from_this();
    auto receive = [weak](std::string_view message) {
        if (auto const self = weak.lock())
            self->heard(message);
    };
    auto listening = [weak] {
        if (auto const self = weak.lock())
            self->listens();
    };
    return broker_->subscribe("ended." + name_, std::move(receive), std::move(listening));
}

// What was published before is lost.
WORK_DECL void followed_jobs::listens()
{
    listening_ = true;
    ask_again();
}

WORK_DECL void followed_jobs::ask_again()
{
    for (auto const& [id, who] : waiters_) {
        who->asks_ = true;
        who->timer_.cancel();
    }
}

WORK_DECL void followed_jobs::is_deaf(std::exception_ptr why)
{
    std::string text;
    try {
        std::rethrow_exception(why);
    } catch (error const& fault) {
        if (fault.code() == errc::closed || fault.code() == errc::forked)
            return;
        text = fault.what();
    } catch (std::exception const& fault) {
        text = fault.what();
    }
    deaf_until_ = clock::now() + deaf_for;
    if (log_)
        log_(
            log_level::warning,
            "the ends of jobs that are waited for are asked for, each 1 to 8 s, since this client "
            "can't listen: " +
                text
        );
}

WORK_DECL task<void> followed_jobs::end_when_idle()
{
    auto const timer = linger_;
    while (subscribed_ && timer == linger_) {
        auto const until = waiters_.empty() ? idle_since_ + listens_on : clock::now() + listens_on;
        if (waiters_.empty() && clock::now() >= until) {
            listening_ = false;
            broker_->end_subscription("ended." + name_);
            co_return;
        }
        co_await sleep(*timer, until);
    }
}

// Id, state and text, a line each.
WORK_DECL void followed_jobs::heard(std::string_view message)
{
    std::size_t const id_end = message.find('\n');
    std::size_t const state_end =
        id_end == message.npos ? message.npos : message.find('\n', id_end + 1);
    if (state_end == message.npos)
        return;
    told_end end;
    end.state = state_named(message.substr(id_end + 1, state_end - id_end - 1));
    end.text = message.substr(state_end + 1);
    auto const [first, last] = waiters_.equal_range(message.substr(0, id_end));
    for (auto at = first; at != last; ++at) {
        at->second->end_ = end;
        at->second->timer_.cancel();
    }
}

// Those that are asked for while a request is under way go with the next one.
WORK_DECL task<void> followed_jobs::ask_all()
{
    while (!questions_.empty()) {
        std::size_t const count = std::min(questions_.size(), questions_at_once);
        auto const end = questions_.begin() + static_cast<std::ptrdiff_t>(count);
        std::vector<std::shared_ptr<question>> const some(questions_.begin(), end);
        questions_.erase(questions_.begin(), end);
        std::vector<std::string> ids;
        for (auto const& one : some)
            ids.push_back(one->id);
        std::vector<admin_result> answers;
        std::exception_ptr failure;
        try {
            answers = co_await broker_->follow(std::move(ids), name_);
        } catch (...) {
            failure = std::current_exception();
        }
        for (std::size_t i = 0; i != some.size(); ++i) {
            some[i]->failure = failure;
            if (!failure && i < answers.size())
                some[i]->answer = answers[i];
            some[i]->timer.cancel();
        }
    }
    asking_ = false;
}

WORK_DECL task<std::optional<admin_result>> followed_jobs::ask(
    std::string id,
    clock::time_point until
)
{
    auto const mine = std::make_shared<question>(executor_, std::move(id));
    questions_.push_back(mine);
    if (!asking_) {
        asking_ = true;
        boost::asio::co_spawn(
            executor_,
            [self = shared_from_this()]() { return self->ask_all(); },
            [](std::exception_ptr) {}
        );
    }
    while (!mine->answer && !mine->failure && clock::now() < until)
        co_await sleep(mine->timer, until);
    if (mine->failure)
        std::rethrow_exception(mine->failure);
    co_return mine->answer;
}

// Has it noted that the job is followed; if it has ended, how.
WORK_DECL task<std::optional<told_end>> followed_jobs::look(place& here, clock::time_point until)
{
    std::string asked = here.id();
    std::optional<admin_result> const noted = co_await ask(std::move(asked), until);
    if (here.end_ || !noted)
        co_return std::move(here.end_);
    if (noted->code == admin_code::gone) {
        co_await sleep(here.timer_, clock::now() + on_its_way);
        if (here.end_)
            co_return std::move(here.end_);
    } else if (!ended_states.contains(noted->state)) {
        co_return std::nullopt;
    }
    std::string named = here.id();
    job_record const record = co_await broker_->job(std::move(named));
    if (record.state == job_state::unknown)
        throw error(
            errc::no_such_job,
            "no job " + here.id() +
                ": it never existed, or it has ended and is not kept. To hear of the end of one, "
                "wait before it ends, enqueue it with enqueuer::call, or let its handler return a "
                "result"
        );
    if (!ended_states.contains(record.state))
        co_return std::nullopt;  // somebody requeued it meanwhile
    told_end end;
    end.state = record.state;
    if (record.state == job_state::dead)
        end.text = record.failures.empty() ? std::string() : record.failures.back();
    else
        end.text = record.kept;
    co_return end;
}

WORK_DECL task<bool> followed_jobs::listen(place& here, clock::time_point until)
{
    begin_listening();
    while (!listening_ && !deaf() && subscribed_ && clock::now() < until)
        co_await sleep(here.timer_, until);
    co_return listening_ || deaf();
}

WORK_DECL task<std::optional<told_end>> followed_jobs::end_of(
    place& here,
    clock::time_point until,
    bool noted
)
{
    co_await listen(here, until);
    here.asks_ = here.asks_ || !noted || deaf();
    clock::duration pause = first_question;
    for (;;) {
        if (here.end_)
            co_return std::move(here.end_);
        if (clock::now() >= until)
            co_return std::nullopt;
        if (std::exchange(here.asks_, false)) {
            std::optional<told_end> end = co_await look(here, until);
            if (end)
                co_return end;
        }
        if (here.end_ || here.asks_)
            continue;
        begin_listening();
        auto const next = std::min<clock::time_point>(until, clock::now() + pause);
        co_await sleep(here.timer_, next);
        if (clock::now() >= next && next != until) {
            here.asks_ = true;
            pause = std::min<clock::duration>(2 * pause, last_question);
        }
    }
}

WORK_DECL task<told_end> followed_jobs::end_of(std::string id, std::chrono::milliseconds at_most)
{
    place here(shared_from_this(), id);
    std::optional<told_end> end = co_await end_of(here, until(at_most), false);
    if (!end)
        throw not_in_time(id, at_most);
    co_return std::move(*end);
}

}  // namespace work::detail
