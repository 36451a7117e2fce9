// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

/// \file
/// What a file needs that defines jobs and their options; it knows neither Asio nor Redis.
///
///     struct send_email {
///         std::int64_t user_id;
///         std::string address;
///     };
///     BOOST_DESCRIBE_STRUCT(send_email, (), (user_id, address))

#include <work/error.hpp>
#include <work/values/as_argument.hpp>
#include <work/values/backoff.hpp>
#include <work/values/job_name.hpp>
#include <work/values/job_options.hpp>
#include <work/values/options.hpp>
#include <work/values/unique.hpp>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>
