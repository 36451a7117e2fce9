// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: the options of a job by position go behind it

#include <work/enqueuer.hpp>

work::task<void> produce(work::enqueuer& enqueuer)
{
    work::enqueue_options slow{.queue = "slow"};
    co_await enqueuer.enqueue("resize", 7, slow);
}
