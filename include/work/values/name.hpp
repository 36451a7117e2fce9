// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace work {

inline constexpr std::size_t max_name_size = 128;

/// Why the text can't name a job, a queue or a namespace; null when it can: it must be 1 to 128
/// bytes of UTF-8 without control characters.
WORK_DECL char const* name_fault(std::string_view name) noexcept;

/// Throws `errc::invalid_name` unless the name is good. `what` says whose it is: "job name".
WORK_DECL void validate_name(std::string_view what, std::string_view name);

/// The name as it stands in keys: every byte outside `[A-Za-z0-9._-]` becomes `%XX`, so that
/// braces, colons and newlines can't forge a key.
WORK_DECL std::string encode_name(std::string_view name);
WORK_DECL void append_encoded_name(std::string& out, std::string_view name);

/// The inverse of `encode_name`. Throws `errc::unreadable` for what `encode_name` doesn't write.
WORK_DECL std::string decode_name(std::string_view encoded);

/// One physical list: the jobs of one name that wait in one queue.
struct list_name
{
    std::string queue;
    std::string name;

    friend bool operator==(list_name const&, list_name const&) = default;
};

/// The text that names a list: `encode(name)` when the job waits in the queue of its own name, else
/// `encode(queue):encode(name)`. An empty queue means the job's own.
WORK_DECL std::string list_id(std::string_view queue, std::string_view name);

/// The inverse of `list_id`. Throws `errc::unreadable` for anything `list_id` doesn't write.
WORK_DECL list_name parse_list_id(std::string_view id);

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/name.ipp>
#endif
