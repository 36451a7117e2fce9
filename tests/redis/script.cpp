// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/redis/script.hpp>

#include <gtest/gtest.h>
#include <string>

namespace {

using work::redis::command;
using work::redis::script;
using work::redis::script_call;

TEST(redis_script, call_encodes_both_forms)
{
    script const program("one", "return 1");
    EXPECT_EQ(program.sha(), "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
    script_call call(program, "key");
    EXPECT_EQ(call.evalsha(), command("EVALSHA", program.sha(), "1", "key").bytes());
    EXPECT_EQ(call.eval(), command("EVAL", program.body(), "1", "key").bytes());
    call.arg("a").arg(42).arg(std::string("x\r\ny"));
    EXPECT_EQ(call.arguments(), 3u);
    EXPECT_EQ(
        call.evalsha(),
        command("EVALSHA", program.sha(), "1", "key", "a", 42, "x\r\ny").bytes()
    );
    EXPECT_EQ(call.eval(), command("EVAL", program.body(), "1", "key", "a", 42, "x\r\ny").bytes());
}

TEST(redis_script, call_with_hundreds_of_arguments_is_encoded)
{
    script const program("one", "return 1");
    script_call call(program, "key", 10'000);
    command expected;
    expected.begin(4 + 700).arg("EVALSHA").arg(program.sha()).arg(1).arg("key");
    for (int i = 0; i < 700; ++i) {
        call.arg(i);
        expected.arg(i);
    }
    EXPECT_EQ(call.evalsha(), expected.bytes());
    EXPECT_EQ(call.evalsha(), expected.bytes());
}

TEST(redis_script, call_that_is_reset_starts_over)
{
    script const program("one", "return 1");
    script_call call(program, "key");
    for (int i = 0; i < 100; ++i)
        call.arg(i);
    call.evalsha();
    call.reset("other");
    call.arg("x");
    EXPECT_EQ(call.evalsha(), command("EVALSHA", program.sha(), "1", "other", "x").bytes());
}

}  // namespace
