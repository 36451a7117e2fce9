// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/described.hpp>
#include <work/values/encode.hpp>

#include <boost/describe/enum.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace work {

/// How long a unique job keeps others of its key out. Either way it lets them in when it is
/// cancelled, deleted or set aside, or its record is lost.
enum class until {
    started,    ///< until it is claimed: while it runs, another may wait already
    succeeded,  ///< until it has succeeded: one that is dead still keeps others out
    ended,      ///< until it has succeeded or is dead
};
BOOST_DESCRIBE_ENUM(until, started, succeeded, ended)

/// What becomes of a job when another of its key is there. Nothing new is stored, whatever it is;
/// the handle has the id of the job that is there, and says what was done.
enum class conflict {
    keep,     ///< nothing
    replace,  ///< that job gets the new arguments and options, unless it runs or is dead
    extend,   ///< that job, if it is scheduled, gets the new time
    renew,    ///< both: the last one called wins, so many after the last call
};
BOOST_DESCRIBE_ENUM(conflict, keep, replace, extend, renew)

namespace detail {

/// The lock of a job: at most one of a key is there at a time. Modes: as `until` begins, and `t`
/// for so long, whatever becomes of the job.
struct job_lock
{
    std::string key;  ///< 32 digits; empty: the job is not unique
    char mode = 'f';
    std::int64_t time_ms = 0;  ///< of mode `t`
    conflict on_conflict = conflict::keep;
};

constexpr char mode_of(until end) noexcept
{
    return end == until::started ? 's' : end == until::succeeded ? 'u' : 'f';
}

constexpr char policy_of(conflict what) noexcept
{
    return what == conflict::keep      ? 'k'
           : what == conflict::replace ? 'r'
           : what == conflict::extend  ? 'e'
                                       : 'b';
}

/// Of the job's name and what else is to be the same: text that is the same where that is.
WORK_DECL std::string lock_key(std::string_view name, char kind, std::string_view text);
/// Arguments as every program would write them: without spaces, members in the order of their
/// names. Errors: errc::invalid_arguments, when they are no JSON.
WORK_DECL std::string canonical_arguments(std::string_view arguments);
/// The values of these members of an object of arguments, as a JSON array: what `unique_by` takes.
/// Errors: errc::invalid_option, naming the member that is not there.
WORK_DECL std::string canonical_members(
    std::string_view arguments,
    std::string_view const* members,
    std::size_t count
);

template <typename Job, typename Class, typename Type>
void append_unique(std::string& out, Job const& job, Type Class::* member)
{
    static_assert(
        std::is_base_of_v<Class, Job>,
        "work: unique_by takes members of the job that it stands in: &job_type::member"
    );
    out.append(out.size() > 1 ? "," : "");
    append_json(out, job.*member);
}

}  // namespace detail

/// Which members make a job unique, and until when: see `unique_by`.
template <auto... Members>
struct unique_rule
{
    work::until until_ = work::until::ended;
    std::chrono::milliseconds time_{0};
    work::conflict on_conflict_ = work::conflict::keep;

    static_assert(
        (std::is_member_object_pointer_v<decltype(Members)> && ...),
        "work: unique_by takes members of the job that it stands in: &job_type::member"
    );

    /// When another of its key is let in.
    constexpr unique_rule released(work::until end) const noexcept
    {
        return {end, std::chrono::milliseconds(0), on_conflict_};
    }
    /// For so long from when it is enqueued, whatever becomes of it: at most a year.
    constexpr unique_rule held_for(std::chrono::milliseconds time) const noexcept
    {
        return {until_, time, on_conflict_};
    }
    /// What becomes of others meanwhile, unless a call says otherwise.
    constexpr unique_rule or_else(work::conflict what) const noexcept
    {
        return {until_, time_, what};
    }

    template <typename Job>
    static std::string text_of(Job const& job)
    {
        std::string text = "[";
        (detail::append_unique(text, job, Members), ...);
        return text += ']';
    }
};

/// In a described job: two of them with the same values of these members are one job.
///
///     struct invoice {
///         std::int64_t account = 0;
///         std::string month;
///         std::string note;
///         static constexpr auto unique =
///             work::unique_by<&invoice::account, &invoice::month>.released(work::until::started);
///     };
template <auto... Members>
inline constexpr unique_rule<Members...> unique_by{};

namespace detail {

template <typename T>
inline constexpr bool is_unique_rule = false;
template <auto... Members>
inline constexpr bool is_unique_rule<unique_rule<Members...>> = true;

template <typename Job>
concept has_unique_rule =
    requires { Job::unique; } && is_unique_rule<std::remove_cvref_t<decltype(Job::unique)>>;

}  // namespace detail
}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/unique.ipp>
#endif
