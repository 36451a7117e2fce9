// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

[[noreturn]] inline void fail(std::string const& what)
{
    std::fprintf(stderr, "%s\n", what.c_str());
    std::exit(2);
}

/// `--name value` or `--name=value`; anything else ends the program with a sentence.
class arguments
{
public:
    arguments(int argc, char** argv)
    {
        for (int i = 1; i < argc; ++i) {
            std::string_view word = argv[i];
            if (!word.starts_with("--"))
                fail(std::string(word) + " is no option: options are --name value");
            word.remove_prefix(2);
            if (auto const at = word.find('='); at != word.npos)
                given_.emplace_back(word.substr(0, at), word.substr(at + 1));
            else if (i + 1 < argc && std::string_view(argv[i + 1]).substr(0, 2) != "--")
                given_.emplace_back(word, argv[++i]);
            else
                given_.emplace_back(word, "1");
        }
    }

    std::string text(std::string_view name, std::string_view otherwise) const
    {
        for (auto const& [key, value] : given_)
            if (key == name)
                return value;
        return std::string(otherwise);
    }
    long number(std::string_view name, long otherwise) const
    {
        std::string const value = text(name, "");
        return value.empty() ? otherwise : to_number(name, value);
    }
    /// `--name 1,10,100`
    std::vector<long> numbers(std::string_view name, std::string_view otherwise) const
    {
        std::vector<long> all;
        std::string const value = text(name, otherwise);
        for (std::size_t at = 0; at <= value.size();) {
            std::size_t const end = std::min(value.find(',', at), value.size());
            all.push_back(to_number(name, value.substr(at, end - at)));
            at = end + 1;
        }
        return all;
    }
    bool flag(std::string_view name) const { return text(name, "0") != "0"; }
    std::vector<std::pair<std::string, std::string>> const& given() const noexcept
    {
        return given_;
    }

private:
    static long to_number(std::string_view name, std::string const& value)
    {
        char* end = nullptr;
        long const n = std::strtol(value.c_str(), &end, 10);
        if (value.empty() || *end != 0)
            fail("--" + std::string(name) + ": \"" + value + "\" is no whole number");
        return n;
    }
    std::vector<std::pair<std::string, std::string>> given_;
};

}  // namespace bench
