// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// When a cron spec is due: in words, and the next five times in a time zone.
// usage: example_2_features_5_cron_schedule ['0 3 * * MON-FRI' [Europe/Berlin]]
// test: '30 2 * * MON-FRI' Europe/Berlin
#include <work/cron.hpp>
#include <work/values/time.hpp>

#include <chrono>
#include <cstdio>

int main(int argc, char** argv)
{
    try {
        //[next
        work::cron_schedule schedule(argc > 1 ? argv[1] : "0 3 * * MON-FRI");
        work::time_zone zone = work::find_time_zone(argc > 2 ? argv[2] : "UTC");

        std::printf("%s (%s)\n", schedule.describe().c_str(), zone.name().c_str());
        for (work::cron_time at : schedule.next(std::chrono::system_clock::now(), zone, 5))
            std::printf("%s\n", work::format_rfc3339(at.time_since_epoch().count()).c_str());
        //]
    } catch (work::error const& fault) {
        std::fprintf(stderr, "%s\n", fault.what());
        return 2;
    }
}
