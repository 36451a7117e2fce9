// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/encode.hpp>
#include <work/values/time.hpp>

#include <boost/json/value.hpp>

#include <exception>
#include <new>

namespace work::detail {

WORK_DECL void throw_too_deep(json_path const& at)
{
    throw_invalid_argument(at, "nesting of at most 512 levels", "more");
}

WORK_DECL void throw_not_written(json_path const& at)
{
    constexpr std::string_view expected = "what its type can write";
    try {
        throw;
    } catch (std::bad_alloc const&) {
        throw;
    } catch (std::exception const& fault) {
        throw_invalid_argument(at, expected, std::string("that it threw: ") + fault.what());
    } catch (...) {
        throw_invalid_argument(at, expected, "that it threw: what is no std::exception");
    }
}

WORK_DECL void encode_string(std::string& out, std::string_view value, json_path const& at)
{
    std::size_t const invalid = append_json_string(out, value);
    if (invalid != std::string_view::npos)
        throw_invalid_argument(
            at,
            "text in UTF-8",
            quote(value) + ", invalid at byte " + std::to_string(invalid)
        );
}

// A number of ms where that is exact, else RFC 3339 text.
WORK_DECL void encode_time(std::string& out, std::int64_t ms, std::int64_t ns, json_path const& at)
{
    if (ns == 0) {
        append_number(out, static_cast<long long>(ms));
        return;
    }
    std::string text = format_rfc3339(ms);
    if (work::parse_rfc3339(text) != ms)
        throw_invalid_argument(at, "a time in whole ms beyond the years 0 to 9999", "a finer one");
    std::string const digits = std::to_string(1'000'000 + ns).substr(1);
    text.insert(text.size() - 1, digits);
    encode_string(out, text, at);
}

WORK_DECL void encode_raw(std::string& out, boost::json::string const& value, json_path const& at)
{
    encode_string(out, std::string_view(value.data(), value.size()), at);
}

WORK_DECL void encode_raw(std::string& out, boost::json::array const& value, json_path const& at)
{
    check_depth(at);
    out.push_back('[');
    std::size_t index = 0;
    for (boost::json::value const& element : value) {
        if (index)
            out.push_back(',');
        encode_raw(out, element, json_path(at, index++));
    }
    out.push_back(']');
}

WORK_DECL void encode_raw(std::string& out, boost::json::object const& value, json_path const& at)
{
    check_depth(at);
    out.push_back('{');
    bool first = true;
    for (auto const& member : value) {
        if (!first)
            out.push_back(',');
        first = false;
        std::string_view const key(member.key().data(), member.key().size());
        json_path const here(at, key);
        encode_string(out, key, here);
        out.push_back(':');
        encode_raw(out, member.value(), here);
    }
    out.push_back('}');
}

WORK_DECL void encode_raw(std::string& out, boost::json::value const& value, json_path const& at)
{
    switch (value.kind()) {
    case boost::json::kind::null: out.append("null"); break;
    case boost::json::kind::bool_: out.append(value.get_bool() ? "true" : "false"); break;
    case boost::json::kind::int64:
        append_number(out, static_cast<long long>(value.get_int64()));
        break;
    case boost::json::kind::uint64:
        append_number(out, static_cast<unsigned long long>(value.get_uint64()));
        break;
    case boost::json::kind::double_: encode_floating(out, value.get_double(), at); break;
    case boost::json::kind::string: encode_raw(out, value.get_string(), at); break;
    case boost::json::kind::array: encode_raw(out, value.get_array(), at); break;
    case boost::json::kind::object: encode_raw(out, value.get_object(), at); break;
    }
}

}  // namespace work::detail
