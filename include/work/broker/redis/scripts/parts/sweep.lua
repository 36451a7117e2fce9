-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- The part of the chores that looks for jobs which are in no place, after a key was set aside
--- (`astray` in `broker`). One step a call: at most about 128 records, ids of claims or of a list.
---
--- `sweep` says how far it is; its `phase` is
---   records  candidates (`strays`) are the ids in no due set, not dead, and not beside a list;
---            so many at a time that they take 10 MB, then the other phases, then the next
---   large    gives large claims without a lease one, so that they lapse
---   claims   strikes out the ids of the claims, which `sweep:claims` holds a page of
---   lists    strikes out those in the lists that the candidates' records name: `sweep:lists`, by
---            the pass that looked through the list last
---   wait     one lease, the longest of those met; then large, claims and lists once more
---   enter    what is left after the second pass goes to the front of its list
--- Why nothing is put back that has a place: a job that stays where it is, is found there; one that
--- moves into a claim or a list meanwhile is struck out by whoever moves it (`has_place`); sets and
--- groups are asked when it would enter. While a claim can't be read and has a lease, a pool may
--- run jobs of it that nobody knows: so nothing enters, and the pass is done again.
--- A list is read from its end: what is taken from its front moves nothing, what is added at its
--- end is read twice.
local STATE, STRAYS, CLAIMS, LISTS =
  K .. 'sweep', K .. 'strays', K .. 'sweep:claims', K .. 'sweep:lists'
local MANY, ROUND = 128, 100000
local FIELDS = {'phase', 'since', 'segment', 'cursor', 'pass', 'lease', 'until', 'unsure', 'put',
  'stepped'}
local at = {}
local function go(phase) at.phase, at.cursor = phase, '0' end
local function begin_round()
  redis.call('DEL', STRAYS, CLAIMS, LISTS)
  at.pass, at.unsure = 1, 0
  go('records')
end
local function begin_pass()
  at.pass, at.unsure = num(at.pass) + 1, 0
  go('large')
end
local function strike(ids)
  if #ids > 0 then call('SREM', STRAYS, unpack(ids)) end
