// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Types of one's own from the enqueue call to the handler, and back as a result.

#include <filesystem>

#include "bench.hpp"

namespace own {

struct ticket
{
    int number = 0;
};
BOOST_DESCRIBE_STRUCT(ticket, (), (number))

struct uuid
{
    int bits = 0;
};

}  // namespace own

template <>
struct work::as_argument<own::ticket>
{
    static std::string write(own::ticket const& t) { return std::to_string(t.number); }
    static own::ticket read(std::string const& text) { return {std::stoi(text)}; }
};
template <>
struct work::as_argument<own::uuid>
{
    static std::string write(own::uuid const& id)
    {
        if (id.bits == 0)
            throw std::domain_error("a uuid must not be nil");
        return std::to_string(id.bits);
    }
    static own::uuid read(std::string const& text) { return {std::stoi(text)}; }
};

namespace pool_tests {
namespace {

TEST(own_types, reach_the_handler_and_come_back_as_a_result)
{
    bench b;
    std::vector<int> seen;
    b.pool->handle<own::ticket>([&](work::context&, own::ticket t) -> work::task<void> {
        seen.push_back(t.number);
        co_return;
    });
    b.pool->handle(
        "move",
        [&](work::context&, std::filesystem::path const& from, std::optional<own::uuid> id
        ) -> work::task<own::uuid> {
            seen.push_back(static_cast<int>(from.native().size()));
            co_return own::uuid{id ? id->bits + 1 : 0};
        }
    );
    own::ticket const one{1};
    std::vector<own::ticket> const many{{3}, {4}};
    b.get(b.enqueuer->enqueue(one));
    b.get(b.enqueuer->enqueue<own::ticket>(2));
    b.get(b.enqueuer->enqueue_bulk(many));
    std::string const id = b.enqueue("move", std::filesystem::path("/tmp/x"), own::uuid{41});
    std::string const nil = b.enqueue("move", std::filesystem::path("/"));
    b.drain();
    std::sort(seen.begin(), seen.end());
    EXPECT_THAT(seen, testing::ElementsAre(1, 1, 2, 3, 4, 6));
    EXPECT_THAT(b.job(id).kept, testing::HasSubstr(R"("result":"42")"));
    EXPECT_EQ(b.job(nil).state, work::job_state::completed);
    EXPECT_THAT(b.job(nil).kept, testing::HasSubstr("a uuid must not be nil"));
    EXPECT_EQ(b.counts().failed, 0);
}

}  // namespace
}  // namespace pool_tests
