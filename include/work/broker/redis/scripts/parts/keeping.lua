-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- What is kept for people to look at: completed jobs by a sample of their beginning, dead jobs and
--- unreadable records whole. Each has an order (`completed`, `dead`, `set_aside_at`) and the bytes
--- of each id in `bytes:<what>`, with their sum under the empty id.
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
  drop_kept(id, true)
  local record, done = text .. '\n' .. shortened(env), K .. 'completed:' .. list
  call('HSET', K .. 'kept', id, record)
  call('ZADD', done, int(now), id)
  call('ZADD', K .. 'completed', int(now), id)
  count_bytes('kept', id, #record)
  if call('ZCARD', done) > most then drop_kept(call('ZRANGE', done, '0', '0')[1]) end
end
-- What is kept under its ending is in this state.
kept_state = function(record)
  return string.find(record, '{"outcome":"cancelled"', 1, true) == 1 and 'cancelled' or 'completed'
end
drop_kept = function(id, keeps_log)
  local record = call('HGET', K .. 'kept', id)
  if record then
    local h = header(string.match(record, '^[^\n]*\n(.*)$') or '')
    if h then call('ZREM', K .. 'completed:' .. h.list, id) end
    -- Its id may be that of a new job by now.
    if h and bit(h.flags, 8) and not keeps_log and call('HEXISTS', record_key(id), id) == 0 then
      redis.call('DEL', K .. 'log:' .. id)
    end
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
