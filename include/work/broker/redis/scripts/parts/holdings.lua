-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- What jobs hold beside their places: a lock, tags, and those who are told of their end.
---
--- Tags, which the first line names by ` t=<tag>,…`, encoded, with the flag 20: `tag:<tag>` has
--- id → when it was made, of jobs that have not ended. Whoever reads it believes a record alone.
---
--- The lock of a unique job, which the first line names by
--- ` u=<mode><key>`, with the flag 20. `unique:<segment of the key>` has key → id, or `id until`.
---   mode 's'  until it is claimed
---        'u'  until it has succeeded
---        'f'  until it has succeeded or is dead
---        't'  until a time, whatever becomes of it
--- Whoever has a lock is believed only while its record says so too: what was deleted by hand keeps
--- nobody out.
---
--- Followers: with the flag 40 the first line has ` w=<follower>,…`, names of clients. When the job
--- has ended, or is dead, each gets its id, its state, and its ending or last failure, a line each,
--- on the channel `ended.<follower>`. `followed:<n>` has those jobs of a claim whose pool does not
--- know. Those that people track have the follower `{t`: of them `tracked_ends` has how they ended.
holdings.lock = function(env)
  return string.match(env, '^%d %x%x[2367ABEF]%x[^\n]* u=([sfut])(%w+)')
end
-- It was dead and is not any more: to those who track it that was no end.
holdings.lives_again = function(id, env)
  if string.find(',' .. (envelope.word(env, 'w') or '') .. ',', ',{t,', 1, true) then
    call('HDEL', K .. 'tracked_ends', id)
  end
end
local function locks_of(key) return K .. 'unique:' .. segment(key) end
-- Who has this lock, and the record of that, if there is one; nil: nobody.
holdings.owner = function(key)
  local value = call('HGET', locks_of(key), key)
  local id, till = string.match(value or '', '^(%S+) ?(%d*)$')
  if not id then return nil end
  local env = call('HGET', record_key(id), id)
  if till ~= '' then
    if tonumber(till) > now then return id, env end
    return nil
  end
  local _, has = holdings.lock(env or '')
  if has == key then return id, env end
end
holdings.take = function(id, mode, key, time)
  call('HSET', locks_of(key), key, mode == 't' and id .. ' ' .. int(now + time) or id)
  -- From now on claims look for locks that end with them.
  if mode == 's' then
    call('HSET', K .. 'broker', 'until_claim', '1')
    holdings.until_claim = true
  end
end
local function tags_of(env)
  local tags = string.match(env or '', '^%d %x%x[2367ABEF]%x[^\n]* t=([^ \n]+)')
  return string.gmatch(tags and header(env) and tags or '', '[^,]+')
end
holdings.tag = function(id, env)
  for tag in tags_of(env) do call('ZADD', K .. 'tag:' .. tag, int(header(env).created), id) end
end
holdings.untag = function(id, env)
  for tag in tags_of(env) do call('ZREM', K .. 'tag:' .. tag, id) end
end
-- `how`: 'claimed', 'dead', or 'ended'.
holdings.release = function(id, env, how)
  if how == 'ended' then holdings.untag(id, env) end
  if how == 'ended' and env and string.find(env, '^%d %x%x[2367ABEF]%x[^\n]* n=') then
    redis.call('UNLINK', K .. 'given:' .. id)
  end
  local mode, key = holdings.lock(env or '')
  if not mode or mode == 't' or how == 'claimed' and mode ~= 's'
      or how == 'dead' and mode == 'u' then
    return
  end
  if call('HGET', locks_of(key), key) == id then call('HDEL', locks_of(key), key) end
end
-- One that let its lock go is to wait again. False: another one has it by now.
holdings.retake = function(id, env)
  local mode, key = holdings.lock(env or '')
  if mode and mode ~= 't' then
    local owner = holdings.owner(key)
    if owner and owner ~= id then return false end
    holdings.take(id, mode, key)
  end
  local flow = holdings.flow_of(env or '')
  if flow then holdings.member_again(flow, id) end
  return true
end
-- Whether it is known to wait for its turn: 'waiting', 'scheduled', 'retry', 'pending'; nil: it
-- runs, is dead or suspect, or there are very many claims to look through.
local function waiting(id, env)
  for _, set in ipairs({'waiting', 'scheduled', 'retry', 'dead'}) do
    if call('ZSCORE', K .. set, id) then return set ~= 'dead' and set or nil end
  end
  local h = header(env)
  if not h or call('HEXISTS', K .. 'claimed:' .. segment(id), id) == 1
      or call('ZSCORE', K .. 'suspects', name_of(h.list)) then
    return nil
  end
  if in_large_claim(id) ~= false then return nil end
  return 'pending'
