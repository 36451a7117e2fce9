-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- An enqueue of one plain job, into a list that is known, not paused, under no limit, and of
--- a queue without a bound.
if #ARGV == 12 and ARGV[4] == 'J' and ARGV[6] == '1' and ARGV[9] == 'L' then
  local K, look, list = KEYS[1], redis.pcall, ARGV[10]
  local now = math.floor(us / 1000)
  local name = string.match(list, ':(.+)$')
  local wake = K .. 'wake:*' .. (name or list)
  local key = K .. 'producer:' .. ARGV[1] .. ':' .. tonumber(ARGV[2]) % policy.stored_batches
  local before = look('MGET', key, K .. 'bounds')
  local last = before[1] and tonumber(string.match(before[1], '^(%d+) '))
  local queue = string.match(list, '^([^:]+):.') or list
  local bounded = before[2] and string.find(before[2], '\n' .. queue .. ' ', 1, true)
  local woken = look('LLEN', wake)
  local used = look('ZMSCORE', K .. 'lists', list, '!' .. list, '!{' .. list, '!|' .. list)
  local listened = used[2] and K .. 'wake:' .. list
  local heard = listened and look('LLEN', listened)
  if (not last or last < tonumber(ARGV[2])) and not bounded
      and type(woken) == 'number' and used[1] and not used[3] and not used[4]
      and (not listened or type(heard) == 'number')
      and (not name or type(look('SADD', K .. 'queues:' .. name, list)) == 'number')
      and type(look('HSET', K .. 'jobs:' .. ARGV[5], ARGV[7], ARGV[8])) == 'number'
      and type(look('SADD', K .. 'ready', list, name and '*' .. name or list)) == 'number' then
    local length = look('RPUSH', K .. 'list:' .. list, ARGV[12])
    if type(length) == 'number' then
      if length == 1 and math.abs(tonumber(used[1]) - now) > policy.ms_per_hour then
        redis.call('ZADD', K .. 'lists', string.format('%d', now), list)
      end
      if woken == 0 then redis.call('RPUSH', wake, '1') end
      if length == 1 and heard == 0 then redis.call('RPUSH', listened, '1') end
      redis.call('SET', key, ARGV[2] .. ' ', 'PX', ARGV[3])
      return {now, 0, ''}
    end
  end
end
