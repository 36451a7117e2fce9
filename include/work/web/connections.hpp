// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/options.hpp>

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

namespace work::web {

/// How long a body of so many bytes may take to come.
inline std::chrono::milliseconds body_time(web_limits const& limits, std::size_t announced)
{
    return limits.body_in + std::chrono::seconds(announced / (256 << 10));
}

/// How many connections there are, of whom, and how much their bodies hold. Those of loopback and
/// of trusted proxies, through one of which all may come, are counted by the token that they use.
class connections
{
public:
    explicit connections(web_limits const& limits) : limits_(limits) {}

    /// False: there are too many, of all or of this peer.
    bool admit(std::string const& peer, bool by_token)
    {
        if (all_ == limits_.connections)
            return false;
        if (!by_token && !take(peers_, peer, limits_.connections_per_peer))
            return false;
        ++all_;
        return true;
    }
    void leave(std::string const& peer, bool by_token)
    {
        --all_;
        if (!by_token)
            give(peers_, peer);
    }
    /// False: the token has too many connections.
    bool admit_user(std::string const& name)
    {
        return take(users_, name, limits_.connections_per_token);
    }
    void leave_user(std::string const& name) { give(users_, name); }

    /// False: the bodies under way would hold too much.
    bool reserve(std::size_t bytes)
    {
        if (bytes > limits_.bodies_bytes - bodies_)
            return false;
        bodies_ += bytes;
        return true;
    }
    void release(std::size_t bytes) { bodies_ -= bytes; }

    std::size_t all() const noexcept { return all_; }
    std::size_t bodies() const noexcept { return bodies_; }

private:
    using counts = std::map<std::string, std::size_t>;

    static bool take(counts& of, std::string const& whose, std::size_t most)
    {
        std::size_t& count = of[whose];
        if (count == most)
            return false;
        ++count;
        return true;
    }
    static void give(counts& of, std::string const& whose)
    {
        auto const found = of.find(whose);
        if (found != of.end() && --found->second == 0)
            of.erase(found);
    }

    web_limits limits_;
    std::size_t all_ = 0;
    std::size_t bodies_ = 0;
    counts peers_;
    counts users_;
};

}  // namespace work::web
