#!lua flags=allow-oom
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Puts jobs that are in no place into their lists again, in front.
---
--- KEYS[1] prefix
--- ARGV    cursor, ids
--- Reply   { codes as one string, notes*, cursor } — 'm' moved, 'p' it is where it should be, 'g'
---         no such job, 'u' can't be read and is set aside, '?' as for cancel
--- A list is looked through for 10 000 ids from each end: who asks has seen the others.
--@ clock
--@ prelude
--@ transitions
--@ find_job
--@ groups
local codes = {}
look_for_ids()
for i = 2, #ARGV do
  local id, code = ARGV[i], 'p'
  local env = call('HGET', record_key(id), id)
  local state = env and find(id, env)
  local h = env and header(env)
  if not env then
    code = 'g'
  elseif not state then
    code = '?'
  elseif state == 'pending' and not h then
    put_aside(id, env)
    code = 'u'
  elseif state == 'pending' then
    if not waits_in(h.list, id, '10000') and take_home(id, h) then code = 'm' end
    made_ready(h.list)
    woken[h.list] = true
  elseif state == 'suspect' and h then
    groups_of(name_of(h.list))
  end
  codes[#codes + 1] = code
end
note_ready()
wake_woken()
return {table.concat(codes), notes, beyond or '0'}
