#!lua
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Gives a job that waits, or is dead, other bytes, if it still has those that were seen.
---
--- KEYS[1] prefix
--- ARGV    cursor, version, due, envelope, body, note, id
---   version   of the record that was seen: `version_of`
---   due       of a scheduled or retrying one, ms; '' as it was
---   envelope  of a large job its head, and then its body; else '' for that
---   note      the beginning of the line that is kept of it beside the job's log; '': none is
--- Reply   { code, state, cursor }: 'm' done, 'a' it runs, 'g' no such job, 'v' in another state,
---         or changed; 'u' bytes that can't be read; '?' not known yet: ask with the cursor
--- Cost    about 12 calls
--@ clock
--@ prelude
--@ transitions
--@ find_job
--@ past_actions
local due, new, body, note, id = ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
look_for_ids(7)
local env = call('HGET', record_key(id), id)
if not env then return {'g', 'unknown', '0'} end
local state = find(id, env)
if not state then return {'?', '', beyond} end
local function replace()
  local old, h = header(env), header(new)
  if not old or not h then return 'u' end
  local moves = state == 'pending' and (old.list ~= h.list or old.priority ~= h.priority)
  if moves then out_of_list(id, old) end
  call('HSET', record_key(id), id, new)
  holdings.untag(id, env)
  holdings.tag(id, new)
  if body ~= '' then
    call('HSET', K .. 'bodies:' .. segment(id), id, body)
  else
    call('HDEL', K .. 'bodies:' .. segment(id), id)
  end
  if state == 'dead' then keeping.count('dead', id, whole_size(new)) end
  if moves then enter(id, h, 'back') end
  if due ~= '' and (state == 'scheduled' or state == 'retry') then
    enter(id, h, state, num(due))
    due_at(num(due))
  end
  return 'm'
end
local code = 'v'
if state == 'active' then
  code = 'a'
elseif state ~= 'suspect' and version_of(env) == ARGV[2] then
  code = replace()
  if code == 'm' and note ~= '' then
    keep_history(id, note .. ',"was":"' .. state .. '","at_ms":' .. int(now) .. '}')
  end
end
note_ready()
wake_woken()
return {code, state, '0'}
