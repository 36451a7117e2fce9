#!lua flags=allow-oom
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- How many jobs of some claims are still being run, by list. At most 16 claims a call.
---
--- KEYS[1] prefix
--- ARGV    claims
--- Reply   { how many of the claims ended or lapsed since they were named, (list count)* }
--@ clock
--@ prelude
local counts, lists, gone = {}, {}, 0
for _, n in ipairs(ARGV) do
  local blob = call('GET', K .. 'claim:' .. n)
  if blob then
    local left = {}
    for _, id in ipairs(call('SMEMBERS', K .. 'left:' .. n)) do left[id] = true end
    for id in string.gmatch(string.match(blob, '\n,(.*)$') or '', '[^,]+') do
      local env = not left[id] and call('HGET', record_key(id), id)
      local h = env and header(env)
      if h then
        if not counts[h.list] then lists[#lists + 1] = h.list end
        counts[h.list] = (counts[h.list] or 0) + 1
      end
    end
  else
    gone = gone + 1
  end
end
local reply = {gone}
for _, list in ipairs(lists) do
  reply[#reply + 1] = list
  reply[#reply + 1] = counts[list]
end
return reply
