// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <boost/assert.hpp>

#include <charconv>
#include <concepts>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

namespace work::redis {

namespace detail {

template <typename T>
concept command_integer = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char>;

/// Appends `<type><number>\r\n`.
inline void append_header(std::string& out, char type, std::size_t number)
{
    char text[24];
    text[0] = type;
    char* end = std::to_chars(text + 1, text + sizeof text, number).ptr;
    *end++ = '\r';
    *end++ = '\n';
    out.append(text, end);
}

inline void append_argument(std::string& out, std::string_view argument)
{
    append_header(out, '$', argument.size());
    out.append(argument);
    out.append("\r\n", 2);
}

template <command_integer Integer>
void append_argument(std::string& out, Integer argument)
{
    char text[std::numeric_limits<Integer>::digits10 + 3];
    char const* const end = std::to_chars(text, text + sizeof text, argument).ptr;
    append_argument(out, std::string_view(text, static_cast<std::size_t>(end - text)));
}

/// At least what the argument takes when it is encoded.
template <typename Argument>
std::size_t argument_room(Argument const& argument)
{
    if constexpr (command_integer<Argument>)
        return 32;
    else
        return static_cast<std::string_view>(argument).size() + 16;
}

}  // namespace detail

/// What an argument of a command may be: anything a `string_view` can be made of, or an integer.
template <typename T>
concept command_argument =
    std::convertible_to<T const&, std::string_view> || detail::command_integer<T>;

/// One or more commands, encoded as they go over the wire. Binary safe.
class command
{
public:
    command() = default;
    /// One command: `command("LPUSH", key, 42)`.
    template <command_argument... Arguments>
    explicit command(std::string_view name, Arguments const&... arguments)
    {
        push(name, arguments...);
    }

    /// Adds a command.
    template <command_argument... Arguments>
    command& push(std::string_view name, Arguments const&... arguments)
    {
        // One allocation instead of several; growth stays geometric over many pushes.
        bytes_.reserve(
            bytes_.size() + 24 + name.size() + 16 + (detail::argument_room(arguments) + ... + 0)
        );
        begin(1 + sizeof...(Arguments)).arg(name);
        (arg(arguments), ...);
        return *this;
    }

    /// Adds one command that is already encoded.
    command& push_encoded(std::string_view bytes)
    {
        BOOST_ASSERT(complete());
        bytes_.append(bytes);
        ++replies_;
        return *this;
    }

    /// Begins a command of `arguments` parts, its name counted. So many calls of `arg` must follow.
    command& begin(std::size_t arguments)
    {
        BOOST_ASSERT(complete() && arguments > 0);
        detail::append_header(bytes_, '*', arguments);
        missing_ = arguments;
        ++replies_;
        return *this;
    }
    /// The next part of the command that was begun.
    template <command_argument Argument>
    command& arg(Argument const& argument)
    {
        BOOST_ASSERT(missing_ > 0);
        --missing_;
        if constexpr (detail::command_integer<Argument>)
            detail::append_argument(bytes_, argument);
        else
            detail::append_argument(bytes_, static_cast<std::string_view>(argument));
        return *this;
    }

    /// Have all parts been given?
    bool complete() const noexcept { return missing_ == 0; }
    /// Replies to expect: one for each command.
    std::size_t replies() const noexcept { return replies_; }
    bool empty() const noexcept { return replies_ == 0; }
    std::string_view bytes() const noexcept { return bytes_; }
    void reserve(std::size_t bytes) { bytes_.reserve(bytes); }
    /// Forgets the commands and keeps the memory.
    void clear() noexcept
    {
        bytes_.clear();
        replies_ = missing_ = 0;
    }

private:
    std::string bytes_;
    std::size_t replies_ = 0;
    std::size_t missing_ = 0;
};

}  // namespace work::redis
