#!lua flags=allow-oom
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- A pool is gone for good. Repeating it changes nothing.
---
--- KEYS[1] prefix
--- ARGV    pool, what it waited for: `*<name>` or lists
--- Reply   1
--- A wakeup the pool took and did not follow is given again; its alarm goes to another pool. What a
--- request of its that comes later writes is deleted with those that are absent.
--@ clock
--@ prelude
--@ transitions
local pool = ARGV[1]
call('SREM', K .. 'pools', pool)
call('ZADD', K .. 'absent', int(now), pool)
redis.call('DEL', K .. 'pool:' .. pool, K .. 'pool:' .. pool .. '.heartbeat',
  K .. 'serves:' .. pool, K .. 'wake:' .. pool, K .. 'orders:' .. pool, K .. 'status:' .. pool)
local a = call('HMGET', K .. 'alarm', 'holder', 'holder_at', 'backup')
if a[3] == pool then call('HDEL', K .. 'alarm', 'backup', 'backup_at') end
if a[1] == pool then
  call('HDEL', K .. 'alarm', 'holder', 'holder_at')
  if a[3] and a[3] ~= pool then
    give_wakeup(K .. 'wake:' .. a[3])
  else
    for _, p in ipairs(some_pools(1, pool)) do give_wakeup(K .. 'wake:' .. p) end
  end
end
local waited = {}
for i = 2, #ARGV do
  waited[#waited + 1] = ARGV[i]
  waited[#waited + 1] = string.match(ARGV[i], '^%*(.+)$') or ARGV[i]
end
in_steps(#waited, function(a, b)
  local ready = call('SMISMEMBER', K .. 'ready', unpack(waited, a, b))
  for i = a, b, 2 do
    if ready[i - a + 1] == 1 or ready[i - a + 2] == 1 then
      give_wakeup(K .. 'wake:' .. waited[i])
    end
  end
end)
if redis.call('EXISTS', K .. 'suspects') == 1 then
  for _, p in ipairs(some_pools(8, pool)) do give_wakeup(K .. 'wake:' .. p) end
end
return 1
