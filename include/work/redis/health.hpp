// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace work::redis {

/// What is wrong with the connections to one server, told in few lines: one when a trouble has
/// lasted for `patience`, one a minute while it lasts, with the count, and one when it is over.
///
/// \par Thread safety all functions may be called from any thread.
class health
{
public:
    using clock = std::chrono::steady_clock;
    /// Takes a line; `over`: the trouble has ended.
    using teller = std::function<void(bool over, std::string const& line)>;

    /// A connection in trouble for less than this is nobody's business: servers are restarted.
    static constexpr std::chrono::milliseconds patience{500};
    static constexpr std::chrono::seconds interval{60};
    /// After so long without an attempt a trouble that was not told is forgotten.
    static constexpr std::chrono::seconds memory{5};

    /// `server` for the lines, as `describe` has it.
    WORK_DECL health(std::string server, teller tell);

    /// A connection could not be made, was lost before it gave an answer, or answers that it can't
    /// serve. `who` is one object for each connection, `name` what people call it; `why` goes on
    /// after "the Redis server …", and is empty when an attempt begins.
    WORK_DECL void failed(
        void const* who,
        std::string_view name,
        std::string_view why,
        clock::time_point now = clock::now()
    );
    /// Time passed; tells what has become due.
    WORK_DECL void look(clock::time_point now = clock::now());
    /// The connection works.
    WORK_DECL void well(void const* who, clock::time_point now = clock::now());
    /// The connection is no more.
    WORK_DECL void gone(void const* who);

    /// What is wrong now, once it was told; "" if nothing is.
    WORK_DECL std::string trouble() const;
    /// Something is wrong: it is told here once it has lasted, and by nobody else.
    WORK_DECL bool ailing() const;

private:
    struct patient
    {
        std::string name;
        std::string why;
    };
    std::string names() const;
    std::string due(clock::time_point now);

    std::string const server_;
    teller const tell_;
    mutable std::mutex mutex_;
    std::map<void const*, patient> ill_;
    std::string why_;  ///< of who failed last
    clock::time_point since_{};
    clock::time_point told_at_{};
    clock::time_point last_{};
    std::uint64_t failures_ = 0;
    bool told_ = false;
};

}  // namespace work::redis

#ifdef WORK_HEADER_ONLY
#include <work/redis/health.ipp>
#endif
