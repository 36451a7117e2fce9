// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/job_change.hpp>
#include <work/values/tag_word.hpp>

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::job_state;
using work::outcome_kind;

/// Jobs are found by their tags from when they are stored until they have ended.
class tagged_jobs : public transitions
{
protected:
    work::new_job with_tags(work::new_job made, std::vector<std::string> const& tags)
    {
        work::detail::write_tags(made.envelope, tags);
        return made;
    }
    /// Ids of that tag, by when they were made.
    std::string of_tag(std::string const& tag)
    {
        std::string all;
        for (std::string const& id : broker_invariants::members(b().dump(), "tag:" + tag))
            all += (all.empty() ? "" : " ") + id;
        return all;
    }
};

TEST_P(tagged_jobs, are_found_in_every_state_until_they_have_ended)
{
    enqueue({with_tags(job("x"), {"nightly", "a b"}), job("y"), with_tags(job("z"), {"a b"})});
    EXPECT_EQ(of_tag("nightly"), "x");
    EXPECT_EQ(of_tag("a%20b"), "x z");
    auto const a = claim("A");
    ASSERT_EQ(a.jobs.size(), 3u);
    EXPECT_EQ(of_tag("a%20b"), "x z") << "they run";
    exchange(
        "A",
        {.outcomes =
             {{a.claim, "x", outcome_kind::retry, 10, "{}"}, {a.claim, "z", outcome_kind::dead}},
         .want = 0}
    );
    EXPECT_EQ(of_tag("a%20b"), "x z") << "one comes again, one is dead";
    b().requeue({"z"});
    b().pass(20);
    auto const again = claim("A");
    ASSERT_EQ(again.jobs.size(), 2u);
    exchange(
        "A",
        {.outcomes =
             {{again.claim, "x", outcome_kind::complete, 0, "{\"kept\":1}"},
              {again.claim, "z", outcome_kind::snooze, 10, {}}},
         .want = 0}
    );
    EXPECT_EQ(state("x"), job_state::completed);
    EXPECT_EQ(of_tag("nightly"), "") << "it has ended, and is kept";
    EXPECT_EQ(of_tag("a%20b"), "z");
    b().cancel({"z"});
    EXPECT_EQ(of_tag("a%20b"), "");
}

TEST_P(tagged_jobs, leave_together_as_they_leave_alone)
{
    for (bool const alone : {true, false}) {
        enqueue({with_tags(job("x"), {"t"}), with_tags(job("y"), {"t"})});
        auto const a = claim("A");
        ASSERT_EQ(a.jobs.size(), 2u);
        said words{.outcomes = {{a.claim, "x"}}, .want = 0};
        if (!alone)
            words.outcomes.push_back({a.claim, "y", outcome_kind::discard, 0, {}});
        exchange("A", words);
        EXPECT_EQ(of_tag("t"), alone ? "y" : "");
        if (alone)
            exchange("A", {.outcomes = {{a.claim, "y"}}, .close = {a.claim}, .want = 0});
    }
}

TEST_P(tagged_jobs, go_on_with_the_tags_of_their_next_stage)
{
    enqueue({with_tags(job("x", "a"), {"old", "both"})});
    auto const a = claim("A");
    work::new_job next = with_tags(job("x", "b"), {"both", "new"});
    exchange(
        "A",
        {.outcomes = {{a.claim, "x", outcome_kind::stage, 0, keep(next.envelope)}}, .want = 0}
    );
    EXPECT_EQ(of_tag("old"), "");
    EXPECT_EQ(of_tag("both"), "x");
    EXPECT_EQ(of_tag("new"), "x");
    auto const c = claim("A", 256, "*b");
    exchange(
        "A",
        {.outcomes = {{c.claim, "x", outcome_kind::stage, 0, keep(job("x", "b").envelope)}},
         .want = 0}
    );
    EXPECT_EQ(of_tag("new"), "");
    EXPECT_EQ(b().job("x").envelope.substr(0, 6), "2 0000") << "it holds nothing any more";
}

TEST_P(tagged_jobs, have_other_tags_when_they_were_edited)
{
    enqueue({with_tags(job("x"), {"old"})});
    auto const seen = b().job("x");
    work::job_change change;
    change.options = R"({"tags":["one","two"]})";
    work::edit_request request;
    request.id = "x";
    request.version = seen.version;
    request.envelope = work::detail::edited_envelope(seen.envelope, change);
    EXPECT_EQ(b().edit(request).code, work::admin_code::done);
    EXPECT_EQ(of_tag("old"), "");
    EXPECT_EQ(of_tag("one") + of_tag("two"), "xx");
    change.options = R"({"tags":null})";
    request.version = b().job("x").version;
    request.envelope = work::detail::edited_envelope(b().job("x").envelope, change);
    EXPECT_EQ(b().edit(request).code, work::admin_code::done);
    EXPECT_EQ(of_tag("one") + of_tag("two"), "");
    EXPECT_EQ(b().job("x").envelope.substr(0, 6), "2 0000");
}

TEST_P(tagged_jobs, that_are_set_aside_are_found_when_they_are_back)
{
    enqueue({with_tags(chosen("x"), {"t"})});
    auto const a = claim("A");
    exchange("A", {.outcomes = {{a.claim, "x", outcome_kind::set_aside, 0, {}}}, .want = 0});
    EXPECT_EQ(state("x"), job_state::set_aside);
    EXPECT_EQ(of_tag("t"), "");
    b().requeue({"x"});
    EXPECT_EQ(state("x"), job_state::pending);
    EXPECT_EQ(of_tag("t"), "x");
}

TEST_P(tagged_jobs, without_tags_cost_no_key)
{
    enqueue({job("x"), chosen("y")});
    for (auto const& [key, text] : b().dump())
        EXPECT_FALSE(std::string_view(key).starts_with("tag:")) << key;
}

INSTANTIATE_TEST_SUITE_P(on, tagged_jobs, both_sides, side_name);

}  // namespace
