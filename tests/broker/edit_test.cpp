// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/job_change.hpp>

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::job_state;
using work::outcome_kind;

class editing : public transitions
{
protected:
    /// Job `x`, which needs another one.
    work::new_job needing(std::string const& id)
    {
        if (b().job(id).state == job_state::unknown)
            enqueue({chosen(id, "before")});
        auto x = chosen("x");
        std::string envelope(x.envelope);
        auto const flags = work::detail::read_header(envelope)->flags;
        envelope = work::detail::with_flags(envelope, flags | work::envelope_flags::holds);
        x.envelope = work::detail::with_word(envelope, "n", "1");
        work::detail::job_links links;
        links.needs = {{id, work::otherwise::cancel, {}}};
        x.links = std::make_shared<work::detail::job_links const>(std::move(links));
        return x;
    }
    /// Job `x`, anew in a state.
    void bring_to(job_state wanted)
    {
        cancel_all({"x"});
        b().remove({"x"});
        auto x = chosen("x");
        x.delay_ms = wanted == job_state::scheduled ? 1'000 : 0;
        if (wanted == job_state::waiting)
            x = needing("before");
        enqueue({x});
        if (wanted == job_state::suspect)
            make_suspect();
        if (wanted == job_state::active || wanted == job_state::retry ||
            wanted == job_state::dead) {
            auto const a = claim("A");
            auto const kind = wanted == job_state::retry ? outcome_kind::retry : outcome_kind::dead;
            if (wanted != job_state::active)
                exchange("A", {.outcomes = {{a.claim, "x", kind, 1'000, "{}"}}});
        }
        ASSERT_EQ(state("x"), wanted);
    }
};

constexpr job_state states_of_live_jobs[] = {
    job_state::waiting,
    job_state::scheduled,
    job_state::pending,
    job_state::suspect,
    job_state::active,
    job_state::retry,
    job_state::dead
};

TEST_P(editing, edits_a_job_where_it_waits_and_as_it_was_seen)
{
    for (job_state const from : states_of_live_jobs) {
        SCOPED_TRACE(work::to_string(from));
        bring_to(from);
        auto const seen = b().job("x");
        work::job_change change;
        change.args = "[7]";
        work::edit_request request;
        request.id = "x";
        request.version = seen.version;
        request.envelope = work::detail::edited_envelope(seen.envelope, change);
        std::string const went = text_of(b().edit(request));
        std::string const word(to_string(from));
        if (from == job_state::active || from == job_state::suspect) {
            EXPECT_EQ(went, (from == job_state::active ? "a " : "v ") + word);
            EXPECT_EQ(b().job("x").envelope, seen.envelope);
            continue;
        }
        EXPECT_EQ(went, "m " + word);
        auto const after = b().job("x");
        EXPECT_TRUE(after.envelope.ends_with("\n[7]")) << after.envelope;
        EXPECT_EQ(after.envelope.substr(0, 26), seen.envelope.substr(0, 26))
            << "flags, attempts and creation are those it had";
        EXPECT_EQ(state("x"), from);
        EXPECT_NE(after.version, seen.version);
        // What was seen before is no more what is there.
        EXPECT_EQ(text_of(b().edit(request)), "v " + word);
        request.version = after.version;
        request.envelope = "garbage";
        EXPECT_EQ(text_of(b().edit(request)), "u " + word);
        EXPECT_EQ(b().job("x").envelope, after.envelope);
    }
    work::edit_request nobody;
    nobody.id = "nobody";
    EXPECT_EQ(text_of(b().edit(nobody)), "g unknown");
}

TEST_P(editing, an_edited_job_goes_where_its_new_list_and_priority_are)
{
    enqueue({chosen("a"), chosen("x"), chosen("c")});
    auto const edit = [&](work::job_change const& change) {
        auto const seen = b().job("x");
        work::edit_request request;
        request.id = "x";
        request.version = seen.version;
        request.envelope = work::detail::edited_envelope(seen.envelope, change);
        return text_of(b().edit(request));
    };
    work::job_change change;
    change.priority = 5;
    EXPECT_EQ(edit(change), "m pending");
    change.priority = 0;
    change.queue = "elsewhere";
    EXPECT_EQ(edit(change), "m pending");
    change.queue = "";
    EXPECT_EQ(edit(change), "m pending");
    // It was taken out of its place and came back to the end.
    auto const got = claim("A");
    std::vector<std::string> ids;
    for (auto const& job : got.jobs)
        ids.emplace_back(job.id);
    EXPECT_EQ(ids, (std::vector<std::string>{"a", "c", "x"}));
}

TEST_P(editing, one_that_waits_for_others_goes_where_it_is_to_when_they_have_ended)
{
    bring_to(job_state::waiting);
    auto const seen = b().job("x");
    work::job_change change;
    change.queue = "elsewhere";
    change.priority = 7;
    change.args = "[7]";
    change.options = R"({"tags":["late"]})";
    work::edit_request request;
    request.id = "x";
    request.version = seen.version;
    request.envelope = work::detail::edited_envelope(seen.envelope, change);
    request.what = "args, queue, priority, options";
    request.by = "ada";
    EXPECT_EQ(text_of(b().edit(request)), "m waiting");
    EXPECT_EQ(state("x"), job_state::waiting);
    EXPECT_EQ(b().job("x").bonds.needs_left, 1) << "it needs what it needed";
    auto const a = exchange("A", {.fetch_order = {{"before", 10, false}}, .want = 10});
    ASSERT_EQ(ids(a), "before");
    exchange("A", {.outcomes = {{a.claim, "before", outcome_kind::complete, 0, ""}}, .want = 0});
    EXPECT_EQ(state("x"), job_state::pending);
    auto const got = exchange("A", {.fetch_order = {{"elsewhere:a", 10, false}}, .want = 10});
    ASSERT_EQ(ids(got), "x");
    EXPECT_TRUE(std::string(got.jobs[0].envelope).ends_with("\n[7]")) << got.jobs[0].envelope;
}

TEST_P(editing, an_edited_body_comes_and_goes)
{
    enqueue({chosen("x")});
    auto const edit = [&](std::string const& args) {
        auto const seen = b().job("x");
        work::job_change change;
        change.args = args;
        work::edit_request request;
        request.id = "x";
        request.version = seen.version;
        request.envelope = work::detail::edited_envelope(seen.envelope, change);
        EXPECT_EQ(text_of(b().edit(request)), "m pending");
    };
    std::string const large = "[\"" + std::string(20'000, 'z') + "\"]";
    edit(large);
    EXPECT_TRUE(b().job("x").envelope.ends_with(large));
    edit("[1]");
    EXPECT_TRUE(b().job("x").envelope.ends_with("\n[1]"));
    for (auto const& [key, value] : b().dump())
        EXPECT_FALSE(key.starts_with("bodies:")) << key;
    edit(large);
    auto const got = claim("A");
    ASSERT_EQ(got.jobs.size(), 1u);
    EXPECT_TRUE(std::string(got.jobs[0].envelope).ends_with(large));
}

TEST_P(editing, an_edited_time_is_kept)
{
    bring_to(job_state::scheduled);
    auto const seen = b().job("x");
    work::edit_request request;
    request.id = "x";
    request.version = seen.version;
    request.envelope = seen.envelope;
    request.due_ms = b().now_ms() + 60'000;
    EXPECT_EQ(text_of(b().edit(request)), "m scheduled");
    EXPECT_EQ(b().job("x").when_ms, request.due_ms);
    b().pass(2'000);
    EXPECT_TRUE(claim("A").jobs.empty());
    b().pass(60'000);
    EXPECT_EQ(claim("A").jobs.size(), 1u);
}

TEST_P(editing, actions_can_be_for_what_was_seen_alone)
{
    for (job_state const from : states_of_live_jobs) {
        SCOPED_TRACE(work::to_string(from));
        bring_to(from);
        work::admin_request request;
        bool const dead = from == job_state::dead;
        request.action = dead ? work::admin_action::remove : work::admin_action::cancel;
        request.ids = {"x", "y"};
        request.version = "0123456789abcdef";
        auto const left = b().act(request);
        EXPECT_EQ(text_of(left), "vg");
        EXPECT_EQ(left[0].state, from);
        EXPECT_EQ(state("x"), from);
        request.version = b().job("x").version;
        EXPECT_EQ(text_of(b().act(request)), "mg");
        bool const runs = from == job_state::active;
        EXPECT_EQ(state("x"), dead ? job_state::unknown : runs ? from : job_state::cancelled);
        EXPECT_EQ(text_of(b().act(request)), dead ? "gg" : "vg") << "what is kept has no version";
    }
}

TEST_P(editing, another_time_is_the_one_that_its_wait_is_counted_from)
{
    auto later = job("x");
    later.delay_ms = 60'000;
    enqueue({later});
    auto const before = b().job("x");
    work::job_change change;
    change.due_ms = b().now_ms() + 5'000;
    std::string const text = work::detail::edited_envelope(before.envelope, change);
    EXPECT_EQ(work::decode_envelope(text)->due_ms, change.due_ms);
    enqueue({job("y")});
    std::string const plain = work::detail::edited_envelope(b().job("y").envelope, change);
    EXPECT_EQ(work::decode_envelope(plain)->due_ms, 0) << "it was due when it was made";
}

INSTANTIATE_TEST_SUITE_P(on, editing, both_sides, side_name);

}  // namespace
