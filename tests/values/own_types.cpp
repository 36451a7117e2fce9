// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Types that work::as_argument teaches, and paths, in every place where an argument may stand.

#include <work/as_boost_json.hpp>
#include <work/q.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/arguments.hpp>
#include <work/values/encode.hpp>
#include <work/values/make_job.hpp>

#include <boost/describe/class.hpp>

#include <filesystem>
#include <gtest/gtest.h>
#include <list>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "values/error_text.hpp"

namespace own_types {

/// Travels as text; "17" is none, and id 0 can't be written.
struct uuid
{
    int bits = 0;
    friend auto operator<=>(uuid const&, uuid const&) = default;
};

/// Boost.JSON knows it.
struct point
{
    double x = 0;
    double y = 0;
    friend bool operator==(point const&, point const&) = default;
};
void tag_invoke(boost::json::value_from_tag, boost::json::value& to, point const& p)
{
    to = {{"x", p.x}, {"y", p.y}};
}
point tag_invoke(boost::json::value_to_tag<point>, boost::json::value const& from)
{
    return {
        boost::json::value_to<double>(from.at("x")),
        boost::json::value_to<double>(from.at("y"))
    };
}

/// Boost.JSON knows it, as a number.
struct metres
{
    std::int64_t count = 0;
    friend bool operator==(metres const&, metres const&) = default;
};
void tag_invoke(boost::json::value_from_tag, boost::json::value& to, metres const& m)
{
    to = m.count;
}
metres tag_invoke(boost::json::value_to_tag<metres>, boost::json::value const& from)
{
    return {boost::json::value_to<std::int64_t>(from)};
}

/// Holds values of its own type.
struct tree
{
    int value = 0;
    std::vector<tree> below;
    friend bool operator==(tree const&, tree const&) = default;
};

/// Described jobs that travel as something else.
struct ticket
{
    int number = 0;
    friend bool operator==(ticket const&, ticket const&) = default;
};
BOOST_DESCRIBE_STRUCT(ticket, (), (number))
struct numbers
{
    std::vector<int> all;
    friend bool operator==(numbers const&, numbers const&) = default;
};
BOOST_DESCRIBE_STRUCT(numbers, (), (all))
struct place
{
    int at = 0;
    friend bool operator==(place const&, place const&) = default;
};
BOOST_DESCRIBE_STRUCT(place, (), (at))

/// Throws what is no std::exception.
struct rude
{};

struct everywhere
{
    std::filesystem::path file;
    uuid id{1};
    std::optional<point> maybe;
    std::vector<uuid> many;
    std::map<std::string, point> by_name;
    std::map<uuid, std::filesystem::path> by_id;
    std::variant<point, uuid, metres, bool> one;
    std::tuple<uuid, metres, std::filesystem::path> three{uuid{2}, metres{3}, "/"};
    tree family;
    friend bool operator==(everywhere const&, everywhere const&) = default;
};
BOOST_DESCRIBE_STRUCT(everywhere, (), (file, id, maybe, many, by_name, by_id, one, three, family))

}  // namespace own_types

template <>
struct work::as_argument<own_types::uuid>
{
    static std::string write(own_types::uuid const& id)
    {
        if (id.bits == 0)
            throw std::domain_error("a uuid must not be nil");
        return "u-" + std::to_string(id.bits);
    }
    static own_types::uuid read(std::string&& text)
    {
        if (!text.starts_with("u-"))
            throw std::invalid_argument("a uuid has a dash");
        return {std::stoi(text.substr(2))};
    }
};
template <>
struct work::as_argument<own_types::point> : work::as_boost_json<own_types::point>
{};
template <>
struct work::as_argument<own_types::metres> : work::as_boost_json<own_types::metres, std::int64_t>
{};
template <>
struct work::as_argument<own_types::tree>
{
    using written = std::pair<int, std::vector<own_types::tree>>;
    static written write(own_types::tree const& t) { return {t.value, t.below}; }
    static own_types::tree read(written const& w) { return {w.first, w.second}; }
};
template <>
struct work::as_argument<own_types::ticket>
{
    static std::string write(own_types::ticket const& t) { return std::to_string(t.number); }
    static own_types::ticket read(std::string const& text) { return {std::stoi(text)}; }
};
template <>
struct work::as_argument<own_types::numbers>
{
    static std::vector<int> write(own_types::numbers const& n) { return n.all; }
    static own_types::numbers read(std::vector<int> const& all) { return {all}; }
};
template <>
struct work::as_argument<own_types::place>
{
    using written = std::map<std::string, int>;
    static written write(own_types::place const& p) { return {{"at", p.at}}; }
    static own_types::place read(written const& w) { return {w.at("at")}; }
};
template <>
struct work::as_argument<own_types::rude>
{
    static int write(own_types::rude const&) { throw 7; }
    static own_types::rude read(int) { throw 7; }
};

