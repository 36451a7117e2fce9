// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Job names that two types would share, and names that were misspelt.

#include <work/broker/broker.hpp>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "bench.hpp"

namespace mail {
struct cleanup
{
    int n = 0;
};
BOOST_DESCRIBE_STRUCT(cleanup, (), (n))

struct report_v1
{
    int n = 0;
    static constexpr std::string_view job_name = "report";
};
BOOST_DESCRIBE_STRUCT(report_v1, (), (n))
}  // namespace mail

namespace disk {
struct cleanup
{
    std::string path;
};
BOOST_DESCRIBE_STRUCT(cleanup, (), (path))

struct report
{
    int n = 0;
};
BOOST_DESCRIBE_STRUCT(report, (), (n))

struct report_v2
{
    int n = 0;
    static constexpr std::string_view job_name = "report";
};
BOOST_DESCRIBE_STRUCT(report_v2, (), (n))
}  // namespace disk

namespace pool_tests {
namespace {

using testing::HasSubstr;

template <typename Call>
std::string refusal(Call const& call)
{
    try {
        call();
    } catch (work::error const& e) {
        EXPECT_EQ(e.code(), work::errc::invalid_name);
        return e.what();
    }
    return {};
}

TEST(job_names, a_derived_name_belongs_to_the_first_type_that_a_client_meets)
{
    bench b;
    b.pool->handle<mail::cleanup>([](work::context&, mail::cleanup) -> work::task<void> {
        co_return;
    });
    disk::cleanup const other{"/tmp"};
    std::vector<disk::cleanup> const many(2);
    std::string const why = refusal([&] { (void)b.enqueuer->enqueue(other); });
    EXPECT_EQ(
        why,
        "the job name \"cleanup\" belongs to mail::cleanup already, and disk::cleanup "
        "has it too; give disk::cleanup a name of its own: static constexpr "
        "std::string_view job_name = \"...\""
    );
    EXPECT_EQ(refusal([&] { (void)b.enqueuer->enqueue<disk::cleanup>("/tmp"); }), why);
    EXPECT_EQ(refusal([&] { (void)b.enqueuer->enqueue_in(1s, other); }), why);
    EXPECT_EQ(refusal([&] { (void)b.enqueuer->enqueue_bulk(many); }), why);
    work::worker_pool second{*b.client};
    EXPECT_EQ(
        refusal([&] {
            second.handle<disk::cleanup>([](work::context&, disk::cleanup) -> work::task<void> {
                co_return;
            });
        }),
        why
    );
    EXPECT_EQ(refusal([&] { b.get(b.enqueuer->enqueue<mail::cleanup>(1)); }), "");
    b.drain();
    EXPECT_EQ(b.counts().processed, 1);

    bench apart;  // another client knows nothing of it
    EXPECT_EQ(refusal([&] { (void)apart.enqueuer->enqueue(other); }), "");
    EXPECT_THAT(
        refusal([&] { (void)apart.enqueuer->enqueue<mail::cleanup>(1); }),
        HasSubstr("belongs to disk::cleanup already")
    );
}

TEST(job_names, that_types_state_may_be_shared_but_not_with_a_derived_one)
{
    bench b;
    EXPECT_EQ(refusal([&] { (void)b.enqueuer->enqueue<mail::report_v1>(1); }), "");
    EXPECT_EQ(refusal([&] { (void)b.enqueuer->enqueue<disk::report_v2>(1); }), "");
    EXPECT_THAT(
        refusal([&] { (void)b.enqueuer->enqueue<disk::report>(1); }),
        HasSubstr("give disk::report a name of its own")
    );
    bench other;
    EXPECT_EQ(refusal([&] { (void)other.enqueuer->enqueue<disk::report>(1); }), "");
    EXPECT_THAT(
        refusal([&] { (void)other.enqueuer->enqueue<mail::report_v1>(1); }),
        HasSubstr("give disk::report a name of its own")
    );
}

TEST(misspelt, names_of_middleware_are_refused_when_the_pool_runs)
{
    bench b;
    int around = 0;
    auto const layer = [&](work::context&, work::next go) -> work::task<void> {
        ++around;
        co_await go();
    };
    b.pool->use("resiez", layer);
    b.pool->use<mail::cleanup>(layer);
    b.pool->handle("resize", nothing);
    b.pool->handle<mail::cleanup>([](mail::cleanup) -> work::task<void> { co_return; });
    b.get(b.enqueuer->enqueue<mail::cleanup>(1));
    try {
        b.get(b.pool->run());
        ADD_FAILURE();
    } catch (work::error const& e) {
        EXPECT_EQ(e.code(), work::errc::invalid_option);
        EXPECT_STREQ(
            e.what(),
            "use(\"resiez\", ...): this pool has no handler of that name (did you mean "
            "resize?), so the middleware would never run; handle \"resiez\" in this "
            "pool, or use no middleware for it"
        );
    }
    EXPECT_EQ(around, 0);
    b.pool->handle("resiez", nothing);  // nothing had begun
    b.drain();
    EXPECT_EQ(around, 1);
}

TEST(misspelt, queues_that_are_given_twice_are_refused)
{
    bench b;
    work::pool_options how;
    how.queues = {{"a", 1}, {"b", 1}, {"a", 2}};
    try {
        work::worker_pool pool(*b.client, how);
        ADD_FAILURE();
    } catch (work::error const& e) {
        EXPECT_STREQ(e.what(), "queue \"a\" is given twice in pool_options::queues");
    }
}

TEST(misspelt, queues_of_waiting_jobs_are_logged_when_the_pool_runs)
{
    work::pool_options how;
    how.queues = {{"emails", 1}, {"shard1", 1}};
    bench b(how);
    b.pool->handle("resize", nothing);
    b.enqueue_with({.queue = "emails"}, "resize");
    b.enqueue_with({.queue = "emials"}, "resize");
    b.enqueue_with({.queue = "shard1"}, "resize");
    b.enqueue_with({.queue = "shard2"}, "resize");    // a name of its own
    b.enqueue_with({.queue = "invoices"}, "resize");  // so is that
    b.enqueue_with({.queue = "emial"}, "other");      // not a job of ours
    b.drain();
    EXPECT_EQ(
        b.logged("1 job(s) resize wait in queue \"emials\", which this pool does not serve "
                 "(did you mean emails?)"),
        1
    );
    EXPECT_EQ(b.logged("which this pool does not serve"), 1);
}

TEST(misspelt, names_of_queues_are_logged_when_the_pool_runs)
{
    work::pool_options how;
    how.queues = {{"resize", 1}, {"emials", 1}, {"emails", 1}, {"quite_new", 1}};
    bench b(how);
    b.pool->handle("resize", nothing);
    b.enqueue_with({.queue = "emails"}, "resize");
    b.drain();
    EXPECT_EQ(
        b.logged("queue \"emials\" is served, but no job was ever stored in it (did you mean "
                 "emails?)"),
        1
    );
    EXPECT_EQ(b.logged("queue \"quite_new\" is served, but no job was ever stored in it"), 1);
    EXPECT_EQ(b.logged("is served, but"), 2);
    EXPECT_EQ(b.counts().processed, 1);
}

TEST(headers, in_braces_and_from_maps_reach_the_handler)
{
    bench b;
    std::vector<std::string> seen;
    b.pool->handle("a", [&](work::context& job) -> work::task<void> {
        seen.push_back(std::string(job.header("tenant")) + std::string(job.header("locale")));
        co_return;
    });
    std::map<std::string, std::string> const named{{"tenant", "map"}, {"locale", "fr"}};
    work::enqueue_options kept{.headers = {{"tenant", "kept"}}};
    work::enqueue_options copy = kept;
    b.enqueue_with({.headers = {{"tenant", "acme"}, {"locale", "de"}}, .tags = {"x", "y"}}, "a");
    b.enqueue_with({.headers = named}, "a");
    b.enqueue_with(copy, "a");
    b.drain();
    EXPECT_THAT(seen, testing::ElementsAre("acmede", "mapfr", "kept"));
}

TEST(headers, reach_the_handler_by_every_form_of_enqueue)
{
    bench b;
    int seen = 0;
    auto const look = [&](work::context& job) {
        EXPECT_EQ(job.header("trace"), "abc") << job.name();
        ++seen;
    };
    b.pool->handle<disk::report>([&](work::context& job, disk::report) -> work::task<void> {
        look(job);
        co_return;
    });
    b.pool->handle("named", {"n"}, [&](work::context& job, int) -> work::task<void> {
        look(job);
        co_return;
    });
    disk::report const one{1};
    std::vector<disk::report> const two(2);
    work::q const named{{"n", 1}};
    auto& to = *b.enqueuer;
    work::enqueue_options const braces{.headers = {{"trace", "abc"}}};
    std::unordered_map<std::string, std::string> const map{{"trace", "abc"}};
    std::vector<std::pair<std::string, std::string>> const pairs{{"trace", "abc"}};
    work::enqueue_options assigned;
    assigned.headers = map;
    for (work::enqueue_options const& o :
         {braces, assigned, work::enqueue_options{.headers = pairs}}) {
        b.get(to.enqueue(one, o));
        b.get(to.enqueue_in(0ms, one, o));
        b.get(to.enqueue_at({}, one, o));
        b.get(to.enqueue("named", named, o));
        b.get(to.enqueue_in(0ms, "named", named, o));
        b.get(to.enqueue_at({}, "named", named, o));
        b.get(to.enqueue_with(o, "named", 1));
        b.get(to.enqueue_json("named", "[1]", o));
        b.get(to.enqueue_bulk(two, o));
    }
    b.drain();
    EXPECT_EQ(seen, 30);

    work::blocking_enqueuer blocking("memory:headers");
    blocking.enqueue(one, {.headers = {{"trace", "abc"}}});
    blocking.enqueue_in(0ms, one, {.headers = map});
    blocking.enqueue_at({}, "named", named, {.headers = pairs});
    blocking.enqueue_with({.headers = {{"trace", "abc"}}}, "named", 1);
    blocking.enqueue_bulk(two, {.headers = {{"trace", "abc"}}});
    work::client client{b.io, "memory:headers"};
    work::worker_pool pool{client};
    pool.handle<disk::report>([&](work::context& job, disk::report) -> work::task<void> {
        look(job);
        co_return;
    });
    pool.handle("named", {"n"}, [&](work::context& job, int) -> work::task<void> {
        look(job);
        co_return;
    });
    b.get(pool.run_until_empty());
    EXPECT_EQ(seen, 36);
}

}  // namespace
}  // namespace pool_tests
