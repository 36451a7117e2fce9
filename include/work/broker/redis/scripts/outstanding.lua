#!lua flags=allow-oom
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- What is left of what a pool serves, suspects included, in one moment.
---
--- KEYS[1] prefix
--- ARGV    a fence, then what is served: `*<name>` or lists
--- Reply   { pending, active, fence, claims* } — active -1: not counted, since more than 16 claims
---         are newer than the fence; those are named, or none where there are more than 4 096
--- A claim never gains jobs. So who found none in the claims up to a fence, and learns from a later
--- call that nothing is pending and that the claims since have none, knows that nothing is left.
--- Of a name the lists in other queues count as one job each, so that 20 000 cost what one costs.
--@ clock
--@ prelude
local asked, looked, pending = {}, {}, 0
for i = 2, #ARGV do
  local name = string.match(ARGV[i], '^%*(.+)$')
  asked[ARGV[i]] = true
  looked[#looked + 1] = ARGV[i]
  looked[#looked + 1] = name
end
local function is_asked(list) return asked[list] or asked['*' .. name_of(list)] end
in_steps(#looked, function(a, b)
  local ready = call('SMISMEMBER', K .. 'ready', unpack(looked, a, b))
  for i = a, b do
    local what = looked[i]
    local name = string.match(what, '^%*(.+)$')
    local is_ready = ready[i - a + 1] ~= 0
    if is_ready and name then
      pending = pending + call('SCARD', K .. 'queues:' .. name)
    elseif is_ready then
      local length = call('LLEN', K .. 'list:' .. what)
      if length > 0 then length = length - num(call('HGET', K .. 'side:' .. what, '')) end
      pending = pending + length + call('ZCARD', K .. 'prio:' .. what)
    end
  end
end)
-- What waits at a limit is not ready, though somebody will run it.
for _, mark in ipairs(call('ZRANGEBYSCORE', K .. 'lists', policy.paused_score, '+inf')) do
  local list = string.match(mark, '^!|(.*)$')
  local side = list and is_asked(list)
    and call('HMGET', K .. 'side:' .. list, '{paused', '{parked', '') or {}
  if side[2] and not side[1] then
    pending = pending + call('LLEN', K .. 'list:' .. list) + call('ZCARD', K .. 'prio:' .. list)
      - num(side[3])
  end
end
if redis.call('EXISTS', K .. 'suspects') == 1 then
  local names = {}
  for _, what in ipairs(looked) do names[string.match(what, '[^:*]*$')] = true end
  for name in pairs(names) do
    if asked['*' .. name] then
      pending = pending + num(call('ZSCORE', K .. 'suspects', name))
    else
      for _, g in ipairs(call('ZRANGE', K .. 'suspects:' .. name, 0, -1)) do
        local group = call('GET', K .. 'group:' .. g) or ''
        for list, ids in string.gmatch(group, '([^,\n]+)(,[^\n]*)\n') do
          local _, commas = string.gsub(ids, ',', ',')
          if name_of(list) == name and asked[list] then pending = pending + commas - 1 end
        end
      end
    end
  end
end
local since, fence = tonumber(ARGV[1]), num(call('HGET', K .. 'broker', 'fence'))
local claims, active = {}, 0
if fence <= since then return {pending, 0, int(fence), claims} end
if call('ZCARD', K .. 'leases') > 4096 then return {pending, -1, int(fence), claims} end
for _, n in ipairs(call('ZRANGE', K .. 'leases', 0, -1)) do
  if tonumber(n) > since then claims[#claims + 1] = n end
end
if #claims > 16 then return {pending, -1, int(fence), claims} end
for _, n in ipairs(claims) do
  local left, blob = {}, call('GET', K .. 'claim:' .. n) or ''
  for _, id in ipairs(call('SMEMBERS', K .. 'left:' .. n)) do left[id] = true end
  for id in string.gmatch(string.match(blob, '\n,(.*)$') or '', '[^,]+') do
    local env = not left[id] and call('HGET', record_key(id), id)
    local h = env and header(env)
    if h and is_asked(h.list) then active = active + 1 end
  end
end
return {pending, active, int(fence), {}}
