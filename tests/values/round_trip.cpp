// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What is written reads back as it was, for every type that can be an argument.

#include <work/values/args_parser.hpp>
#include <work/values/arguments.hpp>
#include <work/values/encode.hpp>

#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <gtest/gtest.h>
#include <limits>
#include <list>
#include <random>
#include <stdexcept>
#include <unordered_set>

#include "values/error_text.hpp"
#include "values/shapes.hpp"

namespace round_trip {

struct card
{
    std::string number;
    std::optional<int> pin;
    static constexpr std::string_view variant_tag = "card";
    friend bool operator==(card const&, card const&) = default;
};
BOOST_DESCRIBE_STRUCT(card, (), (number, pin))

struct sepa
{
    std::string iban;
    static constexpr std::string_view variant_tag = "sepa";
    friend bool operator==(sepa const&, sepa const&) = default;
};
BOOST_DESCRIBE_STRUCT(sepa, (), (iban))

struct uuid
{
    std::array<std::uint8_t, 2> bytes{};
    friend bool operator==(uuid const&, uuid const&) = default;
};

using pay = std::
    variant<std::monostate, card, sepa, std::int64_t, double, std::string, std::vector<int>, bool>;

struct order
{
    pay by;
    std::vector<pay> tried;
    std::optional<std::variant<card, sepa>> last;
    std::variant<std::variant<card, bool>, std::variant<sepa, std::string>> nested;
    std::filesystem::path file;
    std::map<std::string, uuid> ids;
    friend bool operator==(order const&, order const&) = default;
};
BOOST_DESCRIBE_STRUCT(order, (), (by, tried, last, nested, file, ids))

}  // namespace round_trip

template <>
struct work::as_argument<round_trip::uuid>
{
    static std::string write(round_trip::uuid const& id)
    {
        return std::to_string(id.bytes[0]) + "-" + std::to_string(id.bytes[1]);
    }
    static round_trip::uuid read(std::string const& text)
    {
        auto const dash = text.find('-');
        if (dash == std::string::npos)
            throw std::invalid_argument("a uuid has a dash");
        return {
            {static_cast<std::uint8_t>(std::stoi(text)),
             static_cast<std::uint8_t>(std::stoi(text.substr(dash + 1)))}
        };
    }
};

namespace {

using namespace round_trip;
using work::described_job;

/// Any value of a type, often one at an edge.
class dice
{
public:
    explicit dice(unsigned seed) : random_(seed) {}
    std::size_t below(std::size_t n) { return random_() % n; }

