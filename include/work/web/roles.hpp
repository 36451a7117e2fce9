// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/admin.hpp>
#include <work/error.hpp>
#include <work/values/text.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work::web {

/// What a route asks of who calls it.
enum class right : std::uint8_t {
    health,    ///< whether the server lives and is ready
    know,      ///< what this server is and offers
    look_up,   ///< one job, of a queue that the user may use
    enqueue,   ///< to store jobs in them
    see,       ///< all that is shown
    operate,   ///< cancel, requeue, kill, move
    destroy,   ///< delete
    run,       ///< claim jobs and report what became of them
    see_args,  ///< what jobs hold, wherever they are shown; `web_options::hide_args` takes it
    schedule,  ///< put and delete cron entries
    limit,     ///< set and remove limits and bounds
};

enum class role : std::uint8_t { metrics, viewer, producer, worker, operator_, admin };

struct role_rights
{
    std::string_view name;
    role which;
    std::uint32_t rights;
};

constexpr std::uint32_t bit(right one) noexcept
{
    return 1u << static_cast<unsigned>(one);
}

/// Each role, and all that it may.
inline constexpr std::array<role_rights, 6> roles{
    {{"metrics", role::metrics, bit(right::health)},
     {"viewer",
      role::viewer,
      bit(right::health) | bit(right::know) | bit(right::look_up) | bit(right::see) |
          bit(right::see_args)},
     {"producer",
      role::producer,
      bit(right::know) | bit(right::look_up) | bit(right::enqueue) | bit(right::see_args)},
     {"worker",
      role::worker,
      bit(right::know) | bit(right::look_up) | bit(right::enqueue) | bit(right::run) |
          bit(right::see_args)},
     {"operator",
      role::operator_,
      bit(right::health) | bit(right::know) | bit(right::look_up) | bit(right::see) |
          bit(right::operate) | bit(right::see_args)},
     {"admin", role::admin, 0xFFFFFFFFu}}
};

inline constexpr std::array<std::string_view, 11> right_names{
    "health",
    "know",
    "look_up",
    "enqueue",
    "see",
    "operate",
    "destroy",
    "run",
    "see_args",
    "schedule",
    "limit"
};

constexpr std::string_view to_string(right one) noexcept
{
    return right_names[static_cast<std::size_t>(one)];
}

constexpr right right_for(admin_action action) noexcept
{
    return action == admin_action::remove ? right::destroy : right::operate;
}

inline role_rights const* find_role(std::string_view name) noexcept
{
    auto const found = std::find_if(roles.begin(), roles.end(), [&](role_rights const& one) {
        return one.name == name;
    });
    return found == roles.end() ? nullptr : &*found;
}

}  // namespace work::web

namespace work {

/// Who asks, and what that one may.
struct web_user
{
    std::string name;
    std::uint32_t rights = 0;
    std::vector<std::string> roles;
    /// Where `bound`, the queues that the user may store in, run jobs of, and look at jobs of, but
    /// that who may see all that is shown sees all jobs.
    std::vector<std::string> queues;
    bool bound = false;
    int rate = 0;  ///< so many requests a second, and as many at once; 0: any number

    /// One with the rights of all of these roles.
    /// \par Errors errc::invalid_option for a role that there is not
    static web_user with(std::string name, std::vector<std::string> roles)
    {
        web_user one;
        one.name = std::move(name);
        for (std::string const& role : roles) {
            auto const found = web::find_role(role);
            if (found == nullptr)
                throw error(
                    errc::invalid_option,
                    "role is " + detail::quote(role) +
                        ", it must be metrics, viewer, producer, worker, operator or admin"
                );
            one.rights |= found->rights;
        }
        one.roles = std::move(roles);
        return one;
    }

    bool may(web::right one) const noexcept { return (rights & web::bit(one)) != 0; }
    bool may_use(std::string_view queue) const noexcept
    {
        return !bound || std::find(queues.begin(), queues.end(), queue) != queues.end();
    }
    bool may_look_into(std::string_view queue) const noexcept
    {
        return may(web::right::see) || may_use(queue);
    }
};

}  // namespace work
