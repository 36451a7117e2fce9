-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- What pools counted of the jobs they ran, as words of an exchange: by list, then by name for the
--- day. What is counted for the first time is known, so that it is forgotten one day. Returns where
--- the words go on.
local function count(at)
  local lists, days
  -- Adds numbers to fields of a hash: so many fields, then their numbers. Which of them are new,
  -- and where the words go on. A number may be below zero: what was counted was not taken.
  local function add(key, at)
    local k, fresh = tonumber(ARGV[at]), {}
    for from = at + 1, at + k, 4000 do
      local to = math.min(from + 3999, at + k)
      local was, set, gone = call('HMGET', key, unpack(ARGV, from, to)), {}, {}
      for j = from, to do
        local more, old = ARGV[j + k], was[j - from + 1]
        local sum = num(old) + more
        if sum > 0 then
          set[#set + 1] = ARGV[j]
          set[#set + 1] = old and string.format('%.0f', sum) or more
          if not old then fresh[#fresh + 1] = ARGV[j] end
        elseif old then
          gone[#gone + 1] = ARGV[j]
        end
      end
      in_steps(#set, function(a, b) call('HSET', key, unpack(set, a, b)) end)
      if #gone > 0 then call('HDEL', key, unpack(gone)) end
    end
    return fresh, at + 1 + 2 * k
  end
  lists, at = add(K .. 'stats', at)
  for j, field in ipairs(lists) do lists[j] = string.match(field, '^[^ ]+') end
  in_steps(#lists, function(a, b)
    local known, used = call('ZMSCORE', K .. 'lists', unpack(lists, a, b)), {}
    for j = a, b do
      if not known[j - a + 1] then
        used[#used + 1] = int(now)
        used[#used + 1] = lists[j]
        rare()
        gate.met(lists[j])
      end
    end
    if #used > 0 then call('ZADD', K .. 'lists', unpack(used)) end
  end)
  local day = K .. 'stats:' .. int(math.floor(now / policy.ms_per_day))
  days, at = add(day, at)
  if #days > 0 then redis.call('PEXPIRE', day, '7862400000') end
  return at
end
