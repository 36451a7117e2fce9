-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- One numbered exchange of a pool: words about its jobs, then a claim for more.
---
--- KEYS[1] prefix
--- ARGV    pool, number, lease ms, modes, want, max bytes, then sections:
---   'F' claim known forgets s (segment k id*)*s   finished jobs; known: of chosen ids, for how
---             many ms they stay known; forgets '1': they have failures or a log, which go
---   'O' claim id kind number text     one outcome, kinds as in `outcome_kind`
---             of kind 'm' with one more: its body where that is apart, else nothing
---   'E' k section*k                   what is stored if the outcome before it was taken
---   'T' claim id                      a handler is about to start
---   'X' claim jobs                    nothing of the claim is left, of so many jobs (0: unknown)
---   'N' k claim*                      renew
---   'P' claim id text                 progress
---   'G' claim id k line*k             lines for the job's log
---   'C' k field*k number*k k field*k number*k   counts: fields of `stats`, and of those of the day
---   'K' count bytes ms count bytes count bytes   how much of completed, dead and set-aside jobs is
---                                     kept; sent with outcomes and chores where it is not usual
---   'A' claim id                      a cancel was seen; of claim 0 an order, as `{quiet`
---   'V' k (served rank)*              what the pool serves, added: `*<name>` (a name, in any
---                                     queue) or a list, which it waits for by `wake:<list>`
---   'Y' format features               what the pool knows of records, for its chores: what waited
---                                     for that goes on
---   'M' name slots                    so many jobs of a name may run at a time, in all pools
---   'L' served take dead              fetch_order; dead = '1': not run again after a crash
---   modes: 'd' discover ('D': it serves thousands, in no strict order), 's' take a suspect group,
---          'r' runs suspects, 'j' lives for 1.5 leases and may join groups, 'w' will wait,
---          'c' chores, 'u' a wakeup for the pool
--- Reply   { now, repeated, codes, lost*, claim, quarantine, next due, next lapse, alarm, more,
---           lists version, orders (claim id why)*, left (list length)*, notes*,
---           jobs (id envelope)* }
---         repeated: 0, else 1 and how many jobs the claim had, those that are gone included
---         of a large job the envelope is its head; the body is read after it, by HGET; of a long
---         record it is `=` and its length, and the record is read after it, by HMGET
---         quarantine: of a suspect group, in ms, below 0 when it is to be isolated; else 0
--- Why one script: a job must never be seen between two places, and the answer to a repeated
--- number must be that of the first time.
--- Cost    about 20 calls, and per job: an id of LRANGE, a field of HMGET; a field of HDEL.
--@ counting
local pool, number, lease_ms, modes = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local want, max_bytes = tonumber(ARGV[5]), tonumber(ARGV[6])
local slot = 'x' .. (tonumber(number) % policy.stored_answers)
local owner = string.gsub(pool, '%.heartbeat$', '')
local leases = K .. 'leases'
local codes, lost, fetch_order = {}, {}, {}
local claim, suspects, jobs = nil, 0, {}
local limits = {1000, 16777216, 86400000, 10000, 268435456, 1000, 67108864}
local trims = string.find(modes, 'c', 1, true) ~= nil
local clock = call('HMGET', K .. 'broker', 'fence', 'last_exchange', 'from', 'until', 'astray',
  'until_claim', 'layout')
if num(clock[7]) > policy.layout then
  return redis.error_reply('LAYOUT of this namespace is ' .. clock[7] ..
    ', this program knows policy.layout: update it')
end
sweeping = clock[5] and true
local last = call('HGET', K .. 'pool:' .. pool, slot)
local repeated, had = 0, 0
slots.pool = pool
appoints = string.find(modes, 'w', 1, true) ~= nil
if last then
  local was = string.match(last, '^(%d+)|')
  if was == number then
    repeated = 1
  elseif num(was) > tonumber(number) then
    return redis.error_reply('STALE the exchange ' .. number .. ' of pool ' .. pool ..
      ' came after ' .. was)
  end
end

local valid = {}
local function lease_valid(n)
  if valid[n] == nil then
    -- What is followed is looked at one by one, too.
    local left, followed, limited = K .. 'left:' .. n, K .. 'followed:' .. n, K .. 'limited:' .. n
    valid[n] = call('ZSCORE', leases, n)
      and {left = redis.call('EXISTS', left, followed, limited) > 0} or false
    slots.known[n] = false
    local names = valid[n] and valid[n].left and call('SMEMBERS', limited) or {}
    if #names > 0 then
      slots.known[n] = names
      valid[n].left = redis.call('EXISTS', left, followed) > 0
    end
  end
  return valid[n]
