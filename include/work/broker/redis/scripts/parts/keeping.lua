-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- What is kept for people to look at: completed jobs by a sample of their beginning, dead jobs and
--- unreadable records whole. Each has an order (`completed`, `dead`, `set_aside_at`) and the bytes
--- of each id in `bytes:<what>`, with their sum under the empty id.
-- What is kept for people is counted by id, and in all under the empty id; nil: it is gone.
keeping.count = function(what, id, size)
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
-- The same of many, none of which is named twice.
keeping.count_all = function(what, ids, sizes)
  if #ids == 0 then return end
  local key, more, set = K .. 'bytes:' .. what, 0, {}
  in_steps(#ids, function(i, j)
    for k, old in ipairs(call('HMGET', key, unpack(ids, i, j))) do
      local at = i + k - 1
      more = more + sizes[at] - num(old)
      set[2 * at - 1], set[2 * at] = ids[at], int(sizes[at])
    end
  end)
  in_steps(#set, function(i, j) call('HSET', key, unpack(set, i, j)) end)
  call('HINCRBY', key, '', int(more))
end
-- These are gone, of so many bytes in all.
keeping.uncount_all = function(what, ids, bytes)
  local key = K .. 'bytes:' .. what
  call('HDEL', key, unpack(ids))
  call('HINCRBY', key, '', int(-bytes))
  if call('HLEN', key) == 1 then redis.call('DEL', key) end
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
  if not line or string.find(env, '^%d %x%x[13579BDF]') then return env end
  local options, args = string.match(body, '^([^\n]*)(\n.*)$')
  local short = options and cut(options) .. '\n' .. cut(string.sub(args, 2)) or cut(body)
  if #short == #body then return env end
  return line .. ' b=' .. int(#body) .. '\n' .. short
end
-- A sample of a completed job.
keeping.add = function(id, list, text, env, most)
  keeping.drop(id, true)
  local record, done = text .. '\n' .. shortened(env), K .. 'completed:' .. list
  call('HSET', K .. 'kept', id, record)
  call('ZADD', done, int(now), id)
  call('ZADD', K .. 'completed', int(now), id)
  keeping.count('kept', id, #record)
  if call('ZCARD', done) > most then keeping.drop(call('ZRANGE', done, '0', '0')[1]) end
end
-- What is kept under its ending is in this state.
keeping.state = function(record)
  return string.find(record, '{"outcome":"cancelled"', 1, true) == 1 and 'cancelled' or 'completed'
end
keeping.drop = function(id, keeps_log)
  local record = call('HGET', K .. 'kept', id)
  if record then
    local h = header(string.match(record, '^[^\n]*\n(.*)$') or '')
    if h then call('ZREM', K .. 'completed:' .. h.list, id) end
    -- Its id may be that of a new job by now.
    if h and bit(h.flags, 8) and not keeps_log and call('HEXISTS', record_key(id), id) == 0 then
      redis.call('DEL', K .. 'log:' .. id)
    end
    call('HDEL', K .. 'kept', id)
    keeping.count('kept', id)
  end
  call('ZREM', K .. 'completed', id)
end
keeping.forget_aside = function(id)
  call('HDEL', K .. 'set_aside', id)
  call('ZREM', K .. 'set_aside_at', id)
  keeping.count('set_aside', id)
end
