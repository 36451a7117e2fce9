#!lua flags=allow-oom
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Drops jobs in any state, set-aside records included.
---
--- KEYS[1] prefix
--- ARGV    cursor, ids
--- Reply   { codes as one string, notes*, cursor } — 'm' dropped, 'g' no such job, '?' not known
---         yet: to be asked again with the cursor of the reply ('0': from the beginning)
--- A job in the middle of a list leaves a ghost there, which the pop that meets it consumes.
--@ clock
--@ prelude
--@ transitions
--@ find_job
local codes = {}
look_for_ids()
for i = 2, #ARGV do
  local id, code = ARGV[i], 'm'
  local env = call('HGET', record_key(id), id)
  local state, n, who, _
  if env then state, _, n, who = find(id, env) end
  if env and not state then
    code = '?'
  elseif not env then
    if call('HEXISTS', K .. 'set_aside', id) == 1 then
      forget_aside(id)
      call('HDEL', K .. 'bodies:' .. segment(id), id)
    else
      code = 'g'
    end
  else
    local h = header(env)
    forget_record(id, env)
    forget_failures(id)
    if state == 'active' then
      call('SADD', K .. 'left:' .. n, id)
      index_leave(n, id)
      if who and redis.call('EXISTS', K .. 'pool:' .. who) == 1 then
        call('SADD', K .. 'cancels:' .. who, n .. ' ' .. id)
        give_wakeup(K .. 'wake:' .. who)
      end
    elseif state ~= 'pending' then
      take_from(state, id, env)
    elseif not h then
      unlist(id)
    elseif h.priority ~= 0 and call('ZREM', K .. 'prio:' .. h.list, id) == 1 then
      unready_if_empty(h.list)
    else
      call('HINCRBY', K .. 'ghosts:' .. h.list, id, 1)
      call('HINCRBY', K .. 'ghosts:' .. h.list, '', 1)
      local name = string.match(h.list, ':(.+)$')
      if name then call('SADD', K .. 'ready', '!' .. name) end
    end
  end
  codes[#codes + 1] = code
end
return {table.concat(codes), notes, beyond or '0'}
