// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// Unique jobs: by members, by all arguments, by a key; and what another call does to them.
// usage: example_2_features_7_unique [redis://host:port]
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdio>

using namespace std::chrono_literals;

//[type
struct invoice
{
    std::int64_t account = 0;
    std::string month;
    std::string note;

    static constexpr auto unique = work::unique_by<&invoice::account, &invoice::month>;
};
BOOST_DESCRIBE_STRUCT(invoice, (), (account, month, note))
//]

struct reindex
{
    std::int64_t document = 0;
};
BOOST_DESCRIBE_STRUCT(reindex, (), (document))

struct save_draft
{
    std::int64_t document = 0;
    std::string text;
};
BOOST_DESCRIBE_STRUCT(save_draft, (), (document, text))

work::task<void> run(work::client& client)
{
    work::enqueuer enqueuer{client};
    auto const say = [](char const* what, work::job_handle const& job) {
        std::printf("%-28s %s %s\n", what, job.id().c_str(), std::string(job.code()).c_str());
    };

    work::job_handle const first = co_await enqueuer.enqueue<invoice>(9, "2026-11", "first");
    work::job_handle const again = co_await enqueuer.enqueue<invoice>(9, "2026-11", "again");
    work::job_handle const other = co_await enqueuer.enqueue<invoice>(9, "2026-12", "first");
    say("invoice of November:", first);
    say("the same once more:", again);  // duplicate, with the id of the first
    say("invoice of December:", other);

    //[call
    reindex document{7};
    co_await enqueuer.enqueue(document, {.unique = true});         // by all its arguments
    co_await enqueuer.enqueue(document, {.unique_key = "doc-7"});  // by a key of your own
    //]
    //[until
    co_await enqueuer.enqueue(document, {.unique = true, .unique_until = work::until::started});
    co_await enqueuer.enqueue(document, {.unique = true, .unique_for = 1h});
    //]

    for (int i = 1; i <= 3; ++i) {
        //[conflict
        save_draft draft{7, "text " + std::to_string(i)};
        work::job_handle const job = co_await enqueuer.enqueue(
            draft,
            {.in = 30s, .unique_key = "draft-7", .on_conflict = work::conflict::renew}
        );
        if (job.duplicate())  // then replaced() and extended() say what it got
            say("the draft, typed on:", job);
        //]
    }
    work::inspector inspector{client};
    work::job_info const november = co_await inspector.job(first.id());
    std::printf(
        "%s is unique until it has %s\n",
        november.name.c_str(),
        november.unique ? november.unique->until.c_str() : "-"
    );
    client.close();
}

int main(int argc, char** argv)
{
    boost::asio::io_context io;
    work::client client{io, argc > 1 ? argv[1] : "memory:"};
    boost::asio::co_spawn(io, run(client), [](std::exception_ptr failed) {
        if (failed)
            std::rethrow_exception(failed);
    });
    io.run();
}
