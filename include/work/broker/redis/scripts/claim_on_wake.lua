#!lua
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Only what is plain; else nothing was changed, and the answer says whether jobs wait (1) or not
--- (false), should a wakeup have been lost. Not for a pool whose heartbeat fell silent: it would
--- have the job until its lease lapses.
--@ clock
local function is_shown(id) return redis.call('EXISTS', KEYS[1] .. 'status:' .. id) == 1 end
local function in_company()
  local home = redis.pcall('HGET', KEYS[1] .. 'pool:' .. ARGV[1], 'home')
  return type(home) == 'string' and is_shown(home)
end
-- A pool that leaves a claim here is alone, so most have a status of their own.
if is_shown(ARGV[1]) or in_company() then
--@ lone_claim
end
return redis.pcall('ZINTERCARD', '2', KEYS[1] .. 'ready', KEYS[1] .. 'serves:' .. ARGV[1],
  'LIMIT', '1') == 1 and 1
