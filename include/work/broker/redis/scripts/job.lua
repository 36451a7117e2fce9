#!lua flags=allow-oom
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- One job.
---
--- KEYS[1] prefix
--- ARGV    cursor, id
--- Reply   { now, state, when, claim, pool, envelope, progress, kept, failures*, version }
---         of a large job the envelope is its head; state '?': not known yet, `claim` is the cursor
---         with which to ask again
--@ clock
--@ prelude
--@ transitions
--@ find_job
local id = ARGV[2]
look_for_ids(2)
local env = call('HGET', record_key(id), id)
if env then
  local state, at, n, who = find(id, env)
  if not state then return {now, '?', 0, beyond, '', '', '', '', {}} end
  local progress = n and call('HGET', K .. 'progress:' .. n, id)
  return {now, state, at, n or '0', who or '', env, progress or '', '',
    call('LRANGE', K .. 'errors:' .. id, 0, -1), version_of(env)}
end
local kept = call('HGET', K .. 'kept', id)
if kept then
  local at = string.find(kept, '\n', 1, true) or 0
  env = string.sub(kept, at + 1)
  local when = num(call('ZSCORE', K .. 'completed', id))
  return {now, kept_state(kept), when, '0', '', env, '',
    string.sub(kept, 1, math.max(at - 1, 0)), {}}
end
local bytes = call('HGET', K .. 'set_aside', id)
if bytes then
  local when = num(call('ZSCORE', K .. 'set_aside_at', id))
  return {now, 'set_aside', when, '0', '', bytes, '', '', {}}
end
return {now, 'unknown', 0, '0', '', '', '', '', {}}
