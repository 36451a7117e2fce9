-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- The doors between the places of a job: `enter` where it waits, `leave` a claim, `finish` when
--- its record ceases to live. What a job holds beside its place is taken and given back here and
--- nowhere else. Jobs without flags hold nothing: those of the fast path pass beside these doors.
local function score(h) return h.created - h.priority * policy.priority_step_ms end
-- Into a place where it waits: 'back' or 'front' of its list; 'scheduled' or 'retry' until `due`.
enter = function(id, h, how, due)
  if due then
    call('ZADD', K .. how, int(due), id)
    soonest = math.min(soonest or due, due)
    return
  end
  local list = h.list
  if h.priority ~= 0 then
    call('ZADD', K .. 'prio:' .. list, int(score(h)), id)
    made_ready(list)
    mixed[list] = true
  elseif call(how == 'front' and 'LPUSH' or 'RPUSH', K .. 'list:' .. list, id) == 1 then
    made_ready(list)
  end
  woken[list] = true
  has_place(id)
end
-- Many without priorities into the front of one list, in their order.
enter_front = function(list, ids)
  local back = {}
  for j = #ids, 1, -1 do back[#back + 1] = ids[j] end
  if call('LPUSH', K .. 'list:' .. list, unpack(back)) == #back then made_ready(list) end
  woken[list] = true
end
-- Many without priorities into the back of one list, in their order.
enter_back = function(list, ids)
  local length = 0
  in_steps(#ids, function(i, j) length = call('RPUSH', K .. 'list:' .. list, unpack(ids, i, j)) end)
  if length == #ids then made_ready(list) end
  woken[list] = true
  in_steps(#ids, function(i, j) has_place(unpack(ids, i, j)) end)
end
-- Out of a claim that goes on without it.
leave = function(n, id)
  call('SADD', K .. 'left:' .. n, id)
  if tonumber(n) % 2 == 0 then call('HDEL', K .. 'claimed:' .. segment(id), id) end
  slots.free(n, {id})
end
-- A claim ends, and these jobs, all that are left of it, go out. Written for many claims at once.
local ended, of_segment, large, with_jobs = {}, {}, {}, {}
end_claim = function(n, ids)
  ended[#ended + 1], with_jobs[#ended + 1] = n, {n, ids}
  if sweeping and #ids > 0 then has_place(unpack(ids)) end
  if tonumber(n) % 2 == 1 then
    large[#large + 1] = n
    return
  end
  for _, id in ipairs(ids) do
    local s = segment(id)
    if not of_segment[s] then of_segment[s] = {} end
    table.insert(of_segment[s], id)
  end
end
note_ended = function()
  for s, ids in pairs(of_segment) do call('HDEL', K .. 'claimed:' .. s, unpack(ids)) end
  if #large > 0 then call('ZREM', K .. 'large_claims', unpack(large)) end
  if #ended == 0 then return end
  call('ZREM', K .. 'leases', unpack(ended))
  slots.free_all(with_jobs)
  local keys = {}
  for _, n in ipairs(ended) do
    for _, kind in ipairs({'claim:', 'left:', 'progress:', 'started:', 'reported:',
      'followed:', 'limited:'}) do
      keys[#keys + 1] = K .. kind .. n
    end
  end
  redis.call('UNLINK', unpack(keys))
end
-- On to its next stage: another record under its id, in a list of its own, and attempts from zero.
-- What it left behind so far stays with it, and whether its id was chosen.
advance = function(id, h, before, env, body, due)
  local to = header(env)
  local flags = to.flags
  for _, stays in ipairs({1, 8, 32, 64}) do
    if bit(flags, stays) ~= bit(h.flags, stays) then
      flags = flags + (bit(flags, stays) and -stays or stays)
    end
  end
  local held = envelope.word(env, 't') ~= nil
  for _, key in ipairs({'u', 'n', 'f'}) do
    local word = bit(h.flags, 32) and envelope.word(before, key) or nil
    held = held or word ~= nil
    env = envelope.with_word(env, key, word)
  end
  if bit(flags, 32) ~= held then flags = flags + (held and 32 or -32) end
  env = envelope.with_flags(env, flags)
  holdings.untag(id, before)
  holdings.tag(id, env)
  env = envelope.with_word(env, 'w', bit(flags, 64) and envelope.word(before, 'w') or nil)
  call('HSET', record_key(id), id, env)
  if body ~= '' then
    call('HSET', K .. 'bodies:' .. segment(id), id, body)
  elseif bit(h.flags, 16) then
    call('HDEL', K .. 'bodies:' .. segment(id), id)
  end
  enter(id, to, due and 'scheduled' or 'back', due)
end
-- Nobody will run it any more. With its record, unless it is dead; with its body, where that is
-- apart or the record does not say, unless it is set aside.
-- `text`: its ending, or last failure, for those who follow it.
finish = function(id, env, outcome, text)
  holdings.tell(id, env, outcome, text)
  if outcome == 'dead' then
    holdings.release(id, env, 'dead')
    return
  end
  call('HDEL', record_key(id), id)
  forget_records(id, env, outcome == 'kept' or outcome == 'cancelled')
  if outcome ~= 'set_aside' and (not env or not string.find(env, '^%d %x%x[02468ACE]%x ')) then
    call('HDEL', K .. 'bodies:' .. segment(id), id)
  end
  holdings.release(id, env, 'ended')
end
bury = function(id, env, h, text)
  local followed = env
  env = envelope.with_word(envelope.with_failures(env, h, h.attempts), 'x')
  env = holdings.unfollowed(env)
  call('HSET', record_key(id), id, env)
  failures.add(id, text)
  call('ZADD', K .. 'dead', int(now), id)
  keeping.count('dead', id, whole_size(env))
  finish(id, followed, 'dead', text)
end
put_aside = function(id, env, why)
  call('HSET', K .. 'set_aside', id, env)
  call('ZADD', K .. 'set_aside_at', int(now), id)
  keeping.count('set_aside', id, whole_size(env))
  finish(id, env, 'set_aside')
  notes[#notes + 1] = (why or 'unreadable record') .. ' set aside: ' .. id
end
-- Whether a job that is in no place went to the front of its list. One of which the bytes are
-- counted as a dead one's was dead, and is again.
take_home = function(id, h)
  if call('HEXISTS', K .. 'bytes:dead', id) == 1 then
    call('ZADD', K .. 'dead', int(now), id)
    return false
  end
  enter(id, h, 'front')
  return true
end
