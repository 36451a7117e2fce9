-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Pausing and going on, of all lists of a queue or of a job name: `queue:<q>`, `name:<n>`; and the
--- walk that tells lists of their limits, and bounds of their lists.
---
--- `settings` says at once what is paused, and what gets its first job after that heeds it. The
--- lists that were there before are brought in line by a walk through `lists`, some in a call, so
--- that 10 000 of them hold nobody up: `broker` has how far it is, `settling`. Whoever paused goes
--- on until it is through; should he die, the timer `{settle` in `scheduled` makes a pool do it.
local function paused_till(text) return text and num(string.match(text, '^{"until_ms":(%d+)')) end
-- Opens it where `settings` allow it, and shuts it where they do not.
local function settle_lists(lists)
  local marks, fields = {}, {}
  for j, list in ipairs(lists) do
    marks[2 * j - 1], marks[2 * j] = '!{' .. list, '!|' .. list
    fields[2 * j - 1] = 'queue:' .. (string.match(list, '^([^:]+):.') or list)
    fields[2 * j] = 'name:' .. name_of(list)
  end
  local marked = call('ZMSCORE', K .. 'lists', unpack(marks))
  local texts, closed = call('HMGET', K .. 'settings', unpack(fields)), {}
  local some_limited = redis.call('EXISTS', K .. 'limited') == 1
  for j, list in ipairs(lists) do
    local paused, was_paused = false, marked[2 * j - 1]
    gate.bounds.meet(list)
    if some_limited or marked[2 * j] then slots.attach(list, slots.names(list)) end
    for _, text in ipairs({texts[2 * j - 1] or '', texts[2 * j] or ''}) do
      local till = #text > 0 and paused_till(text)
      if till and (till == 0 or till > now) then paused = true end
    end
    if paused and not was_paused then
      closed[#closed + 1] = list
      shut_list(list)
    elseif was_paused and not paused then
      open_list(list)
      local beside = redis.call('EXISTS', K .. 'side:' .. list, K .. 'prio:' .. list)
      if redis.call('EXISTS', K .. 'list:' .. list, K .. 'prio:' .. list) > 0 then
        made_ready(list)
        woken[list] = true
        gate.shut[list] = false
        if beside > 0 then mixed[list] = true end
      end
    end
  end
  if #closed > 0 then note_emptied(closed) end
end
-- The next lists of the walk; whether that was the last of it. After a change of limits it goes on
-- to the claims: `l<cursor>`, then `c<cursor>`.
gate.settle = function()
  local at = call('HGET', K .. 'broker', 'settling')
  if not at then return true end
  local part, cursor = string.match(at, '^([lc]?)(%d+)$')
  if part == 'c' then return slots.adopt(cursor) end
  local page = call('ZSCAN', K .. 'lists', cursor, 'COUNT', policy.settled_lists)
  local lists, met = {}, {}
  for j = 1, #page[2], 2 do
    local list = string.match(page[2][j], '^![{|](.*)$') or page[2][j]
    if string.byte(list) ~= 33 and not met[list] then
      met[list] = true
      lists[#lists + 1] = list
    end
  end
  for from = 1, #lists, policy.settled_lists do
    settle_lists({unpack(lists, from, math.min(from + policy.settled_lists - 1, #lists))})
  end
  if page[1] == '0' and part == 'l' then return slots.adopt('0') end
  if page[1] == '0' then
    call('HDEL', K .. 'broker', 'settling')
    call('ZREM', K .. 'scheduled', '{settle')
    return true
  end
  call('HSET', K .. 'broker', 'settling', part .. page[1])
  return false
end
-- The walk begins, anew if there is one.
local function begin_walk(limits)
  local before = call('HGET', K .. 'broker', 'settling') or ''
  local through = limits or string.find(before, '^[lc]')
  call('HSET', K .. 'broker', 'settling', through and 'l0' or '0')
end
-- What is paused has changed, or what limits are for. Pools go on with the walk from `at`.
gate.changed = function(at, limits)
  begin_walk(limits)
  if gate.settle() then return true end
  call('ZADD', K .. 'scheduled', int(at), '{settle')
  return false
end
-- What `scheduled` holds beside jobs: the end of a pause, and a walk that is not through. No id has
-- a space or begins so. Whether there is something for `gate.changed` or `gate.settle` to do.
gate.fire = function(timer)
  local key = string.match(timer, '^{resume (.+)$')
  local till = key and paused_till(call('HGET', K .. 'settings', key))
  if till and till > 0 and till <= now then
    call('HDEL', K .. 'settings', key)
    begin_walk()
  end
  return true
end
