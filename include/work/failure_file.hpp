// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/events.hpp>
#include <work/task.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace work {

namespace detail {
class failure_writer;
}

struct failure_file_options
{
    /// A file that would get longer is renamed to `<path>.1`, in the place of the one before, and
    /// a new one is begun. 4 KiB at least.
    std::int64_t rotate_at = 64 << 20;
    /// Leave the arguments out: they may hold what is not to be read by who reads the file.
    bool hide_args = false;
};

/// Appends a line of JSON (`encode_event`) to a file for each dead job.
///
///     pool.on(work::event::dead, work::failure_file{"/var/log/shop/dead.jsonl"});
///
/// Several pools and processes may write to one file: each line is written whole, under a lock on
/// the file. It is written on a thread of its own, so a slow disk holds up no job; what can't be
/// written is logged. A file that was moved away (by logrotate, say) is made anew. New files can be
/// read by their owner alone.
class failure_file
{
public:
    /// Opens the file, so that what can't be written is known before jobs are lost.
    /// \par Errors errc::invalid_option: it can't be opened, or an option is out of range
    WORK_DECL explicit failure_file(std::string path, failure_file_options options = {});

    /// \par Errors boost::system::system_error
    WORK_DECL task<void> operator()(event_info const& what) const;

private:
    std::shared_ptr<detail::failure_writer> writer_;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/failure_file.ipp>
#endif
