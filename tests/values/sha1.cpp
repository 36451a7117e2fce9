// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/sha1.hpp>

#include <gtest/gtest.h>
#include <string>

namespace {

// FIPS 180's examples; script_runner.cpp compares with SCRIPT LOAD around the block size.
TEST(sha1, published_examples)
{
    EXPECT_EQ(work::sha1(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    EXPECT_EQ(work::sha1("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(
        work::sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
        "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
    );
    EXPECT_EQ(work::sha1(std::string(1'000'000, 'a')), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

}  // namespace
