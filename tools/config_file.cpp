// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "config_file.hpp"

#include <work/error.hpp>
#include <work/values/text.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <toml++/toml.h>
#include <utility>
#include <vector>

namespace work::tool {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> places()
{
    std::vector<fs::path> all{"work.toml"};
    char const* const xdg = std::getenv("XDG_CONFIG_HOME");
    char const* const home = std::getenv("HOME");
    // The rule for XDG_CONFIG_HOME: a relative path is as good as none.
    if (xdg != nullptr && *xdg == '/')
        all.push_back(fs::path(xdg) / "work" / "config.toml");
    else if (home != nullptr && *home != '\0')
        all.push_back(fs::path(home) / ".config" / "work" / "config.toml");
    return all;
}

/// One file, and how to complain about it.
class config_file
{
public:
    explicit config_file(fs::path at) : path_(std::move(at))
    {
        std::ifstream in(path_);
        std::ostringstream text;
        text << in.rdbuf();
        if (!in)
            throw error(errc::invalid_option, path_.string() + " can't be read");
        try {
            root_ = toml::parse(text.str());
        } catch (toml::parse_error const& e) {
            complain(e.source(), std::string(e.description()) + "; it must be TOML");
        }
        check(root_, true);
        if (toml::node const* const all = root_.get("profiles")) {
            if (!all->is_table())
                complain(all->source(), "profiles is no table; write [profiles.NAME]");
            for (auto const& [name, one] : *all->as_table()) {
                if (!one.is_table())
                    complain(
                        one.source(),
                        "profiles." + std::string(name.str()) + " is no table; write [profiles." +
                            std::string(name.str()) + "]"
                    );
                check(*one.as_table(), false);
            }
        }
    }

    /// The profile that is used when none is named.
    std::optional<std::string> preferred() const { return root_["profile"].value<std::string>(); }
    toml::table const* table_of(std::string const& name) const
    {
        return root_["profiles"][name].as_table();
    }
    toml::table const& top() const { return root_; }
    std::string names() const
    {
        std::string all;
        if (auto const* const profiles = root_["profiles"].as_table())
            for (auto const& [name, one] : *profiles)
                all.append(all.empty() ? "" : ", ").append(name.str());
        return all;
    }

private:
    [[noreturn]] void complain(toml::source_region const& where, std::string const& what) const
    {
        throw error(
            errc::invalid_option,
            path_.string() + ":" + std::to_string(where.begin.line) + ": " + what
        );
    }

    // A misspelt key must not mean another server.
    void check(toml::table const& table, bool top) const
    {
        for (auto const& [key, value] : table) {
            std::string_view const name = key.str();
            if (top && name == "profiles")
                continue;
            bool const known = name == "redis" || name == "url" || name == "token_file" ||
                               name == "ns" || name == "environment" || (top && name == "profile");
            if (!known)
                complain(
                    value.source(),
                    "the key " + detail::quote(name) +
                        " is not known; there are redis, url, token_file, ns, environment" +
                        (top ? ", profile and tables [profiles.NAME]" : "")
                );
            if (!value.is_string())
                complain(value.source(), std::string(name) + " must be text, in quotes");
        }
        if (table.contains("redis") && table.contains("url"))
            complain(
                table.get("url")->source(),
                "redis and url stand together: jobs are reached over the broker, or through a "
                "server"
            );
    }

    fs::path path_;
    toml::table root_;
};

// Those that say something already stay.
void add(profile& to, toml::table const& from)
{
    auto const take = [&](std::optional<std::string>& value, std::string_view key) {
        if (!value)
            value = from[key].value<std::string>();
    };
    if (!to.redis && !to.url) {
        take(to.redis, "redis");
        take(to.url, "url");
    }
    take(to.token_file, "token_file");
    take(to.ns, "ns");
    take(to.environment, "environment");
}

}  // namespace

profile read_profile(std::string const& name)
{
    std::vector<config_file> files;
    std::string looked_in;
    std::string known;
    for (fs::path const& path : places()) {
        looked_in += (looked_in.empty() ? "" : " and ") + path.string();
        std::error_code ec;
        if (!fs::exists(path, ec))
            continue;
        files.emplace_back(path);
        std::string const names = files.back().names();
        known += (known.empty() || names.empty() ? "" : ", ") + names;
    }
    std::string wanted = name;
    for (config_file const& file : files)
        if (wanted.empty())
            wanted = file.preferred().value_or("");
    profile found;
    bool there = wanted.empty();
    for (config_file const& file : files) {
        if (toml::table const* const table = wanted.empty() ? nullptr : file.table_of(wanted)) {
            there = true;
            add(found, *table);
        }
    }
    if (!there)
        throw error(
            errc::invalid_option,
            "there is no profile " + detail::quote(wanted) + " in " + looked_in +
                (known.empty() ? "; write [profiles." + wanted + "] there" : "; there are " + known)
        );
    for (config_file const& file : files)
        add(found, file.top());
    return found;
}

}  // namespace work::tool
