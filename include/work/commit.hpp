// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/context.hpp>
#include <work/outcome.hpp>

#include <concepts>
#include <string_view>
#include <utility>

namespace work {

/// What happens if, and only if, this attempt completes: jobs that follow, and writes to keys of
/// your own on the server that has the jobs. All of it in the step of the broker that ends the
/// attempt, or nothing.
///
///     pool.handle<charge>([](work::context& job, charge of) -> work::task<receipt> {
///         receipt const made = co_await pay(of);
///         work::commit with_it{job};
///         with_it.enqueue(work::make<send_receipt>(of.order));
///         with_it.redis("HINCRBY", "paid", made.month, made.cents);
///         co_return made;
///     });
///
/// For handlers that return a result or nothing; of those that return an `outcome` it is the same
/// as its `then` and `write`, and what both say is done. Should the handler throw, snooze or be
/// given back, should its lease be lost or Redis refuse one of the writes, nothing happens.
///
/// \par Thread safety as `context`; it must not outlive it.
class commit
{
public:
    WORK_DECL explicit commit(context& job);

    /// \par Errors as those of `outcome::then`
    commit& enqueue(new_job job)
    {
        end_.then(std::move(job));
        return *this;
    }
    /// \par Errors as those of `outcome::write`
    template <typename... Words>
        requires std::
            constructible_from<redis_write, std::string_view, std::string_view, Words const&...>
        commit& redis(std::string_view command, std::string_view key, Words const&... words)
    {
        end_.write(command, key, words...);
        return *this;
    }

private:
    outcome& end_;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/commit.ipp>
#endif
