-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Bounds: how many jobs may wait in a queue, and what becomes of those that come when it is full.
---
--- `bounds` has a line for each, `<queue> <most> <how>`, how: 'r' new ones are refused, 'w' their
--- producers are to wait, 'd' the oldest make room. All of them in one string, so that a producer's
--- call sees at no command more whether there are any. `bounded:<queue>` has the lists of a queue
--- that is bounded, as far as they are known; `bound:<queue>` who set it, and what it did so far.
--- Only what producers enqueue is asked: what was in already comes back, falls due, moves, follows
--- upon an end or belongs to a flow whatever waits there.
local known = {}
gate.bounds.count = function(queue)
  local waiting = 0
  for _, list in ipairs(call('SMEMBERS', K .. 'bounded:' .. queue)) do
    waiting = waiting + call('LLEN', K .. 'list:' .. list) + call('ZCARD', K .. 'prio:' .. list)
      - num(call('HGET', K .. 'side:' .. list, ''))
  end
  return waiting
end
-- How many of k jobs may come into this list; what those are told that may not.
gate.bounds.admit = function(list, k)
  local queue, most, how = gate.bounds.of(list)
  if not queue then return k end
  local b = known[queue]
  if not b then
    b = {queue = queue, most = most, how = how, waiting = gate.bounds.count(queue), refused = 0}
    known[queue], known[#known + 1] = b, b
  end
  local n = how == 'd' and k or math.max(math.min(k, most - b.waiting), 0)
  b.waiting, b.refused = b.waiting + n, b.refused + k - n
  return n, (how == 'w' and 'w' or 'f') .. int(most)
end
-- Jobs that others like them were stored with, and that may not come: their records go again.
gate.bounds.refuse = function(code, ids, codes)
  local parts = {}
  for _, id in ipairs(ids) do
    gather(parts, segment(id), id)
    codes[#codes + 1] = code .. ' ' .. id .. ','
  end
  for _, s in ipairs(parts) do call('HDEL', K .. 'jobs:' .. s, unpack(parts[s])) end
end
-- The job at the front of a list: its id, record, and when it was made. Ghosts are taken on the
-- way.
local function front(list)
  local key, side = K .. 'list:' .. list, K .. 'side:' .. list
  while true do
    local id = call('LINDEX', key, '0')
    if not id then return nil end
    local env, ghosts = call('HGET', record_key(id), id), num(call('HGET', side, id))
    if env and ghosts <= 0 then
      local h = header(env)
      return id, env, h and h.created or 0
    end
    call('LPOP', key)
    if ghosts > 0 then
      if ghosts == 1 then call('HDEL', side, id) else call('HINCRBY', side, id, '-1') end
      if call('HINCRBY', side, '', '-1') <= 0 then call('HDEL', side, '') end
    else
      notes[#notes + 1] = 'lost by the store: ' .. id
    end
  end
end
local function drop(id, env, most)
  local h = header(env)
  if not h then return put_aside(id, env) end
  local ending = '{"outcome":"cancelled","at_ms":' .. int(now) ..
    ',"reason":"the oldest of a full queue: at most ' .. int(most) .. ' may wait","by":"bound"}'
  finish(id, env, 'cancelled', ending)
  keeping.add(id, h.list, ending, env, policy.kept_cancelled)
end
-- The oldest of a queue, until it holds as many as it may; those with priorities last, the least
-- urgent first. Lists that are empty then are added to `emptied`.
local function make_room(b, emptied)
  local lists, fronts, dropped = call('SMEMBERS', K .. 'bounded:' .. b.queue), {}, 0
  table.sort(lists)
  local excess = math.min(b.waiting - b.most, policy.dropped_jobs)
  for j, list in ipairs(lists) do fronts[j] = {front(list)} end
  while dropped < excess do
    local oldest
    for j, one in ipairs(fronts) do
      if one[1] and (not oldest or one[3] < fronts[oldest][3]) then oldest = j end
    end
    if not oldest then break end
    call('LPOP', K .. 'list:' .. lists[oldest])
    drop(fronts[oldest][1], fronts[oldest][2], b.most)
    dropped, fronts[oldest] = dropped + 1, {front(lists[oldest])}
  end
  for _, list in ipairs(lists) do
    while dropped < excess do
      local last = call('ZPOPMAX', K .. 'prio:' .. list)
      if not last[1] then break end
      local env = call('HGET', record_key(last[1]), last[1])
      if env then drop(last[1], env, b.most) end
      dropped = dropped + 1
    end
    if redis.call('EXISTS', K .. 'list:' .. list, K .. 'prio:' .. list) == 0 then
      emptied[#emptied + 1], woken[list] = list, nil
    end
  end
  if dropped > 0 then call('HINCRBY', K .. 'bound:' .. b.queue, 'dropped', int(dropped)) end
end
-- Behind `note_ready`: who is too many goes, and what was refused is counted.
gate.bounds.settle = function()
  local emptied = {}
  for _, b in ipairs(known) do
    if b.refused > 0 then
      call('HINCRBY', K .. 'bound:' .. b.queue, 'refused', int(b.refused))
      call('HSET', K .. 'bound:' .. b.queue, 'full_at', int(now))
    end
    if b.how == 'd' and b.waiting > b.most then
      make_room(b, emptied)
      call('HSET', K .. 'bound:' .. b.queue, 'full_at', int(now))
    end
  end
  if #emptied > 0 then note_emptied(emptied) end
  -- Those that waited for one that went.
  note_ready()
end
-- By hand: `how` nil: it is to have none. Returns 'm' done, 'p' it was so, 'g' there was none, 'f'
-- there are too many; and whether all its lists are known.
gate.bounds.set = function(queue, most, how, who)
  local lines, was, count = {}, nil, 0
  for line in string.gmatch(call('GET', K .. 'bounds') or '', '[^\n]+') do
    if string.find(line, queue .. ' ', 1, true) == 1 then
      was = line
    else
      lines[#lines + 1] = line
    end
    count = count + 1
  end
  local line = how and queue .. ' ' .. most .. ' ' .. how
  if not how and not was then return 'g', true end
  if how and not was and count >= policy.most_bounds then return 'f', true end
  if line == was then return 'p', true end
  lines[#lines + 1] = line
  table.sort(lines)
  gate.bounds.text = #lines > 0 and '\n' .. table.concat(lines, '\n') .. '\n' or ''
  if #lines > 0 then
    call('SET', K .. 'bounds', gate.bounds.text)
  else
    redis.call('DEL', K .. 'bounds')
  end
  if how then
    call('HSET', K .. 'bound:' .. queue, 'who', who, 'at_ms', int(now))
    return 'm', was and true or gate.changed(now + policy.settled_late_ms)
  end
  redis.call('DEL', K .. 'bound:' .. queue, K .. 'bounded:' .. queue)
  return 'm', true
end
