// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Job names that two types would share, and names that were misspelt.

#include <work/broker/broker.hpp>

#include <algorithm>
#include <map>

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
    EXPECT_EQ(why, "the job name \"cleanup\" belongs to mail::cleanup already, and disk::cleanup "
                   "has it too; give disk::cleanup a name of its own: static constexpr "
                   "std::string_view job_name = \"...\"");
    EXPECT_EQ(refusal([&] { (void)b.enqueuer->enqueue<disk::cleanup>("/tmp"); }), why);
    EXPECT_EQ(refusal([&] { (void)b.enqueuer->enqueue_in(1s, other); }), why);
    EXPECT_EQ(refusal([&] { (void)b.enqueuer->enqueue_bulk(many); }), why);
    work::worker_pool second{*b.client};
    EXPECT_EQ(refusal([&] {
                  second.handle<disk::cleanup>(
                      [](work::context&, disk::cleanup) -> work::task<void> { co_return; }
                  );
              }),
              why);
    EXPECT_EQ(refusal([&] { b.get(b.enqueuer->enqueue<mail::cleanup>(1)); }), "");
    b.drain();
    EXPECT_EQ(b.counts().processed, 1);

    bench apart;  // another client knows nothing of it
    EXPECT_EQ(refusal([&] { (void)apart.enqueuer->enqueue(other); }), "");
    EXPECT_THAT(refusal([&] { (void)apart.enqueuer->enqueue<mail::cleanup>(1); }),
                HasSubstr("belongs to disk::cleanup already"));
}

TEST(job_names, that_types_state_may_be_shared_but_not_with_a_derived_one)
{
    bench b;
    EXPECT_EQ(refusal([&] { (void)b.enqueuer->enqueue<mail::report_v1>(1); }), "");
    EXPECT_EQ(refusal([&] { (void)b.enqueuer->enqueue<disk::report_v2>(1); }), "");
    EXPECT_THAT(refusal([&] { (void)b.enqueuer->enqueue<disk::report>(1); }),
                HasSubstr("give disk::report a name of its own"));
    bench other;
    EXPECT_EQ(refusal([&] { (void)other.enqueuer->enqueue<disk::report>(1); }), "");
    EXPECT_THAT(refusal([&] { (void)other.enqueuer->enqueue<mail::report_v1>(1); }),
                HasSubstr("give disk::report a name of its own"));
}

TEST(misspelt, names_of_middleware_and_queues_are_logged_when_the_pool_runs)
{
    work::pool_options how;
    how.queues = {{"resize", 1}, {"emials", 1}, {"emails", 1}, {"quite_new", 1}};
    bench b(how);
    b.pool->handle("resize", nothing);
    b.pool->use("resiez", [](work::context&, work::next go) { return go(); });
    b.enqueue_with({.queue = "emails"}, "resize");
    b.drain();
    auto const said = [&](std::string_view part) {
        return std::count_if(b.lines.begin(), b.lines.end(), [part](std::string const& line) {
            return line.find(part) != std::string::npos;
        });
    };
    EXPECT_EQ(said("use(\"resiez\", ...): this pool has no handler of that name (did you mean "
                   "resize?)"), 1);
    EXPECT_EQ(said("queue \"emials\" is served, but no job was ever stored in it (did you mean "
                   "emails?)"), 1);
    EXPECT_EQ(said("queue \"quite_new\" is served, but no job was ever stored in it"), 1);
    EXPECT_EQ(said("is served, but"), 2);
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

}  // namespace
}  // namespace pool_tests
