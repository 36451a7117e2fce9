-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- The end of the words of an exchange: keeps the above within its limits.
local more = 0
-- What is kept for people stays within its bounds: at most 256 of a kind, or 16 MiB, go at a time.
if trims then
  local MANY, MUCH = policy.trimmed_jobs, policy.trimmed_bytes
  local bytes = num(call('HGET', K .. 'bytes:kept', ''))
  local gone = 0
  while gone < MANY do
    local oldest = call('ZRANGE', K .. 'completed', '0', '0', 'WITHSCORES')
    if not oldest[1] or bytes <= limits[2] and tonumber(oldest[2]) > now - limits[3] then break end
    rare()
    keeping.drop(oldest[1])
    bytes = num(call('HGET', K .. 'bytes:kept', ''))
    gone = gone + 1
  end
  if gone == MANY then more = 1 end
  local function trim(what, order, most, most_bytes, drop)
    local count, bytes = call('ZCARD', K .. order), num(call('HGET', K .. 'bytes:' .. what, ''))
    local gone, freed = 0, 0
    local function is_over()
      return gone < count and (count - gone > most or bytes - freed > most_bytes)
    end
    if not is_over() then return end
    rare()
    local ids = call('ZRANGE', K .. order, '0', int(math.min(count, MANY) - 1))
    local sizes = call('HMGET', K .. 'bytes:' .. what, unpack(ids))
    while is_over() and gone < #ids and freed < MUCH do
      gone = gone + 1
      freed = freed + num(sizes[gone])
    end
    if is_over() then more = 1 end
    ids = {unpack(ids, 1, gone)}
    call('ZREM', K .. order, unpack(ids))
    drop(ids)
    keeping.uncount_all(what, ids, freed)
    notes[#notes + 1] = string.gsub(what, '_', ' ') .. ' jobs above ' .. int(most) .. ' or ' ..
      int(most_bytes) .. ' bytes: the oldest ' .. int(gone) ..
      ' dropped, the last of them ' .. ids[gone]
  end
  trim('dead', 'dead', limits[4], limits[5], function(ids)
    local of_segment, logs = {}, {}
    local envs = records(ids, 1, #ids)
    for j, id in ipairs(ids) do
      gather(of_segment, segment(id), id)
      logs[j] = K .. 'log:' .. id
    end
    for _, kind in ipairs({'jobs:', 'failures:', 'bodies:'}) do
      write_all('HDEL', K .. kind, of_segment)
    end
    redis.call('DEL', unpack(logs))
    for j, id in ipairs(ids) do
      holdings.tell(id, envs[j], 'dropped')
      holdings.release(id, envs[j], 'ended')
    end
  end)
  trim('set_aside', 'set_aside_at', limits[6], limits[7], function(ids)
    call('HDEL', K .. 'set_aside', unpack(ids))
    for _, id in ipairs(ids) do
      if redis.call('HEXISTS', record_key(id), id) == 0 then
        call('HDEL', K .. 'bodies:' .. segment(id), id)
      end
    end
  end)
end
