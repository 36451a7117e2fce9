// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/pool/history_writer.hpp>
#include <work/task.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work::web {

/// How long jobs of workers over HTTP waited and ran, by what they report through this server: it
/// writes their histories, as pools write their own.
///
/// \par Thread safety none; it lives on the server's executor.
class worker_times
{
public:
    worker_times(std::shared_ptr<broker> to, std::string writer)
        : broker_(std::move(to)),
          writer_(*broker_, std::move(writer))
    {}

    void add(std::string_view list, history_counts const& counts)
    {
        rows_[std::string(list)].add(counts);
    }
    /// Does not throw.
    static task<void> write(std::shared_ptr<worker_times> self, std::chrono::milliseconds deadline)
    {
        std::vector<history_row> rows;
        for (auto& [list, counts] : self->rows_)
            rows.push_back(history_row{list, counts});
        self->rows_.clear();
        self->writer_.add(std::move(rows), time_ms(*self->broker_));
        co_await self->writer_.write(deadline);
    }

private:
    std::shared_ptr<broker> broker_;
    detail::history_writer writer_;
    std::map<std::string, history_counts> rows_;
};

}  // namespace work::web
