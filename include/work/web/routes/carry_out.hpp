// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/admin.hpp>
#include <work/inspector.hpp>
#include <work/web/service.hpp>

#include <string>
#include <utility>
#include <vector>

namespace work::web {

/// Does that to some jobs; `queue`: where `move` moves them.
inline task<std::vector<admin_result>> carry_out(
    service& at,
    admin_action action,
    std::vector<std::string> ids,
    admin_options how,
    std::string queue = {}
)
{
    switch (action) {
    case admin_action::requeue: return at.look.requeue(std::move(ids), how);
    case admin_action::kill: return at.look.kill(std::move(ids), how);
    case admin_action::remove: return at.look.remove(std::move(ids), how);
    case admin_action::move: return at.look.move(std::move(ids), std::move(queue), how);
    case admin_action::cancel: break;
    }
    return at.look.cancel(std::move(ids), how);
}

}  // namespace work::web
