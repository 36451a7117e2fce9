// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/redis/command.hpp>
#include <work/sha1.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace work::redis {

/// A Lua script, and the name EVALSHA knows it by.
class script
{
public:
    /// `name` is for messages; it must outlive the script (a literal does).
    script(std::string_view name, std::string body)
        : name_(name),
          body_(std::move(body)),
          sha_(sha1(body_))
    {}

    std::string_view name() const noexcept { return name_; }
    std::string const& body() const noexcept { return body_; }
    std::string const& sha() const noexcept { return sha_; }

private:
    std::string_view name_;
    std::string body_;
    std::string sha_;
};

/// One call of a script: its key and arguments, encoded straight into what is sent. The number of
/// arguments need not be known before. The same call can be sent again, with EVALSHA or EVAL.
///
/// \par Lifetimes
/// The script must outlive the call.
class script_call
{
public:
    /// `reserve` is how many bytes of arguments to make room for.
    WORK_DECL script_call(script const& program, std::string_view key, std::size_t reserve = 0);

    /// Adds an argument.
    template <command_argument Argument>
    script_call& arg(Argument const& argument)
    {
        ++arguments_;
        if constexpr (detail::command_integer<Argument>)
            detail::append_argument(bytes_, argument);
        else
            detail::append_argument(bytes_, static_cast<std::string_view>(argument));
        return *this;
    }
    /// Where an argument stands that says how many there are behind it, up to the end of the count.
    struct count_mark
    {
        std::size_t at = 0, arguments = 0;
    };
    WORK_DECL count_mark begin_count();
    WORK_DECL void end_count(count_mark mark);
    /// Starts over with another key, and keeps the memory.
    WORK_DECL void reset(std::string_view key);

    script const& program() const noexcept { return *program_; }
    std::size_t arguments() const noexcept { return arguments_; }
    /// The bytes of EVALSHA; valid until the call is changed.
    WORK_DECL std::string_view evalsha();
    /// EVAL with the script's body.
    WORK_DECL std::string eval() const;

private:
    script const* program_;
    std::string bytes_;     // room for the array header, EVALSHA and sha, then the rest
    std::size_t rest_ = 0;  // where what EVALSHA and EVAL have in common begins
    std::size_t arguments_ = 0;
};

}  // namespace work::redis

#ifdef WORK_HEADER_ONLY
#include <work/redis/script.ipp>
#endif
