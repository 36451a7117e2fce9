// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

/// \file
/// How the library is built into a program.
///
/// By default everything is inline. A program that defines WORK_SEPARATE_COMPILATION everywhere
/// compiles what need not be a template once, in one file that includes <work/src.hpp>.

#if defined(WORK_SEPARATE_COMPILATION)
#define WORK_DECL
#else
#define WORK_HEADER_ONLY
#define WORK_DECL inline
#endif

// g++ before 13 destroys an aggregate temporary inside a co_await expression twice
// (https://gcc.gnu.org/PR99576 and PR100611, fixed in 13). Where the bug is present, the calls
// that would run into it are deleted, so that they fail to compile instead of corrupting memory.
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
#define WORK_GCC_AWAIT_TEMPORARY_BUG
#endif
