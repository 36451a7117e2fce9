#!lua flags=allow-oom
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Sets how many jobs may wait in a queue, or lets any number; shows it; and goes on with the walk
--- that finds the lists of a queue.
---
--- KEYS[1] prefix
--- ARGV    'set', queue, most, how ('r' refuse, 'w' wait, 'd' drop the oldest), who
---         'remove', queue
---         'settle'
---         'show', queue; without one: all
--- Reply   of 'show': { now, (queue, most, how, who, at ms, how many wait, how many were refused,
---         dropped, when it was full last ms)* }
---         else: { now, code as `gate.bounds.set` has it, 0 or 1: it has to be called again, with
---         'settle' }
--- Cost    of a change a page of `lists`; to show one a call, and 3 for each list of the queue
--@ clock
--@ prelude
--@ transitions
--@ bounds
local verb, queue = ARGV[1], ARGV[2]
if verb == 'show' then
  local reply = {now}
  for one, most, how in string.gmatch(call('GET', K .. 'bounds') or '', '(%S+) (%d+) (%a)') do
    if not queue or one == queue then
      local about = call('HMGET', K .. 'bound:' .. one, 'who', 'at_ms', 'refused', 'dropped',
        'full_at')
      reply[#reply + 1] = {one, most, how, about[1] or '', about[2] or '0',
        gate.bounds.count(one), about[3] or '0', about[4] or '0', about[5] or '0'}
    end
  end
  return reply
end
local code, through = 'm'
if verb == 'settle' then
  through = gate.settle()
elseif verb == 'remove' then
  code, through = gate.bounds.set(queue)
else
  code, through = gate.bounds.set(queue, ARGV[3], ARGV[4], ARGV[5])
end
note_ready()
wake_woken()
if not through and verb ~= 'settle' then due_at(now + policy.settled_late_ms) end
return {now, code, through and 0 or 1}