    template <typename T>
    T any(int depth = 0)
    {
        T out{};
        fill(out, depth);
        return out;
    }

private:
    void fill(bool& out, int) { out = below(2) == 0; }
    template <work::detail::integer T>
    void fill(T& out, int)
    {
        T const edges[] = {0, 1, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
        out = below(2) ? edges[below(4)] : static_cast<T>(bits());
    }
    template <work::detail::floating T>
    void fill(T& out, int)
    {
        T const edges[] = {
            T(0),
            T(-0.0),
            T(1),
            T(0.1),
            std::numeric_limits<T>::max(),
            std::numeric_limits<T>::denorm_min(),
            std::numeric_limits<T>::epsilon()
        };
        out = edges[below(7)];
        if (below(3)) {
            using word = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
            out = std::bit_cast<T>(static_cast<word>(bits()));
            if (!std::isfinite(out))
                out = T(1) / T(3);
        }
    }
    void fill(std::string& out, int)
    {
        static constexpr std::string_view pieces[] = {
            "a",
            "\"",
            "\\",
            "\n",
            std::string_view("\0", 1),
            "\x7f",
            "\u00e9",
            "\u202e",
            "\U0001F600",
            "{}",
            "null",
            "/"
        };
        for (std::size_t n = below(8); n != 0; --n)
            out += pieces[below(std::size(pieces))];
    }
    void fill(std::monostate&, int) {}
    void fill(std::filesystem::path& out, int) { out = "/tmp/" + any<std::string>(); }
    void fill(uuid& out, int) { fill_range(out.bytes, 0); }
    template <typename T>
        requires std::is_enum_v<T>
    void fill(T& out, int)
    {
        out = static_cast<T>(below(2));
    }
    template <typename T>
    void fill(std::optional<T>& out, int depth)
    {
        if (below(2))
            out = any<T>(depth + 1);
    }
    template <typename... T>
    void fill(std::variant<T...>& out, int depth)
    {
        std::size_t const which = below(sizeof...(T));
        std::size_t at = 0;
        ((at++ == which ? void(out = std::variant<T...>(std::in_place_type<T>, any<T>(depth + 1)))
                        : void()),
         ...);
    }
    template <typename Rep, typename Period>
    void fill(std::chrono::duration<Rep, Period>& out, int)
    {
        using duration = std::chrono::duration<Rep, Period>;
        if constexpr (std::is_floating_point_v<Rep>) {
            out = duration(static_cast<Rep>(static_cast<double>(bits()) / 1e9));
        } else {
            // Whole ms, in the range of 64 bits of them.
            std::chrono::milliseconds const ms(static_cast<std::int64_t>(bits()) / 1'000'000'000);
            out = std::chrono::duration_cast<duration>(ms);
        }
    }
    template <typename Duration>
    void fill(std::chrono::sys_time<Duration>& out, int)
    {
        std::chrono::milliseconds const ms(static_cast<std::int64_t>(bits()) / 10'000'000);
        out = std::chrono::sys_time<Duration>(std::chrono::duration_cast<Duration>(ms));
        if (below(2))
            out += Duration(below(1000));
    }
    template <typename T, typename U>
    void fill(std::pair<T, U>& out, int depth)
    {
        fill(out.first, depth);
        fill(out.second, depth);
    }
    template <typename... T>
    void fill(std::tuple<T...>& out, int depth)
    {
        std::apply([&](auto&... one) { (fill(one, depth), ...); }, out);
    }
    template <typename T>
    void fill_range(T& out, int depth)
    {
        for (auto& one : out)
            fill(one, depth);
    }
    template <typename T, std::size_t Size>
    void fill(std::array<T, Size>& out, int depth)
    {
        fill_range(out, depth);
    }
    template <work::detail::map_like T>
    void fill(T& out, int depth)
    {
        for (std::size_t n = below(3); n != 0; --n)
            out.insert_or_assign(any<std::string>(), any<typename T::mapped_type>(depth + 1));
    }
    template <work::detail::set_like T>
    void fill(T& out, int depth)
    {
        for (std::size_t n = below(3); n != 0; --n)
            out.insert(any<typename T::key_type>(depth + 1));
    }
    template <work::detail::sequence_like T>
        requires(!work::detail::taught<T>)
    void fill(T& out, int depth)
    {
        for (std::size_t n = depth > 3 ? 0 : below(4); n != 0; --n)
            out.push_back(any<typename T::value_type>(depth + 1));
    }
    template <described_job T>
        requires(!work::detail::taught<T>)
    void fill(T& out, int depth)
    {
        work::detail::all_members<T>([&]<typename Member>() {
            fill(out.*Member::pointer, depth + 1);
            return true;
        });
    }

    std::uint64_t bits()
    {
        std::uint64_t const value = random_();
        return value >> below(64);
    }

    std::mt19937_64 random_;
};

// Bits, so that -0.0 differs from 0.0; else by their own equality.
template <typename T>
bool same(T const& a, T const& b)
{
    if constexpr (std::is_floating_point_v<T>)
        return std::memcmp(&a, &b, sizeof a) == 0;
    else
        return a == b;
}

template <typename T>
void expect_exact(T const& value)
{
    std::string const text = work::encode_positional(value);
    work::args_parser parser;
    auto const& json = parser.parse("[" + text + "]");
    auto const back = std::get<0>(work::decode_arguments<std::vector<T>>(json));
    ASSERT_EQ(back.size(), 1u);
    ASSERT_TRUE(same<T>(back[0], value)) << text;
}

template <typename... T>
void expect_all_exact(int rounds)
{
    dice d(17);
    for (int i = 0; i != rounds; ++i)
        (expect_exact<T>(d.any<T>()), ...);
}

using std::chrono::duration;
using std::chrono::sys_time;

TEST(round_trip, of_scalars_is_exact)
{
    expect_all_exact<
        bool,
        std::int8_t,
        std::uint8_t,
        std::int16_t,
        std::uint16_t,
        std::int32_t,
        std::uint32_t,
        std::int64_t,
        std::uint64_t,
        float,
        double,
        std::string,
        shapes::colour,
        shapes::plain>(2000);
}

TEST(round_trip, of_durations_and_times_is_exact)
{
    expect_all_exact<
        std::chrono::nanoseconds,
        std::chrono::microseconds,
        std::chrono::milliseconds,
        std::chrono::seconds,
        std::chrono::minutes,
        std::chrono::hours,
        duration<std::int32_t>,
        duration<std::uint16_t, std::milli>,
        duration<double>,
        duration<float>,
        duration<double, std::milli>,
        duration<float, std::milli>,
        duration<double, std::ratio<3600>>,
        duration<double, std::nano>,
        duration<float, std::ratio<60>>,
        sys_time<std::chrono::nanoseconds>,
        sys_time<std::chrono::microseconds>,
        sys_time<std::chrono::milliseconds>,
        std::chrono::sys_seconds,
        std::chrono::sys_days>(2000);
}

TEST(round_trip, of_structs_containers_and_variants_is_exact)
{
    expect_all_exact<
        shapes::everything,
        shapes::order,
        shapes::tree,
        shapes::derived,
        shapes::empty,
        order,
        pay,
        std::vector<pay>,
        std::list<std::optional<order>>,
        std::unordered_set<std::string>,
        std::multiset<double>,
        std::vector<bool>,
        std::map<std::string, std::vector<std::pair<int, std::optional<card>>>>>(300);
}

TEST(round_trip, of_raw_json_is_exact)
{
    for (char const* text :
         {"null",
          "1",
          "-1",
          "18446744073709551615",
          "1.0",
          "-0.0",
          "1e300",
          "[]",
          "{}",
          R"({"a":[1,{"b":null}],"c":"\u202e"})"}) {
        work::args_parser parser;
        boost::json::value const value = parser.parse(text);
        std::string const written = work::to_json(value);
        work::args_parser second;
        EXPECT_EQ(work::decode<boost::json::value>(second.parse(written)), value) << written;
    }
}

TEST(round_trip, of_a_time_says_its_digits_below_the_ms)
{
    using namespace std::chrono;
    EXPECT_EQ(
        work::to_json(sys_time<nanoseconds>(1'772'368'200'250'000'001ns)),
        R"("2026-03-01T12:30:00.250000001Z")"
    );
    EXPECT_EQ(work::to_json(sys_time<nanoseconds>(1'772'368'200'250'000'000ns)), "1772368200250");
    EXPECT_EQ(work::to_json(duration<double>(0.1)), "100.0");
    EXPECT_EQ(work::to_json(duration<double, std::ratio<1, 3>>(1.5)), "500.0");
}

TEST(round_trip, what_ms_can_not_hold_is_refused_and_not_wrapped)
{
    using namespace std::chrono;
    EXPECT_THROW((void)work::to_json(hours::max()), work::error);
    EXPECT_THROW((void)work::to_json(hours::min()), work::error);
    EXPECT_THROW((void)work::to_json(sys_time<hours>(hours::max())), work::error);
    EXPECT_THROW((void)work::to_json(nanoseconds(1)), work::error);
}

TEST(variant, is_read_as_what_it_was_written_from_and_faults_have_the_path)
{
    EXPECT_EQ(work::to_json(pay(card{"4111", 7})), R"({"_type":"card","number":"4111","pin":7})");
    auto const read = [](char const* json) {
        work::args_parser parser;
        try {
            return std::to_string(work::decode<pay>(parser.parse(json), "charge").index());
        } catch (work::error const& e) {
            return std::string(e.what());
        }
    };
    EXPECT_EQ(read(R"({"_type":"sepa","iban":"x"})"), "2");
    EXPECT_EQ(read("5"), "3");
    EXPECT_EQ(read("5.0"), "4");
    EXPECT_EQ(
        read(R"({"iban":"x"})"),
        "charge: arguments: expected one of the 8 types it may have (an object with "
        "\"_type\" \"card\" or \"sepa\"), found an object"
    );
    EXPECT_EQ(
        read(R"({"_type":"sepa","iban":5})"),
        "charge: argument iban: expected a string, found integer 5"
    );
    EXPECT_EQ(
        read(R"([1,"x"])"),
        "charge: argument [1]: expected an integer "
        "-2147483648..2147483647, found string \"x\""
    );
}

TEST(variant, of_one_struct_needs_no_tag_and_of_doubles_takes_whole_numbers)
{
    using one = std::variant<card, double>;
    work::args_parser parser;
    EXPECT_EQ(work::decode<one>(parser.parse(R"({"number":"1"})")).index(), 0u);
    EXPECT_EQ(work::decode<one>(parser.parse("5")).index(), 1u);
}

TEST(own_types, that_can_not_be_read_fail_with_their_path)
{
    work::args_parser parser;
    std::string text;
    try {
        (void)work::decode<order>(parser.parse(R"({"ids":{"a":"17"}})"), "order");
    } catch (work::error const& e) {
        text = e.what();
    }
    EXPECT_EQ(
        text,
        "order: argument ids.a: expected what its type can read (a uuid has a dash), "
        "found string \"17\""
    );
}

}  // namespace
