// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/web/options.hpp>
#include <work/web/request.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace work::web {

/// Which requests are let in at all, before it is asked who sends them and what for. A browser is
/// everyone's: a page elsewhere must not reach a server on loopback through it, by another name for
/// the address (Host), by a form or a script (Sec-Fetch-Site, Origin, Content-Type), nor must a
/// proxy hand on strangers as if they were local.
class guard
{
public:
    WORK_DECL explicit guard(web_options const& options);

    /// Errors: `problem` 403 bad-host, cross-site or forbidden, 415 media-type
    WORK_DECL void check(web_request const& request) const;

private:
    WORK_DECL void check_host(web_request const& request) const;
    WORK_DECL void check_origin(web_request const& request) const;
    WORK_DECL void check_media(web_request const& request) const;

    std::vector<std::string> hosts_;
    bool credentials_;
    bool insecure_;
};

/// The name in a Host field, in lower case, without port and brackets; "" where it is none.
WORK_DECL std::string host_name(std::string_view field);
/// localhost, 127.0.0.0/8, ::1.
WORK_DECL bool is_loopback_name(std::string_view name);

}  // namespace work::web

#ifdef WORK_HEADER_ONLY
#include <work/web/guard.ipp>
#endif
