-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- The chores and the answer, behind `exchange_sweep`.
if string.find(modes, 'c', 1, true) then
  rare()
  if call('SISMEMBER', K .. 'pools', owner) == 0 then
    about_pool = 1
    call('ZADD', K .. 'absent', int(now), owner)
  end
  local far = call('ZREVRANGE', leases, 0, policy.cut_leases - 1, 'WITHSCORES')
  for j = 1, #far, 2 do
    local ends = tonumber(far[j + 1])
    local lease = ends > now + 2 * LEASE_MIN and lease_of(far[j])
    if lease and ends > now + 2 * lease then call('ZADD', leases, int(now + lease), far[j]) end
  end
  call('ZREMRANGEBYSCORE', K .. 'deaths', '-inf', int(now - policy.ms_per_day))
  local known = call('ZRANGEBYSCORE', K .. 'traces', '-inf', int(now), 'LIMIT', '0',
    'policy.forgotten_traces')
  if #known > 0 then call('ZREM', K .. 'traces', unpack(known)) end
  if #known == policy.forgotten_traces then more = 1 end
  if forget_idle() then about_pool = about_pool + 2 end
  holdings.sweep()
  holdings.sweep_needs()
  holdings.trim_flows()
  slots.sweep()
  if sweep_step and sweep_step() then about_pool = about_pool + 4 end
  note_ready()
  wake_woken()
end
-- A sweep begins, and goes on, with the next chores.
if (clock[5] or is_astray) and about_pool < 2 then about_pool = about_pool + 2 end
if not clock[7] then call('HSET', K .. 'broker', 'layout', 'policy.layout') end
if from ~= num(clock[3]) or till ~= num(clock[4]) then
  call('HSET', K .. 'broker', 'fence', int(fence), 'last_exchange', int(now),
    'from', int(from), 'until', int(till))
elseif fence ~= num(clock[1]) or not clock[1] then
  call('HSET', K .. 'broker', 'fence', int(fence), 'last_exchange', int(now))
else
  call('HSET', K .. 'broker', 'last_exchange', int(now))
end
-- When to come back for leases: often enough that no lease runs out unseen for half its length.
local lapse = 0
if first[1] then
  lapse = tonumber(first[2])
  local soon = now + math.floor(lease_ms / 3)
  if lapse < soon then soon = now + math.floor((lease_of(first[1]) or lease_ms) / 3) end
  lapse = math.min(lapse, soon)
end
-- Of what was cancelled or killed, its word that says so.
local told = {}
for _, c in ipairs(orders) do
  local n, id = string.match(c, '^(%d+) (.*)$')
  local env = n ~= '0' and call('HGET', record_key(id), id)
  local why = env and cancel_word(env)
  told[#told + 1] = n
  told[#told + 1] = id
  told[#told + 1] = why or ''
end
return {now, repeated == 1 and 1 + had or 0, table.concat(codes), lost, claim or '0', suspects,
  due or 0, lapse, alarm, more, about_pool, told, left, notes, jobs}
