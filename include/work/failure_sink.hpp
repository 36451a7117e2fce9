// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/events.hpp>
#include <work/task.hpp>

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace work {

namespace detail {
WORK_DECL task<void> store_failure(std::shared_ptr<erased_hook> store, event_info const& what);
}

/// Hands dead jobs to a store of your own, say a table: what `store` throws makes it called again,
/// up to five times within nine seconds. What fails for good is logged.
///
///     auto const store = [&](work::event_info const& e) -> work::task<void> {
///         co_await db.execute("insert into failures …", e.job, e.fence, e.name, e.args);
///     };
///     pool.on(work::event::dead, work::failure_sink{store});
///
/// The same job may come twice, so let the store take a second one for the first: by `job` and
/// `fence`.
class failure_sink
{
public:
    template <typename Store>
        requires(!std::same_as<Store, failure_sink> && event_hook<Store>)
    explicit failure_sink(Store store)
        : store_(std::make_shared<detail::erased_hook>(detail::erase_hook(std::move(store))))
    {}

    task<void> operator()(event_info const& what) const
    {
        return detail::store_failure(store_, what);
    }

private:
    std::shared_ptr<detail::erased_hook> store_;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/failure_sink.ipp>
#endif
