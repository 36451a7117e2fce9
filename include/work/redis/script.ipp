// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/redis/script.hpp>

namespace work::redis {
namespace detail {

// "*<20 digits>\r\n" fits.
inline constexpr std::size_t array_header_room = 24;

}  // namespace detail

WORK_DECL script_call::script_call(script const& program, std::string_view key, std::size_t reserve)
    : program_(&program)
{
    bytes_.reserve(detail::array_header_room + 13 + 47 + 7 + 16 + key.size() + reserve);
    reset(key);
}

WORK_DECL void script_call::reset(std::string_view key)
{
    bytes_.assign(detail::array_header_room, ' ');
    detail::append_argument(bytes_, "EVALSHA");
    detail::append_argument(bytes_, std::string_view(program_->sha()));
    rest_ = bytes_.size();
    detail::append_argument(bytes_, "1");
    detail::append_argument(bytes_, key);
    arguments_ = 0;
}

// As long as the longest number that is counted, so that it can be written over.
WORK_DECL script_call::count_mark script_call::begin_count()
{
    static constexpr std::string_view none = "0000000000";
    arg(none);
    return {bytes_.size() - none.size() - 2, arguments_};
}

WORK_DECL void script_call::end_count(count_mark mark)
{
    std::size_t left = arguments_ - mark.arguments;
    for (std::size_t i = 10; i-- > 0; left /= 10)
        bytes_[mark.at + i] = static_cast<char>('0' + left % 10);
}

WORK_DECL std::string_view script_call::evalsha()
{
    // The header is written against the end of its room, and sent from where it begins.
    std::string header;
    detail::append_header(header, '*', 4 + arguments_);
    std::size_t const start = detail::array_header_room - header.size();
    bytes_.replace(start, header.size(), header);
    return std::string_view(bytes_).substr(start);
}

WORK_DECL std::string script_call::eval() const
{
    std::string result;
    result.reserve(bytes_.size() + program_->body().size() + 32);
    detail::append_header(result, '*', 4 + arguments_);
    detail::append_argument(result, "EVAL");
    detail::append_argument(result, std::string_view(program_->body()));
    result.append(bytes_, rest_);
    return result;
}

}  // namespace work::redis
