// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/admin.hpp>
#include <work/build_config.hpp>
#include <work/job_end.hpp>
#include <work/task.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace work {

namespace detail {
struct client_core;
}

/// A job that was stored, or the one that is there in its place.
///
/// \par Thread safety any thread; two may share copies.
class job_handle
{
public:
    job_handle() = default;
    job_handle(std::string id, bool duplicate, bool replaced = false, bool extended = false)
        : id_(std::move(id)),
          duplicate_(duplicate),
          replaced_(replaced),
          extended_(extended)
    {}

    /// Of the job that is there, if that is another one.
    std::string const& id() const noexcept { return id_; }
    /// A job with the id of your choice was there already, or finished a while ago; or a unique one
    /// with the same key is there, whose id this has: nothing new was stored.
    bool duplicate() const noexcept { return duplicate_; }
    /// And that one got the arguments and options of this call: `conflict::replace`.
    bool replaced() const noexcept { return replaced_; }
    /// And that one is due at the time of this call now: `conflict::extend`.
    bool extended() const noexcept { return extended_; }
    /// In one word: "stored", "duplicate", "replaced", "extended", "renewed": both.
    std::string_view code() const noexcept
    {
        return replaced_ && extended_ ? "renewed"
               : replaced_            ? "replaced"
               : extended_            ? "extended"
               : duplicate_           ? "duplicate"
                                      : "stored";
    }

    /// Waits until it is completed, dead, cancelled or deleted.
    ///
    /// \par Errors       errc::timed_out: it goes on; errc::no_such_job: it ended before it was
    ///                   asked for, and is not kept; those of the broker
    /// \par Cancellation the waiting ends, the job goes on
    /// \par Redis        one subscription a client, one script call for all that are asked for at
    ///                   a time; again after 1, 2, 4 and then each 8 s, should a message be lost
    WORK_DECL task<job_end> end(std::chrono::milliseconds at_most) const;
    /// Waits for it, and takes its result.
    ///
    ///     auto const total = co_await handle.result<std::int64_t>(30s);
    ///
    /// \par Errors as `end` and `job_end::result_as`
    template <typename T = void>
    task<T> result(std::chrono::milliseconds at_most) const
    {
        return take_result<T>(end(at_most));
    }
    /// As `inspector::cancel`: one that runs is told, and active until its handler has returned.
    WORK_DECL task<admin_result> cancel(std::string reason = {}) const;

    /// What a face that stored it gives it.
    void belongs_to(std::shared_ptr<detail::client_core> core) { core_ = std::move(core); }
    template <typename T>
    static task<T> take_result(task<job_end> ending)
    {
        job_end const ended = co_await std::move(ending);
        co_return ended.result_as<T>();
    }

private:
    std::string id_;
    std::shared_ptr<detail::client_core> core_;
    bool duplicate_ = false;
    bool replaced_ = false;
    bool extended_ = false;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/job_handle.ipp>
#endif
