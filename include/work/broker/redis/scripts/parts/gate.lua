-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Pausing and going on, of all lists of a queue or of a job name: `queue:<q>`, `name:<n>`.
local function is_of(list, key)
  local queue = string.match(list, '^([^:]+):.') or list
  return key == 'queue:' .. queue or key == 'name:' .. name_of(list)
end
-- Those that hold jobs, or held any lately; and those that are paused.
gate.pause = function(key)
  local paused = {}
  for _, list in ipairs(call('ZRANGEBYSCORE', K .. 'lists', '-inf', policy.paused_score - 1)) do
    if string.byte(list) ~= 33 and is_of(list, key) then
      paused[#paused + 1] = list
      shut_list(list)
    end
  end
  if #paused > 0 then note_emptied(paused) end
end
gate.resume = function(key)
  call('HDEL', K .. 'settings', key)
  call('ZREM', K .. 'scheduled', '{resume ' .. key)
  for _, mark in ipairs(call('ZRANGEBYSCORE', K .. 'lists', policy.paused_score, '+inf')) do
    local list = string.sub(mark, 3)
    if is_of(list, key) and not gate.is_paused(list) then
      open_list(list)
      local beside = redis.call('EXISTS', K .. 'side:' .. list, K .. 'prio:' .. list)
      if beside + redis.call('EXISTS', K .. 'list:' .. list) > 0 then
        made_ready(list)
        woken[list] = true
        gate.shut[list] = nil
        if beside > 0 then mixed[list] = true end
      end
    end
  end
end
-- What `scheduled` holds beside jobs: a pause that ends by itself. No id has a space.
gate.fire = function(timer)
  local key = string.match(timer, '^{resume (.+)$')
  local text = key and call('HGET', K .. 'settings', key)
  local till = text and num(string.match(text, '^{"until_ms":(%d+)'))
  if till and till > 0 and till <= now then gate.resume(key) end
end
