#!lua flags=allow-oom
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Pauses a queue or a job name, or lets it go on; and goes on with the walk that follows.
---
--- KEYS[1] prefix
--- ARGV    'pause', 'resume' or 'settle', `queue:<q>` or `name:<n>`, then of a pause:
---   until   ms since 1970, 0: without end
---   for     ms from now, 0: until counts
---   text    the end of the JSON that is kept
--- Reply   { now, 'm' done or 'p' it was so already, what is kept, '' after resume, 0 or 1: it has
---         to be called again, with 'settle' }
--- A pause of what is paused takes the place of the one before, but for when it began.
--- Cost    a page of `lists`, and three writes for each that changes
--@ clock
--@ prelude
--@ transitions
local verb, key = ARGV[1], ARGV[2]
local before, text, code, through = call('HGET', K .. 'settings', key), '', 'm', true
if verb == 'settle' then
  through = gate.settle()
elseif verb == 'resume' then
  if before then
    call('HDEL', K .. 'settings', key)
    call('ZREM', K .. 'scheduled', '{resume ' .. key)
    through = gate.changed(now + policy.settled_late_ms)
  else
    code = 'p'
  end
else
  local till, since = num(ARGV[3]), now
  if num(ARGV[4]) > 0 then till = now + num(ARGV[4]) end
  if before then
    code = 'p'
    local ends, began = string.match(before, '^{"until_ms":(%d+),"since_ms":(%d+),')
    if ends and (num(ends) == 0 or num(ends) > now) then since = num(began) end
  end
  text = '{"until_ms":' .. int(till) .. ',"since_ms":' .. int(since) .. ARGV[5]
  call('HSET', K .. 'settings', key, text)
  through = gate.changed(now + policy.settled_late_ms)
  if till > 0 then
    call('ZADD', K .. 'scheduled', int(till), '{resume ' .. key)
    due_at(till)
  else
    call('ZREM', K .. 'scheduled', '{resume ' .. key)
  end
end
note_ready()
wake_woken()
if not through and verb ~= 'settle' then due_at(now + policy.settled_late_ms) end
return {now, code, text, through and 0 or 1}
