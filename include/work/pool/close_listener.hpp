// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

namespace work::detail {

/// Who is told when a client is closed, on the client's thread.
class close_listener
{
public:
    virtual void client_closed() = 0;

protected:
    ~close_listener() = default;
};

}  // namespace work::detail
