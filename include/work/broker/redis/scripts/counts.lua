#!lua flags=allow-oom
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- How much there is, of one moment. What of it is pending is read list by list, in plain commands.
---
--- KEYS[1] prefix
--- Reply   { now, scheduled, retry, dead, set aside, suspects, records, { what is paused, how }*,
---         waiting, those of them for a program that can read them }
--- Why records: what is pending or active is what has a record and is nowhere else.
--- Cost    1 024 HLEN, 0.3 ms
--@ clock
--@ prelude
local stored = 0
for hi in string.gmatch(DIGITS, '.') do
  for lo in string.gmatch(DIGITS, '.') do
    stored = stored + call('HLEN', K .. 'jobs:' .. hi .. lo)
  end
end
local suspects = 0
local by_name = call('ZRANGE', K .. 'suspects', 0, -1, 'WITHSCORES')
for j = 2, #by_name, 2 do
  suspects = suspects + tonumber(by_name[j])
end
-- A pause that ends by itself has a timer in `scheduled`.
local settings, timers = call('HGETALL', K .. 'settings'), 0
for j = 2, #settings, 2 do
  if num(string.match(settings[j], '^{"until_ms":(%d+)')) > 0 then timers = timers + 1 end
end
timers = timers + call('ZCARD', K .. 'uncommitted') + call('HLEN', K .. 'tellings')
return {now, call('ZCARD', K .. 'scheduled') - timers, call('ZCARD', K .. 'retry'),
  call('ZCARD', K .. 'dead'), call('HLEN', K .. 'set_aside'), suspects, stored,
  settings, call('ZCARD', K .. 'waiting'), call('ZCARD', K .. 'then:{{reader')}
