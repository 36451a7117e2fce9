// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/values/envelope.hpp>

#include <gtest/gtest.h>
#include <random>
#include <string>

#include "values/error_text.hpp"

namespace {

using work::errc;

std::string encoded(work::envelope_view const& job)
{
    std::string out;
    work::append_envelope(out, job);
    EXPECT_EQ(out.size(), work::envelope_size(job));
    return out;
}

std::string refusal_of(std::string_view text)
{
    auto const job = work::decode_envelope(text);
    return job ? "none" : job.error();
}

TEST(envelope, text_is_as_documented)
{
    work::envelope_view job;
    job.flags = work::envelope_flags::chosen_id | work::envelope_flags::expires;
    job.attempts = 3;
    job.created_ms = 1'790'000'000'000;
    job.priority = -5;
    job.list = "low:send_email";
    job.options = R"({"max_attempts":3})";
    job.args = R"({"user_id":42})";
    std::string const text = encoded(job);
    EXPECT_EQ(
        text,
        "2 0005 0003 1790000000000 low:send_email p=-5\n"
        "{\"max_attempts\":3}\n"
        "{\"user_id\":42}"
    );
    EXPECT_EQ(text.substr(work::envelope_flags_offset, work::envelope_flags_size), "0005");
    EXPECT_EQ(text.substr(work::envelope_attempts_offset, work::envelope_attempts_size), "0003");
    EXPECT_EQ(
        text.substr(work::envelope_created_offset, work::envelope_created_size),
        "1790000000000"
    );
    EXPECT_EQ(text.substr(work::envelope_list_offset, 14), "low:send_email");
}

TEST(envelope, extremes_round_trip)
{
    std::string const odd("\0\n\xFF\n", 4);
    for (unsigned const flags : {0u, 1u, 0xFFFu})
        for (int const attempts : {0, 1, 9999})
            for (std::int64_t const created : {std::int64_t{0}, work::max_envelope_time_ms}) {
                work::envelope_view const job{flags, attempts, created, 0, "l", "", odd};
                auto const text = encoded(job);
                auto const read = work::decode_envelope(text);
                ASSERT_TRUE(read) << read.error();
                EXPECT_EQ(*read, job);
            }
}

TEST(envelope, random_jobs_round_trip)
{
    std::mt19937 random(2);
    auto const bytes = [&](std::size_t most, bool newlines) {
        std::string out(random() % most, ' ');
        for (char& c : out)
            do
                c = static_cast<char>(random());
            while (!newlines && (c == '\n' || c == ' '));
        return out;
    };
    for (int i = 0; i < 5000; ++i) {
        std::string const list = "l" + bytes(20, false);
        std::string const options = bytes(30, false);
        std::string const args = bytes(60, true);
        work::envelope_view const job{
            static_cast<unsigned>(random() % 256),
            static_cast<int>(random() % 10000),
            static_cast<std::int64_t>(random()),
            static_cast<int>(random() % 201) - 100,
            list,
            options,
            args
        };
        auto const text = encoded(job);
        auto const read = work::decode_envelope(text);
        ASSERT_TRUE(read) << read.error();
        ASSERT_EQ(*read, job);
    }
}

TEST(envelope, decode_says_what_is_wrong)
{
    EXPECT_EQ(refusal_of(""), "a stored job has at least 26 bytes, this has 0");
    EXPECT_EQ(
        refusal_of("1 00 0000 1790000000000 list\n\n"),
        "the format version is \"1\", this program reads \"2\""
    );
    EXPECT_EQ(refusal_of("2_0000 0000 1790000000000 l\n\n"), "there is no space at byte 1");
    EXPECT_EQ(refusal_of("2 0000 0000 1790000000000_l\n\n"), "there is no space at byte 25");
    EXPECT_EQ(
        refusal_of("2 000a 0000 1790000000000 l\n\n"),
        "the flags \"000a\" are not four upper-case hexadecimal digits"
    );
    EXPECT_EQ(
        refusal_of("2 0000 -001 1790000000000 l\n\n"),
        "the attempts \"-001\" are not four digits"
    );
    EXPECT_EQ(
        refusal_of("2 0000 0000 179000000000x l\n\n"),
        "the time \"179000000000x\" is not 13 digits"
    );
    EXPECT_EQ(refusal_of("2 0000 0000 1790000000000 l"), "the first line does not end");
    EXPECT_EQ(refusal_of("2 0000 0000 1790000000000 "), "the first line does not end");
    EXPECT_EQ(refusal_of("2 0000 0000 1790000000000 \n\n"), "the list is empty");
    EXPECT_EQ(refusal_of("2 0000 0000 1790000000000 l\n{}"), "the line of options does not end");
    EXPECT_EQ(refusal_of("2 0000 0000 1790000000000 l\n\n"), "none");
}

TEST(envelope, of_a_newer_program_says_what_it_asks_for)
{
    using work::unsupported_envelope;
    std::string const plain = "2 0000 0000 1790000000000 l\n\n";
    EXPECT_EQ(unsupported_envelope(plain), std::nullopt);
    EXPECT_EQ(unsupported_envelope("2 0F80 0000 1790000000000 l\n\n"), std::nullopt);
    EXPECT_EQ(
        refusal_of("3 0000 0000 1790000000000 l\n\n"),
        "it is of format 3, this program knows 2"
    );
    EXPECT_EQ(
        refusal_of("2 5001 0000 1790000000000 l\n\n"),
        "this program does not know its features 5000"
    );
    std::string const both = "3 5001 0000 1790000000000 l\n\n";
    EXPECT_EQ(
        unsupported_envelope(both, 3, 0x4000),
        "this program does not know its features 1000"
    );
    EXPECT_EQ(unsupported_envelope(both, 3, 0xF000), std::nullopt);
    // Garbage is of no format.
    for (std::string const garbage :
         {"3", "3 0000", "3 00g0 0000 1790000000000 l\n", "3-0000 0000 "})
        EXPECT_EQ(unsupported_envelope(garbage + std::string(20, 'x')), std::nullopt) << garbage;
}

TEST(envelope, words_behind_the_list_belong_to_features)
{
    auto const read = [](char const* words) {
        return *work::decode_envelope(
            "2 0000 0000 1790000000000 l" + std::string(words) + "\n\n[]"
        );
    };
    EXPECT_EQ(read(" p=-100").priority, -100);
    EXPECT_EQ(read(" later=1 p=7 x").priority, 7);
    EXPECT_EQ(read(" later=1").priority, 0);
    EXPECT_EQ(read(" p=99999999999999").priority, 0);
    EXPECT_EQ(read(" p=").priority, 0);
    EXPECT_EQ(read(" p=3 s=98 x=1").snoozes, 98);
    EXPECT_EQ(read(" s=-5").snoozes, 0);
    EXPECT_EQ(read(" s=99999999999999").snoozes, 0);
    EXPECT_EQ(read(" s=2 d=1790000000123").due_ms, 1'790'000'000'123);
    EXPECT_EQ(read(" d=-1").due_ms, 0);
    EXPECT_EQ(read(" d=99999999999999999999").due_ms, 0);
    EXPECT_EQ(refusal_of("2 0000 0000 1790000000000  p=1\n\n"), "the list is empty");
    std::string const text = "2 0000 0000 1790000000000 l p=1 later\n\n[]";
    EXPECT_EQ(work::decode_envelope(text)->list, "l");
}

TEST(envelope, decode_any_prefix_and_any_changed_byte_is_safe)
{
    std::string const good = encoded({0, 1, 1'790'000'000'000, 7, "send_email", "{}", "[1]"});
    for (std::size_t size = 0; size < good.size(); ++size)
        (void)work::decode_envelope(std::string(good.substr(0, size)));
    for (std::size_t at = 0; at < good.size(); ++at)
        for (int byte = 0; byte < 256; ++byte) {
            std::string changed = good;
            changed[at] = static_cast<char>(byte);
            (void)work::decode_envelope(changed);
        }
}

TEST(envelope, append_refuses_what_would_not_read_back)
{
    auto const text = [](work::envelope_view const& job) {
        return error_text(errc::invalid_option, [&] { (void)encoded(job); });
    };
    EXPECT_EQ(
        text({65536, 0, 0, 0, "l", "", ""}),
        "stored job: flags are 65536, which is outside 0..65535"
    );
    EXPECT_EQ(
        text({0, 10000, 0, 0, "l", "", ""}),
        "stored job: attempts are 10000, which is outside 0..9999"
    );
    EXPECT_EQ(
        text({0, -1, 0, 0, "l", "", ""}),
        "stored job: attempts are -1, which is outside 0..9999"
    );
    EXPECT_EQ(
        text({0, 0, -1, 0, "l", "", ""}),
        "stored job: created_ms is -1, which is outside 0..9999999999999"
    );
    EXPECT_EQ(
        text({0, 0, 0, 0, "", "", ""}),
        "stored job: the list \"\" is empty or has a space or newline"
    );
    EXPECT_EQ(
        text({0, 0, 0, 0, "a\nb", "", ""}),
        "stored job: the list \"a\\nb\" is empty or has a space or newline"
    );
    EXPECT_EQ(text({0, 0, 0, 0, "l", "\n", ""}), "stored job: the options \"\\n\" have a newline");
}

}  // namespace
