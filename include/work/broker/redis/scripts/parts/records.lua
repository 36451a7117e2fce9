-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Records of many jobs, which lie apart by segment: those of one producer together, those of
--- chosen ids each by itself.
-- The records of some of these ids, and their segments. Who does not need all of them reads them in
-- steps, so that a few large ones are not all read for nothing.
local function records(all, from, to)
  local envs, parts, met, count = {}, {}, {}, 0
  for j = from, to do
    local s = segment(all[j])
    parts[j - from + 1] = s
    if not met[s] then met[s], count = true, count + 1 end
  end
  if count == 1 then
    return call('HMGET', K .. 'jobs:' .. parts[1], unpack(all, from, to)), parts
  end
  if 3 * count > to - from then
    for k, s in ipairs(parts) do envs[k] = call('HGET', K .. 'jobs:' .. s, all[from + k - 1]) end
    return envs, parts
  end
  local ids, places = {}, {}
  for k, s in ipairs(parts) do
    gather(ids, s, all[from + k - 1])
    gather(places, s, k)
  end
  for _, s in ipairs(ids) do
    local at = places[s]
    for k, env in ipairs(call('HMGET', K .. 'jobs:' .. s, unpack(ids[s]))) do envs[at[k]] = env end
  end
  return envs, parts
end
