#!lua
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Stores one numbered batch of a producer.
---
--- KEYS[1] prefix
--- ARGV    producer, number, how long the answer is kept (ms), then sections as `store` reads them
--- Reply   { now, repeated 0|1, codes as `store` has them, as one string }
--- Cost    per plain job: one field of HSET and one element of RPUSH, in calls of many.
--@ clock
--@ plain_enqueue
--@ prelude
--@ lists
local function rare()
if bury then return end
--@ registries
--@ moves
--@ doors
--@ keeping
--@ holdings
--@ needs
--@ flows
--@ bounds
end
--@ store
local key = K .. 'producer:' .. ARGV[1] .. ':' .. (tonumber(ARGV[2]) % policy.stored_batches)
local before = call('MGET', key, K .. 'bounds')
local last = before[1]
gate.bounds.text = before[2] or ''
gate.bounds.on = gate.bounds.text ~= ''
if gate.bounds.on then rare() end
if last then
  local number, codes = string.match(last, '^(%d+) (.*)$')
  if number == ARGV[2] then return {now, 1, codes} end
  if num(number) > tonumber(ARGV[2]) then
    return redis.error_reply('STALE the batch ' .. ARGV[2] .. ' of producer ' .. ARGV[1] ..
      ' came after ' .. number)
  end
end
local codes = store(4, #ARGV)
note_ready()
if gate.bounds.on then gate.bounds.settle() end
wake_woken()
if soonest then due_at(soonest) end
local text = table.concat(codes)
call('SET', key, ARGV[2] .. ' ' .. text, 'PX', ARGV[3])
return {now, 0, text}
