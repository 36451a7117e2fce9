// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string>

namespace work {

/// One file of a web UI. A server gives it out as it is: gzipped to those who take that.
struct web_file
{
    std::string name;  ///< "": the page itself, at /; else /ui/`name`, of [A-Za-z0-9._-]
    std::string content_type;
    std::string bytes;
    std::string gzipped{};  ///< "": it is given as `bytes` to all
    std::string etag;       ///< with its quotes; another one whenever `bytes` are others
};

}  // namespace work
