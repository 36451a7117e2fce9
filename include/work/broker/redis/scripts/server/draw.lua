-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Up to n different members of a set that has `size` of them, n > 0. SRANDMEMBER looks at 15
--- places of the hash table for each member that it draws; many are taken as they lie there one
--- behind the other, from a place that is drawn: each has the same chance.
local function draw(key, n, size)
  if n < 8 or n >= size then return call('SRANDMEMBER', key, int(n)) end
  -- Where the walk may come round to its beginning some might be met twice.
  local found, known, count = {}, size < 2 * n and {}, 0
  local at = int(us % 2097152 * 2654435761 % 4294967296)
  for _ = 1, 8 do
    local part = call('SSCAN', key, at, 'COUNT', int(n - count))
    at = part[1]
    for _, member in ipairs(part[2]) do
      if not known or not known[member] then
        count = count + 1
        found[count] = member
        if known then known[member] = true end
      end
    end
    if count >= n then break end
  end
  if count == 0 then return call('SRANDMEMBER', key, int(n)) end
  if count <= n then return found end
  -- A small set may be told as a whole, always in the same order.
  local some, from = {}, us % count
  for i = 1, n do some[i] = found[(from + i) % count + 1] end
  return some
end
