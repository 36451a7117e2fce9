#!lua flags=allow-oom
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Forgets lists that hold no job, as chores do a day after their last use.
---
--- KEYS[1] prefix
--- ARGV    lists, at most 64
--- Reply   { those that hold jobs, and stay* }
--- Cost    about 6 commands, and one for each list
--@ clock
--@ prelude
--@ transitions
-- Where jobs were cancelled their ghosts stand still: nobody is there who would meet them.
for _, list in ipairs(ARGV) do
  local key, side = K .. 'list:' .. list, K .. 'side:' .. list
  local length = call('LLEN', key)
  if length > 0 and length == num(call('HGET', side, ''))
      and redis.call('EXISTS', K .. 'prio:' .. list) == 0 then
    local ghosts = {}
    for _, id in ipairs(call('HKEYS', side)) do
      if string.byte(id) ~= 123 then ghosts[#ghosts + 1] = id end
    end
    in_steps(#ghosts, function(i, j) call('HDEL', side, unpack(ghosts, i, j)) end)
    redis.call('UNLINK', key)
    note_emptied({list})
  end
end
return forget_those(ARGV)
