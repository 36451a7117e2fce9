// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// Jobs that run later: after a while, or at a time. The broker's clock decides.
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <cstdio>

using namespace std::chrono_literals;

struct remind
{
    std::string text;
};
BOOST_DESCRIBE_STRUCT(remind, (), (text))

class reminders
{
public:
    explicit reminders(work::worker_pool& pool) : pool_(pool) {}

    work::task<void> take(work::context& job, remind what)
    {
        auto const waited = std::chrono::system_clock::now() - job.created_at();
        std::printf(
            "%s, %lld ms after it was enqueued\n",
            what.text.c_str(),
            static_cast<long long>(
                std::chrono::duration_cast<std::chrono::milliseconds>(waited).count()
            )
        );
        if (++taken_ == 3)
            pool_.stop();
        co_return;
    }

private:
    work::worker_pool& pool_;
    int taken_ = 0;
};

work::task<void> produce(work::client& client)
{
    work::enqueuer enqueuer{client};
    remind const tea{"tea"};
    co_await enqueuer.enqueue_in(200ms, tea);
    remind const cake{"cake"};
    co_await enqueuer.enqueue_at(std::chrono::system_clock::now() + 100ms, cake);
    remind const again{"this one is soon enough"};
    co_await enqueuer.enqueue(again);
}

int main()
{
    boost::asio::io_context io;
    work::client client{io, "memory:"};
    work::worker_pool pool{client};
    reminders all{pool};
    pool.handle<remind>([&all](work::context& job, remind what) { return all.take(job, what); });
    boost::asio::co_spawn(io, produce(client), work::rethrow);
    boost::asio::co_spawn(io, pool.run(), work::rethrow);
    io.run();
    return pool.processed() == 3 ? 0 : 1;
}
