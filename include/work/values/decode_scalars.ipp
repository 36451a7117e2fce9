// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/decode_scalars.hpp>
#include <work/values/duration.hpp>
#include <work/values/text.hpp>
#include <work/values/time.hpp>

namespace work::detail {

WORK_DECL bool is_whole_number(boost::json::value const& json) noexcept
{
    if (auto const* number = json.if_double())
        return std::trunc(*number) == *number;
    return json.is_number();
}

WORK_DECL bool decode_bool(
    boost::json::value const& json,
    bool& out,
    json_path const& at,
    decode_report& report
)
{
    auto const* value = json.if_bool();
    if (!value)
        return report.fail(at, "true or false", json);
    out = *value;
    return true;
}

WORK_DECL bool decode_string(
    boost::json::value const& json,
    std::string& out,
    json_path const& at,
    decode_report& report
)
{
    auto const* value = json.if_string();
    if (!value)
        return report.fail(at, "a string", json);
    out.assign(value->data(), value->size());
    return true;
}

WORK_DECL bool decode_double(
    boost::json::value const& json,
    double& out,
    json_path const& at,
    decode_report& report
)
{
    // Up to 2^53 every integer is exact; beyond, those with enough trailing zero bits are.
    auto const exact = [](std::uint64_t magnitude) {
        while (magnitude != 0 && magnitude % 2 == 0)
            magnitude /= 2;
        return magnitude <= (std::uint64_t{1} << 53);
    };
    if (auto const* number = json.if_double()) {
        out = *number;
        return true;
    }
    if (auto const* number = json.if_int64()) {
        auto const bits = static_cast<std::uint64_t>(*number);
        if (!exact(*number < 0 ? 0 - bits : bits))
            return report.fail(at, "an integer that a double holds exactly", json);
        out = static_cast<double>(*number);
        return true;
    }
    if (auto const* number = json.if_uint64()) {
        if (!exact(*number))
            return report.fail(at, "an integer that a double holds exactly", json);
        out = static_cast<double>(*number);
        return true;
    }
    return report.fail(at, "a number", json);
}

WORK_DECL bool decode_time_ms(
    boost::json::value const& json,
    std::int64_t& out,
    std::int64_t& ns,
    json_path const& at,
    decode_report& report
)
{
    ns = 0;
    if (auto const* number = json.if_int64()) {
        out = *number;
        return true;
    }
    if (auto const* text = json.if_string()) {
        std::string_view const written(text->data(), text->size());
        if (auto const time = parse_rfc3339(written, ns)) {
            out = *time;
            return true;
        }
    }
    return report.fail(at, "a time (ms since 1970, or RFC 3339)", json);
}

WORK_DECL bool decode_duration_ms(
    boost::json::value const& json,
    std::int64_t& out,
    json_path const& at,
    decode_report& report
)
{
    if (auto const* number = json.if_int64()) {
        out = *number;
        return true;
    }
    if (auto const* text = json.if_string()) {
        if (auto const time = parse_duration(std::string_view(text->data(), text->size()))) {
            out = time->count();
            return true;
        }
    }
    return report.fail(at, "a duration (ms, or text like \"1h30m\")", json);
}

// Copies use default storage: the value came from the parser's buffer, which is used again.
WORK_DECL bool decode_raw(
    boost::json::value const& json,
    boost::json::value& out,
    json_path const& /*at*/,
    decode_report& /*report*/
)
{
    out = json;
    return true;
}

WORK_DECL bool decode_raw(
    boost::json::value const& json,
    boost::json::object& out,
    json_path const& at,
    decode_report& report
)
{
    auto const* value = json.if_object();
    if (!value)
        return report.fail(at, "an object", json);
    out = *value;
    return true;
}

WORK_DECL bool decode_raw(
    boost::json::value const& json,
    boost::json::array& out,
    json_path const& at,
    decode_report& report
)
{
    auto const* value = json.if_array();
    if (!value)
        return report.fail(at, "an array", json);
    out = *value;
    return true;
}

WORK_DECL bool decode_raw(
    boost::json::value const& json,
    boost::json::string& out,
    json_path const& at,
    decode_report& report
)
{
    auto const* value = json.if_string();
    if (!value)
        return report.fail(at, "a string", json);
    out = *value;
    return true;
}

}  // namespace work::detail
