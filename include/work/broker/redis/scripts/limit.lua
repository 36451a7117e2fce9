#!lua flags=allow-oom
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Sets a limit, removes one, or shows some; goes on with the walk that follows a change; finds
--- what limits keep and should not.
---
--- KEYS[1] prefix
--- ARGV    'set', name, slots, who, '1' where it says what it is for, `queue:<q>` and `name:<n>`
---           joined by spaces
---         'remove', name
---         'settle'
---         'show', names
---         'page', cursor: some of all
---         'list', a list: those that apply to it
---         'leaked', name, cursor, '1' to mend: some of its holders that run under no lease
---         'stranded', '1' to mend, lists: those that wait at a limit that does not know of it
--- Reply   of 'show', 'page' and 'list': { now, the limit at which the list waits or '', of 'page'
---         the next cursor, (name, slots, by, who, at ms, what it is for, how many run, how many
---         wait, (id claim)* of five that run, five lists that wait)* }
---         of 'leaked' and 'stranded': { now, the next cursor, what was found }
---         else: { now, code as `slots.set` has it or 'g' there is none, 0 or 1: it has to be
---         called again, with 'settle' }
--- Cost    of a change a page of `lists`, then of `leases`; to show one 4 calls, to look at a
---         holder as many, at a list 2
--@ clock
--@ prelude
--@ transitions
local verb, name = ARGV[1], ARGV[2]
local function shown(one)
  local limit = call('HMGET', K .. 'limit:' .. one, 'slots', 'by', 'who', 'at_ms', 'on')
  if not limit[1] then return nil end
  local held, waits = K .. 'held:' .. one, K .. 'waits:' .. one
  local some = call('HSCAN', held, '0', 'COUNT', '5')[2]
  return {one, limit[1], limit[2], limit[3], limit[4], limit[5], call('HLEN', held),
    call('ZCARD', waits), {unpack(some, 1, math.min(#some, 10))}, call('ZRANGE', waits, '0', '4')}
end
if verb == 'show' or verb == 'page' or verb == 'list' then
  local names, parked = {unpack(ARGV, 2)}, ''
  if verb == 'list' then
    local side = call('HMGET', K .. 'side:' .. name, '{limits', '{parked')
    names, parked = {}, side[2] or ''
    for one in string.gmatch(side[1] or '', '%S+') do names[#names + 1] = one end
  elseif verb == 'page' then
    local page = call('SSCAN', K .. 'limits', name, 'COUNT', policy.shown_limits)
    parked, names = page[1], page[2]
  end
  local reply = {now, parked}
  for _, one in ipairs(names) do reply[#reply + 1] = shown(one) end
  return reply
end
if verb == 'leaked' then
  local page, gone = call('HSCAN', K .. 'held:' .. name, ARGV[3], 'COUNT', policy.shown_limits), {}
  for j = 1, #page[2], 2 do
    if not slots.holds(page[2][j], page[2][j + 1]) then gone[#gone + 1] = page[2][j] end
  end
  if ARGV[4] == '1' and #gone > 0 then
    in_steps(#gone, function(i, j) call('HDEL', K .. 'held:' .. name, unpack(gone, i, j)) end)
    slots.touch(name)
    slots.settle()
    wake_woken()
  end
  return {now, page[1], gone}
end
if verb == 'stranded' then
  local found = {}
  -- While a walk is under way lists may wait where a limit was, until it comes by.
  if call('HGET', K .. 'broker', 'settling') then return {now, '0', found} end
  for j = 3, #ARGV do
    local at = call('HGET', K .. 'side:' .. ARGV[j], '{parked')
    if at and not call('ZSCORE', K .. 'waits:' .. at, '{' .. ARGV[j]) then
      found[#found + 1] = ARGV[j]
      if name == '1' then
        slots.unpark(ARGV[j], at)
        slots.back[ARGV[j]] = true
      end
    end
  end
  slots.settle()
  wake_woken()
  return {now, '0', found}
end
local code, through = 'm'
if verb == 'settle' then
  through = gate.settle()
elseif verb == 'remove' then
  code, through = slots.remove(name)
else
  code, through = slots.set(name, ARGV[3], 'hand', ARGV[4], ARGV[5] == '1' and ARGV[6] or nil)
end
slots.wake()
note_ready()
wake_woken()
if not through and verb ~= 'settle' then due_at(now + policy.settled_late_ms) end
return {now, code, through and 0 or 1}
