// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Compares `cron_schedule::next` with the oracle. Each run takes some zones at random and prints
// its seed; WORK_SEED replays one. WORK_CRON=full compares every zone of the machine's database:
// from each minute within 26 hours of each change from 1990 to 2040, each second within 65 minutes,
// and 10 000 others, in four parts that may run beside each other. docs/cron.md says how long.

#include <work/values/time.hpp>

#include <algorithm>
#include <chrono>
#include <cron/oracle.hpp>
#include <cron/oracle_specs.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <set>

namespace {

using cron_oracle::minute_specs;
using cron_oracle::second_specs;

constexpr std::int64_t oracle_from = 631'152'000;  // 1990
constexpr std::int64_t oracle_to = 2'240'524'800;  // 2041
constexpr std::int64_t oracle_near = 26 * 3600;

std::uint64_t oracle_number(char const* name, std::uint64_t otherwise)
{
    char const* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

bool oracle_is_full()
{
    char const* const text = std::getenv("WORK_CRON");
    return text != nullptr && std::string_view(text) == "full";
}

std::vector<work::cron_schedule> schedules_of(std::vector<cron_oracle::spec> const& specs)
{
    std::vector<work::cron_schedule> schedules;
    for (auto const& spec : specs)
        schedules.emplace_back(spec.text);
    return schedules;
}

/// One zone, by the library and by the C library.
struct oracle_zone
{
    explicit oracle_zone(std::string const& named)
        : name(named),
          zone(work::find_time_zone(named)),
          c(named),
          changes(c.changes(oracle_from, oracle_to))
    {}

    std::string name;
    work::time_zone zone;
    cron_oracle::c_zone c;
    std::vector<std::int64_t> changes;
    std::uint64_t compared = 0;

    /// Compares from the places `wanted`, which are in order. False at the first difference.
    bool compare(
        std::vector<cron_oracle::spec> const& specs,
        std::vector<work::cron_schedule> const& schedules,
        cron_oracle::calendar const& due,
        std::vector<std::size_t> const& wanted
    )
    {
        std::int64_t const end = due.second(due.count());
        for (std::size_t i = 0; i < specs.size(); ++i) {
            std::size_t expected = 0;
            for (std::size_t const place : wanted) {
                if (expected <= place)
                    expected = due.next(i, place + 1);
                std::int64_t const from = due.second(place);
                auto const got =
                    schedules[i].next(std::chrono::sys_seconds(std::chrono::seconds(from)), zone);
                ++compared;
                std::int64_t const at =
                    got ? got->time_since_epoch().count() / 1000 : oracle_to * 100;
                bool const good = expected == due.count() ? at >= end : at == due.second(expected);
                if (!good) {
                    ADD_FAILURE() << name << ", " << specs[i].text << " after " << from << " ("
                                  << work::format_rfc3339(from * 1000) << "): got " << at << " ("
                                  << work::format_rfc3339(at * 1000) << "), expected "
                                  << due.second(expected) << " ("
                                  << work::format_rfc3339(due.second(expected) * 1000) << ")";
                    return false;
                }
            }
        }
        return true;
    }

    /// Each minute, or second, within `near` of a change.
    bool compare_near(
        std::vector<cron_oracle::spec> const& specs,
        std::vector<work::cron_schedule> const& schedules,
        std::int64_t change,
        std::int64_t near,
        std::int64_t step
    )
    {
        cron_oracle::calendar const due(c, specs, change - near, change + near, step);
        std::vector<std::size_t> places;
        for (std::size_t place = 0; place < due.count(); ++place)
            places.push_back(place);
        return compare(specs, schedules, due, places);
    }
};

/// The zones of the machine, those with the same bytes once.
std::vector<std::string> distinct_zones()
{
    std::vector<std::string> names;
    std::set<std::string> seen;
    for (std::string const& name : work::time_zone_names()) {
        std::string bytes;
        for (std::string const& folder : work::detail::zone_folders())
            if (std::ifstream file(folder + "/" + name, std::ios::binary); file)
                bytes.assign(std::istreambuf_iterator<char>(file), {});
        if (seen.insert(bytes).second)
            names.push_back(name);
    }
    return names;
}

std::vector<std::string> sampled_zones(std::mt19937_64& random, std::size_t count)
{
    // By half an hour; at midnight; over a whole day; in summer by less; where rules change often.
    std::vector<std::string> names{
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "America/Sao_Paulo",
        "Pacific/Apia",
        "Europe/Dublin",
        "Asia/Gaza"
    };
    std::vector<std::string> all = distinct_zones();
    std::shuffle(all.begin(), all.end(), random);
    for (std::string const& name : all)
        if (names.size() < count)
            names.push_back(name);
    return names;
}

TEST(cron_oracle, sampled_zones_agree_with_the_oracle)
{
    std::uint64_t const seed = oracle_number("WORK_SEED", std::random_device()());
    std::printf("replay: WORK_SEED=%llu\n", static_cast<unsigned long long>(seed));
    std::mt19937_64 random(seed);
    auto const minutes = schedules_of(minute_specs);
    auto const seconds = schedules_of(second_specs);
    ASSERT_GE(minutes.size(), 40u);
    std::uint64_t compared = 0;
    for (std::string const& name : sampled_zones(random, 16)) {
        SCOPED_TRACE("WORK_SEED=" + std::to_string(seed));
        oracle_zone zone(name);
        std::shuffle(zone.changes.begin(), zone.changes.end(), random);
        for (std::size_t i = 0; i < std::min<std::size_t>(2, zone.changes.size()); ++i)
            ASSERT_TRUE(zone.compare_near(minute_specs, minutes, zone.changes[i], oracle_near, 60));
        for (std::size_t i = 0; i < std::min<std::size_t>(1, zone.changes.size()); ++i)
            ASSERT_TRUE(zone.compare_near(second_specs, seconds, zone.changes[i], 65 * 60, 1));
        for (int i = 0; i < 3; ++i) {
            std::int64_t const from =
                oracle_from + static_cast<std::int64_t>(random() % (50 * 366)) * 86'400;
            cron_oracle::calendar const due(zone.c, minute_specs, from, from + 60 * 86'400, 60);
            std::vector<std::size_t> places;
            for (int n = 0; n < 500; ++n)
                places.push_back(static_cast<std::size_t>(random() % due.count()));
            std::sort(places.begin(), places.end());
            ASSERT_TRUE(zone.compare(minute_specs, minutes, due, places));
        }
        compared += zone.compared;
    }
    std::printf("%llu instants compared\n", static_cast<unsigned long long>(compared));
}

class cron_oracle_part : public testing::TestWithParam<std::size_t>
{};

constexpr std::size_t oracle_parts = 4;  // to be run beside each other

INSTANTIATE_TEST_SUITE_P(zones, cron_oracle_part, testing::Range<std::size_t>(0, oracle_parts));

TEST_P(cron_oracle_part, every_zone_agrees_with_the_oracle)
{
    if (!oracle_is_full())
        GTEST_SKIP() << "WORK_CRON=full runs it";
    std::uint64_t const seed = oracle_number("WORK_SEED", std::random_device()());
    std::printf("replay: WORK_SEED=%llu\n", static_cast<unsigned long long>(seed));
    std::mt19937_64 random(seed);
    auto const minutes = schedules_of(minute_specs);
    auto const seconds = schedules_of(second_specs);
    std::vector<std::string> const names = distinct_zones();
    std::uint64_t compared = 0;
    std::size_t changes = 0;
    for (std::size_t n = GetParam(); n < names.size(); n += oracle_parts) {
        SCOPED_TRACE("WORK_SEED=" + std::to_string(seed));
        oracle_zone zone(names[n]);
        cron_oracle::calendar const due(zone.c, minute_specs, oracle_from, oracle_to, 60);
        std::vector<std::size_t> places;
        for (std::int64_t const change : zone.changes)
            for (std::int64_t at = change - oracle_near; at <= change + oracle_near; at += 60)
                if (at >= oracle_from && at < oracle_to)
                    places.push_back(static_cast<std::size_t>((at - oracle_from) / 60));
        for (int i = 0; i < 10'000; ++i)
            places.push_back(static_cast<std::size_t>(random() % due.count()));
        std::sort(places.begin(), places.end());
        places.erase(std::unique(places.begin(), places.end()), places.end());
        EXPECT_TRUE(zone.compare(minute_specs, minutes, due, places));
        for (std::int64_t const change : zone.changes)
            EXPECT_TRUE(zone.compare_near(second_specs, seconds, change, 65 * 60, 1));
        compared += zone.compared;
        changes += zone.changes.size();
        if (n / oracle_parts % 5 == 4 || n + oracle_parts >= names.size()) {
            std::printf(
                "zone %zu of %zu, %zu changes, %llu instants compared\n",
                n + 1,
                names.size(),
                changes,
                static_cast<unsigned long long>(compared)
            );
            std::fflush(stdout);
        }
    }
}

}  // namespace
