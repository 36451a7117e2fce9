-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- An enqueue of plain jobs into one list that is known, not paused, under no limit, and of a queue
--- without a bound: what most batches are. What does not go so changes nothing that the general way
--- does not do once more.
if ARGV[4] == 'J' then
  local last, records = #ARGV, {}
  local i = 4
  while ARGV[i] == 'J' do
    records[#records + 1] = i
    i = i + 3 + 2 * tonumber(ARGV[i + 2])
  end
  local count = i < last and ARGV[i] == 'L' and tonumber(ARGV[i + 2])
  if count and i + 2 + count == last and last < 4000 then
    local K, look, list = KEYS[1], redis.pcall, ARGV[i + 1]
    local now = math.floor(us / 1000)
    local name = string.match(list, ':(.+)$')
    local wake = K .. 'wake:*' .. (name or list)
    local key = K .. 'producer:' .. ARGV[1] .. ':' .. tonumber(ARGV[2]) % policy.stored_batches
    local before = look('MGET', key, K .. 'bounds')
    local was = before[1] and tonumber(string.match(before[1], '^(%d+) '))
    local queue = string.match(list, '^([^:]+):.') or list
    local bounded = before[2] and string.find(before[2], '\n' .. queue .. ' ', 1, true)
    local woken = look('LLEN', wake)
    local used = look('ZMSCORE', K .. 'lists', list, '!' .. list, '!{' .. list, '!|' .. list)
    local listened = used[2] and K .. 'wake:' .. list
    local heard = listened and look('LLEN', listened)
    if (not was or was < tonumber(ARGV[2])) and not bounded
        and type(woken) == 'number' and used[1] and not used[3] and not used[4]
        and (not listened or type(heard) == 'number')
        and (not name or type(look('SADD', K .. 'queues:' .. name, list)) == 'number') then
      local stored = true
      for _, j in ipairs(records) do
        stored = stored and type(look('HSET', K .. 'jobs:' .. ARGV[j + 1],
          unpack(ARGV, j + 3, j + 2 + 2 * tonumber(ARGV[j + 2])))) == 'number'
      end
      local length = stored
        and type(look('SADD', K .. 'ready', list, name and '*' .. name or list)) == 'number'
        and look('RPUSH', K .. 'list:' .. list, unpack(ARGV, i + 3, last))
      if type(length) == 'number' then
        if length == count and math.abs(tonumber(used[1]) - now) > policy.ms_per_hour then
          redis.call('ZADD', K .. 'lists', string.format('%d', now), list)
        end
        if woken == 0 then redis.call('RPUSH', wake, '1') end
        if length == count and heard == 0 then redis.call('RPUSH', listened, '1') end
        redis.call('SET', key, ARGV[2] .. ' ', 'PX', ARGV[3])
        return {now, 0, ''}
      end
    end
  end
end
