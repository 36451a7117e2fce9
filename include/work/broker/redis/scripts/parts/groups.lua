-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Where suspects are looked for that are in no other place.
-- The ids in the groups of suspects of a name; what is said of them elsewhere is made true.
local groups = {}
local function groups_of(name)
  if groups[name] then return groups[name] end
  local ids, count = {}, 0
  groups[name] = ids
  for _, g in ipairs(call('ZRANGE', K .. 'suspects:' .. name, '0', '-1')) do
    local some = 0
    for _, part in ipairs(group_parts(call('GET', K .. 'group:' .. g) or '')) do
      for _, id in ipairs(name_of(part.list) == name and part or {}) do
        ids[id], some = true, some + 1
      end
    end
    if some == 0 then call('ZREM', K .. 'suspects:' .. name, g) end
    count = count + some
  end
  if count > 0 then
    call('ZADD', K .. 'suspects', count, name)
  else
    call('ZREM', K .. 'suspects', name)
  end
  return ids
end
