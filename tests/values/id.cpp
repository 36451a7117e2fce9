// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/values/id.hpp>

#include <algorithm>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <unordered_set>
#include <vector>

#include "values/error_text.hpp"

namespace {

using work::errc;

constexpr std::int64_t now_ms = 1'790'000'000'000;

TEST(id, generated_has_22_base32_characters_and_says_time_and_shard)
{
    work::id_generator ids(1023);
    std::string const id = ids.next(now_ms).str();
    EXPECT_EQ(id.size(), 22u);
    EXPECT_EQ(id.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ"), std::string::npos);
    EXPECT_EQ(work::id_time_ms(id), now_ms);
    EXPECT_EQ(work::id_shard(id), 1023);
    EXPECT_EQ(id.substr(0, 9), "1M3250V00");
    EXPECT_EQ(id.substr(9, 2), "ZZ");
    EXPECT_NO_THROW(work::validate_id(id));
}

TEST(id, generated_append_adds_to_the_buffer)
{
    work::id_generator ids;
    std::string out = "x";
    ids.append_next(out, now_ms);
    EXPECT_EQ(out.size(), 23u);
    EXPECT_EQ(work::id_time_ms(out.substr(1)), now_ms);
}

TEST(id, generated_ids_sort_by_time)
{
    work::id_generator ids(7);
    std::vector<std::string> made;
    for (std::int64_t t :
         {std::int64_t{0},
          std::int64_t{1},
          std::int64_t{31},
          std::int64_t{32},
          now_ms,
          now_ms + 1,
          (std::int64_t{1} << 45) - 1})
        made.push_back(ids.next(t).str());
    EXPECT_TRUE(std::is_sorted(made.begin(), made.end()));
}

TEST(id, generated_are_unique_over_counter_wraps_at_one_time)
{
    work::id_generator ids;
    std::unordered_set<std::string> seen;
    constexpr std::size_t count = (1u << 20) + 50'000;
    seen.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        ASSERT_TRUE(seen.insert(ids.next(now_ms).str()).second) << i;
}

TEST(id, generated_share_a_segment_for_16384)
{
    constexpr std::size_t together = 16'384;
    work::id_generator ids;
    std::set<std::array<char, 2>> segments;
    for (int batch = 0; batch < 40; ++batch) {
        auto const segment = work::id_segment(ids.next(now_ms + batch));
        segments.insert(segment);
        for (std::size_t i = 1; i < together; ++i)
            ASSERT_EQ(work::id_segment(ids.next(now_ms + batch)), segment) << batch << ' ' << i;
    }
    EXPECT_GT(segments.size(), 20u);
}

TEST(id, generated_after_fork_differ_from_the_parent)
{
    work::id_generator ids;
    (void)ids.next(now_ms);
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    pid_t const child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        auto const id = ids.next(now_ms);
        auto const written = write(ends[1], id.chars.data(), id.chars.size());
        _exit(written == 22 ? 0 : 1);
    }
    std::string const mine = ids.next(now_ms).str();
    std::string theirs(22, ' ');
    ASSERT_EQ(read(ends[0], theirs.data(), theirs.size()), 22);
    int status = 0;
    waitpid(child, &status, 0);
    close(ends[0]);
    close(ends[1]);
    EXPECT_EQ(work::id_time_ms(theirs), now_ms);
    EXPECT_NE(mine.substr(13), theirs.substr(13));
}

TEST(id, generator_shard_out_of_range_is_refused)
{
    EXPECT_EQ(
        error_text(errc::invalid_option, [] { work::id_generator ids(1024); }),
        "shard is 1024, which is outside 0..1023"
    );
}

TEST(id, segment_of_chosen_ids_is_their_hash)
{
    auto const segment = [](std::string_view id) {
        auto const digits = work::id_segment(id);
        return std::string(digits.begin(), digits.end());
    };
    EXPECT_EQ(segment(""), "00");
    EXPECT_EQ(segment("a"), "31");   // 97 = 3 * 32 + 1
    EXPECT_EQ(segment("ab"), "73");  // (97 * 33 + 98) % 1024 = 227 = 7 * 32 + 3
    // 22 bytes, and base32 at 11 and 12, or not quite.
    EXPECT_EQ(segment("0123456789AXY0123456789"), segment("0123456789AXY0123456789"));
    EXPECT_EQ(segment("___________XY_________"), "XY");
    EXPECT_NE(segment("___________Xy_________"), "Xy");
    EXPECT_NE(segment("___________UI_________"), "UI");
}

TEST(id, segment_of_any_id_is_two_base32_digits)
{
    for (unsigned byte = 0; byte < 256; ++byte)
        for (char const digit : work::id_segment(std::string(22, static_cast<char>(byte))))
            EXPECT_NE(
                std::string_view("0123456789ABCDEFGHJKMNPQRSTVWXYZ").find(digit),
                std::string_view::npos
            );
}

TEST(id, time_and_shard_of_other_ids_are_unknown)
{
    for (char const* id : {"", "order-17", "0123456789012345678901234", "lowercaseislikethis_12"}) {
        EXPECT_EQ(work::id_time_ms(id), -1);
        EXPECT_EQ(work::id_shard(id), -1);
    }
}

TEST(id, validate_says_which_id_and_the_rule)
{
    auto const text = [](std::string_view id) {
        return error_text(errc::invalid_id, [&] { work::validate_id(id); });
    };
    std::string const rule =
        "; an id is 1 to 128 printable ASCII characters without space, '{', '}' and ','";
    EXPECT_NO_THROW(work::validate_id("order:17/x~!"));
    EXPECT_NO_THROW(work::validate_id(std::string(128, 'i')));
    EXPECT_EQ(text(""), "job id \"\" can't be used: it is empty" + rule);
    EXPECT_EQ(
        text(std::string(129, 'i')).find("longer than 128 characters") != std::string::npos,
        true
    );
    for (char const* id : {"a b", "a\n", "\x7F", "ü"})
        EXPECT_NE(text(id).find("not printable ASCII"), std::string::npos) << id;
    EXPECT_EQ(text("{a"), "job id \"{a\" can't be used: it has a brace or a comma" + rule);
    EXPECT_NE(text("a,b").find("a brace or a comma"), std::string::npos);
    EXPECT_NE(text("a}").find("a brace or a comma"), std::string::npos);
}

}  // namespace
