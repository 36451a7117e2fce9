// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client.hpp>
#include <work/config.hpp>
#include <work/job.hpp>
#include <work/job_handle.hpp>
#include <work/q.hpp>
#include <work/task.hpp>
#include <work/values/encode.hpp>
#include <work/values/make_job.hpp>

#include <chrono>
#include <concepts>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace work {

namespace detail {

struct enqueue_record;

/// When a job is to run: now, after a delay, or at a time of the broker's clock.
struct due
{
    std::chrono::milliseconds in{0};
    std::chrono::system_clock::time_point at{};
};

#ifdef WORK_GCC_AWAIT_TEMPORARY_BUG
template <typename Job>
inline constexpr bool g_plus_plus_12_keeps_temporaries_alive = false;
#endif

template <typename T>
concept text_like = std::convertible_to<T const&, std::string_view>;

template <typename T>
concept rest_argument = !std::same_as<T, enqueue_options> && !std::same_as<T, q>;

}  // namespace detail

/// Stores jobs.
///
///     co_await enqueuer.enqueue<send_email>(42, "ada@example.com");    // built from its members
///     co_await enqueuer.enqueue(mail, {.max_attempts = 3});            // a named value
///     co_await enqueuer.enqueue("resize", 7, "cat.png");               // by name, by position
///     co_await enqueuer.enqueue("create_watch", named);                // by name, by names
///     co_await enqueuer.enqueue_in(5min, mail);
///
/// A delay below zero and a time that has passed mean now; one more than 10 years ahead is refused.
///
/// A described job's name is made from its type's, without namespaces. The first type that a client
/// meets under such a name owns it; another one is refused with errc::invalid_name, and needs a
/// `job_name` of its own.
///
/// The job is turned into text before the function returns its awaitable, so nothing it was made of
/// needs to live on; an invalid option or argument is thrown right there. What many coroutines
/// enqueue at once goes out together.
///
/// \par Errors        thrown by the call: errc::invalid_option, errc::invalid_name,
/// errc::invalid_id,
///                    errc::invalid_arguments, errc::payload_too_large. Out of the awaitable:
///                    errc::unavailable, errc::full, errc::buffer_full, errc::may_evict,
///                    errc::refused, errc::closed — not stored; errc::outcome_unknown — stored or
///                    not: with an id of your own, enqueue again.
/// \par Cancellation  none: the job is stored or not, and the awaitable says which.
/// \par Thread safety any thread, also without the client's `io_context`.
/// \par Redis         one script call a batch (up to 256 jobs, 1 MiB): HSET, RPUSH; about 2 µs a
/// job.
class enqueuer
{
public:
    WORK_DECL explicit enqueuer(client& to);

    template <described_job Job>
    task<job_handle> enqueue(Job const& job, enqueue_options options = enqueue_options())
    {
        own(detail::job_identity_v<Job>);
        return push(job_name_v<Job>, detail::job_arguments(job), options, detail::due());
    }
    template <described_job Job>
    task<job_handle> enqueue_in(
        std::chrono::milliseconds delay,
        Job const& job,
        enqueue_options options = enqueue_options()
    )
    {
        own(detail::job_identity_v<Job>);
        return push(job_name_v<Job>, detail::job_arguments(job), options, after(delay));
    }
    template <described_job Job>
    task<job_handle> enqueue_at(
        std::chrono::system_clock::time_point time,
        Job const& job,
        enqueue_options options = enqueue_options()
    )
    {
        own(detail::job_identity_v<Job>);
        return push(job_name_v<Job>, detail::job_arguments(job), options, at(time));
    }

#ifdef WORK_GCC_AWAIT_TEMPORARY_BUG
    // Destroyed twice by g++ 12 when it stands in a co_await expression: see work/config.hpp.
    template <described_job Job>
        requires(!std::is_lvalue_reference_v<Job> && !std::is_trivially_destructible_v<Job>)
    task<job_handle> enqueue(Job const&&, enqueue_options = enqueue_options())
    {
        refuse_temporary<Job>();
    }
    template <described_job Job>
        requires(!std::is_trivially_destructible_v<Job>)
    task<job_handle> enqueue_in(
        std::chrono::milliseconds,
        Job const&&,
        enqueue_options = enqueue_options()
    )
    {
        refuse_temporary<Job>();
    }
    template <described_job Job>
        requires(!std::is_trivially_destructible_v<Job>)
    task<job_handle> enqueue_at(
        std::chrono::system_clock::time_point,
        Job const&&,
        enqueue_options = enqueue_options()
    )
    {
        refuse_temporary<Job>();
    }
#endif

    /// Builds the job from the values of its members, in order; members left out keep their
    /// defaults.
    template <described_job Job, typename... Members>
        requires(
            sizeof...(Members) > 0 && !(std::same_as<Members, Job> || ...) &&
            (detail::rest_argument<Members> && ...)
        )
    task<job_handle> enqueue(Members const&... members)
    {
        own(detail::job_identity_v<Job>);
        return push(
            job_name_v<Job>,
            detail::job_arguments(make_job<Job>(members...)),
            enqueue_options(),
            detail::due()
        );
    }
    template <described_job Job, typename... Members>
        requires(
            sizeof...(Members) > 0 && !(std::same_as<Members, Job> || ...) &&
            (detail::rest_argument<Members> && ...)
        )
    task<job_handle> enqueue_in(std::chrono::milliseconds delay, Members const&... members)
    {
        own(detail::job_identity_v<Job>);
        return push(
            job_name_v<Job>,
            detail::job_arguments(make_job<Job>(members...)),
            enqueue_options(),
            after(delay)
        );
    }

