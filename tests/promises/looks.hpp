// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "support/redis_server.hpp"

namespace promises {

// What Redis holds at one moment, read by scripts of the tests' own: not what the library says.

/// The integer that a script returns. It has no line breaks, and no double quotes.
inline std::int64_t look(work::testing::redis_server const& server, std::string const& script)
{
    std::string const reply = server.ask("EVAL \"" + script + "\" 0");
    if (reply.empty() || reply.front() != ':')
        throw std::runtime_error("a look at Redis failed: " + reply);
    return std::stoll(reply.substr(1));
}

/// Of the key that most jobs have a lock of, until they have ended: how many there are.
inline std::int64_t most_of_a_key(work::testing::redis_server const& server)
{
    return look(
        server,
        "local most, seen, at = 0, {}, '0' "
        "repeat "
        "  local page = redis.call('SCAN', at, 'MATCH', 'work:{t}:jobs:*', 'COUNT', 1000) "
        "  at = page[1] "
        "  for _, key in ipairs(page[2]) do "
        "    for _, record in ipairs(redis.call('HVALS', key)) do "
        "      local lock = string.match(record, ' u=[uf](%w+)') "
        "      if lock then "
        "        seen[lock] = (seen[lock] or 0) + 1 "
        "        most = math.max(most, seen[lock]) "
        "      end "
        "    end "
        "  end "
        "until at == '0' "
        "return most"
    );
}

/// How many jobs are in claims that have a lease, whatever is said of slots.
inline std::int64_t jobs_under_leases(work::testing::redis_server const& server)
{
    return look(
        server,
        "local n, p = 0, 'work:{t}:' "
        "for _, c in ipairs(redis.call('ZRANGE', p .. 'leases', 0, -1)) do "
        "  local claim = redis.call('GET', p .. 'claim:' .. c) or '' "
        "  local runs = string.match(claim, '^%S+ [jsi] .*$') or '' "
        "  for id in string.gmatch(string.match(runs, ',.*$') or '', '[^,]+') do "
        "    local record = redis.call('HEXISTS', p .. 'jobs:' .. string.sub(id, 12, 13), id) "
        "    if record == 1 and redis.call('SISMEMBER', p .. 'left:' .. c, id) == 0 then "
        "      n = n + 1 "
        "    end "
        "  end "
        "end "
        "return n"
    );
}

}  // namespace promises
