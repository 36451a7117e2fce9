// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/job_handle.hpp>
#include <work/make.hpp>

#include <chrono>
#include <concepts>
#include <iterator>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace work::detail {

/// One call with these is one job. Options come last, in overloads that take them in braces.
template <typename... Arguments>
concept one_job = sizeof...(Arguments) > 0 && !ends_with_options<Arguments...> &&
                  !(sizeof...(Arguments) == 1 && (job_range<Arguments> && ...));

template <typename Job, typename... Members>
concept built_from =
    described_job<Job> && !(std::same_as<Members, Job> || ...) && !(are_options<Members> || ...);

/// All the ways to say what is to be stored, in one place for `enqueuer` and `blocking_enqueuer`.
///
/// `Face` stores a `new_job`, or a vector of them, and answers with `Answer<T>`, which is `task<T>`
/// or `T` itself.
template <typename Face, template <typename> class Answer>
class enqueue_calls
{
public:
    /// A described job; or a name and arguments by position, or a `q`.
    template <typename... Arguments>
        requires one_job<Arguments...>
    Answer<job_handle> enqueue(Arguments&&... arguments)
    {
        return store(job_of<Arguments...>(arguments...));
    }
    /// Builds the job from the values of its members, in order; those left out keep their defaults.
    template <typename Job, typename... Members>
        requires built_from<Job, Members...>
    Answer<job_handle> enqueue(Members const&... members)
    {
        return store(make<Job>(members...));
    }
    template <typename Job>
        requires described_job<std::remove_cvref_t<Job>>
    Answer<job_handle> enqueue(Job&& job, enqueue_options options)
    {
        return store(described<Job>(job, options));
    }
    Answer<job_handle> enqueue(std::string_view name, q const& named, enqueue_options options)
    {
        return store(make(name, named, options));
    }

    /// By name, by position, with options.
    template <text_like Name, typename... Arguments>
    Answer<job_handle> enqueue_with(
        enqueue_options options,
        Name const& name,
        Arguments const&... arguments
    )
    {
        return store(make(name, arguments...).with(options));
    }
    /// By name, with arguments that are JSON text already: see `make_json`.
    Answer<job_handle> enqueue_json(
        std::string_view name,
        std::string_view json,
        enqueue_options options = enqueue_options()
    )
    {
        return store(make_json(name, json, options));
    }

    /// After a delay; one below zero means now.
    template <typename... Arguments>
        requires one_job<Arguments...>
    Answer<job_handle> enqueue_in(std::chrono::milliseconds delay, Arguments&&... arguments)
    {
        return store(due(job_of<Arguments...>(arguments...), delay));
    }
    template <typename Job, typename... Members>
        requires built_from<Job, Members...>
    Answer<job_handle> enqueue_in(std::chrono::milliseconds delay, Members const&... members)
    {
        return store(due(make<Job>(members...), delay));
    }
    template <typename Job>
        requires described_job<std::remove_cvref_t<Job>>
    Answer<job_handle> enqueue_in(
        std::chrono::milliseconds delay,
        Job&& job,
        enqueue_options options
    )
    {
        return store(due(described<Job>(job, options), delay));
    }
    Answer<job_handle> enqueue_in(
        std::chrono::milliseconds delay,
        std::string_view name,
        q const& named,
        enqueue_options options
    )
    {
        return store(due(make(name, named, options), delay));
    }

    /// At a time of the broker's clock; one that has passed means now.
    template <typename... Arguments>
        requires one_job<Arguments...>
    Answer<job_handle> enqueue_at(
        std::chrono::system_clock::time_point time,
        Arguments&&... arguments
    )
    {
        return store(due(job_of<Arguments...>(arguments...), time));
    }
    template <typename Job, typename... Members>
        requires built_from<Job, Members...>
    Answer<job_handle> enqueue_at(
        std::chrono::system_clock::time_point time,
        Members const&... members
    )
    {
        return store(due(make<Job>(members...), time));
    }
    template <typename Job>
        requires described_job<std::remove_cvref_t<Job>>
    Answer<job_handle> enqueue_at(
        std::chrono::system_clock::time_point time,
        Job&& job,
        enqueue_options options
    )
    {
        return store(due(described<Job>(job, options), time));
    }
    Answer<job_handle> enqueue_at(
        std::chrono::system_clock::time_point time,
        std::string_view name,
        q const& named,
        enqueue_options options
    )
    {
        return store(due(make(name, named, options), time));
    }

    /// Many jobs: described ones of one type, which share the options. Atomic per batch of up to
    /// 256 jobs. The handles are in the order of the range.
    ///
    /// \par Errors those of the call stored nothing. One that comes later was met on the way: the
    ///      jobs of other batches are stored.
    template <job_range Jobs>
    Answer<std::vector<job_handle>> enqueue_bulk(
        Jobs&& jobs,
        enqueue_options options = enqueue_options()
    )
    {
        return face().enqueue(make_all(std::forward<Jobs>(jobs), options));
    }
    template <job_range Jobs>
        requires(!std::same_as<job_in<Jobs>, new_job>)
    Answer<std::vector<job_handle>> enqueue(
        Jobs&& jobs,
        enqueue_options options = enqueue_options()
    )
    {
        return face().enqueue(make_all(std::forward<Jobs>(jobs), options));
    }
    /// Many jobs of any kinds, each with options of its own.
    template <job_range Jobs>
        requires std::same_as<job_in<Jobs>, new_job>
    Answer<std::vector<job_handle>> enqueue(Jobs&& jobs)
    {
        return face().enqueue(std::vector<new_job>(std::begin(jobs), std::end(jobs)));
    }

private:
    Answer<job_handle> store(new_job job) { return face().enqueue(std::move(job)); }
    Face& face() noexcept { return static_cast<Face&>(*this); }

    template <typename Job>
    static new_job described(
        std::remove_reference_t<Job> const& job,
        enqueue_options const& options
    )
    {
        if constexpr (!std::same_as<Answer<job_handle>, job_handle>)
            refuse_temporary<Job>();
        return make_described(job, options);
    }
    /// `Arguments` say what each was when the user passed it.
    template <typename... Arguments>
    static new_job job_of(std::remove_reference_t<Arguments> const&... arguments)
    {
        // Only who awaits the answer keeps temporaries in a coroutine's frame.
        if constexpr (!std::same_as<Answer<job_handle>, job_handle>)
            (refuse_temporary<Arguments>(), ...);
        if constexpr ((std::same_as<std::remove_cvref_t<Arguments>, new_job> && ...))
            return (new_job(arguments), ...);
        else if constexpr ((described_job<std::remove_cvref_t<Arguments>> && ...))
            return make_described(arguments..., enqueue_options());
        else
            return make(arguments...);
    }
};

}  // namespace work::detail
