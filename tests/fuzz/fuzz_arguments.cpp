// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Parses bytes as arguments. What can be parsed is written again and must parse to the same, and is
// offered to a struct and to parameters of many kinds, which take it or refuse it.

#include <work/error.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/arguments.hpp>
#include <work/values/encode.hpp>

#include <boost/describe/class.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace {

struct node
{
    std::int8_t number = 0;
    std::string text;
    std::vector<node> nodes;
    std::map<std::string, double> map;
    std::variant<std::int64_t, std::vector<bool>, std::string> any;
    std::chrono::system_clock::time_point at;
    std::chrono::seconds wait{};
};
BOOST_DESCRIBE_STRUCT(node, (), (number, text, nodes, map, any, at, wait))

template <typename Fn>
void attempt(Fn&& fn)
{
    try {
        fn();
    } catch (work::error const& refused) {
        if (refused.code() != work::errc::invalid_arguments)
            std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    std::string const bytes(reinterpret_cast<char const*>(data), size);
    static work::args_parser parser;
    static work::args_parser second;
    attempt([&] {
        auto const& args = parser.parse(bytes);
        std::string const written = work::to_json(args);
        if (work::to_json(second.parse(written)) != written)
            std::abort();
        attempt([&] {
            auto const read = work::decode_job<node>(args);
            auto const text = work::to_json(read);
            if (work::to_json(work::decode_job<node>(second.parse(text))) != text)
                std::abort();
        });
        attempt([&] {
            (void)work::decode_arguments<std::int64_t, float, std::optional<std::string>>(args);
        });
        attempt([&] { (void)work::decode_arguments<std::map<std::string, std::uint64_t>>(args); });
    });
    return 0;
}
