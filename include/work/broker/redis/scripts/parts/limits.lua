-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Limits: how many jobs of some lists may run at a time.
---
--- `limits` has their names; `limit:<name>` has `slots`, and `on`: which lists it is for, as
--- `queue:<q>` and `name:<n>`; `limited` finds them from there. A list to which limits apply has
--- their names beside it, in `{limits`, and the mark `!|<list>` in `lists`; it may be claimed from
--- while each of them has a slot free. `held:<limit>` has the jobs that run, and the claim of each;
--- `limited:<claim>` the limits of its jobs. A holder is believed only while that claim may speak
--- for it.
---
--- A list that is refused leaves `ready`: `{parked` beside it names the limit, and it stands in
--- `waits:<limit>`, first in first out, until whoever frees a slot wakes it. So nobody looks at it
--- meanwhile, however many jobs it has. `{{suspects` there: some group was refused.
local SUSPECTS = '{{suspects'
slots.rooms, slots.granted, slots.audited, slots.limits_of = {}, {}, {}, {}
-- Something about it changed: maybe it has room for who waits.
slots.touch = function(name)
  local all = slots.touched
  for _, one in ipairs(all) do if one == name then return end end
  all[#all + 1] = name
end
-- The limits of the jobs of a claim; false: there are none.
slots.of = function(n)
  if slots.known[n] == nil then
    local names = call('SMEMBERS', K .. 'limited:' .. n)
    slots.known[n] = #names > 0 and names
  end
  return slots.known[n]
end
-- How many more may run; of a limit that is gone as many as you like.
slots.room = function(name)
  local room = slots.rooms[name]
  if not room then
    local most = tonumber(call('HGET', K .. 'limit:' .. name, 'slots') or '')
    room = most and most - call('HLEN', K .. 'held:' .. name) or math.huge
    slots.rooms[name] = room
  end
  return room
end
local function holds(id, n)
  return call('ZSCORE', K .. 'leases', n) and redis.call('HEXISTS', record_key(id), id) == 1
    and call('SISMEMBER', K .. 'left:' .. n, id) == 0
    and string.find(call('GET', K .. 'claim:' .. n) or '', ',' .. id .. ',', 1, true)
end
slots.holds = holds
-- Some holders, by lot: those that run no more, whoever forgot them, are none.
slots.audit = function(name, most)
  local some, gone = call('HRANDFIELD', K .. 'held:' .. name, most, 'WITHVALUES'), {}
  for j = 1, #some, 2 do
    if not holds(some[j], some[j + 1]) then gone[#gone + 1] = some[j] end
  end
  if #gone == 0 then return end
  call('HDEL', K .. 'held:' .. name, unpack(gone))
  slots.rooms[name] = nil
  slots.touch(name)
end
-- How many of k jobs may run, by all of these limits; and the one that lets fewest.
slots.admit = function(names, k)
  local least, by = k, nil
  for name in string.gmatch(names, '%S+') do
    if slots.room(name) <= 0 and not slots.audited[name] then
      slots.audited[name] = true
      slots.audit(name, 'policy.audited_slots')
    end
    local room = slots.room(name)
    if room < least then least, by = room, name end
  end
  return math.max(least, 0), by
end
-- These jobs get their slots; `hold` writes it down once their claim has a number.
slots.charge = function(names, ids, from)
  for name in string.gmatch(names, '%S+') do
    if slots.room(name) < math.huge then
      for j = from, #ids do gather(slots.granted, name, ids[j]) end
      slots.rooms[name] = slots.room(name) - (#ids - from + 1)
    end
  end
end
slots.hold = function(n)
  for _, name in ipairs(slots.granted) do
    local fields = {}
    for _, id in ipairs(slots.granted[name]) do
      fields[#fields + 1] = id
      fields[#fields + 1] = n
    end
    call('HSET', K .. 'held:' .. name, unpack(fields))
    call('SADD', K .. 'limited:' .. n, name)
  end
end
-- Jobs left a claim. One that was claimed again since has its slot from there.
slots.free = function(n, ids)
  if #ids == 0 or not slots.of(n) then return end
  for _, name in ipairs(slots.of(n)) do
    local held = K .. 'held:' .. name
    in_steps(#ids, function(i, j)
      local gone = {}
      for k, of in ipairs(call('HMGET', held, unpack(ids, i, j))) do
        if of == n then gone[#gone + 1] = ids[i + k - 1] end
      end
      if #gone > 0 then
        call('HDEL', held, unpack(gone))
        slots.rooms[name] = nil
        slots.touch(name)
      end
    end)
  end
end
-- Claims ended, with these jobs.
slots.free_all = function(ended)
  local keys = {}
  for j, one in ipairs(ended) do keys[j] = K .. 'limited:' .. one[1] end
  if redis.call('EXISTS', unpack(keys)) == 0 then return end
  for _, one in ipairs(ended) do slots.free(one[1], one[2]) end
end
-- The first of these limits that has no room; nil: each has.
slots.full = function(names)
  for name in string.gmatch(names, '%S+') do
    if slots.room(name) <= 0 then return name end
  end
end
slots.touch_all = function(names)
  for name in string.gmatch(names, '%S+') do slots.touch(name) end
end
slots.park = function(list, name)
  call('HSET', K .. 'side:' .. list, '{parked', name)
  call('ZADD', K .. 'waits:' .. name, 'NX', int(slots.us), '{' .. list)
end
slots.unpark = function(list, name)
  call('HDEL', K .. 'side:' .. list, '{parked')
  call('ZREM', K .. 'waits:' .. name, '{' .. list)
end
slots.park_suspects = function(name)
  call('ZADD', K .. 'waits:' .. name, 'NX', int(slots.us), SUSPECTS)
end
-- A list that has its limits anew is looked at as one that got its first job.
local function look_again(list)
  if redis.call('EXISTS', K .. 'list:' .. list, K .. 'prio:' .. list) == 0 then return false end
  made_ready(list)
  woken[list] = true
  if redis.call('EXISTS', K .. 'side:' .. list, K .. 'prio:' .. list) > 0 then
    mixed[list] = true
  end
  return true
end
-- Those of them first that this pool serves, who will fill the slots at once.
local function served_first(waiters)
  local lists = {}
  for _, one in ipairs(waiters) do
    local list = string.sub(one, 2)
    lists[#lists + 1] = list
    lists[#lists + 1] = '*' .. name_of(list)
  end
  local ranks = call('ZMSCORE', K .. 'serves:' .. slots.pool, unpack(lists))
  local first, others = {}, {}
  for j, one in ipairs(waiters) do
    local to = (ranks[2 * j - 1] or ranks[2 * j]) and first or others
    to[#to + 1] = one
  end
  for _, one in ipairs(others) do first[#first + 1] = one end
  return first
end
local function wake_for_suspects()
  for _, p in ipairs(some_pools(8, slots.pool)) do give_wakeup(K .. 'wake:' .. p) end
end
-- As many of those who wait as there is room for. Limits come by name: who touched them first would
-- depend on the order of a set.
slots.wake = function()
  local all = slots.touched
  slots.touched = {}
  table.sort(all)
  for _, name in ipairs(all) do
    local room = slots.room(name)
    local most = math.min(math.max(room, policy.seen_waiters), policy.woken_waiters)
    local waiters = room > 0 and call('ZRANGE', K .. 'waits:' .. name, '0', int(most - 1)) or {}
    if slots.pool and room > 0 and #waiters > room then waiters = served_first(waiters) end
    for _, one in ipairs(waiters) do
      if room <= 0 then break end
      local list = string.sub(one, 2)
      if one == SUSPECTS then
        call('ZREM', K .. 'waits:' .. name, one)
        wake_for_suspects()
        room = room - 1
      else
        slots.unpark(list, name)
        if look_again(list) then room = room - 1 end
      end
    end
  end
end
-- A list is to have these limits, '' for none.
slots.attach = function(list, names)
  local side = K .. 'side:' .. list
  local has = call('HMGET', side, '{limits', '{parked')
  if (has[1] or '') == names then return end
  if has[2] then slots.unpark(list, has[2]) end
  if names == '' then
    call('HDEL', side, '{limits')
    call('ZREM', K .. 'lists', '!|' .. list)
  else
    call('HSET', side, '{limits', names)
    call('ZADD', K .. 'lists', policy.paused_score, '!|' .. list)
  end
  look_again(list)
end
-- What runs in a claim of lists that have limits holds slots from now on.
local function adopt(n)
  local blob = call('GET', K .. 'claim:' .. n) or ''
  if not string.find(blob, '^%S+ [jsi] ') then return end
  local left, parts, held = {}, {}, {}
  for _, id in ipairs(call('SMEMBERS', K .. 'left:' .. n)) do left[id] = true end
  for id in string.gmatch(string.match(blob, '\n,(.*)$') or '', '[^,]+') do
    if not left[id] then gather(parts, segment(id), id) end
  end
  for _, s in ipairs(parts) do
    for j, env in ipairs(call('HMGET', K .. 'jobs:' .. s, unpack(parts[s]))) do
      local h = env and header(env)
      local list = h and h.list
      if list and slots.limits_of[list] == nil then
        slots.limits_of[list] = call('HGET', K .. 'side:' .. list, '{limits')
      end
      for name in string.gmatch(list and slots.limits_of[list] or '', '%S+') do
        gather(held, name, parts[s][j], n)
      end
    end
  end
  for _, name in ipairs(held) do
    call('HSET', K .. 'held:' .. name, unpack(held[name]))
    call('SADD', K .. 'limited:' .. n, name)
    slots.rooms[name] = nil
  end
  slots.known[n] = nil
end
-- The second part of the walk after a change: claims, some in a call. Whether that was the last.
slots.adopt = function(cursor)
  local page = call('ZSCAN', K .. 'leases', cursor, 'COUNT', policy.adopted_claims)
  for j = 1, #page[2], 2 do adopt(page[2][j]) end
  if page[1] == '0' then
    call('HDEL', K .. 'broker', 'settling')
    call('ZREM', K .. 'scheduled', '{settle')
    return true
  end
  call('HSET', K .. 'broker', 'settling', 'c' .. page[1])
  return false
end
-- In `limited`: this limit is to be among those of these targets, or not.
local function target(name, targets, added)
  for one in string.gmatch(targets, '%S+') do
    local names = {}
    for other in string.gmatch(call('HGET', K .. 'limited', one) or '', '%S+') do
      if other ~= name then names[#names + 1] = other end
    end
    if added then names[#names + 1] = name end
    if #names > 0 then
      call('HSET', K .. 'limited', one, table.concat(names, ' '))
    else
      call('HDEL', K .. 'limited', one)
    end
  end
end
-- Sets a limit, made by 'hand' or by a 'pool', which leaves alone what a hand made. `on` nil: for
-- the lists that it is for. Returns 'm' done, 'p' it was so, 'h' it was set by hand, 'f' there are
-- too many; and whether all lists have heard of it.
slots.set = function(name, count, by, who, on)
  local key = K .. 'limit:' .. name
  local was = call('HMGET', key, 'slots', 'on', 'by', 'who')
  if by == 'pool' and was[1] and was[3] == 'hand' then return 'h', true end
  if not was[1] and call('SCARD', K .. 'limits') >= policy.most_limits then return 'f', true end
  on = on or was[2] or ''
  if was[1] == count and was[2] == on and was[3] == by and (was[4] == who or by == 'pool') then
    return 'p', true
  end
  for one in string.gmatch(on, '%S+') do
    local _, others = string.gsub(call('HGET', K .. 'limited', one) or '', '%S+', '')
    if others >= policy.limits_of_one
        and not string.find(' ' .. (was[2] or '') .. ' ', ' ' .. one .. ' ', 1, true) then
      return 'f', true
    end
  end
  call('SADD', K .. 'limits', name)
  call('HSET', key, 'slots', count, 'on', on, 'by', by, 'who', who, 'at_ms', int(now))
  slots.rooms[name] = nil
  slots.touch(name)
  if was[2] == on or on == '' and not was[2] then return 'm', true end
  target(name, was[2] or '', false)
  target(name, on, true)
  return 'm', gate.changed(now + policy.settled_late_ms, true)
end
slots.remove = function(name)
  local on = call('HGET', K .. 'limit:' .. name, 'on')
  if not on then return 'g', true end
  target(name, on, false)
  call('SREM', K .. 'limits', name)
  local refused = call('ZSCORE', K .. 'waits:' .. name, SUSPECTS)
  redis.call('DEL', K .. 'limit:' .. name, K .. 'held:' .. name, K .. 'waits:' .. name)
  slots.rooms[name] = nil
  if refused then wake_for_suspects() end
  return 'm', gate.changed(now + policy.settled_late_ms, true)
end
-- A list is forgotten, and what it has by its limits.
slots.forget = function(lists)
  local marks = {}
  for j, list in ipairs(lists) do marks[j] = '!|' .. list end
  for j, is in ipairs(call('ZMSCORE', K .. 'lists', unpack(marks))) do
    if is then slots.attach(lists[j], '') end
  end
end
-- The end of a claim: who left a limit that has room makes way for the next, and what waited though
-- it need not comes back.
slots.settle = function()
  for list in pairs(slots.back) do look_again(list) end
  slots.wake()
  note_ready()
end
-- Chores: what leaked, and who was not woken, of some limits by lot.
slots.sweep = function()
  local some = call('SRANDMEMBER', K .. 'limits', policy.swept_limits)
  if #some == 0 then return end
  slots.audit(some[1], 'policy.swept_slots')
  for _, name in ipairs(some) do slots.touch(name) end
  slots.wake()
  note_ready()
  wake_woken()
end
