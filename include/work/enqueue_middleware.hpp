// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/new_job.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace work {

/// Sees each job of an enqueuer before it is stored: may look at it, change its options, headers
/// and arguments, or refuse it by throwing, best a `veto`.
///
///     enqueuer.use([](work::new_job& job) {
///         if (job.options().headers.empty())
///             throw work::veto("a job without a tenant");
///         job.set_header("trace", current_trace());
///     });
using enqueue_middleware = std::function<void(new_job&)>;

/// Thrown by middleware: the job is not to be stored, and why. Who enqueues it gets this.
class veto : public error
{
public:
    explicit veto(std::string why) : error(errc::vetoed, std::move(why)) {}
};

namespace detail {

/// The layers of one enqueuer, in the order in which they see a job.
class enqueue_layers
{
public:
    void add(enqueue_middleware layer)
    {
        if (!layer)
            throw error(errc::invalid_option, "the middleware of an enqueuer is empty");
        layers_.push_back(std::move(layer));
    }
    void pass(new_job& job) const
    {
        for (enqueue_middleware const& layer : layers_)
            layer(job);
    }

private:
    std::vector<enqueue_middleware> layers_;
};

}  // namespace detail
}  // namespace work
