// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdio>
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

    /// Pools write to keys of their own with the ends of jobs.
    bool writes = true;

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
        std::string const mine = boost::json::serialize(memory_.written());
        std::string const theirs = boost::json::serialize(redis_.written());
        if (mine != theirs)
            disagree("what was written differs\n--- memory\n" + mine + "\n--- redis\n" + theirs);
        if (std::getenv("WORK_SHOW_STATE") != nullptr)
            agreed_ = a;
        if (char const* const text = std::getenv("WORK_WATCH"))
            watch(a, text);
        if (!check_invariants)
            return;
        std::string broken;
        for (std::string const& what : broker_invariants::broken(b))
            broken += "\n" + what;
        if (!broken.empty())
            disagree("invariants are broken:" + broken);
    }
    state_dump dump() { return without_lots(memory_.dump()); }

    /// Prints what the state says of a text whenever that changes, behind the step that did it.
    void watch(state_dump const& state, std::string const& text)
    {
        std::string now;
        for (auto const& [key, value] : state)
            for (std::string const& line : lines_of_value(value))
                if (key.find(text) != std::string::npos || line.find(text) != std::string::npos)
                    now += "    " + key + " " + line + "\n";
        if (now != watched_)
            std::printf("%s\n%s", log_.empty() ? "" : log_.back().c_str(), now.c_str());
        watched_ = std::move(now);
    }
    static std::vector<std::string> lines_of_value(std::string const& value)
    {
        std::vector<std::string> lines;
        for (std::size_t at = 0; at < value.size();) {
            std::size_t const end = std::min(value.find('\n', at), value.size());
            lines.push_back(value.substr(at, end - at));
            at = end + 1;
        }
        return lines;
    }

    void log(std::string what)
    {
        static char const* const most = std::getenv("WORK_LAST_STEPS");
        log_.push_back(std::move(what));
        if (log_.size() > (most != nullptr ? std::strtoul(most, nullptr, 10) : 40))
            log_.pop_front();
    }
    [[noreturn]] void disagree(std::string const& what)
    {
        std::string all = what + "\n--- the last steps";
        for (std::string const& step : log_)
            all += "\n" + step;
        if (std::getenv("WORK_SHOW_STATE") != nullptr) {
            all += "\n--- the state when they agreed last";
            for (auto const& [key, value] : agreed_)
                all += "\n" + key + " " + value;
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
    std::string watched_;
    state_dump agreed_;
};

}  // namespace work_test
