// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Promise 10: full is not stuck. What is kept for people never keeps an enqueue out.

#include "scene.hpp"

namespace promises {
namespace {

/// Jobs of ten names with 60 KB of arguments and a result, all of which complete, go through a
/// server of 48 MB: an enqueue that is refused is taken within some seconds.
struct small_server
{
    explicit small_server(work::retention_limits limits, std::size_t result_bytes)
        : at({"--maxmemory", "48mb"}),
          pool(at.client, options(limits))
    {
        for (int i = 0; i != names; ++i) {
            pool.handle(name(i), [result_bytes](std::string) -> work::task<std::string> {
                co_return std::string(result_bytes, 'r');
            });
        }
        boost::asio::co_spawn(at.io, pool.run(), [this](std::exception_ptr) { ended = true; });
    }
    ~small_server()
    {
        pool.stop();
        while (!ended)
            at.io.run_one_for(20ms);
    }
    static work::pool_options options(work::retention_limits limits)
    {
        work::pool_options o;
        o.keep = limits;
        return o;
    }
    static std::string name(int i) { return "name" + std::to_string(i); }

    void go_through(int jobs)
    {
        std::string const args = "[\"" + std::string(60'000, 'x') + "\"]";
        int refused = 0;
        for (int i = 0; i != jobs; ++i) {
            auto const until = std::chrono::steady_clock::now() + 10s;
            bool stored = false;
            while (!stored) {
                try {
                    at.get(at.enqueuer.enqueue_json(name(i % names), args));
                    stored = true;
                } catch (work::error const& e) {
                    ASSERT_EQ(e.code(), work::errc::full) << e.what();
                    ASSERT_LT(std::chrono::steady_clock::now(), until)
                        << "refused for 10 s after " << i << " jobs";
                    ++refused;
                    at.io.run_for(20ms);
                }
            }
        }
        auto const counts = at.get(at.inspector.counts());
        std::cout << "[ figures  ] " << jobs << " jobs of 60 KB, refused for a moment " << refused
                  << " times, still there " << counts.pending + counts.active << "\n";
    }

    static constexpr int names = 10;
    scene at;
    work::worker_pool pool;
    bool ended = false;
};

TEST(full, completed_jobs_never_keep_an_enqueue_out)
{
    small_server s({}, 10);
    s.go_through(3'000);
}

TEST(full, samples_kept_by_generous_limits_make_room)
{
    work::retention_limits generous;
    generous.completed_bytes = std::int64_t{1} << 30;
    small_server s(generous, 30'000);
    s.go_through(4'000);
}

}  // namespace
}  // namespace promises
