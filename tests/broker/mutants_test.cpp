// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Mistakes in the scripts that random sequences meet too seldom: tests of the transitions have to
// notice each of them. They are run once more, by a program whose scripts have it.

#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

#include "support/broker_subject.hpp"

namespace {

using namespace work_test;

struct seldom_mutation
{
    script_mutation what;
    std::string_view noticed_by;  ///< the suite `on/<this>`, on Redis

    friend void PrintTo(seldom_mutation const& one, std::ostream* out) { *out << one.what.name; }
};

constexpr seldom_mutation seldom_mutations[] = {
    {{"a_dead_job_is_replaced", "return set ~= 'dead' and set or nil", "return set"}, "unique_jobs"
    },
    {{"a_job_of_a_large_claim_is_replaced", "if in_large_claim(id) ~= false then return nil end", ""
     },
     "unique_jobs"},
    {{"a_lock_outlives_a_dead_job",
      "    holdings.release(id, env, 'dead')\n    return",
      "    return"},
     "unique_jobs"},
    {{"a_cron_entry_fires_twice",
      "revision ~= ARGV[2] or at ~= ARGV[3] then",
      "revision ~= ARGV[2] then"},
     "crons"},
    {{"a_cron_entry_is_changed_that_moved_on",
      "if revision ~= ARGV[3] or at ~= ARGV[4] then",
      "if revision ~= ARGV[3] then"},
     "crons"},
    {{"a_changed_cron_entry_fires", "if not before or revision ~= ARGV[2] or", "if not before or"},
     "crons"},
    {{"a_removed_cron_entry_is_due",
      "call('ZREM', K .. 'crons_due', name)\n  redis.call",
      "redis.call"},
     "crons"},
    {{"a_pause_leaves_ready_alone", "if #closed > 0 then note_emptied(closed) end", ""}, "pause"},
    {{"dead_on_crash_is_forgotten", "dead_lists[part.list] = true", ""}, "reaping"},
    {{"an_edit_of_bytes_that_nobody_saw", "version_of(env) == ARGV[2]", "true"}, "editing"},
    {{"an_extended_job_keeps_its_time", "    enter(id, nil, 'scheduled', due)\n    code", "    code"
     },
     "unique_jobs"},
    {{"a_paused_list_is_claimed_from", "marks[1] and gate.is_paused(list)", "false"}, "pause"},
    {{"a_pause_ends_for_both", "elseif was_paused and not paused then", "elseif was_paused then"},
     "pause"},
    {{"a_paused_list_gets_ready",
      "mixed[list] = true end\n      if not gate.shut[list] then",
      "mixed[list] = true end\n      if true then"},
     "pause"},
    {{"a_write_is_not_looked_at_before", "local bad, why = refused_of(all)", "local bad, why"},
     "writes"},
    {{"a_ghost_is_dropped", "if env and ghosts <= 0 then", "if env then"}, "bounds"},
};

class seldom_mutants : public testing::TestWithParam<seldom_mutation>
{};

TEST_P(seldom_mutants, are_caught)
{
    seldom_mutation const& mutant = GetParam();
    setenv("WORK_MUTANT_FROM", std::string(mutant.what.from).c_str(), 1);
    setenv("WORK_MUTANT_TO", std::string(mutant.what.to).c_str(), 1);
    std::string const command = "/proc/" + std::to_string(getpid()) +
                                "/exe --gtest_fail_fast --gtest_brief=1 --gtest_filter='on/" +
                                std::string(mutant.noticed_by) + ".*/redis' 2>&1";
    FILE* const output = popen(command.c_str(), "r");
    unsetenv("WORK_MUTANT_FROM");
    unsetenv("WORK_MUTANT_TO");
    ASSERT_NE(output, nullptr);
    std::string said;
    char line[512];
    while (std::fgets(line, sizeof line, output) != nullptr)
        said += line;
    pclose(output);
    EXPECT_NE(said.find("[  FAILED  ] on/"), said.npos)
        << "nothing noticed that " << mutant.what.name << "\n"
        << said;
}

INSTANTIATE_TEST_SUITE_P(
    scripts,
    seldom_mutants,
    testing::ValuesIn(seldom_mutations),
    [](auto const& mutant) { return std::string(mutant.param.what.name); }
);

}  // namespace
