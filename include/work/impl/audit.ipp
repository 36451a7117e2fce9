// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/audit.hpp>
#include <work/values/decode_record.hpp>
#include <work/values/encode.hpp>

#include <algorithm>

namespace work::detail {

WORK_DECL std::string encode_audit(audit_entry const& entry)
{
    return to_json(entry);
}

WORK_DECL parsed<audit_entry> decode_audit(std::string_view line)
{
    return decode_record<audit_entry>(line, "audit");
}

WORK_DECL std::string list_ids(std::vector<std::string> const& ids)
{
    constexpr std::size_t named = 5;
    std::string text;
    for (std::size_t i = 0; i != std::min(named, ids.size()); ++i)
        text.append(i == 0 ? "" : ", ").append(ids[i]);
    if (ids.size() > named)
        text += " and " + std::to_string(ids.size() - named) + " more";
    return text;
}

}  // namespace work::detail
