-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- The doors between the places of a job: `enter` where it waits, `leave` a claim, `finish` when
--- its record ceases to live. What a job holds beside its place is taken and given back here and
--- nowhere else. Jobs without flags hold nothing: those of the fast path pass beside these doors.
local function score(h) return h.created - h.priority * PRIORITY_STEP end
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
-- Out of a claim that goes on without it.
leave = function(n, id)
  call('SADD', K .. 'left:' .. n, id)
  if tonumber(n) % 2 == 0 then call('HDEL', K .. 'claimed:' .. segment(id), id) end
end
-- A claim ends, and these jobs, all that are left of it, go out. Written for many claims at once.
local ended, of_segment, large = {}, {}, {}
end_claim = function(n, ids)
  ended[#ended + 1] = n
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
  local keys = {}
  for _, n in ipairs(ended) do
    for _, kind in ipairs({'claim:', 'left:', 'progress:', 'started:', 'reported:'}) do
      keys[#keys + 1] = K .. kind .. n
    end
  end
  redis.call('UNLINK', unpack(keys))
end
-- On to its next stage: another record under its id, in a list of its own, and attempts from zero.
-- What it left behind so far stays with it, and whether its id was chosen.
advance = function(id, h, env, body, due)
  local to = header(env)
  local flags = to.flags
  for _, stays in ipairs({1, 8}) do
    if bit(flags, stays) ~= bit(h.flags, stays) then
      flags = flags + (bit(flags, stays) and -stays or stays)
    end
  end
  env = '1 ' .. string.format('%02X', flags) .. string.sub(env, 5)
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
finish = function(id, env, outcome)
  if outcome == 'dead' then return end
  call('HDEL', record_key(id), id)
  forget_records(id, outcome == 'kept' or outcome == 'cancelled')
  if outcome ~= 'set_aside' and (not env or not string.find(env, '^1 [02468ACE]%x ')) then
    call('HDEL', K .. 'bodies:' .. segment(id), id)
  end
end
bury = function(id, env, h, text)
  env = with_word(with_failures(env, h, h.attempts), 'x')
  call('HSET', record_key(id), id, env)
  add_failure(id, text)
  call('ZADD', K .. 'dead', int(now), id)
  count_bytes('dead', id, whole_size(env))
  finish(id, env, 'dead')
end
put_aside = function(id, env, why)
  call('HSET', K .. 'set_aside', id, env)
  call('ZADD', K .. 'set_aside_at', int(now), id)
  count_bytes('set_aside', id, whole_size(env))
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
