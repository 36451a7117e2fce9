#!lua flags=allow-oom
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Makes dead, retrying or scheduled jobs pending now, and brings set-aside records back.
---
--- KEYS[1] prefix
--- ARGV    cursor, ids
--- Reply   { codes as one string, notes*, cursor } — 'm' moved, 'g' no such job, 'a' active,
---         'p' already pending, 'u' a record that still can't be read, '?' as for cancel.
---         A dead job starts over: its attempts are counted from 0 again.
--@ clock
--@ prelude
--@ transitions
--@ find_job
local codes = {}
look_for_ids()
for i = 2, #ARGV do
  local id, code = ARGV[i], 'm'
  local env = call('HGET', record_key(id), id)
  local h = env and header(env)
  local state
  if env then state = find(id, env) end
  if env and not state then
    code = '?'
  elseif not env then
    code = bring_back(id)
  elseif state == 'active' then
    code = 'a'
  elseif state == 'pending' or state == 'suspect' then
    code = 'p'
  elseif not h then
    take_from(state, id, env)
    put_aside(id, env)
    code = 'g'
  else
    take_from(state, id, env)
    if state == 'dead' then
      call('HSET', record_key(id), id, with_word(with_attempts(env, 0), 's'))
    end
    make_pending(id, h)
  end
  codes[#codes + 1] = code
end
note_ready()
wake_woken()
return {table.concat(codes), notes, beyond or '0'}