end
-- What the crashes of a job came to: the longest time from its claim to a death in ms, how many
-- deaths count against it, when another happened that may come to count (0: none), how many there
-- were of which it was the only suspect, and since when it wants to run where no other suspect does
-- (0: anywhere).
local function crashes(env)
  if not string.find(env, ' x=', 1, true) then return nil, 0, 0, 0, 0 end
  local longest, counted, pending, solo_crashes, alone =
    string.match(env, '^[^\n]* x=(%d+),(%d+),(%d+),(%d+),(%d+)')
  return tonumber(longest), tonumber(counted or 0), tonumber(pending or 0),
    tonumber(solo_crashes or 0), tonumber(alone or 0)
end
local QUARANTINE_MAX = policy.max_quarantine_ms
local function quarantine_of(longest)
  return math.min(math.max(2 * longest, math.floor(lease_ms / 3)), QUARANTINE_MAX)
end
--@ outcomes
--@ finished
local write_and_end
local function make_writes()
  if write_and_end then return end
  learn_words()
--@ writes
end
-- Of a claim that is closed fewer words were heard than it had jobs: what is left of it goes back.
-- A job that is somewhere else is another one of its id. (When it was created tells nothing: clocks
-- go back.) Beside very many large claims a sweep finds out.
local function is_of_claim(c, id, env)
  if tonumber(c) % 2 == 0 then return call('HGET', K .. 'claimed:' .. segment(id), id) == c end
  local h = header(env)
  if not h then return true end
  if call('HEXISTS', K .. 'claimed:' .. segment(id), id) == 1 or waits_in(h.list, id, '1000') then
    return false
  end
  for _, set in ipairs({'waiting', 'scheduled', 'retry', 'dead'}) do
    if call('ZSCORE', K .. set, id) then return false end
  end
  local elsewhere = in_large_claim(id, c)
  if elsewhere == nil then astray() end
  return elsewhere == false
