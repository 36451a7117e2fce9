// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace work {

/// How many writes may happen with the end of one attempt, and the bytes of all their words.
inline constexpr std::size_t max_writes = 64;
inline constexpr std::size_t max_write_bytes = 64 << 10;

/// The whole numbers that a write may add, and that may come of it, lie within ± this.
inline constexpr std::int64_t max_write_number = (std::int64_t(1) << 53) - 1;

/// A Redis command on a key of your own, to happen with the end of an attempt: see `commit`.
///
///     work::redis_write("HINCRBY", "paid", "2026-11", 1)
///
/// SET (with EX or PX), DEL, EXPIRE, PEXPIRE, INCRBY, HSET, HDEL, HINCRBY, SADD, SREM, ZADD, ZREM,
/// LPUSH, RPUSH, XADD (`*` as id, with MAXLEN): one key each, and nothing that could fail for a
/// reason that can't be foreseen.
class redis_write
{
public:
    /// Texts, and numbers, which are written as Redis reads them.
    /// \par Errors errc::invalid_option that names the command and what is wrong with it
    template <typename... Words>
        requires(
            ((std::convertible_to<Words const&, std::string_view> || std::integral<Words> ||
              std::floating_point<Words>) &&
             !std::same_as<Words, bool>) &&
            ...
        )
    redis_write(std::string_view command, std::string_view key, Words const&... words)
        : words_{std::string(command), std::string(key), word(words)...}
    {
        check();
    }

    /// The command, in capitals, its key, and what follows.
    std::vector<std::string> const& words() const noexcept { return words_; }
    std::size_t bytes() const noexcept
    {
        std::size_t all = 0;
        for (std::string const& one : words_)
            all += one.size();
        return all;
    }

    friend bool operator==(redis_write const&, redis_write const&) = default;

private:
    template <typename T>
    static std::string word(T const& value)
    {
        if constexpr (std::integral<T> || std::floating_point<T>) {
            char text[64];
            return std::string(text, std::to_chars(text, text + sizeof text, value).ptr);
        } else {
            return std::string(std::string_view(value));
        }
    }
    WORK_DECL void check();

    std::vector<std::string> words_;
};

namespace detail {

/// Whether it is a whole number as Redis reads one, within `max_write_number`; then that.
WORK_DECL bool is_write_number(std::string_view text, std::int64_t& value) noexcept;

}  // namespace detail

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/redis_write.ipp>
#endif
