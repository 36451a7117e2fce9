// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// A producer that does not know the worker's types names the job and passes plain values.
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>

#include <cstdio>
#include <optional>

work::task<void> resize(std::int64_t id, std::string file, std::optional<int> width)
{
    std::printf(
        "resize %lld %s to %d\n",
        static_cast<long long>(id),
        file.c_str(),
        width.value_or(800)
    );
    co_return;
}

work::task<void> produce_and_work(work::client& client, work::worker_pool& pool)
{
    work::enqueuer enqueuer{client};
    // By position: as many as the handler has parameters; those that may be absent can be left out.
    co_await enqueuer.enqueue("resize", 7, "cat.png");
    // By name: the handler's names, as it was registered with them.
    work::q named{{"id", 8}, {"file", "dog.png"}, {"width", 320}};
    co_await enqueuer.enqueue("resize", named);
    // As JSON that came from elsewhere.
    std::string const json = "[9, \"owl.png\"]";
    co_await enqueuer.enqueue_json("resize", json);
    co_await pool.run_until_empty();
}

int main()
{
    boost::asio::io_context io;
    work::client client{io, "memory:"};
    work::worker_pool pool{client};
    pool.handle("resize", {"id", "file", "width"}, resize);
    boost::asio::co_spawn(io, produce_and_work(client, pool), work::rethrow);
    io.run();
    return pool.processed() == 3 ? 0 : 1;
}
