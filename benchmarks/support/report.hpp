// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#pragma once

#include <boost/version.hpp>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "statistics.hpp"

namespace bench {

/// One line a measure: its name, the median with min and max, and its unit. As a table, or with
/// --json as one object that says machine, versions and settings too.
class report
{
public:
    using settings = std::vector<std::pair<std::string, std::string>>;

    report(std::string name, arguments const& args, settings used = {})
        : name_(std::move(name)),
          json_(args.flag("json")),
          settings_(std::move(used))
    {
        if (json_)
            return;
        std::printf(
            "# %s: %s, %u cores, %s, Boost %s\n",
            name_.c_str(),
            machine().c_str(),
            std::thread::hardware_concurrency(),
            compiler().c_str(),
            boost().c_str()
        );
        std::string line;
        for (auto const& [key, value] : settings_)
            line += (line.empty() ? "" : ", ") + key + " " + value;
        if (!line.empty())
            std::printf("# %s\n", line.c_str());
        std::fflush(stdout);
    }
    report(report const&) = delete;
    report& operator=(report const&) = delete;
    ~report()
    {
        if (!json_)
            return;
        std::string out = "{\"benchmark\":" + quoted(name_) + ",\"machine\":" + quoted(machine()) +
                          ",\"cores\":" + std::to_string(std::thread::hardware_concurrency()) +
                          ",\"compiler\":" + quoted(compiler()) + ",\"boost\":" + quoted(boost()) +
                          ",\"settings\":{";
        for (std::size_t i = 0; i < settings_.size(); ++i)
            out += (i ? "," : "") + quoted(settings_[i].first) + ":" + quoted(settings_[i].second);
        out += "},\"rows\":[" + rows_ + "]}";
        std::puts(out.c_str());
    }

    void row(std::string const& what, std::vector<double> const& values, char const* unit)
    {
        if (values.empty())
            return;
        auto const [low, high] = std::minmax_element(values.begin(), values.end());
        char line[256];
        if (json_) {
            std::snprintf(
                line,
                sizeof line,
                ",\"median\":%.4f,\"min\":%.4f,\"max\":%.4f,\"unit\":\"%s\",\"runs\":%zu}",
                median(values),
                *low,
                *high,
                unit,
                values.size()
            );
            rows_ += (rows_.empty() ? "" : ",") + ("{\"measure\":" + quoted(what)) + line;
            return;
        }
        std::printf(
            "%-52s %12.2f %-8s (%.2f .. %.2f, n=%zu)\n",
            what.c_str(),
            median(values),
            unit,
            *low,
            *high,
            values.size()
        );
        std::fflush(stdout);
    }

private:
    static std::string quoted(std::string const& text)
    {
        std::string out = "\"";
        for (char const c : text) {
            if (c == '"' || c == '\\')
                out += '\\';
            out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
        return out + '"';
    }
    static std::string machine()
    {
        std::string model = "unknown processor";
        if (std::FILE* const f = std::fopen("/proc/cpuinfo", "r")) {
            char line[512];
            while (std::fgets(line, sizeof line, f)) {
                if (std::strncmp(line, "model name", 10) == 0 && std::strchr(line, ':')) {
                    model = std::strchr(line, ':') + 2;
                    model.erase(model.find_last_not_of("\n ") + 1);
                    break;
                }
            }
            std::fclose(f);
        }
        return model;
    }
    static std::string compiler()
    {
#if defined(__clang__)
        return "clang " + std::to_string(__clang_major__) + "." + std::to_string(__clang_minor__);
#else
        return "g++ " + std::to_string(__GNUC__) + "." + std::to_string(__GNUC_MINOR__);
#endif
    }
    static std::string boost()
    {
        return std::to_string(BOOST_VERSION / 100000) + "." +
               std::to_string(BOOST_VERSION / 100 % 1000);
    }

    std::string name_;
    bool json_;
    settings settings_;
    std::string rows_;
};

}  // namespace bench
