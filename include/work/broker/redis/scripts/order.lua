#!lua flags=allow-oom
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Tells a pool what to do: in place of what it was told before, should it not have heard that.
---
--- KEYS[1] prefix
--- ARGV    pool, 'quiet', 'resume', 'stop', or 'stop' with a grace in ms: 'stop 5000'
--- Reply   { now, 'm' done, 'p' it was told so already, 'g' there is no such pool }
--- Of a worker pool over HTTP the order stays for as long as it holds: it is what the pool's state
--- is. Others forget it when they took it up.
--@ clock
--@ prelude
local pool, what = ARGV[1], ARGV[2]
local key = K .. 'orders:' .. pool
if redis.call('EXISTS', K .. 'pool:' .. pool) == 0 then return {now, 'g'} end
local over_http = redis.call('EXISTS', K .. 'worker:' .. pool) == 1
local kept = not (over_http and what == 'resume')
if kept and call('SISMEMBER', key, '0 {' .. what) == 1 then return {now, 'p'} end
local went = 0
for _, before in ipairs(call('SMEMBERS', key)) do
  if string.sub(before, 1, 3) == '0 {' then went = went + call('SREM', key, before) end
end
if kept then call('SADD', key, '0 {' .. what) end
give_wakeup(K .. 'wake:' .. pool)
return {now, (kept or went > 0) and 'm' or 'p'}
