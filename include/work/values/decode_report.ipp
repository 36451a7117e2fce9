// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/decode_report.hpp>
#include <work/values/text.hpp>

#include <exception>
#include <new>

namespace work::detail {

WORK_DECL std::string describe_json(boost::json::value const& value)
{
    switch (value.kind()) {
    case boost::json::kind::null: return "null";
    case boost::json::kind::bool_: return value.get_bool() ? "true" : "false";
    case boost::json::kind::int64: return "integer " + std::to_string(value.get_int64());
    case boost::json::kind::uint64: return "integer " + std::to_string(value.get_uint64());
    case boost::json::kind::double_: {
        std::string out = "number ";
        append_double(out, value.get_double());
        return out;
    }
    case boost::json::kind::string: {
        auto const& text = value.get_string();
        return "string " + quote(std::string_view(text.data(), text.size()));
    }
    case boost::json::kind::array: return "an array of " + std::to_string(value.get_array().size());
    case boost::json::kind::object: return "an object";
    }
    return "something else";
}

WORK_DECL bool decode_report::fail_text(
    json_path const& at,
    std::string_view expected,
    std::string_view found
)
{
    if (!quiet_) {
        text_ = describe_path(at);
        text_ += ": expected ";
        text_ += expected;
        text_ += ", found ";
        text_ += found;
    }
    return false;
}

WORK_DECL bool decode_report::fail(
    json_path const& at,
    std::string_view expected,
    boost::json::value const& found
)
{
    return !quiet_ && fail_text(at, expected, describe_json(found));
}

WORK_DECL bool decode_report::fail_thrown(
    json_path const& at,
    std::string_view expected,
    boost::json::value const& found
)
{
    std::string why;
    try {
        throw;
    } catch (std::bad_alloc const&) {
        throw;
    } catch (std::exception const& fault) {
        why = fault.what();
    } catch (...) {
        why = "it threw what is no std::exception";
    }
    return fail(at, std::string(expected) + " (" + why + ")", found);
}

WORK_DECL bool decode_report::fail_range(
    json_path const& at,
    std::int64_t low,
    std::uint64_t high,
    boost::json::value const& found
)
{
    return !quiet_ &&
           fail(at, "an integer " + std::to_string(low) + ".." + std::to_string(high), found);
}

WORK_DECL bool decode_report::found_nothing()
{
    constexpr std::string_view null = "found null";
    if (text_.ends_with(null))
        text_.replace(text_.size() - null.size(), null.size(), "found nothing of that name");
    return false;
}

WORK_DECL void decode_report::raise() const
{
    throw error(errc::invalid_arguments, text_);
}

}  // namespace work::detail
