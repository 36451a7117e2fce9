-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
local function draw(key, n)
  local all, some = call('SMEMBERS', key), {}
  table.sort(all)
  for i = 1, math.min(n, #all) do some[i] = all[(number + i - 1) % #all + 1] end
  return some
end
