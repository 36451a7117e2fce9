// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/decode_record.hpp>
#include <work/values/encode.hpp>
#include <work/values/failure.hpp>
#include <work/values/text.hpp>

#include <boost/core/demangle.hpp>

#include <typeinfo>

#if __has_include(<cxxabi.h>)
#include <cxxabi.h>
#endif

namespace work {
namespace detail {

inline std::string thrown_type_name(std::type_info const& type)
{
    if (type == typeid(std::string))
        return "std::string";
    std::string name = boost::core::demangle(type.name());
    // What std::throw_with_nested() made of a T: std::_Nested_exception<T>, std::__nested<T>.
    auto const open = name.find('<');
    if (name.starts_with("std::_") && name.ends_with('>') &&
        name.substr(0, open).find("ested") != std::string::npos) {
        name.pop_back();
        name.erase(0, open + 1);
    }
    return name;
}

// Precondition: within a catch block.
inline std::string current_exception_type()
{
#if __has_include(<cxxabi.h>)
    if (std::type_info const* type = abi::__cxa_current_exception_type())
        return thrown_type_name(*type);
#endif
    return "unknown";
}

// An exception of somebody's own may return no text at all.
inline char const* text_of(std::exception const& thrown) noexcept
{
    char const* const text = thrown.what();
    return text ? text : "null";
}

inline void append_causes(std::string& message, std::exception const& from, int left)
{
    try {
        std::rethrow_if_nested(from);
    } catch (std::exception const& cause) {
        message += "; caused by " + thrown_type_name(typeid(cause)) + ": " + text_of(cause);
        if (left > 1)
            append_causes(message, cause, left - 1);
    } catch (...) {
        message += "; caused by " + current_exception_type();
    }
}

inline exception_text describe_other_exception()
{
    try {
        throw;
    } catch (std::string const& thrown) {
        return {"std::string", thrown};
    } catch (std::string_view thrown) {
        return {"std::string_view", std::string(thrown)};
    } catch (char const* thrown) {
        return {current_exception_type(), thrown ? thrown : "null"};
    } catch (int thrown) {
        return {"int", std::to_string(thrown)};
    } catch (long thrown) {
        return {"long", std::to_string(thrown)};
    } catch (unsigned thrown) {
        return {"unsigned int", std::to_string(thrown)};
    } catch (boost::system::error_code const& thrown) {
        return {"boost::system::error_code", thrown.message()};
    } catch (std::error_code const& thrown) {
        return {"std::error_code", thrown.message()};
    } catch (...) {
        std::string type = current_exception_type();
        std::string message = "something of type " + type + ", which has no message";
        return {std::move(type), std::move(message)};
    }
}

WORK_DECL exception_text describe_caught(std::exception const* thrown)
{
    try {
        if (!thrown)
            return describe_other_exception();
        exception_text out{thrown_type_name(typeid(*thrown)), text_of(*thrown)};
        append_causes(out.message, *thrown, 8);
        return out;
    } catch (...) {
        return {"unknown", "an exception whose message can't be made"};
    }
}

}  // namespace detail

WORK_DECL exception_text describe_exception(std::exception_ptr thrown)
{
    if (!thrown)
        return {"none", "no exception"};
    try {
        std::rethrow_exception(std::move(thrown));
    } catch (std::exception const& caught) {
        return detail::describe_caught(&caught);
    } catch (...) {
        return detail::describe_caught(nullptr);
    }
}

WORK_DECL void append_failure(std::string& out, failure const& what, std::size_t limit)
{
    out += "{\"attempt\":" + std::to_string(what.attempt) + ",\"type\":";
    append_json(out, detail::sanitized_utf8(what.type, max_failure_type));
    out += ",\"message\":";
    append_json(out, detail::mended_utf8(what.message, limit));
    out += ",\"at_ms\":" + std::to_string(what.at_ms);
    if (what.wait_ms)
        out += ",\"wait_ms\":" + std::to_string(*what.wait_ms);
    if (what.run_ms)
        out += ",\"run_ms\":" + std::to_string(*what.run_ms);
    if (!what.pool.empty()) {
        out += ",\"pool\":";
        append_json(out, detail::sanitized_utf8(what.pool, max_failure_type));
    }
    out += '}';
}

WORK_DECL std::string encode_failure(failure const& what, std::size_t limit)
{
    std::string out;
    append_failure(out, what, limit);
    return out;
}

WORK_DECL parsed<failure> decode_failure(std::string_view text)
{
    return detail::decode_record<failure>(text, "failure");
}

}  // namespace work
