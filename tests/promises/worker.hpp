// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

namespace promises {

/// A worker process: `test_promises --worker url=… ns=… journal=… concurrency=… lease=… grace=…
/// names=…`. Runs until SIGTERM.
///
/// Its job types write '+' when they start and '-' when they end, or '!' when they were cancelled:
///   sleep(index, us)   waits on a timer
///   deaf(index, us)    the same, and no cancellation reaches it
///   spin(index, us)    keeps the processor
///   abort(index)       calls abort()
///   fail(index)        throws
///   forever(index)     keeps the thread for good
///   tick()             writes '+', and 0 as its index
/// With `once=1` also, dead after a crash:
///   once(index, us)    waits on a timer; the one with index 0 keeps the thread for good
/// `names=a,b` registers sleep jobs of these names instead. With `crons=1` it fires cron entries
/// beside its jobs, with `produce=…` it stores jobs (producing.hpp), and with `serve=no` it runs
/// none.
int worker_main(int argc, char** argv);

}  // namespace promises
