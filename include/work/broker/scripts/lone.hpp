// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string_view>

namespace work::scripts {

// What a quiet service does most, without a function or a table that is not needed: each stands
// before its general script, takes what is as plain as can be, and leaves everything else to it.
// They read everything before they change anything that the general script would change twice, and
// change the same. After some milliseconds without work every kind of command costs about 4 us of
// cache misses, and one more of the same kind next to nothing: so they use few kinds.

/// An enqueue of one plain job into a list that was used before.
inline constexpr std::string_view lone_enqueue = R"lua(
if #ARGV == 12 and ARGV[4] == 'J' and ARGV[6] == '1' and ARGV[9] == 'L' then
  local K, look, list = KEYS[1], redis.pcall, ARGV[10]
  local wake = K .. 'wake:' .. list
  local key = K .. 'producer:' .. ARGV[1] .. ':' .. tonumber(ARGV[2]) % 2
  local last = look('GET', key)
  if last and type(last) == 'string' then last = tonumber(string.match(last, '^(%d+) ')) end
  local hinted = look('LLEN', wake)
  if (not last or type(last) == 'number' and last < tonumber(ARGV[2]))
      and type(hinted) == 'number' and look('SISMEMBER', K .. 'lists', list) == 1
      and type(look('HSET', K .. 'jobs:' .. ARGV[5], ARGV[7], ARGV[8])) == 'number'
      and type(look('SADD', K .. 'ready', list)) == 'number'
      and type(look('RPUSH', K .. 'list:' .. list, ARGV[12])) == 'number' then
    if hinted == 0 then redis.call('RPUSH', wake, '1') end
    redis.call('SET', key, ARGV[2] .. ' ', 'PX', ARGV[3])
    return {math.floor(us / 1000), 0, ''}
  end
end
)lua";

/// An exchange without words that asks for jobs of some lists, of which one holds a single job,
/// while nothing is due, lapsed, suspect or cancelled. ARGV as for the exchange.
inline constexpr std::string_view lone_claim = R"lua(
if ARGV[7] == 'L' and tonumber(ARGV[5]) > 0 and not string.find(ARGV[4], '[cd]') then
  local K, look, pool, lists, dead = KEYS[1], redis.pcall, ARGV[1], {}, {}
  for i = 7, #ARGV, 4 do
    local crash = ARGV[i + 3] == '1'
    if ARGV[i] ~= 'L' or ARGV[i + 2] == '0' and not crash then lists = {} break end
    if crash then dead[ARGV[i + 1]] = true end
    if ARGV[i + 2] ~= '0' then lists[#lists + 1] = ARGV[i + 1] end
  end
  local list = lists[1]
  if lists[2] then
    local ready = look('SMISMEMBER', K .. 'ready', unpack(lists))
    list = nil
    for i = 1, #lists do
      if ready[i] == 1 then
        if list and list ~= lists[i] then list = nil break end
        list = lists[i]
      end
    end
  end
  local ids = list and look('LRANGE', K .. 'list:' .. list, '0', '1') or {}
  local id = ids[1]
  local part = id and not ids[2] and #id == 22 and string.sub(id, 12, 13)
  if part and string.find(part, '^[0-9A-HJKMNP-TV-Z][0-9A-HJKMNP-TV-Z]$') then
    local now, lease = math.floor(us / 1000), tonumber(ARGV[3])
    local leases, answers = K .. 'leases', K .. 'pool:' .. pool
    local slot = 'x' .. tonumber(ARGV[2]) % 3
    local last = look('HMGET', answers, slot)
    last = last.err or last[1]
    if last then last = tonumber(string.match(last, '^(%d+)|')) or us end
    local clock = look('HMGET', K .. 'clock', 'fence', 'beat', 'grace', 'lists', 'lease')
    local beat, grace = tonumber(clock[2]), tonumber(clock[3] or 0)
    local longest = math.max(tonumber(clock[5] or 0) or 0, lease)
    local outage = beat and (now - beat > lease / 2 or now < beat - 1000)
    if outage then grace = now + longest end
    local first = look('ZRANGE', leases, '0', '0', 'WITHSCORES')
    local first_ms = tonumber(first[2] or now + lease)
    local later = look('ZRANGE', K .. 'scheduled', '0', '0', 'WITHSCORES')
    local again = look('ZRANGE', K .. 'retry', '0', '0', 'WITHSCORES')
    local due = math.min(tonumber(later[2]) or math.huge, tonumber(again[2]) or math.huge)
    local calm = due > now
    if string.find(ARGV[4], 'w', 1, true) then
      local alarm = look('HMGET', K .. 'alarm', 'holder', 'backup')
      calm = due == math.huge and not (alarm.err or alarm[1] == pool or alarm[2] == pool)
    end
    local env = look('HMGET', K .. 'jobs:' .. part, id)[1]
    if calm and env and (#env <= 1024 or #env <= 1048576 and not string.find(env, '^1 [13579BDF]'))
        and (not last or last < tonumber(ARGV[2]))
        and tonumber(clock[1]) and beat and beat > 0 and grace
        and not first.err and (first_ms > now or grace > now)
        and not (later.err or again.err)
        and look('EXISTS', K .. 'suspects', K .. 'cancels:' .. pool, K .. 'ghosts:' .. list,
          K .. 'prio:' .. list) == 0
        and type(look('SREM', K .. 'ready', list)) == 'number' then
      local claim = string.format('%d', math.max(tonumber(clock[1]) + 1, us))
      redis.call('LPOP', K .. 'list:' .. list)
      redis.call('SET', K .. 'claim:' .. claim, pool .. ' j 0 ' .. (dead[list] and list or '%') ..
        '\n,' .. id .. ',')
      redis.call('ZADD', leases, string.format('%d', now + lease), claim)
      redis.call('HSET', answers, slot, ARGV[2] .. '||' .. claim .. '|0|')
      redis.call('HSET', K .. 'clock', 'fence', claim, 'beat', string.format('%d', now))
      if outage or tonumber(clock[5]) ~= longest then
        redis.call('HSET', K .. 'clock', 'grace', string.format('%d', grace), 'lease',
          string.format('%d', longest))
      end
      local lapse = math.min(math.max(math.min(first_ms, now + lease), grace),
        now + math.floor(lease / 3))
      return {now, 0, '', {}, claim, 0, due < math.huge and due or 0, lapse, 0, 0,
        tonumber(clock[4] or 0), {}, {}, {}, {id, env}}
    end
  end
end
)lua";

}  // namespace work::scripts
