// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// All the ways to store jobs: now and later, alone and together, with and without coroutines.
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

using namespace std::chrono_literals;

struct send_email
{
    std::int64_t user_id;
    std::string address;
};
BOOST_DESCRIBE_STRUCT(send_email, (), (user_id, address))

work::task<void> one_by_one(work::enqueuer& enqueuer)
{
    //[one
    co_await enqueuer.enqueue<send_email>(42, "ada@example.com");

    send_email mail{43, "bob@example.com"};
    co_await enqueuer.enqueue(mail, {.queue = "newsletter", .priority = -10});

    co_await enqueuer.enqueue("resize", 7, "cat.png");

    work::q named{{"user_id", 7}, {"email", "a@b.c"}};
    co_await enqueuer.enqueue("create_watch", named, {.max_attempts = 3});
    //]

    //[later
    co_await enqueuer.enqueue_in(5min, mail);
    co_await enqueuer.enqueue_at(std::chrono::system_clock::now() + 24h, "resize", 7, "cat.png");
    co_await enqueuer.enqueue(mail, {.in = 5min, .expires_in = 1h});
    //]
}

work::task<void> together(work::enqueuer& enqueuer)
{
    //[together
    std::vector<send_email> mails{{1, "a@example.com"}, {2, "b@example.com"}};
    co_await enqueuer.enqueue(mails, {.queue = "newsletter"});  // one type, one set of options

    std::vector<work::new_job> jobs;
    jobs.push_back(work::make<send_email>(3, "c@example.com"));
    jobs.push_back(work::make("resize", 7, "cat.png").with({.queue = "slow", .in = 10min}));
    jobs.push_back(work::make(mails.front(), {.id = "welcome-1"}));
    std::vector<work::job_handle> stored = co_await enqueuer.enqueue(jobs);
    //]
    if (stored.size() != 3)
        throw std::runtime_error("a handle is missing");
}

work::task<void> durably(work::enqueuer& enqueuer)
{
    //[durably
    std::vector<work::new_job> jobs{work::make("charge", 7, 1200), work::make("receipt", 7)};
    work::durable_jobs const stored =
        co_await enqueuer.enqueue_durably(jobs, {.replicas = 1, .at_most = 500ms});
    if (!stored.enough)  // they are stored all the same
        std::printf("%d replicas have them %s\n", stored.replicas, stored.trouble.c_str());
    //]
}

void without_coroutines()
{
    //[blocking
    work::blocking_enqueuer enqueuer{"memory:"};  // or "redis://127.0.0.1:6379"
    enqueuer.enqueue<send_email>(42, "ada@example.com");
    enqueuer.enqueue(work::make("resize", 7, "cat.png"));
    //]
}

int main()
{
    without_coroutines();
    boost::asio::io_context io;
    work::client client{io, "memory:"};
    work::enqueuer enqueuer{client};
    boost::asio::co_spawn(io, one_by_one(enqueuer), work::rethrow);
    boost::asio::co_spawn(io, together(enqueuer), work::rethrow);
    // In memory there are no replicas, and that is said.
    boost::asio::co_spawn(io, durably(enqueuer), [](std::exception_ptr failed) {
        try {
            if (failed)
                std::rethrow_exception(failed);
        } catch (work::error const& e) {
            std::printf("%s\n", e.what());
        }
    });
    io.run();
    return 0;
}