namespace {

using namespace own_types;

template <typename T>
T read_back(std::string const& json)
{
    work::args_parser parser;
    return std::get<0>(work::decode_arguments<T>(parser.parse(json), {}, "job"));
}

everywhere example()
{
    everywhere e;
    e.file = "/var/\u00e9/\"x\"";
    e.id.bits = 7;
    e.maybe = point{0.1, -0.0};
    e.many = {uuid{1}, uuid{2}};
    e.by_name = {{"a", point{1, 2}}};
    e.by_id = {{uuid{8}, "relative"}, {uuid{9}, ""}};
    e.one = metres{5};
    e.family = {1, {{2, {}}, {3, {{4, {}}}}}};
    return e;
}

TEST(own_types, stand_wherever_an_argument_may)
{
    everywhere const given = example();
    std::string const json = work::to_json(given);
    EXPECT_EQ(
        json,
        R"({"file":"/var/)"
        "\u00e9"
        R"(/\"x\"","id":"u-7","maybe":{"x":0.1,"y":-0.0},)"
        R"("many":["u-1","u-2"],"by_name":{"a":{"x":1.0,"y":2.0}},)"
        R"("by_id":{"u-8":"relative","u-9":""},"one":5,"three":["u-2",3,"/"],)"
        R"("family":[1,[[2,[]],[3,[[4,[]]]]]]})"
    );
    EXPECT_EQ(read_back<everywhere>(json), given);
    EXPECT_EQ(read_back<everywhere>("[" + json + "]"), given);

    auto const by_position = work::encode_positional(uuid{4}, point{1, 2}, given.file);
    work::args_parser parser;
    auto const back =
        work::decode_arguments<uuid, point, std::filesystem::path>(parser.parse(by_position));
    EXPECT_EQ(back, std::make_tuple(uuid{4}, point{1, 2}, given.file));

    work::q const named{{"id", uuid{4}}, {"file", given.file}};
    EXPECT_EQ(
        named.json(),
        R"({"id":"u-4","file":"/var/)"
        "\u00e9"
        R"(/\"x\""})"
    );
    everywhere const made = work::make_job<everywhere>("/etc", uuid{3});
    EXPECT_EQ(made.file, "/etc");
}

TEST(own_types, in_variants_are_told_apart_by_what_they_travel_as)
{
    using one = std::variant<point, uuid, metres, bool>;
    for (one const& given : {one(point{1, 2}), one(uuid{3}), one(metres{4}), one(true)}) {
        std::string const json = work::encode_positional(given);
        EXPECT_EQ(read_back<one>(json), given) << json;
    }
    using maybe = std::optional<std::variant<point, uuid>>;
    EXPECT_EQ(read_back<maybe>("[null]"), maybe());
    EXPECT_EQ(read_back<maybe>(R"(["u-1"])"), maybe(uuid{1}));
}

template <typename Job>
std::string job_arguments(Job const& job)
{
    std::string text;
    work::detail::append_job_arguments(text, job);
    return text;
}

// Handlers read a described job from an object; what is none is the job's only argument.
TEST(own_types, may_be_whole_jobs)
{
    EXPECT_EQ(job_arguments(ticket{42}), R"(["42"])");
    EXPECT_EQ(job_arguments(numbers{{1, 2}}), "[[1,2]]");
    EXPECT_EQ(job_arguments(place{3}), R"({"at":3})");
    EXPECT_EQ(read_back<ticket>(R"(["42"])"), ticket{42});
    EXPECT_EQ(read_back<numbers>("[[1,2]]"), (numbers{{1, 2}}));
    EXPECT_EQ(read_back<place>(R"({"at":3})"), place{3});
    EXPECT_EQ(read_back<place>(R"([{"at":3}])"), place{3});
}

TEST(own_types, that_can_not_be_read_fail_with_their_path)
{
    auto const fault = []<typename T>(std::type_identity<T>, char const* json) {
        return error_text(work::errc::invalid_arguments, [&] { (void)read_back<T>(json); });
    };
    std::type_identity<everywhere> const whole;
    EXPECT_EQ(
        fault(whole, R"({"many":["u-1","17"]})"),
        "job: argument many[1]: expected what its type can read (a uuid has a dash), found "
        "string \"17\""
    );
    EXPECT_EQ(fault(whole, R"({"id":5})"), "job: argument id: expected a string, found integer 5");
    EXPECT_EQ(
        fault(whole, R"({"by_id":{"17":"/x"}})"),
        "job: argument by_id.17: expected a name that its type can read (a uuid has a dash), "
        "found string \"17\""
    );
    EXPECT_EQ(
        fault(whole, R"({"by_id":{"u-1":"/x","u-01":"/y"}})"),
        "job: argument by_id.u-01: expected a name that is not there already, found "
        "\"u-01\""
    );
    EXPECT_EQ(
        fault(whole, R"({"file":["/x"]})"),
        "job: argument file: expected a string, found an array of 1"
    );
    std::string const text = fault(whole, R"({"by_name":{"a":{"x":1}}})");
    EXPECT_TRUE(text.starts_with("job: argument by_name.a: expected what its type can read ("))
        << text;
    EXPECT_EQ(
        fault(std::type_identity<rude>(), "[1]"),
        "job: argument 1: expected what its type can read (it threw what is no "
        "std::exception), found integer 1"
    );
}

TEST(own_types, that_can_not_be_written_are_refused_with_their_path)
{
    auto const fault = [](auto const& value) {
        return error_text(work::errc::invalid_arguments, [&] { (void)work::to_json(value); });
    };
    everywhere given = example();
    given.many[1].bits = 0;
    EXPECT_EQ(
        fault(given),
        "everywhere: argument many[1]: expected what its type can write, found "
        "that it threw: a uuid must not be nil"
    );
    EXPECT_EQ(
        fault(std::map<uuid, int>{{uuid{0}, 1}}),
        "arguments: expected what its type can write, found that it threw: a uuid must not "
        "be nil"
    );
    EXPECT_EQ(
        fault(rude()),
        "arguments: expected what its type can write, found that it threw: "
        "what is no std::exception"
    );
    EXPECT_EQ(
        fault(std::filesystem::path("/\xFF")),
        "arguments: expected text in UTF-8, found \"/\\xff\", invalid at byte 1"
    );
}

}  // namespace
