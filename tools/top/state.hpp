// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/job_page.hpp>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "overview.hpp"
#include "top/acts.hpp"

namespace work::tool::top {

enum class page_kind { queues = 1, names, pools, busy, dead, broker };

/// What one look brought.
struct observation
{
    overview seen;
    std::optional<job_page> jobs;        ///< of the pages busy and dead, when one of them is shown
    page_kind page = page_kind::queues;  ///< the page that they are of
    double took_ms = 0;                  ///< from asking to the last answer
};

/// All that the picture is made of. Free of I/O and of clocks: looks and keys change it.
struct state
{
    std::string place;      ///< "production / shop"
    std::string ns;         ///< "shop": typed where the place is one to be careful with
    std::string broker;     ///< what it is and where, without a password
    bool alarming = false;  ///< the place is one to be careful with

    std::optional<overview> seen;
    std::vector<queue_view> queues;
    std::vector<name_view> names;
    std::optional<job_page> jobs;
    page_kind jobs_of = page_kind::queues;
    double took_ms = 0;
    std::deque<rates> past;          ///< oldest first, one a look
    std::string trouble;             ///< why the last look failed; "" if it did not
    std::int64_t away_since_ms = 0;  ///< this machine's clock

    page_kind page = page_kind::queues;
    order by = order::pending;
    std::string filter;
    bool filtering = false;      ///< keys go into the filter
    bool paused = false;         ///< the picture stays as it is
    std::size_t first = 0;       ///< the row that stands on top
    std::size_t room = 18;       ///< so many rows are shown, as the picture was last drawn
    std::string chosen;          ///< the key of a row; "": none is
    bool opened = false;         ///< that row alone is shown
    std::optional<wish> asked;   ///< a question stands in the last line
    std::string typed;           ///< the answer so far
    std::optional<wish> wished;  ///< it was answered yes: to be done, and taken
    std::string told;            ///< what became of it, until the next key
    bool ended = false;
};

/// The most that is kept of the past.
inline constexpr std::size_t past_kept = 240;

/// Takes a look in; while the picture is paused, only the rates of it.
void take(state& s, observation what);
/// A look failed.
void fail(state& s, std::string sentence, std::int64_t wall_ms);
/// What was typed, as a terminal sends it: keys, and escape sequences of keys.
void type(state& s, std::string_view bytes);

}  // namespace work::tool::top
