#!lua flags=allow-oom
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Pauses a queue or a job name, or lets it go on.
---
--- KEYS[1] prefix
--- ARGV    'pause' or 'resume', `queue:<q>` or `name:<n>`, then of a pause:
---   until   ms since 1970, 0: without end
---   for     ms from now, 0: until counts
---   text    the end of the JSON that is kept
--- Reply   { now, 'm' done or 'p' it was so already, what is kept, '' after resume }
--- A pause of what is paused takes the place of the one before.
--- Cost    one look through `lists`, and two writes for each of its lists
--@ clock
--@ prelude
--@ transitions
local verb, key = ARGV[1], ARGV[2]
local before = call('HGET', K .. 'settings', key)
if verb == 'resume' then
  if before then gate.resume(key) end
  note_ready()
  wake_woken()
  return {now, before and 'm' or 'p', ''}
end
local till = num(ARGV[3])
if num(ARGV[4]) > 0 then till = now + num(ARGV[4]) end
local text = '{"until_ms":' .. int(till) .. ',"since_ms":' .. int(now) .. ARGV[5]
call('HSET', K .. 'settings', key, text)
gate.pause(key)
if till > 0 then
  call('ZADD', K .. 'scheduled', int(till), '{resume ' .. key)
  due_at(till)
else
  call('ZREM', K .. 'scheduled', '{resume ' .. key)
end
return {now, before and 'p' or 'm', text}
