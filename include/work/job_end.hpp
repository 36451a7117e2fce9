// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/records.hpp>
#include <work/build_config.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/decode.hpp>
#include <work/values/failure.hpp>
#include <work/values/job_ending.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace work {

/// How a job ended that was waited for: `job_handle::end`, `enqueuer::call`.
struct job_end
{
    std::string id;
    /// `completed`, `dead`, `cancelled` or `set_aside`; `unknown`: it was deleted.
    job_state state = job_state::unknown;
    /// Of a completed one, as far as it is kept, or of a cancelled one.
    job_ending ending{};
    std::string result{};                   ///< JSON text; "" when there is none
    std::optional<failure> last_failure{};  ///< of a dead one

    bool completed() const noexcept { return state == job_state::completed; }
    /// Throws errc::job_failed, with what became of it, unless it is completed.
    WORK_DECL void check() const;
    /// The result as a value; `void`: none is asked for.
    /// \par Errors errc::job_failed: it is not completed; errc::invalid_arguments: it has no
    ///             result, or one of another type
    template <typename T>
    T result_as() const
    {
        check();
        if constexpr (!std::is_void_v<T>) {
            args_parser parser;
            return decode<T>(parser.parse(checked_result(), "result"), "result", "result");
        }
    }

private:
    WORK_DECL std::string_view checked_result() const;
};

namespace detail {

/// What a broker told of it.
WORK_DECL job_end read_end(std::string id, job_state state, std::string_view text);

}  // namespace detail
}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/job_end.ipp>
#endif
