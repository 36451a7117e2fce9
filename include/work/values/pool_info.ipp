// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/printable.hpp>
#include <work/values/decode_record.hpp>
#include <work/values/encode.hpp>
#include <work/values/pool_info.hpp>
#include <work/values/text.hpp>

namespace work {

WORK_DECL std::string encode_pool_info(pool_info what)
{
    for (std::string* const text : {&what.name, &what.host, &what.trouble, &what.language})
        *text = detail::sanitized_utf8(*text, 4096);
    return to_json(what);
}

WORK_DECL parsed<pool_info> decode_pool_info(std::string_view text)
{
    return detail::decode_record<pool_info>(text, "pool");
}

WORK_DECL std::string encode_event(finished_event const& what)
{
    return to_json(what);
}

WORK_DECL parsed<finished_event> decode_finished_event(std::string_view text)
{
    auto read = detail::decode_record<finished_event>(text, "event");
    if (read && read->event != finished_event().event)
        return parsed<finished_event>::failed("it is the event " + printable(read->event));
    return read;
}

}  // namespace work
