#!lua flags=allow-oom
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- One job.
---
--- KEYS[1] prefix
--- ARGV    cursor, id
--- Reply   { now, state, when, claim, pool, envelope, progress, kept, failures*, version,
---         what people did to it*, what binds it to others }
---         those: { whom it waits for and how*, how many, who needs it*, how many, what was left to
---         it by whom* }, each of at most `policy.shown_bonds`
---         of a large job the envelope is its head; state '?': not known yet, `claim` is the cursor
---         with which to ask again
--@ clock
--@ prelude
--@ transitions
--@ find_job
local id = ARGV[2]
-- The last of those lines among the log's that are of its history.
local function history_of(env)
  local all = {}
  if string.find(env, '^%d %x%x%x[0-7] ') then return all end
  for _, line in ipairs(call('LRANGE', K .. 'log:' .. id, '0', '-1')) do
    if string.sub(line, 1, 11) == '{"action":"' then all[#all + 1] = line end
  end
  while #all > policy.max_history do table.remove(all, 1) end
  return all
end
local function pairs_of(key, count)
  if count == 0 then return {} end
  if count <= policy.shown_bonds then return call('HGETALL', key) end
  return call('HRANDFIELD', key, 'policy.shown_bonds', 'WITHVALUES')
end
local function bonds_of(env, state)
  local head = head_of(env)
  if not head or not (head.holds or head.followed or state == 'waiting') then
    return {{}, 0, {}, 0, {}}
  end
  local needs, given, after = K .. 'needs:' .. id, K .. 'given:' .. id, K .. 'then:' .. id
  local count = call('HLEN', needs)
  return {pairs_of(needs, count), count,
    call('ZRANGE', after, '0', int(policy.shown_bonds - 1)), call('ZCARD', after),
    pairs_of(given, call('HLEN', given))}
end
look_for_ids(2)
local env = call('HGET', record_key(id), id)
if env then
  local state, at, n, who = find(id, env)
  if not state then return {now, '?', 0, beyond, '', '', '', '', {}} end
  local progress = n and call('HGET', K .. 'progress:' .. n, id)
  return {now, state, at, n or '0', who or '', env, progress or '', '',
    failures.of(id), version_of(env), history_of(env), bonds_of(env, state)}
end
local kept = call('HGET', K .. 'kept', id)
if kept then
  local at = string.find(kept, '\n', 1, true) or 0
  env = string.sub(kept, at + 1)
  local when = num(call('ZSCORE', K .. 'completed', id))
  return {now, keeping.state(kept), when, '0', '', env, '',
    string.sub(kept, 1, math.max(at - 1, 0)), {}, '', history_of(env)}
end
local bytes = call('HGET', K .. 'set_aside', id)
if bytes then
  local when = num(call('ZSCORE', K .. 'set_aside_at', id))
  return {now, 'set_aside', when, '0', '', bytes, '', '', {}}
end
return {now, 'unknown', 0, '0', '', '', '', '', {}}
