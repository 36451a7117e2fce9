// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/redis/error_table.hpp>

#include <gtest/gtest.h>
#include <ostream>

namespace work::redis {
void PrintTo(action a, std::ostream* out)
{
    *out << to_string(a);
}
}  // namespace work::redis

namespace {

using work::redis::action;
using work::redis::classify;
using work::redis::error_word;

// The texts as Redis 7.0.15 sends them, and some of other servers.
TEST(redis_error_table, literals_have_their_action)
{
    struct
    {
        char const* text;
        action expected;
    } const table[] = {
        {"READONLY You can't write against a read only replica.", action::reconnect},
        {"READONLY You can't write against a read only replica. script: 2f7c, on @user_script:1.",
         action::reconnect},
        {"UNBLOCKED force unblock from blocking operation, instance state changed (master -> "
         "replica?)",
         action::reconnect},
        {"UNBLOCKED the stream key no longer exists", action::reconnect},
        {"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
         action::reconnect},
        {"NOAUTH Authentication required.", action::reconnect},
        {"WRONGPASS invalid username-password pair or user is disabled.", action::reconnect},
        {"LOADING Redis is loading the dataset in memory", action::retry},
        {"BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
         action::retry},
        {"UNKILLABLE Sorry the script already executed write commands", action::retry},
        {"TRYAGAIN Multiple keys request during rehashing of slot", action::retry},
        {"CLUSTERDOWN Hash slot not served", action::retry},
        {"NOREPLICAS Not enough good replicas to write.", action::retry},
        {"MISCONF Errors writing to the AOF file: No space left on device", action::retry},
        {"MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist "
         "on disk.",
         action::retry},
        {"MOVED 3999 127.0.0.1:6381", action::redirect},
        {"ASK 3999 127.0.0.1:6381", action::redirect},
        {"NOSCRIPT No matching script. Please use EVAL.", action::load_script},
        {"OOM command not allowed when used memory > 'maxmemory'.", action::out_of_memory},
        {"CROSSSLOT Keys in request don't hash to the same slot", action::surface},
        {"NOPERM this user has no permissions to run the 'get' command", action::surface},
        {"WRONGTYPE Operation against a key holding the wrong kind of value", action::surface},
        {"NOGROUP No such key 's' or consumer group 'g'", action::surface},
        {"ERR wrong number of arguments for 'get' command", action::surface},
        {"ERR Script attempted to access keys that do not hash to the same slot", action::surface},
        {"ERR unknown command 'HELLO'", action::surface},
        {"BUSYKEY Target key name already exists.", action::surface},
        {"BUSYGROUP Consumer Group name already exists", action::surface},
        {"ASKING", action::surface},
        {"readonly", action::surface},
        {"", action::surface},
        {" READONLY", action::surface},
    };
    for (auto const& row : table)
        EXPECT_EQ(classify(row.text), row.expected) << row.text;
}

// Servers before 7.0 wrap what a command of a script answered.
TEST(redis_error_table, errors_wrapped_by_old_servers_are_seen)
{
    EXPECT_EQ(
        classify("ERR Error running script (call to f_8f3b): @user_script:1: @user_script: 1: "
                 "-READONLY You can't write against a read only replica."),
        action::reconnect
    );
    EXPECT_EQ(
        classify("ERR Error running script (call to f_8f3b): @user_script:7: -OOM command not "
                 "allowed when used memory > 'maxmemory'."),
        action::out_of_memory
    );
    EXPECT_EQ(
        classify("ERR Error running script (call to f_1): @user_script:7: -NOSCRIPT No "
                 "matching script."),
        action::load_script
    );
    EXPECT_EQ(
        classify("ERR Error running script (call to f_1): @user_script:7: x -1 -READONLY y"),
        action::reconnect
    );
    EXPECT_EQ(
        classify("ERR Error running script (call to f_1): @user_script:7: -WRONGTYPE x"),
        action::surface
    );
    // Only there: a text that mentions one by chance is not one.
    EXPECT_EQ(classify("ERR value -READONLY"), action::surface);
    EXPECT_EQ(error_word("ERR Error running script (call to f_1): -READONLY x"), "READONLY");
    EXPECT_EQ(error_word("WRONGTYPE Operation"), "WRONGTYPE");
}

}  // namespace
