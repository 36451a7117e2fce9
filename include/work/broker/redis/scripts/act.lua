#!lua flags=allow-oom
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- What people do to jobs by their ids.
---
--- KEYS[1] prefix
--- ARGV    cursor, verb, states, seen, version, text, note, ids
---   verbs   'drop'     out of any state; what runs is told, and ends when its handler did
---           'requeue'  pending now; a dead one starts over, a set-aside record comes back
---           'kill'     dead, without an attempt more; what runs likewise
---           'move'     into another queue of its name
---           'follow'   the client in `text` is told when it ends; 'v': too many are
---           'home'     pending in front, if it is in no place
---           'look'     nothing: with no state allowed each answers in which one it is
---   states  in which a job may be, letters as in `codec.hpp`; others answer 'v' and stay
---   seen    ms; what came into its state after that stays, too; 0: whenever
---   version of what was seen, `version_of`; other bytes stay, too; '': whatever they are
---   text    drop: the end of the ending that is kept, '' for nothing; kill: the message, as JSON;
---           move: the queue, encoded
---   note    the beginning of the line that is kept of it beside the job's log; '': none is
--- Reply   { codes as one string, notes*, cursor, states as one string }
---   codes   'm' done, 'p' already so, 'a' active, 'g' no such job, 'v' it is in another state or
---           came into it later, 'u' a record that can't be read, 'l' another job has its lock by
---           now, '?' not known yet: to be asked
---           again with the cursor of the reply ('0': from the beginning)
---   states  in which the jobs were found
--- A job in the middle of a list leaves a ghost there, which the pop that meets it consumes.
--- 'home' looks a list through for 10 000 ids from each end: who asks has seen the others.
--- Cost    about 10 calls a job; of one that is kept about 20
--@ clock
--@ prelude
--@ transitions
--@ cancelling
--@ find_job
--@ past_actions
--@ groups
local verb, states, seen, version, text = ARGV[2], ARGV[3], num(ARGV[4]), ARGV[5], ARGV[6]
local note = ARGV[7]
local LETTER = {waiting = 'w', scheduled = 's', pending = 'p', suspect = 'u', active = 'a',
  retry = 'r',
  dead = 'd', completed = 'c', cancelled = 'x', set_aside = 'q'}
