// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/user_keys.hpp>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <functional>
#include <type_traits>

namespace work::detail {

// Of `user_keys::key`, in the order of its alternatives.
inline constexpr std::string_view key_kinds[] = {
    "string",
    "hash",
    "set",
    "zset",
    "list",
    "stream",
};

inline std::string_view kind_written_by(std::string_view command) noexcept
{
    if (command == "INCRBY")
        return "string";
    if (command.starts_with('H'))
        return "hash";
    if (command.starts_with('Z'))
        return "zset";
    if (command == "SADD" || command == "SREM")
        return "set";
    if (command == "XADD")
        return "stream";
    return command.ends_with("PUSH") ? "list" : "";
}

inline std::string whole_sum_fault(std::string_view old, std::string_view more, std::int64_t& sum)
{
    std::int64_t a = 0;
    std::int64_t b = 0;
    if (!is_write_number(old, a))
        return "what is there is no integer below 2^53";
    is_write_number(more, b);
    sum = a + b;
    return sum < -max_write_number || sum > max_write_number ? "it would not be below 2^53" : "";
}

WORK_DECL void user_keys::forget_ended(std::int64_t now_ms)
{
    std::erase_if(keys_, [&](auto const& one) {
        return one.second.ends_ms != 0 && one.second.ends_ms <= now_ms;
    });
}

WORK_DECL std::optional<user_keys::refusal> user_keys::refused(
    std::vector<redis_write> const& all,
    std::int64_t now_ms
) const
{
    user_keys tried;
    for (redis_write const& one : all)
        if (auto const there = keys_.find(one.words()[1]); there != keys_.end())
            tried.keys_.insert(*there);
    tried.forget_ended(now_ms);
    // What a key is stays so though its last member is taken out: that is not foreseen.
    std::map<std::string, std::string_view, std::less<>> kinds;
    for (auto const& [name, there] : tried.keys_)
        kinds[name] = key_kinds[there.value.index()];
    for (std::size_t i = 0; i != all.size(); ++i) {
        std::vector<std::string> const& words = all[i].words();
        std::string_view const wanted = kind_written_by(words[0]);
        std::string_view& kind = kinds[words[1]];
        if (!wanted.empty() && !kind.empty() && kind != wanted)
            return refusal{i, "its key has a " + std::string(kind)};
        std::string why = tried.sum_refused(all[i]);
        if (!why.empty())
            return refusal{i, std::move(why)};
        tried.carry_out(all[i], now_ms);
        if (words[0] == "SET" || words[0] == "DEL")
            kind = words[0] == "SET" ? "string" : "";
        else if (!wanted.empty() && !words[0].ends_with("DEL") && !words[0].ends_with("REM"))
            kind = wanted;
    }
    return std::nullopt;
}

WORK_DECL void user_keys::carry_out(std::vector<redis_write> const& all, std::int64_t now_ms)
{
    forget_ended(now_ms);
    for (redis_write const& one : all)
        carry_out(one, now_ms);
}

WORK_DECL std::string user_keys::sum_refused(redis_write const& one) const
{
    std::vector<std::string> const& words = one.words();
    auto const there = keys_.find(words[1]);
    std::string_view old = "0";
    if (words[0] == "INCRBY" && there != keys_.end())
        old = std::get<std::string>(there->second.value);
    if (words[0] == "HINCRBY" && there != keys_.end()) {
        fields const& of = std::get<hash>(there->second.value).of;
        if (auto const field = of.find(words[2]); field != of.end())
            old = field->second;
    }
    std::int64_t sum = 0;
    return words[0].ends_with("INCRBY") ? whole_sum_fault(old, words.back(), sum) : std::string();
}

template <typename T>
T& user_keys::at(std::string const& name)
{
    return std::get<T>(keys_.try_emplace(name, key{T(), 0}).first->second.value);
}

WORK_DECL void user_keys::carry_out(redis_write const& one, std::int64_t now_ms)
{
    std::vector<std::string> const& words = one.words();
    std::string const& command = words[0];
    std::string const& name = words[1];
    auto const number = [&](std::size_t i) {
        std::int64_t value = 0;
        is_write_number(words[i], value);
        return value;
    };
    std::int64_t sum = 0;
    if (command == "SET") {
        key made{words[2], 0};
        if (words.size() > 3)
            made.ends_ms = now_ms + number(4) * (words[3] == "EX" ? 1'000 : 1);
        keys_.insert_or_assign(name, std::move(made));
    } else if (command == "DEL") {
        keys_.erase(name);
    } else if (command.ends_with("EXPIRE")) {
        if (auto const there = keys_.find(name); there != keys_.end())
            there->second.ends_ms = now_ms + number(2) * (command == "EXPIRE" ? 1'000 : 1);
    } else if (command == "INCRBY") {
        std::string& value = at<std::string>(name);
        whole_sum_fault(value.empty() ? "0" : value, words[2], sum);
        value = std::to_string(sum);
    } else if (command == "HINCRBY") {
        std::string& value = at<hash>(name).of[words[2]];
        whole_sum_fault(value.empty() ? "0" : value, words[3], sum);
        value = std::to_string(sum);
    } else if (command == "HSET") {
        for (std::size_t i = 2; i < words.size(); i += 2)
            at<hash>(name).of[words[i]] = words[i + 1];
    } else if (command == "SADD") {
        at<members>(name).insert(words.begin() + 2, words.end());
    } else if (command == "ZADD") {
        for (std::size_t i = 2; i < words.size(); i += 2)
            at<scores>(name)[words[i + 1]] = std::strtod(words[i].c_str(), nullptr);
    } else if (command == "LPUSH") {
        for (std::size_t i = 2; i < words.size(); ++i)
            at<list>(name).push_front(words[i]);
    } else if (command == "RPUSH") {
        at<list>(name).insert(at<list>(name).end(), words.begin() + 2, words.end());
    } else if (command == "XADD") {
        auto& entries = at<stream>(name).entries;
        auto const id = std::find(words.begin() + 2, words.end(), "*");
        entries.emplace_back(id + 1, words.end());
        auto const most = id == words.begin() + 2 ? entries.size()
                                                  : static_cast<std::size_t>(std::stoull(id[-1]));
        while (entries.size() > most)
            entries.pop_front();
    } else {
        auto const there = keys_.find(name);
        if (there == keys_.end())
            return;
        bool const empty = std::visit(
            [&](auto& of) {
                using kind = std::decay_t<decltype(of)>;
                for (std::size_t i = 2; i < words.size(); ++i) {
                    if constexpr (std::is_same_v<kind, hash>)
                        of.of.erase(words[i]);
                    else if constexpr (std::is_same_v<kind, members> ||
                                       std::is_same_v<kind, scores>)
                        of.erase(words[i]);
                }
                if constexpr (std::is_same_v<kind, hash>)
                    return of.of.empty();
                else if constexpr (std::is_same_v<kind, stream>)
                    return of.entries.empty();
                else
                    return of.empty();
            },
            there->second.value
        );
        if (empty)
            keys_.erase(there);
    }
}

WORK_DECL boost::json::object user_keys::show(std::int64_t now_ms) const
{
    struct shower
    {
        boost::json::value operator()(std::string const& text) const
        {
            return boost::json::value(text);
        }
        boost::json::value operator()(hash const& from) const
        {
            boost::json::object shown;
            for (auto const& [field, text] : from.of)
                shown[field] = text;
            return shown;
        }
        boost::json::value operator()(members const& all) const
        {
            return boost::json::array(all.begin(), all.end());
        }
        boost::json::value operator()(scores const& all) const
        {
            boost::json::object shown;
            for (auto const& [member, score] : all)
                shown[member] = score;
            return shown;
        }
        boost::json::value operator()(list const& all) const
        {
            return boost::json::array(all.begin(), all.end());
        }
        boost::json::value operator()(stream const& from) const
        {
            boost::json::array shown;
            for (std::vector<std::string> const& words : from.entries) {
                boost::json::object entry;
                for (std::size_t i = 0; i + 1 < words.size(); i += 2)
                    entry[words[i]] = words[i + 1];
                shown.push_back(std::move(entry));
            }
            return shown;
        }
    };
    boost::json::object all;
    for (auto const& [name, one] : keys_)
        if (one.ends_ms == 0 || one.ends_ms > now_ms)
            all[name] = std::visit(shower(), one.value);
    return all;
}

}  // namespace work::detail
