// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: a handler takes its arguments by value or by const reference

#include <work/worker_pool.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>

void serve(work::worker_pool& pool)
{
    pool.handle("a", [](work::context&, std::string&) -> work::task<void> { co_return; });
}