-- Where a job is: its state, since when as `seen` compares it, then what `find` says.
local function look_up(id, env)
  if env then
    local state, at, n, who = find(id, env)
    local h = header(env)
    local since = h and h.created or 0
    if state == 'dead' then since = at end
    if state == 'retry' then
      local all = failures.of(id)
      since = num(string.match(all[#all] or '', '"at_ms":(%d+)'))
    end
    return state, since, n, who
  end
  if call('HEXISTS', K .. 'set_aside', id) == 1 then
    return 'set_aside', num(call('ZSCORE', K .. 'set_aside_at', id))
  end
  local kept = call('HGET', K .. 'kept', id)
  if kept then return keeping.state(kept), num(call('ZSCORE', K .. 'completed', id)) end
  return 'unknown', 0
end
local function tell_pool(n, id, who)
  if who and redis.call('EXISTS', K .. 'pool:' .. who) == 1 then
    call('SADD', K .. 'orders:' .. who, n .. ' ' .. id)
    give_wakeup(K .. 'wake:' .. who)
  end
end
-- Out of the place where it is, whatever that is.
local function take_out(id, env, h, state, n, who)
  if state == 'active' then
    leave(n, id)
    tell_pool(n, id, who)
  elseif state == 'pending' then
    out_of_list(id, h)
  else
    take_from(state, id, env)
  end
end
-- A job that runs stays where it is until it does not; its pool is told. Not of a process that is
-- known to have died.
local function runs(n)
  local kind = string.match(call('GETRANGE', K .. 'claim:' .. n, 0, 199), '^%S+ (%a)')
  return kind == 'j' or kind == 's' or kind == 'i'
end
local told
local function tell(id, env, h, n, who, how)
  if string.sub(cancel_word(env) or '', 1, 1) == how then return 'p' end
  told = true
  local why = string.gsub(text .. note, '[ %%]', {[' '] = '%20', ['%'] = '%25'})
  env = envelope.with_failures(env, h, h.attempts)
  call('HSET', record_key(id), id,
    envelope.with_word(env, 'c', how .. int(now) .. ',' .. why))
  tell_pool(n, id, who)
  return 'm'
end
local verbs = {}
function verbs.drop(id, env, state, n, who)
  if state == 'set_aside' then
    keeping.forget_aside(id)
    call('HDEL', K .. 'bodies:' .. segment(id), id)
    return 'm'
  elseif not env then
    keeping.drop(id)
    return 'm'
  end
  local h = header(env)
  if state == 'active' and h and text ~= '' and runs(n) then
    return tell(id, env, h, n, who, 'x')
  end
  take_out(id, env, h, state, n, who)
  local ending = text ~= '' and h and '{"outcome":"cancelled","at_ms":' .. int(now) .. text
  finish(id, env, ending and 'cancelled' or 'dropped', ending or '')
  if ending then
    if note ~= '' then env = envelope.with_failures(env, h, h.attempts) end
    keeping.add(id, h.list, ending, env, policy.kept_cancelled)
  end
  return 'm'
end
function verbs.requeue(id, env, state)
  if state == 'active' then return 'a' end
  if state == 'pending' or state == 'suspect' then return 'p' end
  if state == 'set_aside' then return bring_back(id) end
  if not env then return 'v' end
  if state == 'dead' and not holdings.retake(id, env) then return 'l' end
  local h = header(env)
  take_from(state, id, env)
  if not h then
    put_aside(id, env)
    return 'u'
  end
  if state == 'dead' then
    call('HSET', record_key(id), id, envelope.with_word(envelope.with_attempts(env, 0), 's'))
    holdings.lives_again(id, env)
  end
  enter(id, h, 'back')
  return 'm'
end
function verbs.kill(id, env, state, n, who)
  if state == 'dead' then return 'p' end
  if not env then return 'v' end
  local h = header(env)
  if state == 'active' and h and runs(n) then return tell(id, env, h, n, who, 'k') end
  take_out(id, env, h, state, n, who)
  if not h then
    put_aside(id, env)
    return 'u'
  end
  bury(id, env, h, '{"attempt":' .. int(h.attempts + (state == 'active' and 1 or 0)) ..
    ',"type":"killed","message":' .. text .. ',"at_ms":' .. int(now) .. '}')
  return 'm'
end
function verbs.move(id, env, state)
  if state == 'active' then return 'a' end
  local h = env and header(env)
  if not h then return 'v' end
  local name = name_of(h.list)
  local list = (text == '' or text == name) and name or text .. ':' .. name
  if list == h.list then return 'p' end
  if state == 'pending' then out_of_list(id, h) end
  env = envelope.with_list(env, list)
  call('HSET', record_key(id), id, env)
  if state == 'dead' then keeping.count('dead', id, whole_size(env)) end
  if state == 'pending' then
    h.list = list
    enter(id, h, 'back')
  end
  return 'm'
end
function verbs.follow(id, env, state, n)
  local h = env and header(env)
  if not h then return 'u' end
  local who = envelope.word(env, 'w')
  local _, others = string.gsub(who or '', ',', ',')
  if who and string.find(',' .. who .. ',', ',' .. text .. ',', 1, true) then return 'p' end
  if others >= policy.followers - 1 and string.sub(text, 1, 1) ~= '{' then return 'v' end
  env = envelope.with_word(env, 'w', who and who .. ',' .. text or text)
  local flags = h.flags + (bit(h.flags, 64) and 0 or 64)
  call('HSET', record_key(id), id, envelope.with_flags(env, flags))
  if state == 'active' then call('SADD', K .. 'followed:' .. n, id) end
  return 'm'
end
function verbs.home(id, env, state)
  local h = env and header(env)
  if state == 'suspect' and h then groups_of(name_of(h.list)) end
  if state ~= 'pending' then return env and 'p' or 'g' end
  if not h then
    put_aside(id, env)
    return 'u'
  end
  if waits_in(h.list, id, '10000') then
    made_ready(h.list)
    woken[h.list] = true
    return 'p'
  end
  if cancel_word(env) then
    end_cancelled(id, env, h)
    return 'm'
  end
  local went = take_home(id, h)
  made_ready(h.list)
  woken[h.list] = true
  return went and 'm' or 'p'
end

local codes, found = {}, {}
look_for_ids(8)
for i = 8, #ARGV do
  local id, code = ARGV[i]
  local env = call('HGET', record_key(id), id)
  local state, since, n, who = look_up(id, env)
  if not state then
    code = '?'
  elseif state == 'unknown' then
    code = 'g'
  elseif not string.find(states, LETTER[state], 1, true) or seen > 0 and since > seen
      or version ~= '' and version ~= (env and version_of(env)) then
    code = 'v'
  else
    told = false
    code = verbs[verb](id, env, state, n, who)
    -- Of one that runs its word has it until it ends: whoever holds it does not know that there is
    -- a log, and would leave that behind.
    if code == 'm' and note ~= '' and not told then
      keep_history(id, note .. ',"was":"' .. state .. '","at_ms":' .. int(now) .. '}')
    end
  end
  codes[#codes + 1] = code
  found[#found + 1] = LETTER[state] or '-'
end
slots.wake()
note_ready()
wake_woken()
if soonest then due_at(soonest) end
return {table.concat(codes), notes, beyond or '0', table.concat(found)}
