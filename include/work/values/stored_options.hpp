// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/backoff.hpp>
#include <work/values/options.hpp>
#include <work/values/parsed.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work {

/// The options that travel with a job, as read from its envelope.
///
/// As text: one line of JSON with the members that differ from the default, in this order:
/// `priority`, `max_attempts`, `timeout_ms`, `expires_in_ms`, `deadline_ms`, `backoff` ({"kind",
/// "base_ms", "factor", "cap_ms", "jitter"}), `skip_dead`, `args_version` (above 1), `headers`
/// (an object), `tags` (an array). The queue is in the envelope's list, the id is the job's key.
struct stored_options
{
    int priority = 0;
    std::optional<int> max_attempts{};
    std::optional<std::chrono::milliseconds> timeout{};
    std::optional<std::chrono::milliseconds> expires_in{};
    std::optional<std::chrono::milliseconds> deadline{};
    std::optional<work::backoff> backoff{};
    std::optional<bool> skip_dead{};
    int args_version = 1;  ///< of its arguments
    std::vector<std::pair<std::string, std::string>> headers{};
    std::vector<std::string> tags{};

    friend bool operator==(stored_options const&, stored_options const&) = default;
};

/// Appends the options that travel with the job; nothing when all are defaults.
/// Precondition: they are valid.
WORK_DECL void append_options(std::string& out, enqueue_options const& options);
WORK_DECL std::string encode_options(enqueue_options const& options);

/// The same for a new job. It points into `stored`.
WORK_DECL enqueue_options as_enqueue_options(stored_options const& stored);

/// Reads what `encode_options` wrote, or another program. Unknown members are ignored, absent ones
/// keep their defaults; a member of the wrong type or range gives an error text.
WORK_DECL parsed<stored_options> decode_options(std::string_view text);

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/stored_options.ipp>
#endif
