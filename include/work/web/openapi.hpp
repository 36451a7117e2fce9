// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <string>

namespace work::web {

/// The OpenAPI 3.1 document of `all_routes()`.
WORK_DECL std::string const& openapi_document();

}  // namespace work::web

#ifdef WORK_HEADER_ONLY
#include <work/web/openapi.ipp>
#include <work/web/schemas.ipp>
#endif
