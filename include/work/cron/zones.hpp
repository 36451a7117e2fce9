// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

/// \file
/// The machine's time zone database: the folder that $TZDIR names, or the system's.

#include <work/cron/time_zone.hpp>
#include <work/error.hpp>
#include <work/values/nearest.hpp>
#include <work/values/text.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace work {
namespace detail {

inline std::vector<std::string> zone_folders()
{
    if (char const* const own = std::getenv("TZDIR"); own != nullptr && *own != '\0')
        return {own};
    return {"/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/zoneinfo", "/etc/zoneinfo"};
}

/// Whether a text may be a name below the folder: words of letters, digits, _ + and -, with one /
/// between them. So no name leaves the folder, and none is of another kind of file there, which
/// have a dot. `localtime` and `posixrules` are what one machine is set to.
inline bool is_zone_name(std::string_view name)
{
    if (name.empty() || name.size() > 64 || name == "localtime" || name == "posixrules")
        return false;
    bool slash = true;
    for (char const c : name) {
        bool const letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (c == '/' && slash)
            return false;
        slash = c == '/';
        if (!slash && !letter && !(c >= '0' && c <= '9') && c != '_' && c != '+' && c != '-')
            return false;
    }
    return !slash;
}

/// The first bytes of a file, at most `most`; nothing when it can't be read.
inline std::optional<std::string> zone_file(std::string const& path, std::size_t most)
{
    std::error_code failure;
    if (!std::filesystem::is_regular_file(path, failure))
        return std::nullopt;
    auto const size = std::filesystem::file_size(path, failure);
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> const file(
        std::fopen(path.c_str(), "rb"),
        std::fclose
    );
    if (failure || !file)
        return std::nullopt;
    std::string bytes(static_cast<std::size_t>(std::min<std::uintmax_t>(size, most)), '\0');
    bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file.get()));
    return bytes;
}

inline void collect_zones(std::vector<std::string>& names, std::string const& folder)
{
    namespace fs = std::filesystem;
    std::error_code failure;
    fs::recursive_directory_iterator at(
        folder,
        fs::directory_options::skip_permission_denied,
        failure
    );
    for (; !failure && at != fs::recursive_directory_iterator(); at.increment(failure)) {
        std::string name = at->path().lexically_relative(folder).generic_string();
        // The same zones again, and those that count leap seconds.
        if (name == "posix" || name == "right" || at.depth() > 4)
            at.disable_recursion_pending();
        else if (is_zone_name(name) && zone_file(at->path().string(), 4) == "TZif")
            names.push_back(std::move(name));
    }
}

inline bool same_letters(std::string_view a, std::string_view b)
{
    auto const lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c == ' ' ? '_' : c;
    };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) {
        return lower(x) == lower(y);
    });
}

/// " (did you mean Europe/Berlin?)": a zone whose place is that, or whose spelling is near.
inline std::string near_zones(std::string_view name, std::vector<std::string> const& names)
{
    std::string_view const place = name.substr(name.rfind('/') + 1);
    std::vector<std::string_view> near;
    for (std::string const& known : names)
        if (same_letters(known, name) ||
            same_letters(std::string_view(known).substr(known.rfind('/') + 1), place))
            near.push_back(known);
    if (near.empty()) {
        std::vector<std::string_view> const all(names.begin(), names.end());
        if (auto const nearest = nearest_name(name, all); !nearest.empty())
            near.push_back(nearest);
    }
    std::string text;
    for (std::size_t i = 0; i < std::min<std::size_t>(near.size(), 3); ++i)
        text += (i == 0 ? " (did you mean " : " or ") + std::string(near[i]);
    return text.empty() ? text : text + "?)";
}

}  // namespace detail

/// The names of all time zones that this machine knows, in order.
inline std::vector<std::string> time_zone_names()
{
    std::vector<std::string> names{"UTC"};
    for (std::string const& folder : detail::zone_folders())
        detail::collect_zones(names, folder);
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

/// The time zone of a name like `Europe/Berlin`, from the machine's database, as it is now. Keep
/// what it gives: it reads a file, but for `UTC`.
///
/// \par Errors errc::invalid_option: there is none of that name, or its file can't be used. The
/// message names near ones, and where was looked.
inline time_zone find_time_zone(std::string_view name)
{
    if (name == "UTC")
        return {};
    std::vector<std::string> const folders = detail::zone_folders();
    if (detail::is_zone_name(name)) {
        for (std::string const& folder : folders) {
            std::string const path = folder + "/" + std::string(name);
            auto const bytes = detail::zone_file(path, 256 * 1024);
            if (!bytes)
                continue;
            auto read = time_zone::read(name, *bytes);
            if (!read)
                throw error(
                    errc::invalid_option,
                    "the time zone " + detail::quote(name) + " can't be used: " + read.error() +
                        " (" + path + "); give another zone, or mend the package tzdata"
                );
            return *read;
        }
    }
    std::vector<std::string> const names = time_zone_names();
    std::string looked;
    for (std::string const& folder : folders)
        looked += (looked.empty() ? "" : ", ") + folder;
    if (names.size() == 1)
        throw error(
            errc::invalid_option,
            "the time zone " + detail::quote(name) + " can't be used: there are no time zones in " +
                looked + "; install the package tzdata, set TZDIR to where they are, or use UTC"
        );
    throw error(
        errc::invalid_option,
        "there is no time zone " + detail::quote(name) + detail::near_zones(name, names) +
            "; looked in " + looked + "; give a name like Europe/Berlin or UTC"
    );
}

}  // namespace work
