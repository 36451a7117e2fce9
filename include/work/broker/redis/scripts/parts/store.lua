-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- New jobs, as sections of ARGV: those of a batch, or what follows upon an outcome. In order:
---   'J' segment k (id envelope)*      records of plain jobs
---   'L' list k id*                    their places
---   'S' id flags delay_ms at_ms envelope   one job that is not plain; flags: 'c' chosen id,
---                                     'e' stamp the creation time
---   'B' as 'S', and its body          a large one, whose envelope is a head
--- Returns the codes of the 'S' and 'B' jobs: 's' stored, 'd' their id is known.
local function step_by_step(cmd, key, first, last)
  local r
  for from = first, last, 4000 do
    r = call(cmd, key, unpack(ARGV, from, math.min(from + 3999, last)))
  end
  return r
end
store = function(i, n)
  local codes = {}
  while i <= n do
    local what = ARGV[i]
    if what == 'J' then
      local k = tonumber(ARGV[i + 2])
      step_by_step('HSET', K .. 'jobs:' .. ARGV[i + 1], i + 3, i + 2 + 2 * k)
      i = i + 3 + 2 * k
    elseif what == 'L' then
      local list, k = ARGV[i + 1], tonumber(ARGV[i + 2])
      if step_by_step('RPUSH', K .. 'list:' .. list, i + 3, i + 2 + k) == k then
        made_ready(list)
      end
      woken[list] = true
      i = i + 3 + k
    else
      local id, flags, delay, at, env =
        ARGV[i + 1], ARGV[i + 2], tonumber(ARGV[i + 3]), tonumber(ARGV[i + 4]), ARGV[i + 5]
      i = i + 6
      local body
      if what == 'B' then
        body = ARGV[i]
        i = i + 1
      end
      local chosen = string.find(flags, 'c', 1, true)
      if chosen and (call('HEXISTS', record_key(id), id) == 1
                     or num(call('ZSCORE', K .. 'traces', id)) > now) then
        codes[#codes + 1] = 'd'
      else
        if string.find(flags, 'e', 1, true) then
          env = string.sub(env, 1, 10) .. string.format('%013.0f', now) .. string.sub(env, 24)
        end
        if chosen then
          call('ZREM', K .. 'traces', id)
          -- Of one before it that is kept.
          redis.call('DEL', K .. 'log:' .. id)
          if call('HEXISTS', K .. 'set_aside', id) == 1 then
            rare()
            forget_aside(id)
            call('HDEL', K .. 'bodies:' .. segment(id), id)
          end
        end
        rare()
        local due = at > 0 and at or (delay > 0 and now + delay or 0)
        -- How long it waits is counted from then.
        if due > now then env = with_word(env, 'd', int(due)) end
        call('HSET', record_key(id), id, env)
        if body then call('HSET', K .. 'bodies:' .. segment(id), id, body) end
        if due > now then
          enter(id, nil, 'scheduled', due)
        else
          enter(id, header(env), 'back')
        end
        codes[#codes + 1] = 's'
      end
    end
  end
  return codes
end
