// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string_view>

namespace work::scripts {

/// What is kept for people to look at: completed jobs by a sample of their beginning, dead jobs and
/// unreadable records whole. Each has an order (`completed`, `dead`, `set_aside_at`) and the bytes
/// of each id in `bytes:<what>`, with their sum under the empty id.
inline constexpr std::string_view rare_keeping = R"lua(
-- What is kept for people is counted by id, and in all under the empty id; nil: it is gone.
count_bytes = function(what, id, size)
  local key = K .. 'bytes:' .. what
  local old = call('HGET', key, id)
  if size then
    call('HSET', key, id, int(size))
  elseif old then
    call('HDEL', key, id)
  else
    return
  end
  call('HINCRBY', key, '', int((size or 0) - num(old)))
  if not size and call('HLEN', key) == 1 then redis.call('DEL', key) end
end
local function cut(text)
  if #text <= 1024 then return text end
  local e = 1024
  while e > 1021 do
    local b = string.byte(text, e + 1)
    if b < 128 or b > 191 then break end
    e = e - 1
  end
  return string.sub(text, 1, e)
end
-- The envelope with at most 1 KiB of its options and of its arguments.
local function shortened(env)
  local line, body = string.match(env, '^([^\n]*)\n(.*)$')
  if not line or string.find(env, '^1 [13579BDF]') then return env end
  local options, args = string.match(body, '^([^\n]*)(\n.*)$')
  local short = options and cut(options) .. '\n' .. cut(string.sub(args, 2)) or cut(body)
  if #short == #body then return env end
  return line .. ' b=' .. int(#body) .. '\n' .. short
end
-- A sample of a completed job.
keep = function(id, list, text, env, most)
  drop_kept(id)
  local record, done = text .. '\n' .. shortened(env), K .. 'completed:' .. list
  call('HSET', K .. 'kept', id, record)
  call('ZADD', done, int(now), id)
  call('ZADD', K .. 'completed', int(now), id)
  count_bytes('kept', id, #record)
  if call('ZCARD', done) > most then drop_kept(call('ZRANGE', done, '0', '0')[1]) end
end
drop_kept = function(id)
  local record = call('HGET', K .. 'kept', id)
  if record then
    local h = header(string.match(record, '^[^\n]*\n(.*)$') or '')
    if h then call('ZREM', K .. 'completed:' .. h.list, id) end
    call('HDEL', K .. 'kept', id)
    count_bytes('kept', id)
  end
  call('ZREM', K .. 'completed', id)
end
forget_aside = function(id)
  call('HDEL', K .. 'set_aside', id)
  call('ZREM', K .. 'set_aside_at', id)
  count_bytes('set_aside', id)
end
)lua";

/// The end of the words of an exchange: keeps the above within its limits.
inline constexpr std::string_view exchange_keeping = R"lua(
local more = 0
-- What is kept for people stays within its bounds: at most 256 of a kind, or 16 MiB, go at a time.
if trims then
  local MANY, MUCH = 256, 16777216
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
    forget_record(id)
    forget_failures(id)
  end)
  trim('set_aside', 'set_aside_at', limits[6], limits[7], function(id)
    forget_aside(id)
    if redis.call('HEXISTS', record_key(id), id) == 0 then
      call('HDEL', K .. 'bodies:' .. segment(id), id)
    end
  end)
end
)lua";

}  // namespace work::scripts
