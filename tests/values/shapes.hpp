// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

/// \file
/// Described types of many kinds, for the tests of encoding and decoding.
///
/// What must not compile, each with one message that begins with "work:": an undescribed struct, a
/// char and a map with integer keys as argument; an undescribed struct, a string_view and a
/// reference as parameter; a job without name and one with a control character in its job_name; and
/// a job made of more values than it has members, or of a double for an integer.

#include <work/job.hpp>

#include <boost/json/value.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace shapes {

struct send_email
{
    std::int64_t user_id = 0;
    std::string address;

    friend bool operator==(send_email const&, send_email const&) = default;
};
BOOST_DESCRIBE_STRUCT(send_email, (), (user_id, address))

enum class colour { red, green, blue };
BOOST_DESCRIBE_ENUM(colour, red, green, blue)

enum class plain : std::uint8_t { zero, one };

struct line
{
    std::int8_t zip = 0;
    std::string street = "unknown";

    friend bool operator==(line const&, line const&) = default;
};
BOOST_DESCRIBE_STRUCT(line, (), (zip, street))

struct address
{
    std::vector<line> lines;
    std::map<std::string, line> by_name;

    friend bool operator==(address const&, address const&) = default;
};
BOOST_DESCRIBE_STRUCT(address, (), (lines, by_name))

struct order
{
    shapes::address address;
    double total = 1.5;

    friend bool operator==(order const&, order const&) = default;
};
BOOST_DESCRIBE_STRUCT(order, (), (address, total))

struct base
{
    int in_base = 1;

    friend bool operator==(base const&, base const&) = default;
};
BOOST_DESCRIBE_STRUCT(base, (), (in_base))

struct derived : base
{
    int in_derived = 2;

    friend bool operator==(derived const&, derived const&) = default;
};
BOOST_DESCRIBE_STRUCT(derived, (base), (in_derived))

struct empty
{
    friend bool operator==(empty const&, empty const&) = default;
};
BOOST_DESCRIBE_STRUCT(empty, (), ())

struct tree
{
    std::vector<tree> children;

    friend bool operator==(tree const&, tree const&) = default;
};
BOOST_DESCRIBE_STRUCT(tree, (), (children))

/// One member of every kind.
struct everything
{
    bool flag = false;
    std::int8_t i8 = 0;
    std::uint8_t u8 = 0;
    std::int16_t i16 = 0;
    std::uint16_t u16 = 0;
    std::int32_t i32 = 0;
    std::uint32_t u32 = 0;
    std::int64_t i64 = 0;
    std::uint64_t u64 = 0;
    float f = 0;
    double d = 0;
    std::string s;
    std::optional<int> o;
    std::optional<std::string> os;
    std::vector<int> v;
    std::vector<bool> vb;
    std::deque<std::string> dq;
    std::set<std::string> st;
    std::array<int, 3> a{};
    std::map<std::string, int> m;
    std::unordered_map<std::string, std::vector<int>> um;
    std::pair<int, std::string> p;
    std::tuple<bool, double, std::string> t;
    std::variant<std::monostate, std::int64_t, double, std::string, line> var;
    colour c = colour::red;
    plain pl = plain::zero;
    std::chrono::milliseconds ms{};
    std::chrono::seconds sec{};
    std::chrono::sys_time<std::chrono::milliseconds> at{};
    std::chrono::system_clock::time_point clock{};
    line nested;
    std::optional<line> maybe;
    std::vector<std::optional<int>> holes;

    friend bool operator==(everything const&, everything const&) = default;
};
BOOST_DESCRIBE_STRUCT(
    everything,
    (),
    (flag,
     i8,
     u8,
     i16,
     u16,
     i32,
     u32,
     i64,
     u64,
     f,
     d,
     s,
     o,
     os,
     v,
     vb,
     dq,
     st,
     a,
     m,
     um,
     p,
     t,
     var,
     c,
     pl,
     ms,
     sec,
     at,
     clock,
     nested,
     maybe,
     holes)
)

}  // namespace shapes
