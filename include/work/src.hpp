// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

/// \file
/// Every definition that need not be a template. Include it in exactly one source file of a program
/// that defines WORK_SEPARATE_COMPILATION; with CMake, link work::compiled instead.

#ifndef WORK_SEPARATE_COMPILATION
#error "Define WORK_SEPARATE_COMPILATION in every source file, or don't include <work/src.hpp>."
#endif

#include <work/impl/broker/memory_broker.ipp>
#include <work/impl/broker/memory_claimer.ipp>
#include <work/impl/broker/memory_data.ipp>
#include <work/impl/broker/memory_dump.ipp>
#include <work/impl/broker/memory_exchange.ipp>
#include <work/impl/broker/memory_reaper.ipp>
#include <work/impl/broker/memory_records.ipp>
#include <work/impl/broker/memory_state.ipp>
#include <work/impl/broker/memory_store.ipp>
#include <work/impl/broker/memory_words.ipp>
#include <work/impl/broker/redis_bodies.ipp>
#include <work/impl/broker/redis_broker.ipp>
#include <work/impl/broker/redis_codec.ipp>
#include <work/impl/client.ipp>
#include <work/impl/client_options.ipp>
#include <work/impl/context.ipp>
#include <work/impl/enqueuer.ipp>
#include <work/impl/error.ipp>
#include <work/impl/inspector.ipp>
#include <work/impl/log.ipp>
#include <work/impl/pool/answers.ipp>
#include <work/impl/pool/core.ipp>
#include <work/impl/pool/deadlines.ipp>
#include <work/impl/pool/exchanger.ipp>
#include <work/impl/pool/handler.ipp>
#include <work/impl/pool/keeper.ipp>
#include <work/impl/pool/keeper_blocked.ipp>
#include <work/impl/pool/lists.ipp>
#include <work/impl/pool/plan.ipp>
#include <work/impl/pool/producer.ipp>
#include <work/impl/pool/slot.ipp>
#include <work/impl/pool/stopper.ipp>
#include <work/impl/pool/verdict.ipp>
#include <work/impl/pool/waiter.ipp>
#include <work/impl/pool/workers.ipp>
#include <work/impl/pool_options.ipp>
#include <work/impl/printable.ipp>
#include <work/impl/q.ipp>
#include <work/impl/redis/config.ipp>
#include <work/impl/redis/error_table.ipp>
#include <work/impl/redis/handshake.ipp>
#include <work/impl/redis/lane.ipp>
#include <work/impl/redis/lane_connect.ipp>
#include <work/impl/redis/lane_core.ipp>
#include <work/impl/redis/lane_link.ipp>
#include <work/impl/redis/reply.ipp>
#include <work/impl/redis/resp.ipp>
#include <work/impl/redis/script.ipp>
#include <work/impl/redis/script_runner.ipp>
#include <work/impl/redis/sha1.ipp>
#include <work/impl/redis/subscriber.ipp>
#include <work/impl/redis/transport.ipp>
#include <work/impl/values/args_parser.ipp>
#include <work/impl/values/arguments.ipp>
#include <work/impl/values/backoff.ipp>
#include <work/impl/values/check_option.ipp>
#include <work/impl/values/decode_report.ipp>
#include <work/impl/values/decode_scalars.ipp>
#include <work/impl/values/duration.ipp>
#include <work/impl/values/encode.ipp>
#include <work/impl/values/envelope.ipp>
#include <work/impl/values/envelope_parts.ipp>
#include <work/impl/values/failure.ipp>
#include <work/impl/values/id.ipp>
#include <work/impl/values/job_options.ipp>
#include <work/impl/values/json_path.ipp>
#include <work/impl/values/make_job.ipp>
#include <work/impl/values/member_rules.ipp>
#include <work/impl/values/name.ipp>
#include <work/impl/values/nearest.ipp>
#include <work/impl/values/options.ipp>
#include <work/impl/values/progress.ipp>
#include <work/impl/values/stored_options.ipp>
#include <work/impl/values/text.ipp>
#include <work/impl/values/time.ipp>
#include <work/impl/worker_pool.ipp>
