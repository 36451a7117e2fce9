-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Which pools and lists there are, and how they are forgotten: in small steps, without anybody who
--- looks through all.
---
--- `pools` has those that wakeups are drawn among. One whose status is gone is dropped from it by
--- the draw that meets it, and remembered in `absent`, with what others may still need of it, for
--- an hour. A list that holds no job is dropped a day after its last use, and its numbers are added
--- to those of `*`.
drop_pools = function(gone)
  local at = {}
  for _, p in ipairs(gone) do
    at[#at + 1] = int(now)
    at[#at + 1] = p
  end
  call('SREM', K .. 'pools', unpack(gone))
  call('ZADD', K .. 'absent', unpack(at))
  local a = call('HMGET', K .. 'alarm', 'holder', 'backup')
  for _, p in ipairs(gone) do
    if a[1] == p then call('HDEL', K .. 'alarm', 'holder', 'holder_at') end
    if a[2] == p then call('HDEL', K .. 'alarm', 'backup', 'backup_at') end
  end
end
-- Some pools, drawn by lot, into those that live; how many of them do not.
local function draw_pools(size, living)
  local gone = {}
  for _, p in ipairs(call('SRANDMEMBER', K .. 'pools', int(size))) do
    local to = redis.call('EXISTS', status_key(p)) == 1 and living or gone
    to[#to + 1] = p
  end
  if #gone > 0 then drop_pools(gone) end
  return #gone
end
-- Up to n pools that live. The dead are cleared away as they are met, a few thousand at most.
some_pools = function(n, except)
  local found, looked, size = {}, 0, 8
  repeat
    local living = {}
    local gone = draw_pools(size, living)
    looked, size = looked + #living + gone, 256
    for _, p in ipairs(living) do
      if #found < n and p ~= except and not found[p] then
        found[#found + 1] = p
        found[p] = true
      end
    end
  until #found >= n or gone == 0 or looked > 4096
  return found
end
local function forget_pools()
  draw_pools(policy.forgotten_pools, {})
  local old = call('ZRANGEBYSCORE', K .. 'absent', '-inf', int(now - policy.ms_per_hour), 'LIMIT',
    '0', 'policy.forgotten_pools')
  for _, p in ipairs(old) do
    if redis.call('EXISTS', status_key(p)) == 1 then
      call('ZADD', K .. 'absent', int(now), p)
    else
      redis.call('DEL', K .. 'pool:' .. p, K .. 'pool:' .. p .. '.heartbeat', K .. 'serves:' .. p,
        K .. 'wake:' .. p, K .. 'orders:' .. p)
      call('ZREM', K .. 'absent', p)
    end
  end
end
-- Members of `lists`; those that hold jobs stay, and are returned.
forget_those = function(idle)
  local used, dropped, wakes, fields, asked, held, gone = {}, {}, {}, {}, {}, {}, {}
  for _, list in ipairs(idle) do
    if string.byte(list) == 33 then
      dropped[#dropped + 1] = list
      local of = string.sub(list, 2)
      wakes[#wakes + 1] = K .. 'wake:' .. of
      listened[of] = nil
    elseif redis.call('EXISTS', K .. 'list:' .. list, K .. 'prio:' .. list) > 0 then
      used[#used + 1] = int(now)
      used[#used + 1] = list
      held[#held + 1] = list
    else
      dropped[#dropped + 1] = list
      gone[#gone + 1] = list
      wakes[#wakes + 1] = K .. 'wake:' .. list
      fields[#fields + 1] = list .. ' processed'
      fields[#fields + 1] = list .. ' failed'
      asked[#asked + 1] = name_of(list)
      asked[#asked + 1] = '*' .. name_of(list)
    end
  end
  if #used > 0 then call('ZADD', K .. 'lists', unpack(used)) end
  if #gone > 0 then slots.forget(gone) end
  for _, list in ipairs(gone) do
    local queue = gate.bounds.of(list)
    if queue then call('SREM', K .. 'bounded:' .. queue, list) end
  end
  if #fields > 0 then
    local sums, counted = {0, 0}, call('HMGET', K .. 'stats', unpack(fields))
    for i = 1, #fields do sums[2 - i % 2] = sums[2 - i % 2] + num(counted[i]) end
    if sums[1] > 0 then call('HINCRBY', K .. 'stats', '* processed', int(sums[1])) end
    if sums[2] > 0 then call('HINCRBY', K .. 'stats', '* failed', int(sums[2])) end
    call('HDEL', K .. 'stats', unpack(fields))
    local ready = call('SMISMEMBER', K .. 'ready', unpack(asked))
    for i = 1, #asked, 2 do
      if ready[i] == 0 and ready[i + 1] == 0 then
        wakes[#wakes + 1] = K .. 'wake:' .. asked[i + 1]
      end
    end
  end
  if #dropped > 0 then
    call('ZREM', K .. 'lists', unpack(dropped))
    redis.call('DEL', unpack(wakes))
  end
  return held
end
-- Whether there may be more.
local function forget_lists()
  local idle = call('ZRANGEBYSCORE', K .. 'lists', '-inf', '(' .. int(now - policy.ms_per_day),
    'LIMIT', '0', 'policy.forgotten_lists')
  if #idle > 0 then forget_those(idle) end
  return #idle == policy.forgotten_lists
end
forget_idle = function()
  forget_pools()
  return forget_lists()
end
