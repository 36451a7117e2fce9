#!lua flags=allow-oom
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Cron entries: which are due, and what people change of them.
---
--- KEYS[1] prefix
--- ARGV    'due', how many at most
---         'show', name
---         'set', name, revision, next, new next, paused, text: paused -1 means since now
---         'drop', name, revision, next
--- Reply   of 'due': { now, when the first of the others is due or 0, (name, record)* }
---         of 'show': { now, the record or '', what is kept of its fires* }
---         else: { now, 'm' done, 'v' it is not of that revision and due at that time, or 'f' there
---         are too many, the record as it is now or '' }
--- `crons` has the records, `revision next paused fired job\n` and a text; `crons_due` when those
--- that are not paused are due. A revision is used once, whatever becomes of the entry.
--- Cost    of 'due' two calls, and one for each that is; of the others five
--@ clock
--@ prelude
--@ crons
local verb, name = ARGV[1], ARGV[2]
if verb == 'due' then
  local most = tonumber(ARGV[2])
  local reply, soon = {now, '0'}, call('ZRANGE', K .. 'crons_due', '0', int(most), 'WITHSCORES')
  -- Somebody deleted the times.
  if #soon == 0 and call('HLEN', K .. 'crons') > 0 then
    local all, times = call('HGETALL', K .. 'crons'), {}
    for i = 1, #all, 2 do
      local _, at = crons.seen(all[i + 1])
      if num(at) > 0 then gather(times, 'due', at, all[i]) end
    end
    local back = times.due or {}
    in_steps(#back, function(i, j) call('ZADD', K .. 'crons_due', unpack(back, i, j)) end)
    soon = call('ZRANGE', K .. 'crons_due', '0', int(most), 'WITHSCORES')
  end
  for i = 1, #soon, 2 do
    if num(soon[i + 1]) > now or i > 2 * most then
      reply[2] = soon[i + 1]
      break
    end
    local record = call('HGET', K .. 'crons', soon[i])
    if record then
      reply[#reply + 1] = soon[i]
      reply[#reply + 1] = record
    else
      call('ZREM', K .. 'crons_due', soon[i])
    end
  end
  return reply
end
local before = call('HGET', K .. 'crons', name)
if verb == 'show' then
  return {now, before or '', unpack(call('LRANGE', K .. 'fires:' .. name, '0', '-1'))}
end
local revision, at, fired, job = crons.seen(before)
if revision ~= ARGV[3] or at ~= ARGV[4] then return {now, 'v', before or ''} end
if verb == 'drop' then
  call('HDEL', K .. 'crons', name)
  call('ZREM', K .. 'crons_due', name)
  redis.call('DEL', K .. 'fires:' .. name)
  return {now, 'm', ''}
end
if not before and call('HLEN', K .. 'crons') >= policy.most_crons then return {now, 'f', ''} end
local paused = ARGV[6] == '-1' and int(now) or ARGV[6]
local number = int(call('HINCRBY', K .. 'broker', 'crons', '1'))
return {now, 'm', crons.store(name, number, ARGV[5], paused, fired, job, ARGV[7])}