end
local function look_for_forgotten(c, jobs, heard)
  heard = heard + num(call('GET', K .. 'reported:' .. c))
  if heard < jobs then heard = heard + call('SCARD', K .. 'left:' .. c) end
  if heard >= jobs then return end
  rare()
  write_leaving()
  local left, all, count = {}, {}, 0
  for _, id in ipairs(call('SMEMBERS', K .. 'left:' .. c)) do left[id] = true end
  local blob = call('GET', K .. 'claim:' .. c) or ''
  if not string.find(blob, '\n,', 1, true) then astray() end
  for id in string.gmatch(string.match(blob, '\n,(.*)$') or '', '[^,]+') do
    if not left[id] then all[#all + 1] = id end
  end
  for j = #all, 1, -1 do
    local id = all[j]
    local env = call('HGET', record_key(id), id)
    if env and is_of_claim(c, id, env) then
      leave(c, id)
      local h = header(env)
      if h and cancel_word(env) then
        make_cancelling()
        end_cancelled(id, env, h)
      elseif h then
        enter(id, h, 'front')
        count = count + 1
      else
        put_aside(id, env)
      end
    end
  end
  if count == 0 then return end
  call('HINCRBY', K .. 'stats', '* forgotten', count)
  notes[#notes + 1] = 'forgotten words: ' .. count .. ' job(s) of claim ' .. c ..
    ' are pending again; the store went back in time'
end

if repeated == 1 then
  trims = false
  local c, n, s, gone = string.match(last, '^%d+|([^|]*)|([^|]*)|(%d)|(.*)$')
  local longest = 0
  codes[1] = c
  for g in string.gmatch(gone, '%d+') do lost[#lost + 1] = g end
  if n ~= '' and call('ZSCORE', leases, n) then
    claim = n
    call('ZADD', leases, int(now + lease_ms), n)
    local blob = call('GET', K .. 'claim:' .. n) or ''
    for id in string.gmatch(string.match(blob, '\n,(.*)$') or '', '[^,]+') do
      local env = call('HGET', record_key(id), id)
      had = had + 1
      if env and call('SISMEMBER', K .. 'left:' .. n, id) == 0 then
        jobs[#jobs + 1] = id
        jobs[#jobs + 1] = env
        longest = math.max(longest, crashes(env) or 0)
      end
    end
    if s ~= '0' then suspects = quarantine_of(longest) * (s == '2' and -1 or 1) end
  end
else
  local i, n = 7, #ARGV
  while i <= n do
    local what = ARGV[i]
    if leaving[1] and what ~= 'X' and what ~= 'F' then write_leaving() end
    if what == 'F' then
      i, codes[#codes + 1] = finished(i)
    elseif what == 'L' then
      fetch_order[#fetch_order + 1] = {ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3] == '1'}
      i = i + 4
    elseif what == 'O' then
      learn_words()
      trims = true
      i = outcomes(i)
    elseif what == 'R' then
      make_writes()
      trims = true
      i, codes[#codes + 1] = write_and_end(i)
    elseif what == 'E' then
      local last = i + 1 + tonumber(ARGV[i + 1])
      if codes[#codes] == 'k' then
        make_store()
        store(i + 2, last)
      end
      i = last + 1
    elseif what == 'T' then
      local c, id = ARGV[i + 1], ARGV[i + 2]
      local v, code = lease_valid(c), 'l'
      if v and not (v.left and call('SISMEMBER', K .. 'left:' .. c, id) == 1) then
        local env = call('HGET', record_key(id), id)
        code = not env and 'g' or cancel_word(env) and 'z' or 'k'
      end
      if code == 'k' then call('SADD', K .. 'started:' .. c, id) end
      codes[#codes + 1] = code
      i = i + 3
    elseif what == 'X' then
      local c = ARGV[i + 1]
      if call('ZREM', leases, c) == 1 then
        local spoken_of = (reported[c] or 0) + #(leaving[c] or {})
        if spoken_of < tonumber(ARGV[i + 2]) then
          look_for_forgotten(c, tonumber(ARGV[i + 2]), spoken_of)
        end
        if slots.known[c] and leaving[c] then slots.free(c, leaving[c]) end
        if tonumber(c) % 2 == 1 then call('ZREM', K .. 'large_claims', c) end
        redis.call('DEL', K .. 'claim:' .. c, K .. 'left:' .. c, K .. 'progress:' .. c,
          K .. 'started:' .. c, K .. 'reported:' .. c, K .. 'followed:' .. c,
          K .. 'limited:' .. c)
      end
      valid[c], reported[c], leaving[c] = false, nil, {}
      i = i + 3
    elseif what == 'N' then
      local k = tonumber(ARGV[i + 1])
      for from = i + 2, i + 1 + k, 2000 do
        local to = math.min(from + 1999, i + 1 + k)
        local scores, renewed = call('ZMSCORE', leases, unpack(ARGV, from, to)), {}
        for j = from, to do
          -- A claim without a lease: somebody overwrote `leases`.
          if scores[j - from + 1] or redis.call('EXISTS', K .. 'claim:' .. ARGV[j]) == 1 then
            renewed[#renewed + 1] = int(now + lease_ms)
            renewed[#renewed + 1] = ARGV[j]
          else
            lost[#lost + 1] = ARGV[j]
          end
        end
        if #renewed > 0 then call('ZADD', leases, unpack(renewed)) end
      end
      i = i + 2 + k
    elseif what == 'P' then
      learn_words()
      local _, _, code = mine(ARGV[i + 1], ARGV[i + 2])
      if code == 'k' then
        call('HSET', K .. 'progress:' .. ARGV[i + 1], ARGV[i + 2], ARGV[i + 3])
      end
      i = i + 4
    elseif what == 'G' then
      learn_words()
      local id, last = ARGV[i + 2], i + 3 + tonumber(ARGV[i + 3])
      local env, h, code = mine(ARGV[i + 1], id)
      if code == 'k' and h then
        -- The flag says that there is more to forget than the record.
        if not bit(h.flags, 8) then
          call('HSET', record_key(id), id, envelope.with_failures(env, h, h.attempts))
        end
        call('RPUSH', K .. 'log:' .. id, unpack(ARGV, i + 4, last))
        call('LTRIM', K .. 'log:' .. id, -policy.max_log_lines, -1)
      end
      i = last + 1
    elseif what == 'C' then
      i = count(i + 1)
    elseif what == 'K' then
      for j = 1, 7 do limits[j] = tonumber(ARGV[i + j]) end
      i = i + 8
    elseif what == 'M' then
      rare()
      slots.set('name:' .. ARGV[i + 1], ARGV[i + 2], 'pool', pool, 'name:' .. ARGV[i + 1])
      i = i + 3
    elseif what == 'Y' then
      holdings.reads = {tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])}
      i = i + 3
    elseif what == 'A' then
      call('SREM', K .. 'orders:' .. owner, ARGV[i + 1] .. ' ' .. ARGV[i + 2])
      i = i + 3
    else
      local k = tonumber(ARGV[i + 1])
      local serves, marks = {}, {}
      for j = i + 2, i + 2 * k, 2 do
        local what, rank = ARGV[j], ARGV[j + 1]
        serves[#serves + 1] = rank
        serves[#serves + 1] = what
        local name = string.match(what, '^%*(.+)$')
        local to = name and serves or marks
        to[#to + 1] = name and rank or int(now)
        to[#to + 1] = name or '!' .. what
      end
      in_steps(#serves, function(a, b)
        call('ZADD', K .. 'serves:' .. pool, unpack(serves, a, b))
      end)
      in_steps(#marks, function(a, b) call('ZADD', K .. 'lists', unpack(marks, a, b)) end)
      call('SADD', K .. 'pools', pool)
      call('ZREM', K .. 'absent', pool)
      i = i + 2 + 2 * k
    end
  end
  if leaving[1] then write_leaving() end
  for c, k in pairs(reported) do
    if valid[c] then call('INCRBY', K .. 'reported:' .. c, int(k)) end
  end
  if #became_ready > 0 then note_ready() end
  if soonest then due_at(soonest) end
  -- Suspects that were not run to their end are a group again.
  for _, n in ipairs(given_back_of) do new_groups(given_back[n], #given_back[n]) end
end
