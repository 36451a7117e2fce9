// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "top/rows.hpp"

#include <string_view>
#include <utility>

namespace work::tool::top {
namespace {

template <typename Row>
std::vector<Row> filtered(std::vector<Row> all, std::string_view filter, auto const& text_of)
{
    if (!filter.empty())
        std::erase_if(all, [&](Row const& row) {
            std::string const text = text_of(row);
            return text.find(filter) == text.npos;
        });
    return all;
}

template <typename Row>
std::vector<std::string> keys_of(std::vector<Row> const& rows, auto const& key_of)
{
    std::vector<std::string> keys;
    keys.reserve(rows.size());
    for (Row const& row : rows)
        keys.push_back(key_of(row));
    return keys;
}

}  // namespace

std::vector<queue_view> listed_queues(state const& s)
{
    auto all = filtered(s.queues, s.filter, [](queue_view const& v) { return v.row.queue; });
    if (s.filter.empty())
        std::erase_if(all, [](queue_view const& v) { return v.empty(); });
    sort(all, s.by);
    return all;
}

std::vector<name_view> listed_names(state const& s)
{
    auto all = filtered(s.names, s.filter, [](name_view const& v) { return v.name; });
    if (s.filter.empty())
        std::erase_if(all, [](name_view const& v) { return v.empty(); });
    sort(all, s.by);
    return all;
}

std::vector<pool_info> listed_pools(state const& s)
{
    if (!s.seen)
        return {};
    return filtered(s.seen->pools, s.filter, [](pool_info const& p) {
        return p.pool + " " + p.name + " " + p.host;
    });
}

std::vector<job_row> listed_jobs(state const& s)
{
    if (!s.jobs || s.jobs_of != s.page)
        return {};
    return filtered(s.jobs->jobs, s.filter, [](job_row const& row) {
        return row.id + " " + row.name + " " + row.pool + " " +
               (row.failure ? row.failure->type + ": " + row.failure->message : "");
    });
}

std::vector<std::string> row_keys(state const& s)
{
    switch (s.page) {
    case page_kind::queues:
        return keys_of(listed_queues(s), [](queue_view const& v) { return v.row.queue; });
    case page_kind::names:
        return keys_of(listed_names(s), [](name_view const& v) { return v.name; });
    case page_kind::pools:
        return keys_of(listed_pools(s), [](pool_info const& p) { return p.pool; });
    case page_kind::busy:
    case page_kind::dead: return keys_of(listed_jobs(s), [](job_row const& row) { return row.id; });
    case page_kind::broker: break;
    }
    return {};
}

}  // namespace work::tool::top
