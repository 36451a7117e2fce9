// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/decode.hpp>
#include <work/values/parsed.hpp>

#include <string_view>

namespace work::detail {

/// Is it one JSON value? Empty text is none.
inline bool is_json(std::string_view text)
{
    if (text.empty())
        return false;
    try {
        args_parser parser;
        parser.parse(text);
        return true;
    } catch (error const&) {
        return false;
    }
}

/// Reads one of our own JSON texts, which another program may have written. Members that are not
/// known are ignored, absent ones keep their defaults.
template <described_job T>
parsed<T> decode_record(std::string_view text, std::string_view noun)
{
    try {
        args_parser parser;
        return decode<T>(parser.parse(text, noun), noun, "member");
    } catch (error const& fault) {
        return parsed<T>::failed(fault.what());
    }
}

}  // namespace work::detail
