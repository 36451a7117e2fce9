// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstdlib>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/broker_invariants.hpp"
#include "support/broker_subject.hpp"
#include "support/broker_text.hpp"

namespace work_test {

/// The two sides gave different answers, came to different states, or broke an invariant.
struct disagreement : std::runtime_error
{
    using runtime_error::runtime_error;
};

/// Memory and Redis side by side: each transition is made on both and their answers are compared.
class broker_pair
{
public:
    explicit broker_pair(std::shared_ptr<private_redis> server, script_mutation mutation = {})
        : redis_(std::move(server), mutation)
    {}

    /// On Redis chores look for jobs in no place all the time: there are none.
    void sweep() { redis_.sweeps = true; }
    bool sweeps() const { return redis_.sweeps; }

    std::int64_t us() const { return memory_.us; }
    std::int64_t now_ms() const { return memory_.now_ms(); }
    void pass(std::int64_t ms)
    {
        log("pass " + std::to_string(ms));
        memory_.pass(ms);
        redis_.pass(ms);
    }

    /// `what(subject)` on both; returns memory's answer. Says `stale` instead of throwing it.
    template <typename What>
    auto on_both(std::string name, What what, bool* stale = nullptr)
    {
        log(std::move(name));
        using answer = decltype(what(memory_));
        answer mine{};
        std::string const a = text([&] { return text_of(mine = what(memory_)); });
        std::string const b = text([&] { return text_of(what(redis_)); });
        if (a != b)
            disagree("the answers differ\n--- memory\n" + a + "\n--- redis\n" + b);
        if (stale != nullptr)
            *stale = a.starts_with("STALE");
        else if (a.starts_with("STALE"))
            disagree("both refuse: " + a);
        return mine;
    }
    template <typename What>
    void do_both(std::string name, What what)
    {
        log(std::move(name));
        what(memory_);
        what(redis_);
    }

    /// Compares the whole state; leaves out whom wakeups went to, which is drawn by lot.
    void compare(bool check_invariants)
    {
        state_dump const a = without_lots(memory_.dump());
        state_dump const b = without_lots(redis_.dump());
        if (a != b)
            disagree("the states differ" + difference(a, b));
        if (!check_invariants)
            return;
        std::string broken;
        for (std::string const& what : broker_invariants::broken(b))
            broken += "\n" + what;
        if (!broken.empty())
            disagree("invariants are broken:" + broken);
    }
    state_dump dump() { return without_lots(memory_.dump()); }

    void log(std::string what)
    {
        log_.push_back(std::move(what));
        if (log_.size() > 40)
            log_.pop_front();
    }
    [[noreturn]] void disagree(std::string const& what)
    {
        std::string all = what + "\n--- the last steps";
        for (std::string const& step : log_)
            all += "\n" + step;
        if (std::getenv("WORK_SHOW_STATE") != nullptr) {
            all += "\n--- the state on Redis";
            for (auto const& [key, value] : redis_.dump())
                all += "\n" + key + " " + value;
        }
        throw disagreement(all);
    }

private:
    static std::string text(auto make)
    {
        try {
            return make();
        } catch (work::error const& e) {
            return e.what();
        }
    }
    // Days that are long past expire, in Redis by its own clock.
    state_dump without_lots(state_dump dump)
    {
        std::int64_t const oldest = now_ms() / 86'400'000 - 89;
        std::erase_if(dump, [oldest](auto const& key) {
            std::string const& name = key.first;
            return name.starts_with("wake:pool-") || name.starts_with("status:") ||
                   (name.starts_with("stats:") && std::stoll(name.substr(6)) <= oldest);
        });
        return dump;
    }
    static std::string difference(state_dump const& a, state_dump const& b)
    {
        std::string all;
        for (auto const& [key, value] : a) {
            auto const other = b.find(key);
            if (other == b.end() || other->second != value)
                all += "\n" + key + "\n  memory " + value + "\n  redis  " +
                       (other == b.end() ? "-" : other->second);
        }
        for (auto const& [key, value] : b) {
            if (!a.contains(key))
                all += "\n" + key + "\n  memory -\n  redis  " + value;
        }
        return all;
    }

    memory_subject memory_;
    redis_subject redis_;
    std::deque<std::string> log_;
};

}  // namespace work_test
