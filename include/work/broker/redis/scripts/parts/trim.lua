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
    drop_kept(oldest[1])
    bytes = num(call('HGET', K .. 'bytes:kept', ''))
    gone = gone + 1
  end
  if gone == MANY then more = 1 end
  local function trim(what, order, most, most_bytes, drop)
    local count, bytes = call('ZCARD', K .. order), num(call('HGET', K .. 'bytes:' .. what, ''))
    local gone, freed, last = 0, 0, nil
    while (count > most or bytes > most_bytes) and count > 0 do
      if gone == MANY or freed >= MUCH then more = 1 break end
      rare()
      last = call('ZRANGE', K .. order, '0', '0')[1]
      drop(last)
      local left = num(call('HGET', K .. 'bytes:' .. what, ''))
      freed, bytes, count, gone = freed + bytes - left, left, count - 1, gone + 1
    end
    if gone > 0 then
      notes[#notes + 1] = string.gsub(what, '_', ' ') .. ' jobs above ' .. int(most) .. ' or ' ..
        int(most_bytes) .. ' bytes: the oldest ' .. int(gone) ..
        ' dropped, the last of them ' .. last
    end
  end
  trim('dead', 'dead', limits[4], limits[5], function(id)
    call('ZREM', K .. 'dead', id)
    count_bytes('dead', id)
    finish(id, nil, 'dropped')
  end)
  trim('set_aside', 'set_aside_at', limits[6], limits[7], function(id)
    forget_aside(id)
    if redis.call('HEXISTS', record_key(id), id) == 0 then
      call('HDEL', K .. 'bodies:' .. segment(id), id)
    end
  end)
end