end
-- The arguments and options of a new job for one that waits, whose first line stays, but for what
-- says how they are stored, and whether they expire.
local function renew(id, old, new, body)
  local was, is = head_of(old), head_of(new)
  local function taken(n) return (bit(n, 4) and 4 or 0) + (bit(n, 16) and 16 or 0) end
  local line = string.match(envelope.with_word(old, 'b'), '^[^\n]*')
  local bytes = string.match(new, '^[^\n]*( b=%d+)') or ''
  local env = envelope.with_flags(line .. bytes .. string.match(new, '\n.*$'),
    was.flags - taken(was.flags) + taken(is.flags))
  -- When it expires is counted from now, but for one that has its place by when it was made.
  if bit(is.flags, 4) and not was.priority then env = envelope.stamped(env) end
  env = envelope.with_word(env, 't', envelope.word(new, 't'))
  holdings.untag(id, old)
  holdings.tag(id, env)
  call('HSET', record_key(id), id, env)
  if body then
    call('HSET', K .. 'bodies:' .. segment(id), id, body)
  elseif was.large then
    call('HDEL', K .. 'bodies:' .. segment(id), id)
  end
  return env
end
-- Another one has the lock of a new job: what becomes of that by the new one's policy. `k`: it
-- stays; `r`: it gets the arguments; `e`: its time, if it is scheduled; `b`: both. Due at 0: now.
-- Returns the code of the new job.
holdings.conflict = function(lock, id, old, env, body, due)
  local policy, code, state = lock.policy, 'u', nil
  local _, key = holdings.lock(old or '')
  -- Not one that has gone on to a stage of another name, nor another one under its id.
  if policy ~= 'k' and key == lock.key and name_of(list_of(old)) == name_of(list_of(env)) then
    state = waiting(id, old)
  end
  if state and policy ~= 'e' then
    old, code = renew(id, old, env, body), 'r'
  end
  if state == 'scheduled' and policy ~= 'r' then
    due = math.max(due, now)
    call('HSET', record_key(id), id, envelope.with_word(old, 'd', int(due)))
    enter(id, nil, 'scheduled', due)
    code = code == 'r' and 'b' or 'e'
  end
  return code .. id .. ','
end
-- Locks that nobody has any more: chores come to each segment in five minutes, and of a large one
-- look at some by lot.
holdings.sweep = function()
  local first, keys = math.floor(now / 5000) % 64 * 16, {}
  for j = 0, 15 do
    local hi, lo = math.floor((first + j) / 32) + 1, (first + j) % 32 + 1
    keys[j + 1] = K .. 'unique:' .. string.sub(DIGITS, hi, hi) .. string.sub(DIGITS, lo, lo)
  end
  if redis.call('EXISTS', unpack(keys)) == 0 then return end
  for _, at in ipairs(keys) do
    local some = call('HRANDFIELD', at, 'policy.swept_locks', 'WITHVALUES')
    for j = 1, #some, 2 do
      if not holdings.owner(some[j]) then call('HDEL', at, some[j]) end
    end
  end
end
-- `outcome` as `finish` takes it.
local told_as = {kept = 'completed', completed = 'completed', discarded = 'completed',
  cancelled = 'cancelled', dead = 'dead', set_aside = 'set_aside', dropped = 'unknown'}
holdings.tell = function(id, env, outcome, text)
  -- What can't be read says nothing of whom it is needed by.
  if not env or not header(env) then
    redis.call('UNLINK', K .. 'given:' .. id)
    if redis.call('EXISTS', K .. 'then:' .. id) == 1 then holdings.ended(id, outcome, text) end
    return
  end
  local flow = holdings.flow_of(env)
  if flow then holdings.member_ended(flow, id, outcome) end
  local who = string.match(env, '^%d %x%x[4-7C-F]%x[^\n]* w=([^ \n]+)')
  if not who then return end
  if outcome == 'discarded' and (text or '') == '' then text = '{"outcome":"discarded"}' end
  local message = id .. '\n' .. told_as[outcome] .. '\n' .. (text or '')
  for one in string.gmatch(who, '[^,]+') do
    if one == '{' then
      holdings.ended(id, outcome, text)
    elseif one == '{t' then
      -- What was dead and is deleted ended as that.
      local before = outcome == 'dropped' and call('HGET', K .. 'tracked_ends', id) or ''
      if call('HEXISTS', K .. 'tracked', id) == 1 and not string.find(before, '^dead ') then
        call('HSET', K .. 'tracked_ends', id, told_as[outcome] .. ' ' .. int(now))
      end
    else
      redis.call('PUBLISH', K .. 'events:ended.' .. one, message)
    end
  end
end
