-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Redis commands of a handler's own, which are carried out if, and only if, its attempt ends as
--- it says. Redis undoes nothing, so all of them are looked at before the first is carried out.
local EXACT = 2 ^ 53 - 1
local kind_of = {SET = 'any', DEL = 'any', EXPIRE = 'any', PEXPIRE = 'any', INCRBY = 'string',
  HSET = 'hash', HDEL = 'hash', HINCRBY = 'hash', SADD = 'set', SREM = 'set', ZADD = 'zset',
  ZREM = 'zset', LPUSH = 'list', RPUSH = 'list', XADD = 'stream'}
-- What Redis would say, or nil: its answer is the second.
local function asked(...)
  local reply = redis.pcall(...)
  if type(reply) == 'table' and reply.err then
    return 'Redis refuses it: ' .. string.gsub(string.sub(reply.err, 1, 120), '[^%w .,:_-]', '?')
  end
  return nil, reply
end
local function sum_of(old, more)
  local n = string.match(old, '^%-?%d+$') and tonumber(old)
  if not n or math.abs(n) > EXACT or int(n) ~= old then
    return nil, 'what is there is no integer below 2^53'
  end
  n = n + tonumber(more)
  if math.abs(n) > EXACT then return nil, 'it would not be below 2^53' end
  return int(n)
end
-- Which of them is refused, and why: commands and keys as those before it will have left them.
local function refused_of(all)
  local seen = {}
  for k, words in ipairs(all) do
    local name, key = words[1], words[2]
    if string.sub(key, 1, #K) == K then return k, 'its key is one of this namespace' end
    local at, why = seen[key]
    if not at then
      local reply
      why, reply = asked('TYPE', key)
      if why then return k, why end
      at = {kind = reply.ok, known = {}}
      seen[key] = at
    end
    local kind = kind_of[name]
    if kind ~= 'any' and at.kind ~= 'none' and at.kind ~= kind then
      return k, 'its key has a ' .. at.kind
    end
    if name == 'SET' or name == 'DEL' then
      at.kind, at.known, at.new = name == 'SET' and 'string' or 'none', {}, true
      if name == 'SET' then at.known[''] = words[3] end
    elseif name == 'INCRBY' or name == 'HINCRBY' then
      local field = name == 'HINCRBY' and words[3] or ''
      local old = at.known[field]
      if old == nil and not at.new then
        if name == 'INCRBY' then
          why, old = asked('GET', key)
        else
          why, old = asked('HGET', key, field)
        end
        if why then return k, why end
      end
      at.known[field], why = sum_of(old or '0', words[#words])
      if why then return k, why end
    elseif name == 'HSET' then
      for j = 3, #words, 2 do at.known[words[j]] = words[j + 1] end
    elseif name == 'HDEL' then
      for j = 3, #words do at.known[words[j]] = false end
    end
    if kind ~= 'any' and not string.find(name, 'DEL') and not string.find(name, 'REM') then
      at.kind = kind
    end
  end
end
-- At `i` in ARGV: `R kind number head tail count`, and each write with how many words it has. Then
-- comes the outcome. Where a write is refused the job ends as `kind` and `number` say instead, with
-- why between `head` and `tail`. Gives the place behind the outcome, and a code.
write_and_end = function(i)
  local all, p = {}, i + 6
  for k = 1, tonumber(ARGV[i + 5]) do
    local count = tonumber(ARGV[p])
    all[k] = {unpack(ARGV, p + 1, p + count)}
    p = p + count + 1
  end
  local c, id, kind = ARGV[p + 1], ARGV[p + 2], ARGV[p + 3]
  local behind = p + (kind == 'm' and 7 or 6)
  local env, h, code = mine(c, id)
  if code == 'k' and h and (kind == 'c' or not (bit(h.flags, 8) and cancel_word(env))) then
    local bad, why = refused_of(all)
    local done = 0
    while not bad and done < #all do
      why = asked(unpack(all[done + 1]))
      if why then bad = done + 1 else done = done + 1 end
    end
    if bad then
      why = 'write ' .. bad .. ' (' .. all[bad][1] .. '): ' .. why
      if done > 0 then why = why .. '; ' .. done .. ' before it were carried out' end
      code = outcome(c, id, ARGV[i + 1], tonumber(ARGV[i + 2]),
        ARGV[i + 3] .. (ARGV[i + 4] ~= '' and why or '') .. ARGV[i + 4])
      if code == 'k' then
        notes[#notes + 1] = 'a write was refused, so it failed: ' .. id .. ': ' .. why
        code = 'w'
      end
      return behind, code
    end
  end
  return behind, alone(p)
end
