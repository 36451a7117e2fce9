// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/exchange.hpp>
#include <work/broker/records.hpp>
#include <work/build_config.hpp>
#include <work/redis/command.hpp>
#include <work/redis/connection.hpp>
#include <work/redis/reply.hpp>
#include <work/task.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace work::redis_codec {

// Scripts answer large jobs by their heads (`values/envelope_parts.hpp`). Their bodies are read
// after them by plain commands, which cost a server a copy, on the connection for large values.

/// Which of the claimed jobs came without their records, for these are long; by their index.
WORK_DECL std::vector<std::size_t> jobs_without_record(exchange_answer const& answer);

/// One HMGET for each run of them that lies in one segment.
WORK_DECL redis::command read_records(
    std::string_view prefix,
    exchange_answer const& answer,
    std::vector<std::size_t> const& indexes
);

/// Gives the jobs their records. One whose record is gone has none, which no pool takes for a job.
WORK_DECL void attach_records(
    exchange_answer& answer,
    std::vector<std::size_t> const& indexes,
    std::vector<redis::reply> records
);

/// Which of the claimed jobs lack their body, by their index.
WORK_DECL std::vector<std::size_t> jobs_without_body(exchange_answer const& answer);

/// One HGET for each of them.
WORK_DECL redis::command read_bodies(
    std::string_view prefix,
    exchange_answer const& answer,
    std::vector<std::size_t> const& indexes
);

/// Gives the jobs their bodies. One whose body is gone stays a head, which no pool takes for a job.
WORK_DECL void attach_bodies(
    exchange_answer& answer,
    std::vector<std::size_t> const& indexes,
    std::vector<redis::reply> const& bodies
);

/// Again until it is answered, for what was claimed is there. Errors: errc::closed.
WORK_DECL task<std::vector<redis::reply>> read_until_answered(
    redis::connection& connection,
    redis::command reads
);

/// All that is missing: records by the first connection, bodies by the second.
/// Errors: errc::closed.
WORK_DECL task<void> attach_missing(
    redis::connection& of_records,
    redis::connection& of_bodies,
    std::string_view prefix,
    exchange_answer& answer
);

/// Whether this is a head whose body can be read.
WORK_DECL bool lacks_body(job_record const& record);
WORK_DECL redis::command read_body(std::string_view prefix, std::string_view id);
WORK_DECL void attach_body(job_record& record, redis::reply const& body);

}  // namespace work::redis_codec

#ifdef WORK_HEADER_ONLY
#include <work/broker/redis/bodies.ipp>
#endif
