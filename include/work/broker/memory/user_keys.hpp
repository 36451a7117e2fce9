// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/redis_write.hpp>

#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace work::detail {

/// What handlers wrote with the ends of their attempts, as Redis would have it:
/// `scripts/parts/writes.lua`.
class user_keys
{
public:
    struct refusal
    {
        std::size_t write = 0;
        std::string why{};
    };

    /// Which of them would be refused, and why: each as those before it will have left the keys.
    WORK_DECL std::optional<refusal> refused(
        std::vector<redis_write> const& all,
        std::int64_t now_ms
    ) const;
    /// Those that are not refused.
    WORK_DECL void carry_out(std::vector<redis_write> const& all, std::int64_t now_ms);
    /// Each key with what it has: text, an object of a hash or of a sorted set, else an array.
    WORK_DECL boost::json::object show(std::int64_t now_ms) const;

    friend bool operator==(user_keys const&, user_keys const&) = default;

private:
    using fields = std::map<std::string, std::string, std::less<>>;
    struct hash
    {
        fields of;
        friend bool operator==(hash const&, hash const&) = default;
    };
    using members = std::set<std::string, std::less<>>;
    using scores = std::map<std::string, double, std::less<>>;
    using list = std::deque<std::string>;
    struct stream
    {
        std::deque<std::vector<std::string>> entries;
        friend bool operator==(stream const&, stream const&) = default;
    };
    struct key
    {
        std::variant<std::string, hash, members, scores, list, stream> value;
        std::int64_t ends_ms = 0;  ///< 0: never

        friend bool operator==(key const&, key const&) = default;
    };

    WORK_DECL void forget_ended(std::int64_t now_ms);
    WORK_DECL std::string sum_refused(redis_write const& one) const;
    WORK_DECL void carry_out(redis_write const& one, std::int64_t now_ms);
    template <typename T>
    T& at(std::string const& name);

    std::map<std::string, key, std::less<>> keys_;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/broker/memory/user_keys.ipp>
#endif
