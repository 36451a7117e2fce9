// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/cron.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <unistd.h>
#include <values/error_text.hpp>

namespace {

namespace fs = std::filesystem;

std::string zone_fault(std::string_view name)
{
    return error_text(work::errc::invalid_option, [&] { (void)work::find_time_zone(name); });
}

/// A time zone database of its own, and $TZDIR naming it.
class own_zones
{
public:
    own_zones() : folder_(fs::temp_directory_path() / ("work-zones-" + std::to_string(::getpid())))
    {
        fs::create_directories(folder_);
        ::setenv("TZDIR", folder_.c_str(), 1);
    }
    ~own_zones()
    {
        ::unsetenv("TZDIR");
        fs::remove_all(folder_);
    }
    void add(fs::path const& name, std::string_view bytes) const
    {
        fs::create_directories((folder_ / name).parent_path());
        std::ofstream(folder_ / name, std::ios::binary) << bytes;
    }
    std::string path() const { return folder_.string(); }

private:
    fs::path folder_;
};

// A zone that is always an hour ahead.
std::string one_hour_ahead()
{
    std::string const head(
        "TZif\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        36
    );
    return head + std::string("\0\0\0\1\0\0\0\4", 8) + std::string("\0\0\x0e\x10\0\0", 6) +
           std::string("ONE\0", 4);
}

TEST(cron_zones, a_zone_is_found_by_its_name)
{
    EXPECT_EQ(work::find_time_zone("Europe/Berlin").offset(1'767'225'600), 3600);
    EXPECT_EQ(work::find_time_zone("America/Argentina/Buenos_Aires").offset(0), -3 * 3600);
    EXPECT_EQ(work::find_time_zone("Etc/GMT+5").offset(0), -5 * 3600);
}

TEST(cron_zones, names_are_listed_once_and_in_order)
{
    auto const names = work::time_zone_names();
    EXPECT_GT(names.size(), 300u);
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
    EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
    for (char const* name : {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"})
        EXPECT_TRUE(std::binary_search(names.begin(), names.end(), name)) << name;
    for (std::string const& name : names) {
        EXPECT_FALSE(name.starts_with("right/") || name.starts_with("posix/")) << name;
        EXPECT_EQ(work::find_time_zone(name).name(), name);
    }
}

TEST(cron_zones, an_unknown_zone_names_near_ones_and_where_was_looked)
{
    EXPECT_EQ(
        zone_fault("Europe/Berlim"),
        "there is no time zone \"Europe/Berlim\" (did you mean Europe/Berlin?); looked in "
        "/usr/share/zoneinfo, /usr/share/lib/zoneinfo, /usr/lib/zoneinfo, /etc/zoneinfo; give a "
        "name like Europe/Berlin or UTC"
    );
    EXPECT_NE(zone_fault("berlin").find("(did you mean Europe/Berlin?)"), std::string::npos);
    EXPECT_NE(zone_fault("New York").find("(did you mean America/New_York?)"), std::string::npos);
    EXPECT_NE(zone_fault("utc").find("UTC"), std::string::npos);
    EXPECT_NE(zone_fault("Europe").find("there is no time zone \"Europe\""), std::string::npos);
    EXPECT_NE(zone_fault("").find("there is no time zone \"\""), std::string::npos);
}

TEST(cron_zones, names_never_leave_the_folder)
{
    own_zones const zones;
    zones.add("inside/One", one_hour_ahead());
    zones.add("One.txt", one_hour_ahead());
    fs::path const outside = fs::path(zones.path() + "-outside");
    std::ofstream(outside, std::ios::binary) << one_hour_ahead();
    EXPECT_EQ(work::find_time_zone("inside/One").offset(0), 3600);
    std::string const nul("inside/One\0x", 12);
    for (std::string const& name :
         {"../" + outside.filename().string(),
          outside.string(),
          std::string("inside/../inside/One"),
          std::string("./inside/One"),
          std::string("inside//One"),
          std::string("/inside/One"),
          std::string("inside/One/"),
          std::string("inside\\One"),
          std::string("One.txt"),
          std::string("localtime"),
          nul,
          std::string(300, 'x')})
        EXPECT_TRUE(zone_fault(name).starts_with("there is no time zone ")) << name;
    fs::remove(outside);
}

TEST(cron_zones, tzdir_is_looked_in_alone)
{
    own_zones const zones;
    zones.add("Somewhere/One", one_hour_ahead());
    zones.add("zone.tab", "TZif");
    zones.add("leapseconds", "# text");
    zones.add("right/One", one_hour_ahead());
    EXPECT_EQ(work::time_zone_names(), (std::vector<std::string>{"Somewhere/One", "UTC"}));
    EXPECT_EQ(
        zone_fault("Europe/Berlin"),
        "there is no time zone \"Europe/Berlin\"; looked in " + zones.path() +
            "; give a name like Europe/Berlin or UTC"
    );
}

TEST(cron_zones, without_a_database_the_package_is_named_and_utc_works)
{
    own_zones const zones;
    EXPECT_EQ(
        zone_fault("Europe/Berlin"),
        "the time zone \"Europe/Berlin\" can't be used: there are no time zones in " +
            zones.path() + "; install the package tzdata, set TZDIR to where they are, or use UTC"
    );
    EXPECT_EQ(work::find_time_zone("UTC").offset(0), 0);
}

TEST(cron_zones, a_file_that_is_no_zone_is_named)
{
    own_zones const zones;
    zones.add("Broken", "TZif2");
    EXPECT_EQ(
        zone_fault("Broken"),
        "the time zone \"Broken\" can't be used: it is no file of a time zone (TZif) (" +
            zones.path() + "/Broken); give another zone, or mend the package tzdata"
    );
}

}  // namespace