    /// Says in one line what is missing.
    template <typename Job, typename... Rest>
        requires(std::is_class_v<Job> && !described_job<Job> && !detail::text_like<Job>)
    task<job_handle> enqueue(Job const&, Rest const&...)
    {
        static_assert(
            described_job<Job>,
            "work: describe the job with BOOST_DESCRIBE_STRUCT(name, (), (members)), or "
            "give its name first"
        );
        std::abort();
    }

    /// By name, with arguments by position.
    template <detail::text_like Name, typename... Args>
        requires((!described_job<Args> && detail::rest_argument<Args>) && ...)
    task<job_handle> enqueue(Name const& name, Args const&... args)
    {
        return push(name, encode_positional(args...), enqueue_options(), detail::due());
    }
    template <detail::text_like Name, typename... Args>
        requires((!described_job<Args> && detail::rest_argument<Args>) && ...)
    task<job_handle> enqueue_in(
        std::chrono::milliseconds delay,
        Name const& name,
        Args const&... args
    )
    {
        return push(name, encode_positional(args...), enqueue_options(), after(delay));
    }
    /// The same with options first.
    template <detail::text_like Name, typename... Args>
    task<job_handle> enqueue_with(enqueue_options options, Name const& name, Args const&... args)
    {
        return push(name, encode_positional(args...), options, detail::due());
    }

    /// By name, with arguments by name.
    task<job_handle> enqueue(
        std::string_view name,
        q const& named,
        enqueue_options options = enqueue_options()
    )
    {
        return push(name, named.json(), options, detail::due());
    }
    task<job_handle> enqueue_in(
        std::chrono::milliseconds delay,
        std::string_view name,
        q const& named,
        enqueue_options options = enqueue_options()
    )
    {
        return push(name, named.json(), options, after(delay));
    }
    task<job_handle> enqueue_at(
        std::chrono::system_clock::time_point time,
        std::string_view name,
        q const& named,
        enqueue_options options = enqueue_options()
    )
    {
        return push(name, named.json(), options, at(time));
    }

    /// By name, with arguments that are JSON text already: an array or an object.
    /// `delay` 0: now.
    /// \par Errors errc::invalid_arguments for anything else, with the offset and the reason.
    task<job_handle> enqueue_json(
        std::string_view name,
        std::string json,
        enqueue_options options = enqueue_options(),
        std::chrono::milliseconds delay = std::chrono::milliseconds(0)
    )
    {
        check_json(name, json);
        return push(name, std::move(json), options, after(delay));
    }

    /// Stores many jobs of one type; atomic per batch of up to 256 jobs. The handles are in the
    /// order of the range.
    ///
    /// \par Errors as above; when one is thrown, batches that went out before it are stored.
    template <typename Range>
    task<std::vector<job_handle>> enqueue_bulk(
        Range const& jobs,
        enqueue_options options = enqueue_options()
    )
    {
        using job = std::remove_cvref_t<decltype(*std::begin(jobs))>;
        static_assert(
            described_job<job>,
            "work: enqueue_bulk takes a range of described structs (BOOST_DESCRIBE_STRUCT)"
        );
        own(detail::job_identity_v<job>);
        bulk all = start_bulk(job_name_v<job>, options);
        for (auto const& one : jobs)
            add(all, detail::job_arguments(one));
        return push_bulk(core_, std::move(all));
    }

private:
    struct bulk;
    struct bulk_deleter
    {
        WORK_DECL void operator()(std::vector<detail::enqueue_record>* records) const;
    };
    struct bulk
    {
        std::unique_ptr<std::vector<detail::enqueue_record>, bulk_deleter> records;
        std::string name;
        std::string list;
        std::string options;
        enqueue_options given;
    };

#ifdef WORK_GCC_AWAIT_TEMPORARY_BUG
    template <typename Job>
    [[noreturn]] static void refuse_temporary()
    {
        static_assert(
            detail::g_plus_plus_12_keeps_temporaries_alive<Job>,
            "work: g++ 12 destroys a temporary job inside co_await twice. Give it a name "
            "on the line before (send_email mail{...}; co_await e.enqueue(mail);), or pass "
            "its members: co_await e.enqueue<send_email>(42, \"ada@example.com\")."
        );
        std::abort();
    }
#endif

    static detail::due after(std::chrono::milliseconds delay)
    {
        detail::due d;
        d.in = delay;
        return d;
    }
    static detail::due at(std::chrono::system_clock::time_point time)
    {
        detail::due d;
        d.at = time;
        return d;
    }

    WORK_DECL task<job_handle> push(
        std::string_view name,
        std::string args,
        enqueue_options const& options,
        detail::due when
    );
    /// Refuses a second type of a derived name.
    WORK_DECL void own(detail::job_identity const& job) const;
    WORK_DECL void check_json(std::string_view name, std::string_view json) const;
    WORK_DECL bulk start_bulk(std::string_view name, enqueue_options const& options);
    WORK_DECL void add(bulk& to, std::string args);
    WORK_DECL static task<std::vector<job_handle>> push_bulk(
        std::shared_ptr<detail::client_core> core,
        bulk all
    );

    std::shared_ptr<detail::client_core> core_;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/enqueuer.ipp>
#endif
