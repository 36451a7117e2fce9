#!lua flags=allow-oom
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- How many jobs of some claims are still being run, by list. It stops behind the claim with which
--- it has looked at 1 024 jobs, 2.5 us each; the caller goes on behind the claims it looked at.
---
--- KEYS[1] prefix
--- ARGV    claims
--- Reply   { how many of the claims it looked at, of them ended or lapsed since they were named,
---         (list count)* }
--@ clock
--@ prelude
local counts, lists, looked, gone, jobs = {}, {}, 0, 0, 0
for _, n in ipairs(ARGV) do
  if jobs >= 1024 then break end
  looked = looked + 1
  local blob = call('GET', K .. 'claim:' .. n)
  if blob then
    local left, parts = {}, {}
    for _, id in ipairs(call('SMEMBERS', K .. 'left:' .. n)) do left[id] = true end
    for id in string.gmatch(string.match(blob, '\n,(.*)$') or '', '[^,]+') do
      if not left[id] then
        local s = segment(id)
        if not parts[s] then parts[s] = {} end
        table.insert(parts[s], id)
        jobs = jobs + 1
      end
    end
    -- Of the record the list alone: jobs of a claim are many, and mostly of one producer.
    for s, ids in pairs(parts) do
      for _, env in ipairs(call('HMGET', K .. 'jobs:' .. s, unpack(ids))) do
        local list = env and string.match(env, '^%d %x%x%x%x %d%d%d%d %d+ ([^ \n]+)')
        if list then
          if not counts[list] then lists[#lists + 1] = list end
          counts[list] = (counts[list] or 0) + 1
        end
      end
    end
  else
    gone = gone + 1
  end
end
local reply = {looked, gone}
for _, list in ipairs(lists) do
  reply[#reply + 1] = list
  reply[#reply + 1] = counts[list]
end
return reply