end
-- Of claims without a lease those that are there get one.
local function lease_again(claims)
  local gone = {}
  if #claims == 0 then return gone end
  for j, ends in ipairs(call('ZMSCORE', leases, unpack(claims))) do
    local n = claims[j]
    if not ends and redis.call('EXISTS', K .. 'claim:' .. n) == 1 then
      call('ZADD', leases, int(now + (lease_of(n) or lease_ms)), n)
    elseif not ends then
      gone[#gone + 1] = n
    end
  end
  return gone
end

local function read_records()
  local ids, envs, claims, known, seen, looked = {}, {}, {}, {}, 0, 0
  while num(at.segment) < 1024 and #ids < MANY - 64 and looked < 128 and seen < 262144 do
    local s, some = num(at.segment), {}
    local hi, lo = math.floor(s / 32) + 1, s % 32 + 1
    local part = string.sub(DIGITS, hi, hi) .. string.sub(DIGITS, lo, lo)
    local page = call('HSCAN', K .. 'jobs:' .. part, at.cursor, 'COUNT', '64')
    for j = 1, #page[2], 2 do
      local id, env = page[2][j], page[2][j + 1]
      some[#some + 1] = id
      ids[#ids + 1], envs[#ids + 1] = id, env
      seen = seen + #env
    end
    if #some > 0 then
      for _, n in ipairs(call('HMGET', K .. 'claimed:' .. part, unpack(some))) do
        if n and not known[n] then
          known[n] = true
          claims[#claims + 1] = n
        end
      end
    end
    looked, at.cursor = looked + 1, page[1]
    if at.cursor == '0' then at.segment = s + 1 end
  end
  lease_again(claims)
  if #ids > 0 then
    local placed, strays, lists = {}, {}, {}
    for _, set in ipairs({'waiting', 'scheduled', 'retry', 'dead'}) do
      for j, score in ipairs(call('ZMSCORE', K .. set, unpack(ids))) do
        if score then placed[j] = true end
      end
    end
    for j, id in ipairs(ids) do
      local h = not placed[j] and header(envs[j])
      if h and h.priority ~= 0 and call('ZSCORE', K .. 'prio:' .. h.list, id) then
        placed[j] = true
      end
      if not placed[j] then strays[#strays + 1] = id end
      if h and not placed[j] and not lists[h.list] then
        lists[h.list] = true
        call('ZADD', LISTS, '0', h.list)
      end
    end
    if #strays > 0 then call('SADD', STRAYS, unpack(strays)) end
  end
  if num(at.segment) == 1024 or call('SCARD', STRAYS) >= ROUND then go('large') end
end

local function read_large()
  local page, claims = call('ZSCAN', K .. 'large_claims', at.cursor, 'COUNT', '64'), {}
  for j = 1, #page[2], 2 do claims[#claims + 1] = page[2][j] end
  local gone = lease_again(claims)
  if #gone > 0 then call('ZREM', K .. 'large_claims', unpack(gone)) end
  at.cursor = page[1]
  if at.cursor == '0' then go('claims') at.cursor = 'first' end
end

-- Who overwrote the index made its jobs look pending.
local function index_again(n, id)
  if call('SISMEMBER', STRAYS, id) == 1 and call('HEXISTS', record_key(id), id) == 1 then
    call('HSET', K .. 'claimed:' .. segment(id), id, n)
  end
end
local function read_claims()
  local seen, looked = 0, 0
  while seen < MANY and looked < 32 do
    local n = call('SRANDMEMBER', CLAIMS)
    if not n then
      if at.cursor == '0' then return go('lists') end
      local page, claims = call('ZSCAN', leases, at.cursor == 'first' and '0' or at.cursor,
        'COUNT', '64'), {}
      for j = 1, #page[2], 2 do claims[#claims + 1] = page[2][j] end
      if #claims > 0 then call('SADD', CLAIMS, unpack(claims)) end
      at.cursor = page[1]
    else
      call('SREM', CLAIMS, n)
      looked = looked + 1
      if call('ZSCORE', leases, n) then
        local blob, ids, left = call('GET', K .. 'claim:' .. n) or '', {}, {}
        if not string.find(blob, HEAD) then
          at.unsure = 1
        else
          at.lease = math.max(num(at.lease), lease_of(n) or 0)
          for _, id in ipairs(call('SMEMBERS', K .. 'left:' .. n)) do left[id] = true end
          for id in ids_of(blob) do
            seen = seen + 1
            if not left[id] then
              if tonumber(n) % 2 == 0 then index_again(n, id) end
              ids[#ids + 1] = id
            end
          end
          strike(ids)
        end
      end
    end
  end
end

local function read_lists()
  local seen, looked = 0, 0
  while seen < MANY and looked < 32 do
    local list = call('ZRANGEBYSCORE', LISTS, '-inf', '(' .. num(at.pass), 'LIMIT', '0', '1')[1]
    if not list then
      if call('SCARD', STRAYS) == 0 then return go('enter') end
      if num(at.pass) > 1 and num(at.unsure) == 0 then return go('enter') end
      at['until'] = now + num(at.lease)
      return go('wait')
    end
    local from, most = num(at.cursor), MANY - seen
    local ids = call('LRANGE', K .. 'list:' .. list, int(-from - most), int(-from - 1))
    strike(ids)
    seen, looked, at.cursor = seen + #ids, looked + 1, from + #ids
    if #ids < most then
      call('ZADD', LISTS, num(at.pass), list)
      at.cursor = '0'
    end
  end
end

local function in_a_set(id)
  return call('ZSCORE', K .. 'scheduled', id) or call('ZSCORE', K .. 'retry', id)
    or call('ZSCORE', K .. 'dead', id) or call('ZSCORE', K .. 'waiting', id)
end
local function is_claimed(id)
  local n = call('HGET', K .. 'claimed:' .. segment(id), id)
  return n and call('ZSCORE', leases, n)
end
local function enter(id)
  local env = call('HGET', record_key(id), id)
  if not env or in_a_set(id) or is_claimed(id) then return end
  local h = header(env)
  -- It may be in any list: who looks for strays by hand reads them all.
  if not h then return end
  if groups_of(name_of(h.list))[id] or call('ZSCORE', K .. 'prio:' .. h.list, id) then return end
  if cancel_word(env) then
    make_cancelling()
    end_cancelled(id, env, h)
  elseif take_home(id, h) then
    at.put = num(at.put) + 1
    call('HINCRBY', K .. 'stats', '* forgotten', '1')
  end
end
local function end_sweep()
  for _, name in ipairs(call('ZRANGE', K .. 'suspects', '0', '-1')) do groups_of(name) end
  if num(at.put) > 0 then
    notes[#notes + 1] = 'in no place: ' .. int(num(at.put)) .. ' job(s) are pending again; ' ..
      'a key was overwritten'
  end
  redis.call('DEL', STATE, STRAYS, CLAIMS, LISTS)
  at.phase = nil
  -- What was set aside since is looked for anew.
  if num(call('HGET', K .. 'broker', 'astray')) < num(at.since) then
    call('HDEL', K .. 'broker', 'astray')
  end
end
local function enter_some()
  local ids = call('SRANDMEMBER', STRAYS, '32')
  for _, id in ipairs(ids) do enter(id) end
  strike(ids)
  if #ids == 32 then return end
  if num(at.segment) < 1024 then begin_round() else end_sweep() end
end

local steps = {records = read_records, large = read_large, claims = read_claims,
               lists = read_lists, enter = enter_some}
-- One step; whether the next may follow at once.
sweep_step = function()
  for j, value in ipairs(call('HMGET', STATE, unpack(FIELDS))) do at[FIELDS[j]] = value or '0' end
  -- However many pools there are: 100 steps a second.
  if math.abs(now - num(at.stepped)) < 10 then return true end
  at.stepped = now
  if not steps[at.phase] and at.phase ~= 'wait' then
    at.since, at.lease, at.segment, at.put = now, lease_ms, 0, 0
    begin_round()
  end
  if at.phase == 'wait' then
    if now < num(at['until']) then return false end
    begin_pass()
  end
  steps[at.phase]()
  if not at.phase then return false end
  local set = {}
  for _, field in ipairs(FIELDS) do
    set[#set + 1] = field
    set[#set + 1] = tostring(at[field])
  end
  call('HSET', STATE, unpack(set))
  return at.phase ~= 'wait'
end
