// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/admin.hpp>
#include <work/broker/records.hpp>
#include <work/build_config.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace work {

/// Pauses something, or lets it go on.
struct pause_request
{
    pause_kind kind = pause_kind::queue;
    std::string name{};  ///< of the queue, or of the jobs
    bool pause = true;   ///< false: it goes on
    /// When it goes on by itself, ms since 1970 by the broker's clock, or from now; 0: never.
    std::int64_t until_ms = 0;
    std::int64_t for_ms = 0;
    std::string reason{};
    std::string by{};  ///< who wants it
};

struct pause_result
{
    std::int64_t now_ms = 0;
    /// `done`, or `already`: it was paused before, and is now as asked for; or it was not.
    admin_code code = admin_code::done;
    std::optional<pause_info> info{};  ///< how it is paused now

    friend bool operator==(pause_result const&, pause_result const&) = default;
};
BOOST_DESCRIBE_STRUCT(pause_result, (), (now_ms, code, info))

namespace detail {

/// Before the field: what stands in `scheduled` for a pause that ends by itself. No id has a space.
inline constexpr std::string_view resume_timer = "{resume ";

/// The field of `settings`: `queue:` or `name:` and the name, encoded.
WORK_DECL std::string pause_key(pause_request const& request);
/// What is kept there behind the times, which the broker writes.
WORK_DECL std::string pause_text(pause_request const& request);
/// All of it.
WORK_DECL std::string pause_value(
    std::int64_t until_ms,
    std::int64_t since_ms,
    std::string_view text
);
/// nullopt: it is no pause.
WORK_DECL std::optional<pause_info> read_pause(std::string_view key, std::string_view value);
/// Whether it holds still: what ended by itself may not have been cleared away yet.
inline bool is_in_force(pause_info const& one, std::int64_t now_ms) noexcept
{
    return one.until_ms == 0 || one.until_ms > now_ms;
}
/// What stands in `scheduled` beside jobs. No id begins so.
inline bool is_timer(std::string_view member) noexcept
{
    return member.starts_with('{');
}
/// Until when, 0: without end; −1: the text is none.
WORK_DECL std::int64_t paused_until(std::string_view value);
/// Which of the lists are paused; and what is, by name.
WORK_DECL void mark_paused(broker_counts& counts);
/// Whether what the field names has this list.
WORK_DECL bool is_of(std::string_view list, std::string_view key);

}  // namespace detail
}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/broker/pause.ipp>
#endif
