// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

// Made by tools/embed from the .lua files beside it: change those, and run it.

#include <initializer_list>
#include <string>
#include <string_view>

namespace work::scripts {

/// What the server does, and what tests do in its place.
struct surroundings
{
    std::string_view clock;
    std::string_view draw;
    std::string_view shown;
};

namespace bundle {

inline constexpr std::string_view answer = R"lua(if string.find(modes, 'c', 1, true) then
  rare()
  if call('SISMEMBER', K .. 'pools', owner) == 0 then
    about_pool = 1
    call('ZADD', K .. 'absent', int(now), owner)
  end
  local far = call('ZREVRANGE', leases, 0, 64 - 1, 'WITHSCORES')
  for j = 1, #far, 2 do
    local ends = tonumber(far[j + 1])
    local lease = ends > now + 2 * LEASE_MIN and lease_of(far[j])
    if lease and ends > now + 2 * lease then call('ZADD', leases, int(now + lease), far[j]) end
  end
  call('ZREMRANGEBYSCORE', K .. 'deaths', '-inf', int(now - 86400000))
  local known = call('ZRANGEBYSCORE', K .. 'traces', '-inf', int(now), 'LIMIT', '0',
    '1000')
  if #known > 0 then call('ZREM', K .. 'traces', unpack(known)) end
  if #known == 1000 then more = 1 end
  if forget_idle() then about_pool = about_pool + 2 end
  if sweep_step then
    if sweep_step() then about_pool = about_pool + 4 end
    note_ready()
    wake_woken()
  end
end
-- A sweep begins, and goes on, with the next chores.
if (clock[5] or is_astray) and about_pool < 2 then about_pool = about_pool + 2 end
if from ~= num(clock[3]) or till ~= num(clock[4]) then
  call('HSET', K .. 'broker', 'fence', int(fence), 'last_exchange', int(now),
    'from', int(from), 'until', int(till))
elseif fence ~= num(clock[1]) or not clock[1] then
  call('HSET', K .. 'broker', 'fence', int(fence), 'last_exchange', int(now))
else
  call('HSET', K .. 'broker', 'last_exchange', int(now))
end
-- When to come back for leases: often enough that no lease runs out unseen for half its length.
local lapse = 0
if first[1] then
  lapse = tonumber(first[2])
  local soon = now + math.floor(lease_ms / 3)
  if lapse < soon then soon = now + math.floor((lease_of(first[1]) or lease_ms) / 3) end
  lapse = math.min(lapse, soon)
end
-- Of what was cancelled or killed, its word that says so.
local told = {}
for _, c in ipairs(orders) do
  local n, id = string.match(c, '^(%d+) (.*)$')
  local env = n ~= '0' and call('HGET', record_key(id), id)
  local why = env and cancel_word(env)
  told[#told + 1] = n
  told[#told + 1] = id
  told[#told + 1] = why or ''
end
return {now, repeated == 1 and 1 + had or 0, table.concat(codes), lost, claim or '0', suspects,
  due or 0, lapse, alarm, more, about_pool, told, left, notes, jobs}
)lua";
inline constexpr std::string_view appoint = R"lua(  flush_emptied()
  if #ids > 0 then
    fence = math.max(fence + 1, us)
    -- Even: of few jobs, which are in the index from id to claim; odd: of more.
    if fence % 2 == (#ids <= 32 and 1 or 0) then fence = fence + 1 end
    claim = int(fence)
    if #ids <= 32 then
      local parts = {}
      for _, id in ipairs(ids) do
        local s = segment(id)
        local part = parts[s]
        if not part then
          part = {}
          parts[s] = part
        end
        part[#part + 1] = id
        part[#part + 1] = claim
      end
      for s, part in pairs(parts) do call('HSET', K .. 'claimed:' .. s, unpack(part)) end
    else
      call('ZADD', K .. 'large_claims', claim, claim)
    end
    local dead = {}
    for list in pairs(dead_lists) do dead[#dead + 1] = list end
    table.sort(dead)
    redis.call('SET', K .. 'claim:' .. claim, pool ..
      (suspects == 0 and ' j ' or isolate and ' i ' or ' s ') .. int(lease_ms) .. ' ' ..
      int(stored) .. ' ' .. (#dead > 0 and table.concat(dead, ';') or '%') .. '\n,' ..
      table.concat(ids, ',') .. ',')
    call('ZADD', leases, int(now + lease_ms), claim)
    if sweeping then has_place(unpack(ids)) end
    if not first[1] or now + lease_ms < tonumber(first[2]) then first = {claim, now + lease_ms} end
  end
  call('HSET', K .. 'pool:' .. pool, slot, number .. '|' .. table.concat(codes) .. '|' ..
    (claim or '') .. '|' .. (suspects == 0 and 0 or isolate and 2 or 1) .. '|' ..
    table.concat(lost, ','))
end

if next(woken) then wake_woken() end
if string.find(modes, 'u', 1, true) then give_wakeup(K .. 'wake:' .. owner) end

local alarm = 0
local a = appoints and call('HMGET', K .. 'alarm', 'holder', 'holder_at', 'backup', 'backup_at')
if a and not due then
  if a[1] == pool then call('HDEL', K .. 'alarm', 'holder', 'holder_at') end
  if a[3] == pool then call('HDEL', K .. 'alarm', 'backup', 'backup_at') end
elseif a then
  local holder_ok = a[1] and num(a[2]) + 1000 >= now
    and num(a[2]) <= math.max(due, now)
  local backup_ok = a[3] and num(a[4]) + 1000 >= now
    and num(a[4]) <= math.max(due, now) + 25
  if a[1] == pool or not holder_ok then
    alarm = due
    call('HSET', K .. 'alarm', 'holder', pool, 'holder_at', int(due))
    if a[3] == pool then call('HDEL', K .. 'alarm', 'backup', 'backup_at') backup_ok = false end
    if not backup_ok then
      rare()
      for _, p in ipairs(some_pools(1, pool)) do give_wakeup(K .. 'wake:' .. p) end
    end
  elseif a[3] == pool or not backup_ok then
    alarm = due + 25
    call('HSET', K .. 'alarm', 'backup', pool, 'backup_at', int(alarm))
  end
end

local about_pool = 0  -- 1: it is not known, 2: chores are left, 4: and should follow soon
local LEASE_MIN = 500
local function lease_of(n)
  local head = call('GETRANGE', K .. 'claim:' .. n, 0, 199)
  return tonumber((string.match(head, '^%S+ %a (%d+) ')))
end
)lua";
inline constexpr std::string_view cancelling = R"lua(end_cancelled = function(id, env, h)
  local how, text = string.match(word(env, 'c'), '^([xk])%d+,(.*)$')
  text = string.gsub(text or '}', '%%(%x%x)', function(x) return string.char(tonumber(x, 16)) end)
  env = with_word(env, 'c')
  if how == 'k' then
    bury(id, env, h, '{"attempt":' .. int(h.attempts + 1) .. ',"type":"killed","message":' ..
      text .. ',"at_ms":' .. int(now) .. '}')
  else
    finish(id, env, 'cancelled')
    keep(id, h.list, '{"outcome":"cancelled","at_ms":' .. int(now) .. text, env,
      1000)
  end
  return how
end
)lua";
inline constexpr std::string_view claim = R"lua(-- Moves what is due into its list.
local function promote(set)
  local head = call('ZRANGE', K .. set, '0', '0', 'WITHSCORES')
  if not head[1] then return nil end
  local due = tonumber(head[2])
  if due > now then return due end
  rare()
  local ids = call('ZRANGEBYSCORE', K .. set, '-inf', now, 'LIMIT', 0, 256)
  local moved, seen, settles = 0, 0, false
  for _, id in ipairs(ids) do
    if seen >= 1048576 then break end
    moved = moved + 1
    local env = call('HGET', record_key(id), id)
    if string.byte(id) == 123 then
      settles = gate.fire(id)
    elseif env then
      seen = seen + #env
      local h = header(env)
      if h then
        enter(id, h, 'back')
      else
        put_aside(id, env)
      end
    else
      notes[#notes + 1] = 'lost by the store: ' .. id
    end
  end
  call('ZREM', K .. set, unpack(ids, 1, moved))
  if settles and not gate.settle() then call('ZADD', K .. set, int(now), '{settle') end
  head = call('ZRANGE', K .. set, '0', '0', 'WITHSCORES')
  if not head[1] then return nil end
  due = tonumber(head[2])
  if due <= now then more = 1 end
  return due
end
local due, due2 = promote('scheduled'), promote('retry')
if due2 and (not due or due2 < due) then due = due2 end
if #became_ready > 0 then note_ready() end

local bytes, stored, ids, dead_lists, drained, emptied = 0, 0, {}, {}, {}, {}
local isolate = false
local left = {}
-- Jobs of its that were cancelled, and what the pool itself is to do: one that is to be quiet, or
-- to stop, is given nothing.
local orders = call('SMEMBERS', K .. 'orders:' .. owner)
for _, order in ipairs(orders) do
  if order == '0 {quiet' or order == '0 {stop' then
    want, fetch_order, modes = 0, {}, (string.gsub(modes, '[dDs]', ''))
  end
end
local dead_on_crash = {}
for _, l in ipairs(fetch_order) do if l[3] then dead_on_crash[l[1]] = true end end
-- A group of suspects: what this pool serves and has room for of it; or several that are one now.
-- Only names that it serves are looked at; of very many lists another part each time.
local function pop_suspects(full, take)
  local serves = K .. 'serves:' .. pool
  local size = call('ZCARD', serves)
  local LOOKED_AT = 256
  local start = size > LOOKED_AT and us % (size - LOOKED_AT + 1) or 0
  local names, known = {}, {}
  for _, list in ipairs(call('ZRANGE', serves, int(start), int(start + LOOKED_AT - 1))) do
    local name = string.match(list, '[^:*]*$')
    if not known[name] then
      known[name] = true
      names[#names + 1] = name
    end
  end
  if #names == 0 then return end
  local NEWEST, OTHERS = 32, 8
  local groups, got, waiting = {}, {}, 0
  for j, count in ipairs(call('ZMSCORE', K .. 'suspects', unpack(names))) do
    if count then
      local key = K .. 'suspects:' .. names[j]
      local length = call('ZCARD', key)
      waiting = waiting + num(count)
      for _, skip in ipairs({0, NEWEST + (length > NEWEST + OTHERS
          and us % (length - NEWEST - OTHERS + 1) or 0)}) do
        local last = skip + (skip == 0 and NEWEST or OTHERS) - 1
        for _, g in ipairs(call('ZREVRANGE', key, int(skip), int(last))) do
          if not got[g] then
            got[g] = true
            groups[#groups + 1] = g
          end
        end
      end
    end
  end
  table.sort(groups, function(a, b) return tonumber(a) > tonumber(b) end)
  -- What was tried last when others ran, too, is tried next where none does; after the longest
  -- quarantine anywhere.
  local function wants_to_be_alone(parts)
    if not string.find(modes, 'r', 1, true) or #parts ~= 1 or #parts[1] ~= 1 then return false end
    local env = call('HGET', record_key(parts[1][1]), parts[1][1])
    local _, _, _, _, alone = crashes(env or '')
    return alone > 0 and now < alone + QUARANTINE_MAX
  end
  -- A storm leaves hundreds of suspects in small groups; one after the other they would keep what
  -- did kill waiting. Not while processes die: to hurry through a storm runs it out of jobs, and
  -- what dies without jobs is not seen, so the last of them would be counted as if they died alone.
  local joins = waiting >= 64 and string.find(modes, 'j', 1, true)
  if joins then
    local death = call('ZREVRANGE', K .. 'deaths', 0, 0, 'WITHSCORES')
    joins = not death[1] or tonumber(death[2]) < now - math.floor(3 * lease_ms / 2)
  end
  local newest = joins and num(call('HGET', K .. 'broker', 'groups'))
  -- Not what was split just now, or it would never be split to the end, nor what is near a verdict.
  local function may_be_joined(g, parts)
    if not joins or newest - tonumber(g) < 8 then return false end
    for _, part in ipairs(parts) do
      for _, id in ipairs(part) do
        local _, _, _, solo_crashes, alone = crashes(call('HGET', record_key(id), id) or '')
        if solo_crashes > 0 or alone > 0 then return false end
      end
    end
    return true
  end
  local longest, counted = 0, 0
  -- Groups of lists that are all paused are passed over: they must not hide others.
  local tried, looked, shut = 0, 0, {}
  local function is_shut(list)
    if shut[list] == nil then shut[list] = gate.is_paused(list) end
    return shut[list]
  end
  for _, g in ipairs(groups) do
    if tried == 64 or looked == 256 then break end
    looked = looked + 1
    local before, after = group_parts(call('GET', K .. 'group:' .. g) or ''), {}
    local total, size, open = 0, 0, false
    if #before == 0 then astray() end
    for _, part in ipairs(before) do
      size = size + #part
      open = open or not is_shut(part.list)
    end
    if open then tried = tried + 1 end
    local joined = open and may_be_joined(g, before)
    local skipped = not open or wants_to_be_alone(before)
      or #ids > 0 and not (joined and #ids + size <= 64)
    if skipped then before = {} end
    for _, part in ipairs(before) do
      local rest = {list = part.list}
      local rank = call('ZMSCORE', serves, part.list, '*' .. name_of(part.list))
      local stays = not (rank[1] or rank[2]) or is_shut(part.list)
      for _, id in ipairs(part) do
        if stays or full() then
          rest[#rest + 1] = id
        else
          local env = call('HGET', record_key(id), id)
          if env and not header(env) then
            put_aside(id, env)
          elseif env then
            if take(id, env) then
              local took, deaths, pending = crashes(env)
              longest = math.max(longest, took or 0)
              counted = math.max(counted, deaths + (pending > 0 and 1 or 0))
              if dead_on_crash[part.list] or dead_on_crash['*' .. name_of(part.list)] then
                dead_lists[part.list] = true
              end
            end
          end
        end
      end
      total = total + #part - #rest
      if #rest > 0 then after[#after + 1] = rest end
    end
    if total > 0 then store_group(g, before, after) end
    if #ids > 0 and not skipped and (not joined or full()) then break end
  end
  if #ids == 0 then return end
  isolate = #ids == 1 and counted >= 2
  suspects = quarantine_of(longest) * (isolate and -1 or 1)
end
if repeated == 0 then
  local function flush_emptied()
    if #emptied == 0 then return end
    local own = true
    for _, list in ipairs(emptied) do own = own and not string.find(list, ':', 1, true) end
    if own then
      in_steps(#emptied, function(i, j) call('SREM', K .. 'ready', unpack(emptied, i, j)) end)
    else
      rare()
      note_emptied(emptied)
    end
    emptied = {}
  end
  if want > 0 or #fetch_order > 0 then
    local function is_dead_on_crash(list)
      return dead_on_crash[list] or dead_on_crash['*' .. name_of(list)]
    end
    local function full() return #ids >= want or bytes >= max_bytes end
    local function take(id, env)
      local size, n = #env, #ids + 1
      if size > 1024 then
        size = size + (string.match(env, '^1 [13579BDF][^\n]* b=(%d+)') or 0)
        if size > CARRIED_MAX then
          rare()
          return put_aside(id, env, 'record of ' .. int(size) .. ' bytes')
        end
      end
      ids[n], jobs[2 * n - 1], jobs[2 * n] = id, id, env
      bytes, stored = bytes + size, stored + #env
      return true
    end
    -- Records of ids, in steps, so that a few large ones are not all read for nothing.
    local function records(all, from, to)
      if to < from then return {} end
      local s, e = segment(all[from]), from
      while e < to and segment(all[e + 1]) == s do e = e + 1 end
      if e == to then return call('HMGET', K .. 'jobs:' .. s, unpack(all, from, to)) end
      local envs, at, places = {}, {}, {}
      for j = from, to do
        local id = all[j]
        s = segment(id)
        local part = at[s]
        if part then
          local k = #part + 1
          part[k], places[s][k] = id, j - from + 1
        else
          at[s], places[s] = {id}, {j - from + 1}
        end
      end
      for part, some in pairs(at) do
        local got, where = call('HMGET', K .. 'jobs:' .. part, unpack(some)), places[part]
        for k = 1, #some do envs[where[k]] = got[k] end
      end
      return envs
    end
    if want > 0 and string.find(modes, 's', 1, true) and call('ZCARD', K .. 'suspects') > 0 then
      rare()
      pop_suspects(full, take)
    end
    -- Takes up to k jobs of a list; true: and it is empty now.
    local function pop_plain(key, k)
      local looked = 0
      while k > 0 and not full() and looked < 1024 do
        local all = call('LPOP', key, int(k))
        if not all then return true end
        local n, before = #all, #ids
        local j, step, last = 1, 4, 0
        while j <= n and not full() do
          local to = math.min(j + step - 1, n)
          local envs = records(all, j, to)
          for m = 1, to - j + 1 do
            if full() then break end
            last = j + m - 1
            if envs[m] then
              take(all[last], envs[m])
            else
              notes[#notes + 1] = 'lost by the store: ' .. all[last]
            end
          end
          j, step = to + 1, step * 4
        end
        if last < n then
          -- Too many bytes: the rest goes back to where it was.
          local back = {}
          for i = n, last + 1, -1 do back[#back + 1] = all[i] end
          call('LPUSH', key, unpack(back))
          return false
        end
        if n < k then return true end
        k = k - (#ids - before)
        looked = looked + n
      end
      return false
    end
    -- The same where some jobs of the list have priorities, or were cancelled (ghosts).
    local function pop_beside(key, ghosts, prio, k)
      local ghostly = redis.call('EXISTS', ghosts) == 1
      local function ghost(id)
        if not ghostly then return false end
        local count = num(call('HGET', ghosts, id))
        if count <= 0 then return false end
        if count == 1 then call('HDEL', ghosts, id) else call('HINCRBY', ghosts, id, -1) end
        if call('HINCRBY', ghosts, '', -1) <= 0 then call('HDEL', ghosts, '') end
        return true
      end
      local looked = 0
      while k > 0 and not full() and looked < 1024 do
        local asked = k
        local all = call('LRANGE', key, 0, k - 1)
        local ahead = call('ZRANGE', prio, 0, k - 1, 'WITHSCORES')
        if #all == 0 and #ahead == 0 then break end
        local used, p, taken = 0, 1, {}
        local j, step = 1, 4
        while j <= #all or p <= #ahead do
          if k == 0 or full() then break end
          local to = math.min(j + step - 1, #all)
          local envs = records(all, j, to)
          local m = 1
          -- What is ahead may only pass the end of what was read where the list ends there, too.
          while m <= to - j + 1 or (p <= #ahead and to >= #all and #all < asked) do
            if k == 0 or full() then break end
            local env = envs[m]
            local id = all[j + m - 1]
            local listed = m <= to - j + 1
            if listed and (not env or ghostly) and (ghost(id) or not env) then
              if not env and not ghostly then notes[#notes + 1] = 'lost by the store: ' .. id end
              used, m = used + 1, m + 1
            else
              local zscore = p <= #ahead and tonumber(ahead[p + 1]) or nil
              if zscore and listed then
                local h = header(env)
                if h and h.created < zscore then zscore = nil end
              end
              if zscore then
                local zid = ahead[p]
                local zenv = call('HGET', record_key(zid), zid)
                taken[#taken + 1] = zid
                if zenv and take(zid, zenv) then k = k - 1 end
                p = p + 2
              elseif listed then
                if take(id, env) then k = k - 1 end
                used, m = used + 1, m + 1
              else
                break
              end
            end
          end
          if m <= to - j + 1 then break end
          j, step = to + 1, step * 4
          if j > #all and (p > #ahead or #all == asked) then break end
        end
        if used > 0 then call('LTRIM', key, used, -1) end
        if #taken > 0 then call('ZREM', prio, unpack(taken)) end
        if used == 0 and #taken == 0 then break end
        looked = looked + used
      end
    end
    -- Takes up to k jobs of a list; how many it holds then: none while it is paused. `plain`: no
    -- priorities, no ghosts, no pause.
    local function pop(list, k, plain)
      local key, ghosts, prio = K .. 'list:' .. list, K .. 'side:' .. list, K .. 'prio:' .. list
      local beside = not plain and redis.call('EXISTS', ghosts, prio) > 0
      local empty, before = false, #ids
      k = math.min(k, want - #ids)
      if beside and call('HEXISTS', ghosts, '{paused') == 1 and gate.is_paused(list) then
        empty, beside = true, false
      elseif beside then
        pop_beside(key, ghosts, prio, k)
      else
        empty = pop_plain(key, k)
      end
      if #ids > before and is_dead_on_crash(list) then dead_lists[list] = true end
      local length = empty and 0 or call('LLEN', key)
      if beside then length = length + call('ZCARD', prio) end
      if length == 0 then
        woken[list] = nil
        if not drained[list] then emptied[#emptied + 1] = list end
        drained[list] = true
      end
      return length
    end
)lua";
inline constexpr std::string_view counting = R"lua(local function count(at)
  local lists, days
  -- Adds numbers to fields of a hash: so many fields, then their numbers. Which of them are new,
  -- and where the words go on. A number may be below zero: what was counted was not taken.
  local function add(key, at)
    local k, fresh = tonumber(ARGV[at]), {}
    for from = at + 1, at + k, 4000 do
      local to = math.min(from + 3999, at + k)
      local was, set, gone = call('HMGET', key, unpack(ARGV, from, to)), {}, {}
      for j = from, to do
        local more, old = ARGV[j + k], was[j - from + 1]
        local sum = num(old) + more
        if sum > 0 then
          set[#set + 1] = ARGV[j]
          set[#set + 1] = old and string.format('%.0f', sum) or more
          if not old then fresh[#fresh + 1] = ARGV[j] end
        elseif old then
          gone[#gone + 1] = ARGV[j]
        end
      end
      in_steps(#set, function(a, b) call('HSET', key, unpack(set, a, b)) end)
      if #gone > 0 then call('HDEL', key, unpack(gone)) end
    end
    return fresh, at + 1 + 2 * k
  end
  lists, at = add(K .. 'stats', at)
  for j, field in ipairs(lists) do lists[j] = string.match(field, '^[^ ]+') end
  in_steps(#lists, function(a, b)
    local known, used = call('ZMSCORE', K .. 'lists', unpack(lists, a, b)), {}
    for j = a, b do
      if not known[j - a + 1] then
        used[#used + 1] = int(now)
        used[#used + 1] = lists[j]
      end
    end
    if #used > 0 then call('ZADD', K .. 'lists', unpack(used)) end
  end)
  local day = K .. 'stats:' .. int(math.floor(now / 86400000))
  days, at = add(day, at)
  if #days > 0 then redis.call('PEXPIRE', day, '7862400000') end
  return at
end
)lua";
inline constexpr std::string_view doors = R"lua(local function score(h) return h.created - h.priority * PRIORITY_STEP end
-- Into a place where it waits: 'back' or 'front' of its list; 'scheduled' or 'retry' until `due`.
enter = function(id, h, how, due)
  if due then
    call('ZADD', K .. how, int(due), id)
    soonest = math.min(soonest or due, due)
    return
  end
  local list = h.list
  if h.priority ~= 0 then
    call('ZADD', K .. 'prio:' .. list, int(score(h)), id)
    made_ready(list)
    mixed[list] = true
  elseif call(how == 'front' and 'LPUSH' or 'RPUSH', K .. 'list:' .. list, id) == 1 then
    made_ready(list)
  end
  woken[list] = true
  has_place(id)
end
-- Many without priorities into the front of one list, in their order.
enter_front = function(list, ids)
  local back = {}
  for j = #ids, 1, -1 do back[#back + 1] = ids[j] end
  if call('LPUSH', K .. 'list:' .. list, unpack(back)) == #back then made_ready(list) end
  woken[list] = true
end
-- Out of a claim that goes on without it.
leave = function(n, id)
  call('SADD', K .. 'left:' .. n, id)
  if tonumber(n) % 2 == 0 then call('HDEL', K .. 'claimed:' .. segment(id), id) end
end
-- A claim ends, and these jobs, all that are left of it, go out. Written for many claims at once.
local ended, of_segment, large = {}, {}, {}
end_claim = function(n, ids)
  ended[#ended + 1] = n
  if sweeping and #ids > 0 then has_place(unpack(ids)) end
  if tonumber(n) % 2 == 1 then
    large[#large + 1] = n
    return
  end
  for _, id in ipairs(ids) do
    local s = segment(id)
    if not of_segment[s] then of_segment[s] = {} end
    table.insert(of_segment[s], id)
  end
end
note_ended = function()
  for s, ids in pairs(of_segment) do call('HDEL', K .. 'claimed:' .. s, unpack(ids)) end
  if #large > 0 then call('ZREM', K .. 'large_claims', unpack(large)) end
  if #ended == 0 then return end
  call('ZREM', K .. 'leases', unpack(ended))
  local keys = {}
  for _, n in ipairs(ended) do
    for _, kind in ipairs({'claim:', 'left:', 'progress:', 'started:', 'reported:'}) do
      keys[#keys + 1] = K .. kind .. n
    end
  end
  redis.call('UNLINK', unpack(keys))
end
-- On to its next stage: another record under its id, in a list of its own, and attempts from zero.
-- What it left behind so far stays with it, and whether its id was chosen.
advance = function(id, h, env, body, due)
  local to = header(env)
  local flags = to.flags
  for _, stays in ipairs({1, 8}) do
    if bit(flags, stays) ~= bit(h.flags, stays) then
      flags = flags + (bit(flags, stays) and -stays or stays)
    end
  end
  env = '1 ' .. string.format('%02X', flags) .. string.sub(env, 5)
  call('HSET', record_key(id), id, env)
  if body ~= '' then
    call('HSET', K .. 'bodies:' .. segment(id), id, body)
  elseif bit(h.flags, 16) then
    call('HDEL', K .. 'bodies:' .. segment(id), id)
  end
  enter(id, to, due and 'scheduled' or 'back', due)
end
-- Nobody will run it any more. With its record, unless it is dead; with its body, where that is
-- apart or the record does not say, unless it is set aside.
finish = function(id, env, outcome)
  if outcome == 'dead' then return end
  call('HDEL', record_key(id), id)
  forget_records(id, outcome == 'kept' or outcome == 'cancelled')
  if outcome ~= 'set_aside' and (not env or not string.find(env, '^1 [02468ACE]%x ')) then
    call('HDEL', K .. 'bodies:' .. segment(id), id)
  end
end
bury = function(id, env, h, text)
  env = with_word(with_failures(env, h, h.attempts), 'x')
  call('HSET', record_key(id), id, env)
  add_failure(id, text)
  call('ZADD', K .. 'dead', int(now), id)
  count_bytes('dead', id, whole_size(env))
  finish(id, env, 'dead')
end
put_aside = function(id, env, why)
  call('HSET', K .. 'set_aside', id, env)
  call('ZADD', K .. 'set_aside_at', int(now), id)
  count_bytes('set_aside', id, whole_size(env))
  finish(id, env, 'set_aside')
  notes[#notes + 1] = (why or 'unreadable record') .. ' set aside: ' .. id
end
-- Whether a job that is in no place went to the front of its list. One of which the bytes are
-- counted as a dead one's was dead, and is again.
take_home = function(id, h)
  if call('HEXISTS', K .. 'bytes:dead', id) == 1 then
    call('ZADD', K .. 'dead', int(now), id)
    return false
  end
  enter(id, h, 'front')
  return true
end
)lua";
inline constexpr std::string_view find_job = R"lua(local cursor, beyond = ARGV[1], nil  -- beyond: there are more claims, after this one
local in_claims = {}
-- Looks for these ids, a table by id, in the large claims after the cursor.
local function look_through(wanted, many)
  local most = many > 8 and 32 or 64
  local numbers = call('ZRANGEBYSCORE', K .. 'large_claims', '(' .. cursor, '+inf',
    'LIMIT', '0', int(most + 1))
  if #numbers > most then
    numbers[#numbers] = nil
    beyond = numbers[most]
  end
  local function found(id, n, blob)
    if call('SISMEMBER', K .. 'left:' .. n, id) == 0 then
      in_claims[id] = {n, string.match(blob, '^(%S+) ')}
    end
  end
  for _, n in ipairs(numbers) do
    local blob = call('GET', K .. 'claim:' .. n)
    if not blob then
      call('ZREM', K .. 'large_claims', n)
    elseif many > 8 then
      for id in string.gmatch(string.match(blob, '\n,(.*)$') or '', '[^,]+') do
        if wanted[id] then found(id, n, blob) end
      end
    else
      for id in pairs(wanted) do
        if string.find(blob, ',' .. id .. ',', 1, true) then found(id, n, blob) end
      end
    end
  end
end
local function claim_of(id)
  local n = call('HGET', K .. 'claimed:' .. segment(id), id)
  if n then
    local blob = call('GET', K .. 'claim:' .. n)
    if blob and string.find(blob, ',' .. id .. ',', 1, true) then
      return n, string.match(blob, '^(%S+) ')
    end
    call('HDEL', K .. 'claimed:' .. segment(id), id)
  end
  if in_claims[id] then return in_claims[id][1], in_claims[id][2] end
end
local function suspect_group(id, env)
  local h = header(env)
  for _, name in ipairs(h and {name_of(h.list)} or call('ZRANGE', K .. 'suspects', 0, -1)) do
    for _, g in ipairs(call('ZRANGE', K .. 'suspects:' .. name, 0, -1)) do
      local group = call('GET', K .. 'group:' .. g) or ''
      if string.find(group, ',' .. id .. ',', 1, true) then return g, group end
    end
  end
end
-- state, when, claim, pool; nil: not known yet
local function find(id, env)
  for _, set in ipairs({'scheduled', 'retry', 'dead'}) do
    local at = call('ZSCORE', K .. set, id)
    if at then return set, tonumber(at) end
  end
  local n, who = claim_of(id)
  if n then return 'active', tonumber(call('ZSCORE', K .. 'leases', n)), n, who end
  if suspect_group(id, env) then return 'suspect', 0 end
  if beyond then return nil end
  return 'pending', 0
end
-- Takes a job out of the place where it waits, unless that is a list.
local function take_from(state, id, env)
  if state == 'suspect' then
    local g, group = suspect_group(id, env)
    local before, after = group_parts(group), {}
    for _, part in ipairs(before) do
      local rest = {list = part.list}
      for _, other in ipairs(part) do
        if other ~= id then rest[#rest + 1] = other end
      end
      if #rest > 0 then after[#after + 1] = rest end
    end
    store_group(g, before, after)
  elseif state ~= 'pending' then
    call('ZREM', K .. state, id)
    if state == 'dead' then count_bytes('dead', id) end
  end
end
-- Looks for the ids (ARGV from `first` on) that no set and no index knows.
local function look_for_ids(first)
  local wanted, many = {}, 0
  for i = first, #ARGV do
    local id = ARGV[i]
    if not wanted[id] and call('HEXISTS', record_key(id), id) == 1
        and call('HEXISTS', K .. 'claimed:' .. segment(id), id) == 0
        and not (call('ZSCORE', K .. 'dead', id) or call('ZSCORE', K .. 'retry', id)
          or call('ZSCORE', K .. 'scheduled', id)) then
      wanted[id], many = true, many + 1
    end
  end
  if many > 0 then look_through(wanted, many) end
end
-- A set-aside record back into its list, with other bytes where they are given.
local function bring_back(id, env, body)
  local stored = call('HGET', K .. 'set_aside', id)
  if not stored then return 'g' end
  if redis.call('HEXISTS', record_key(id), id) == 1 then return 'p' end
  local h = header(env or stored)
  if not h then return 'u' end
  local bytes = env or stored
  if cancel_word(bytes) then bytes = with_word(bytes, 'c') end
  forget_aside(id)
  if env then call('HDEL', K .. 'bodies:' .. segment(id), id) end
  if body then call('HSET', K .. 'bodies:' .. segment(id), id, body) end
  call('HSET', record_key(id), id, bytes)
  enter(id, h, 'back')
  return 'm'
end
local function unready_if_empty(list)
  if redis.call('EXISTS', K .. 'list:' .. list, K .. 'prio:' .. list) == 0 then
    note_emptied({list})
  end
end
-- A pending job whose record does not say in which list it is: O(pending).
local function unlist(id)
  for _, list in ipairs(call('ZRANGE', K .. 'lists', 0, -1)) do
    local places = call('LPOS', K .. 'list:' .. list, id, 'COUNT', 0)
    if #places > num(call('HGET', K .. 'side:' .. list, id)) then
      call('LREM', K .. 'list:' .. list, 1, id)
      -- A sweep that is reading the list may have missed one: it finds nothing, and another begins.
      if redis.call('DEL', K .. 'strays') == 1 then astray() end
      return unready_if_empty(list)
    end
    if call('ZREM', K .. 'prio:' .. list, id) == 1 then return unready_if_empty(list) end
  end
end
-- A job that is pending goes out of its list.
local function out_of_list(id, h)
  if not h then
    unlist(id)
  elseif h.priority ~= 0 and call('ZREM', K .. 'prio:' .. h.list, id) == 1 then
    unready_if_empty(h.list)
  else
    call('HINCRBY', K .. 'side:' .. h.list, id, 1)
    call('HINCRBY', K .. 'side:' .. h.list, '', 1)
    local name = string.match(h.list, ':(.+)$')
    if name and redis.call('EXISTS', K .. 'queues:' .. name) == 1 then
      call('SADD', K .. 'ready', '!' .. name)
    end
  end
end
-- What tells a stored record from the one before.
local function version_of(env) return string.sub(redis.sha1hex(env), 1, 16) end
)lua";
inline constexpr std::string_view gate = R"lua(local function paused_till(text) return text and num(string.match(text, '^{"until_ms":(%d+)')) end
-- Opens it where `settings` allow it, and shuts it where they do not.
local function settle_lists(lists)
  local marks, fields = {}, {}
  for j, list in ipairs(lists) do
    marks[j] = '!{' .. list
    fields[2 * j - 1] = 'queue:' .. (string.match(list, '^([^:]+):.') or list)
    fields[2 * j] = 'name:' .. name_of(list)
  end
  local marked = call('ZMSCORE', K .. 'lists', unpack(marks))
  local texts, closed = call('HMGET', K .. 'settings', unpack(fields)), {}
  for j, list in ipairs(lists) do
    local paused = false
    for _, text in ipairs({texts[2 * j - 1] or '', texts[2 * j] or ''}) do
      local till = #text > 0 and paused_till(text)
      if till and (till == 0 or till > now) then paused = true end
    end
    if paused and not marked[j] then
      closed[#closed + 1] = list
      shut_list(list)
    elseif marked[j] and not paused then
      open_list(list)
      local beside = redis.call('EXISTS', K .. 'side:' .. list, K .. 'prio:' .. list)
      if beside + redis.call('EXISTS', K .. 'list:' .. list) > 0 then
        made_ready(list)
        woken[list] = true
        gate.shut[list] = false
        if beside > 0 then mixed[list] = true end
      end
    end
  end
  if #closed > 0 then note_emptied(closed) end
end
-- The next lists of the walk; whether that was the last of it.
gate.settle = function()
  local at = call('HGET', K .. 'broker', 'settling')
  if not at then return true end
  local page = call('ZSCAN', K .. 'lists', at, 'COUNT', 64)
  local lists, met = {}, {}
  for j = 1, #page[2], 2 do
    local list = string.match(page[2][j], '^!{(.*)$') or page[2][j]
    if string.byte(list) ~= 33 and not met[list] then
      met[list] = true
      lists[#lists + 1] = list
    end
  end
  for from = 1, #lists, 64 do
    settle_lists({unpack(lists, from, math.min(from + 64 - 1, #lists))})
  end
  if page[1] == '0' then
    call('HDEL', K .. 'broker', 'settling')
    call('ZREM', K .. 'scheduled', '{settle')
    return true
  end
  call('HSET', K .. 'broker', 'settling', page[1])
  return false
end
-- What is paused has changed: the walk begins, anew if there is one. Pools go on with it from `at`.
gate.changed = function(at)
  call('HSET', K .. 'broker', 'settling', '0')
  if gate.settle() then return true end
  call('ZADD', K .. 'scheduled', int(at), '{settle')
  return false
end
-- What `scheduled` holds beside jobs: the end of a pause, and a walk that is not through. No id has
-- a space or begins so. Whether there is something for `gate.changed` or `gate.settle` to do.
gate.fire = function(timer)
  local key = string.match(timer, '^{resume (.+)$')
  local till = key and paused_till(call('HGET', K .. 'settings', key))
  if till and till > 0 and till <= now then
    call('HDEL', K .. 'settings', key)
    call('HSET', K .. 'broker', 'settling', '0')
  end
  return true
end
)lua";
inline constexpr std::string_view groups = R"lua(-- The ids in the groups of suspects of a name; what is said of them elsewhere is made true.
local groups = {}
local function groups_of(name)
  if groups[name] then return groups[name] end
  local ids, count = {}, 0
  groups[name] = ids
  for _, g in ipairs(call('ZRANGE', K .. 'suspects:' .. name, '0', '-1')) do
    local some = 0
    for _, part in ipairs(group_parts(call('GET', K .. 'group:' .. g) or '')) do
      for _, id in ipairs(name_of(part.list) == name and part or {}) do
        ids[id], some = true, some + 1
      end
    end
    if some == 0 then call('ZREM', K .. 'suspects:' .. name, g) end
    count = count + some
  end
  if count > 0 then
    call('ZADD', K .. 'suspects', count, name)
  else
    call('ZREM', K .. 'suspects', name)
  end
  return ids
end
)lua";
inline constexpr std::string_view keeping = R"lua(-- What is kept for people is counted by id, and in all under the empty id; nil: it is gone.
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
)lua";
inline constexpr std::string_view lists = R"lua(local listened = {}
local function with_names(lists, by_name)
  local all = {}
  for _, list in ipairs(lists) do
    all[#all + 1] = list
    local name = string.match(list, ':(.+)$')
    if name then
      if not by_name[name] then by_name[name] = {} end
      table.insert(by_name[name], list)
    end
  end
  return all
end
local function for_all(cmd, key, members)
  in_steps(#members, function(i, j) call(cmd, key, unpack(members, i, j)) end)
end
-- Beside the list, and in `lists`, where what gets its first job is looked up.
local function shut_list(list)
  call('HSET', K .. 'side:' .. list, '{paused', '1')
  call('ZADD', K .. 'lists', 9007199254740991, '!{' .. list)
end
local function open_list(list)
  call('HDEL', K .. 'side:' .. list, '{paused')
  call('ZREM', K .. 'lists', '!{' .. list)
end
note_ready = function()
  if #became_ready == 0 then return end
  local lists, open, by_name, used = became_ready, {}, {}, {}
  became_ready = {}
  for from = 1, #lists, 256 do
    local marks = {}
    for i = from, math.min(from + 256 - 1, #lists) do
      local list = lists[i]
      marks[#marks + 1] = list
      marks[#marks + 1] = '!' .. list
      marks[#marks + 1] = '!{' .. list
    end
    local at = call('ZMSCORE', K .. 'lists', unpack(marks))
    for m = 1, #marks, 3 do
      local list = marks[m]
      if math.abs(num(at[m]) - now) > 3600000 then
        used[#used + 1] = int(now)
        used[#used + 1] = list
      end
      if at[m + 1] then listened[list] = true end
      -- One that is new takes after what is set for its queue and its name.
      gate.shut[list] = (at[m + 2] or not at[m]) and gate.is_paused(list) or false
      if not gate.shut[list] then
        open[#open + 1] = list
        if at[m + 2] then
          open_list(list)
          mixed[list] = mixed[list]
            or redis.call('EXISTS', K .. 'side:' .. list, K .. 'prio:' .. list) > 0
        end
      elseif not at[m + 2] then
        shut_list(list)
      end
    end
  end
  for_all('ZADD', K .. 'lists', used)
  local ready = with_names(open, by_name)
  for name, queues in pairs(by_name) do
    ready[#ready + 1] = '*' .. name
    for _, list in ipairs(queues) do
      if mixed[list] then ready[#ready + 1] = '!' .. name end
    end
    for_all('SADD', K .. 'queues:' .. name, queues)
  end
  mixed = {}
  for_all('SADD', K .. 'ready', ready)
end
-- Whether one of these lists may be claimed from. Of those that held jobs before nobody asked yet.
local function any_open(lists)
  local marks = {}
  for _, list in ipairs(lists) do
    if gate.shut[list] == false then return true end
    marks[#marks + 1] = '!{' .. list
  end
  local open = false
  in_steps(#marks, function(i, j)
    for _, mark in ipairs(open and {} or call('ZMSCORE', K .. 'lists', unpack(marks, i, j))) do
      open = open or not mark
    end
  end)
  return open
end
wake_woken = function()
  local names = {}
  for list in pairs(woken) do
    if not gate.shut[list] then
      local name = name_of(list)
      if not names[name] then names[name] = {} end
      table.insert(names[name], list)
      if listened[list] then give_wakeup(K .. 'wake:' .. list) end
    end
  end
  for name, lists in pairs(names) do
    local key = K .. 'wake:*' .. name
    if call('LLEN', key) == 0 and any_open(lists) then redis.call('RPUSH', key, '1') end
  end
  woken = {}
end
note_emptied = function(lists)
  local by_name = {}
  local ready = with_names(lists, by_name)
  for name, queues in pairs(by_name) do
    for_all('SREM', K .. 'queues:' .. name, queues)
    if redis.call('EXISTS', K .. 'queues:' .. name) == 0 then
      ready[#ready + 1] = '*' .. name
      ready[#ready + 1] = '!' .. name
    end
  end
  for_all('SREM', K .. 'ready', ready)
end
)lua";
inline constexpr std::string_view lone_claim = R"lua(if ARGV[7] == 'L' and tonumber(ARGV[5]) > 0 and not string.find(ARGV[4], '[cd]') then
  local K, look, pool, served, dead = KEYS[1], redis.pcall, ARGV[1], {}, {}
  for i = 7, #ARGV, 4 do
    local crash = ARGV[i + 3] == '1'
    if ARGV[i] ~= 'L' or ARGV[i + 2] == '0' and not crash or i > 1000 then served = {} break end
    if crash then dead[ARGV[i + 1]] = true end
    if ARGV[i + 2] ~= '0' then
      served[#served + 1] = string.match(ARGV[i + 1], '^%*(.+)$')
      served[#served + 1] = ARGV[i + 1]
    end
  end
  -- The one that may hold a job: a list, or `*` and a name: a list of its other queues. Of a single
  -- name `ready` is not asked; what holds jobs beside the list must then be nothing.
  local list, beside = served[1], nil
  local one_name = served[2] and not served[3] and served[2] == '*' .. list and list
  if served[2] and not one_name then
    local ready = look('SMISMEMBER', K .. 'ready', unpack(served))
    list = nil
    for i = 1, #served do
      if ready[i] == 1 then
        if list and list ~= served[i] then list = nil break end
        list = served[i]
      end
    end
  end
  local name = list and string.match(list, '^%*(.+)$')
  local ids = list and not name and look('LRANGE', K .. 'list:' .. list, '0', '1') or {}
  if one_name then
    beside = K .. 'queues:' .. one_name
    if not ids[1] then name, beside = one_name, K .. 'prio:' .. one_name end
  end
  if name then
    local queues = look('SRANDMEMBER', K .. 'queues:' .. name, '2')
    list = not queues[2] and queues[1]
    ids = list and look('LRANGE', K .. 'list:' .. list, '0', '1') or {}
  end
  local id = ids[1]
  local part = id and not ids[2] and #id == 22 and string.sub(id, 12, 13)
  if part and string.find(part, '^[0-9A-HJKMNP-TV-Z][0-9A-HJKMNP-TV-Z]$') then
    local now, lease = math.floor(us / 1000), tonumber(ARGV[3])
    local leases, answers = K .. 'leases', K .. 'pool:' .. pool
    local slot = 'x' .. tonumber(ARGV[2]) % 3
    local last = look('HMGET', answers, slot)
    last = last.err or last[1]
    if last then last = tonumber(string.match(last, '^(%d+)|')) or us end
    local clock = look('HMGET', K .. 'broker', 'fence', 'last_exchange', 'astray')
    local last_exchange = tonumber(clock[2])
    -- Nothing lapses soon, measured by this lease and by how long nobody came.
    local soon = now + math.max(lease / 3, 2 * (now - (last_exchange or now)) / 3)
    local first = look('ZRANGE', leases, '0', '0', 'WITHSCORES')
    local first_ms = tonumber(first[2] or now + lease)
    local later = look('ZRANGE', K .. 'scheduled', '0', '0', 'WITHSCORES')
    local again = look('ZRANGE', K .. 'retry', '0', '0', 'WITHSCORES')
    local due = math.min(tonumber(later[2]) or math.huge, tonumber(again[2]) or math.huge)
    local calm = due > now
    if string.find(ARGV[4], 'w', 1, true) then
      local alarm = look('HMGET', K .. 'alarm', 'holder', 'backup')
      calm = due == math.huge and not (alarm.err or alarm[1] == pool or alarm[2] == pool)
    end
    local env = look('HMGET', K .. 'jobs:' .. part, id)[1]
    name = string.match(list, ':(.+)$')
    -- Suspects disturb nobody who does not serve their names, of which the fetch_order may name a
    -- part.
    local function undisturbed(found)
      if found ~= 1 then return found == 0 end
      if look('EXISTS', K .. 'suspects') ~= 1 then return false end
      if not string.find(ARGV[4], 's', 1, true) then return true end
      local names = look('ZRANGE', K .. 'serves:' .. pool, '0', '256')
      if names.err or not names[1] or names[257] then return false end
      for i = 1, #names do names[i] = string.match(names[i], '[^:*]*$') end
      local counts = look('ZMSCORE', K .. 'suspects', unpack(names))
      for i = 1, #names do
        if counts.err or counts[i] then return false end
      end
      return true
    end
    if calm and env and (#env <= 1024 or #env <= 1048576 and not string.find(env, '^1 [13579BDF]'))
        and (not last or last < tonumber(ARGV[2]))
        and tonumber(clock[1]) and last_exchange and last_exchange > 0 and not clock[3]
        and not first.err and (not first[1] or first_ms > soon)
        and not (later.err or again.err)
        and undisturbed(look('EXISTS', K .. 'suspects', K .. 'orders:' .. pool,
          K .. 'side:' .. list, K .. 'prio:' .. list, beside or K .. 'prio:' .. list))
        and (not name or look('SREM', K .. 'queues:' .. name, list) == 1)
        and type(name and look('EXISTS', K .. 'queues:' .. name) == 0
          and look('SREM', K .. 'ready', list, '*' .. name, '!' .. name)
          or look('SREM', K .. 'ready', list)) == 'number' then
      local claim = math.max(tonumber(clock[1]) + 1, us)
      claim = string.format('%d', claim + claim % 2)
      redis.call('LPOP', K .. 'list:' .. list)
      local crash = dead[list] or dead['*' .. (name or list)]
      redis.call('SET', K .. 'claim:' .. claim, pool .. ' j ' .. ARGV[3] .. ' ' .. #env .. ' ' ..
        (crash and list or '%') .. '\n,' .. id .. ',')
      -- Without the index the job would be taken for pending by those who look for it.
      if type(look('HSET', K .. 'claimed:' .. part, id, claim)) ~= 'number' then
        redis.call('RENAME', K .. 'claimed:' .. part,
          K .. 'aside:' .. string.format('%d', us) .. ':claimed:' .. part)
        redis.call('HSET', K .. 'claimed:' .. part, id, claim)
        redis.call('HSET', K .. 'broker', 'astray', string.format('%d', now))
      end
      local holds = string.find(ARGV[4], 'p', 1, true) and math.min(lease, 2000) or lease
      redis.call('ZADD', leases, string.format('%d', now + holds), claim)
      redis.call('HSET', answers, slot, ARGV[2] .. '||' .. claim .. '|0|')
      redis.call('HSET', K .. 'broker', 'fence', claim, 'last_exchange', string.format('%d', now))
      return {now, 0, '', {}, claim, 0, due < math.huge and due or 0,
        now + math.floor(lease / 3), 0, 0, 0, {}, {}, {}, {id, env}}
    end
  end
end
)lua";
inline constexpr std::string_view lone_enqueue = R"lua(if #ARGV == 12 and ARGV[4] == 'J' and ARGV[6] == '1' and ARGV[9] == 'L' then
  local K, look, list = KEYS[1], redis.pcall, ARGV[10]
  local now = math.floor(us / 1000)
  local name = string.match(list, ':(.+)$')
  local wake = K .. 'wake:*' .. (name or list)
  local key = K .. 'producer:' .. ARGV[1] .. ':' .. tonumber(ARGV[2]) % 2
  local last = look('GET', key)
  if last and type(last) == 'string' then last = tonumber(string.match(last, '^(%d+) ')) end
  local woken = look('LLEN', wake)
  local used = look('ZMSCORE', K .. 'lists', list, '!' .. list, '!{' .. list)
  local listened = used[2] and K .. 'wake:' .. list
  local heard = listened and look('LLEN', listened)
  if (not last or type(last) == 'number' and last < tonumber(ARGV[2]))
      and type(woken) == 'number' and used[1] and not used[3]
      and (not listened or type(heard) == 'number')
      and (not name or type(look('SADD', K .. 'queues:' .. name, list)) == 'number')
      and type(look('HSET', K .. 'jobs:' .. ARGV[5], ARGV[7], ARGV[8])) == 'number'
      and type(look('SADD', K .. 'ready', list, name and '*' .. name or list)) == 'number' then
    local length = look('RPUSH', K .. 'list:' .. list, ARGV[12])
    if type(length) == 'number' then
      if length == 1 and math.abs(tonumber(used[1]) - now) > 3600000 then
        redis.call('ZADD', K .. 'lists', string.format('%d', now), list)
      end
      if woken == 0 then redis.call('RPUSH', wake, '1') end
      if length == 1 and heard == 0 then redis.call('RPUSH', listened, '1') end
      redis.call('SET', key, ARGV[2] .. ' ', 'PX', ARGV[3])
      return {now, 0, ''}
    end
  end
end
)lua";
inline constexpr std::string_view moves = R"lua(with_attempts = function(env, n)
  return string.sub(env, 1, 5) .. string.format('%04d', math.min(n, 9999)) .. string.sub(env, 10)
end
-- The same with the flag 08: failures are kept, so that this job does not end on the fast path.
with_failures = function(env, h, n)
  local flags = h.flags + (bit(h.flags, 8) and 0 or 8)
  return '1 ' .. string.format('%02X', flags) .. string.sub(with_attempts(env, n), 5)
end
-- The value of a word of the header line, nil: it has none.
word = function(env, key)
  return string.match(string.match(env, '^[^\n]*'), ' ' .. key .. '=([^ ]*)')
end
-- The record with this value of the word; nil takes the word out.
with_word = function(env, key, value)
  local line = string.gsub(string.match(env, '^[^\n]*'), ' ' .. key .. '=[^ ]*', '')
  return line .. (value and ' ' .. key .. '=' .. value or '') .. string.match(env, '\n.*$')
end
-- The record of a job in another list.
with_list = function(env, list)
  local head, rest = string.match(env, '^(1 %x%x %d%d%d%d %d+ )[^ \n]+(.*)$')
  return head .. list .. rest
end
-- The record of a job that snoozed once more: ` s=N` counts, up to nine digits.
snoozed = function(env)
  local n = string.match(word(env, 's') or '', '^%d+$')
  n = n and #n <= 9 and tonumber(n) or 0
  return with_word(env, 's', int(math.min(n + 1, 999999999)))
end

-- Something falls due at `due`: make sure that a pool will come.
due_at = function(due)
  local a = call('HMGET', K .. 'alarm', 'holder', 'holder_at')
  local at = num(a[2])
  if a[1] and at + 1000 >= now then
    if due < at then give_wakeup(K .. 'wake:' .. a[1]) end
    return
  end
  if appoints then return end
  for _, p in ipairs(some_pools(2)) do give_wakeup(K .. 'wake:' .. p) end
end
-- Its failures, and its log, unless that is kept with its ending.
forget_records = function(id, keeps_log)
  if keeps_log then
    redis.call('DEL', K .. 'errors:' .. id)
  else
    redis.call('DEL', K .. 'errors:' .. id, K .. 'log:' .. id)
  end
end
add_failure = function(id, text)
  local key = K .. 'errors:' .. id
  call('RPUSH', key, text)
  call('LTRIM', key, -10, -1)
end
-- Whether the job waits in this list: beside it, or in it among the first or the last so many.
waits_in = function(list, id, most)
  local key = K .. 'list:' .. list
  return call('ZSCORE', K .. 'prio:' .. list, id) or call('LPOS', key, id, 'MAXLEN', most)
    or call('LPOS', key, id, 'RANK', '-1', 'MAXLEN', most)
end
-- The bytes of a job, with its body where that is apart.
whole_size = function(env)
  return #env + (#env > 1024 and string.match(env, '^1 [13579BDF][^\n]* b=(%d+)') or 0)
end
-- Groups of suspects: `group:<g>` has a line `list,id,id,` per list; the highest number is taken
-- first. `suspects:<name>` finds the groups with jobs of a name, `suspects` says how many
-- jobs those are.
group_parts = function(blob)
  local parts = {}
  for list, ids in string.gmatch(blob, '([^,\n]+)(,[^\n]*)\n') do
    local part = {list = list}
    for id in string.gmatch(ids, '[^,]+') do part[#part + 1] = id end
    parts[#parts + 1] = part
  end
  return parts
end
store_group = function(g, before, after)
  local names, more, has, lines = {}, {}, {}, {}
  for sign, parts in pairs({[-1] = before, [1] = after}) do
    for _, part in ipairs(parts) do
      local name = name_of(part.list)
      if not more[name] then names[#names + 1] = name end
      more[name] = (more[name] or 0) + sign * #part
      if sign == 1 then has[name] = true end
    end
  end
  for _, part in ipairs(after) do
    lines[#lines + 1] = part.list .. ',' .. table.concat(part, ',') .. ',\n'
  end
  if #lines > 0 then
    redis.call('SET', K .. 'group:' .. g, table.concat(lines))
  else
    redis.call('DEL', K .. 'group:' .. g)
  end
  for _, name in ipairs(names) do
    if has[name] then
      call('ZADD', K .. 'suspects:' .. name, g, g)
    else
      call('ZREM', K .. 'suspects:' .. name, g)
    end
    if more[name] ~= 0
        and tonumber(call('ZINCRBY', K .. 'suspects', int(more[name]), name)) <= 0 then
      call('ZREM', K .. 'suspects', name)
    end
  end
end
-- Groups of `size` of the members `{list, id}`, in front of all others, in this order.
new_groups = function(members, size)
  local count = math.ceil(#members / size)
  local g = call('HINCRBY', K .. 'broker', 'groups', count)
  for from = 1, #members, size do
    local parts, by_list = {}, {}
    for j = from, math.min(from + size - 1, #members) do
      local list, id = members[j][1], members[j][2]
      local part = by_list[list]
      if not part then
        part = {list = list}
        by_list[list] = part
        parts[#parts + 1] = part
      end
      part[#part + 1] = id
    end
    store_group(int(g), {}, parts)
    g = g - 1
  end
end
)lua";
inline constexpr std::string_view prelude = R"lua(local K = KEYS[1]
local now = math.floor(us / 1000)
local notes = {}
-- Jobs may be in no place now; chores look for them, as long as `broker` has the field.
local astray
local function call(cmd, key, ...)
  local r = redis.pcall(cmd, key, ...)
  if type(r) == 'table' and r.err then
    if string.sub(r.err, 1, 9) ~= 'WRONGTYPE' then error(r) end
    redis.call('RENAME', key, string.format('%saside:%d:%s', K, us, string.sub(key, #K + 1)))
    notes[#notes + 1] = 'wrong type, renamed to aside: ' .. string.sub(key, #K + 1)
    astray()
    if key == K .. 'ready' or string.find(key, K .. 'queues:', 1, true) then
      for _, list in ipairs(redis.call('ZRANGE', K .. 'lists', 0, -1)) do
        if redis.call('EXISTS', K .. 'list:' .. list, K .. 'prio:' .. list) > 0 then
          redis.pcall('SADD', K .. 'ready', list)
          local name = string.match(list, ':(.+)$')
          if name then
            redis.pcall('SADD', K .. 'ready', '*' .. name, '!' .. name)
            redis.pcall('SADD', K .. 'queues:' .. name, list)
          end
        end
      end
    end
    r = redis.call(cmd, key, ...)
  end
  return r
end
local is_astray = false
astray = function()
  is_astray = true
  call('HSET', K .. 'broker', 'astray', string.format('%d', now))
end
-- These jobs came into a claim or a list: they are no strays, should chores look for such just now.
-- Exchanges know whether they do (`sweeping`), others ask once.
local sweeping
local function has_place(...)
  if sweeping == nil then sweeping = redis.call('EXISTS', K .. 'strays') == 1 end
  if sweeping then call('SREM', K .. 'strays', ...) end
end
-- Whole numbers as text; for those given to Redis as numbers it prints 17 digits, which is slow.
local function int(x) return string.format('%d', x) end
local function num(x) return tonumber(x or 0) or 0 end

local DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
local segments = {}
local function segment(id)
  local s
  if #id == 22 then
    s = string.sub(id, 12, 13)
    if segments[s] then return s end
    if string.find(s, '^[0-9A-HJKMNP-TV-Z][0-9A-HJKMNP-TV-Z]$') then segments[s] = true return s end
  end
  local h = 0
  for i = 1, #id do h = (h * 33 + string.byte(id, i)) % 1024 end
  local hi, lo = math.floor(h / 32) + 1, h % 32 + 1
  return string.sub(DIGITS, hi, hi) .. string.sub(DIGITS, lo, lo)
end
local function record_key(id) return K .. 'jobs:' .. segment(id) end

local PRIORITY_STEP = 60000
local function bit(flags, b) return math.floor(flags / b) % 2 == 1 end
local function header(env)
  local flags, attempts, created, list =
    string.match(env, '^1 (%x%x) (%d%d%d%d) (%d%d%d%d%d%d%d%d%d%d%d%d%d) ([^ \n]+)[^\n]*\n')
  if not flags then return nil end
  local h = {flags = tonumber(flags, 16), attempts = tonumber(attempts),
             created = tonumber(created), list = list, priority = 0}
  if bit(h.flags, 2) then h.priority = tonumber(string.match(env, '^[^\n]* p=(%-?%d+)') or 0) end
  return h
end
-- What a job that runs ends as, once it does not run any more; nil: whatever becomes of it.
local function cancel_word(env) return string.match(env, '^[^\n]* c=([^ \n]*)') end
local function give_wakeup(key)
  if call('LLEN', key) == 0 then redis.call('RPUSH', key, '1') end
end
-- Where the status of a pool is: its own, or that of all pools of its client.
local function status_key(p)
  local home = redis.pcall('HGET', K .. 'pool:' .. p, 'home')
  return K .. 'status:' .. (type(home) == 'string' and home or p)
end
local function name_of(list) return string.match(list, ':(.+)$') or list end
-- The gate of a list: whether it may be claimed from now. What is paused, by whom and until when is
-- in `settings`; a list beside which `{paused` stands asks. In `shut` are the lists that got jobs
-- now, and are paused.
local gate = {shut = {}}
function gate.is_paused(list)
  local queue = string.match(list, '^([^:]+):.') or list
  local name = name_of(list)
  for _, text in ipairs(call('HMGET', K .. 'settings', 'queue:' .. queue, 'name:' .. name)) do
    local till = text and num(string.match(text, '^{"until_ms":(%d+)'))
    if till and (till == 0 or till > now) then return true end
  end
  return false
end
-- Lua has room for 8 000 values on its stack.
local function in_steps(size, use)
  for from = 1, size, 4000 do use(from, math.min(from + 3999, size)) end
end
-- Lists that got their first job (`note_ready`), and lists that got any (`wake_woken`).
local became_ready, woken, mixed = {}, {}, {}
local function made_ready(list) became_ready[#became_ready + 1] = list end
local note_ready, wake_woken, note_emptied, forget_idle
-- An exchange that ends by appointing its own pool says so here.
local appoints = false
-- What one answer may carry.
local CARRIED_MAX = 60 * 1048576
local drop_pools
local some_pools, due_at, with_attempts, with_failures, word, with_word, snoozed
local group_parts, store_group, new_groups
local forget_records, add_failure, waits_in, whole_size, with_list
local count_bytes, keep, kept_state, drop_kept, forget_aside
local store, advance, end_cancelled
local enter, enter_front, leave, end_claim, note_ended, finish, bury, put_aside, take_home
local soonest  -- when the first of the jobs is due that came into `scheduled` or `retry`
)lua";
inline constexpr std::string_view queues = R"lua(    -- Up to k jobs of lists of one name without priorities and ghosts, up to `part` of each: all
    -- ids, then the records of many in one read. Which of the lists hold more; those that are empty
    -- now are added to `gone`.
    local function pop_many(name, lists, part, k, gone)
      local all, of, keys, n, prefix, pcall = {}, {}, {}, 0, K .. 'list:', redis.pcall
      for i = 1, #lists do
        if n >= k then break end
        local list = lists[i]
        local key = prefix .. list
        keys[i] = key
        -- One alone needs no list of replies.
        if part == 1 then
          local id = pcall('LPOP', key)
          if type(id) == 'table' then id = call('LPOP', key) end
          if id then
            n = n + 1
            all[n], of[n] = id, list
          end
        else
          local some = call('LPOP', key, int(math.min(part, k - n)))
          for j = 1, some and #some or 0 do
            n = n + 1
            all[n], of[n] = some[j], list
          end
        end
      end
      local j, step, last = 1, 4, 0
      local dead = next(dead_on_crash) and (dead_on_crash['*' .. name] and lists or dead_on_crash)
      while j <= n and not full() do
        local to = math.min(j + step - 1, n)
        local envs = records(all, j, to)
        for m = 1, to - j + 1 do
          if bytes >= max_bytes then break end
          last = j + m - 1
          local id, env = all[last], envs[m]
          if not env then
            notes[#notes + 1] = 'lost by the store: ' .. id
          elseif take(id, env) and dead and (dead == lists or dead[of[last]]) then
            dead_lists[of[last]] = true
          end
        end
        j, step = to + 1, step * 4
      end
      -- Too many bytes: the rest goes back to where it was.
      for i = n, last + 1, -1 do call('LPUSH', prefix .. of[i], all[i]) end
      local rest, waking = {}, next(woken)
      local none = #keys == 0 or redis.call('EXISTS', unpack(keys)) == 0
      for i = 1, #keys do
        if none or call('LLEN', keys[i]) == 0 then
          gone[#gone + 1] = lists[i]
          if waking then woken[lists[i]] = nil end
        else
          rest[#rest + 1] = lists[i]
        end
      end
      return rest
    end
    -- The same of lists of a name in other queues than its own; how many hold jobs then.
    local function pop_queues(name, k)
      flush_emptied()
      local queues, ready = K .. 'queues:' .. name, K .. 'ready'
      local waiting = call('SCARD', queues)
      k = math.min(k, want - #ids)
      if k <= 0 or waiting == 0 or full() then return waiting end
      local drawn, gone = draw(queues, math.min(k, 256), waiting), {}
      -- With the chores all are looked at, should `ready` be wrong.
      local plain = call('SISMEMBER', ready, '!' .. name) == 0
      if not plain or string.find(modes, 'c', 1, true) then
        local beside = {}
        for _, list in ipairs(drawn) do
          beside[#beside + 1] = K .. 'side:' .. list
          beside[#beside + 1] = K .. 'prio:' .. list
        end
        local found = redis.call('EXISTS', unpack(beside)) > 0
        if plain and found then call('SADD', ready, '!' .. name) end
        plain = not found
      end
      -- As many of each; then what room is left for those that hold more.
      local part = math.ceil(k / #drawn)
      local rest
      for _ = 1, 2 do
        rest = {}
        local before, empty = #ids, 0
        if plain and k > 0 and not full() then
          rest = pop_many(name, drawn, part, k, gone)
        else
          for _, list in ipairs(drawn) do
            local room = k - (#ids - before)
            if room <= 0 or full() then break end
            if pop(list, math.min(part, room)) > 0 then
              rest[#rest + 1] = list
            else
              empty = empty + 1
            end
          end
        end
        k, waiting = k - (#ids - before), waiting - empty
        drawn, part = rest, k
      end
      if #gone > 0 then
        waiting = waiting - #gone
        call('SREM', queues, unpack(gone))
        if redis.call('EXISTS', queues) == 0 then
          gone[#gone + 1] = '*' .. name
          gone[#gone + 1] = '!' .. name
        end
        call('SREM', ready, unpack(gone))
      end
      return waiting
    end
    if suspects == 0 then
      local seen = {}
      -- What a fetch_order names: a list, or `*` and a name: that name in all queues. Where jobs
      -- are left those who wait as this pool does hear of it.
      local function claim_from(served, k)
        local name = string.match(served, '^%*(.+)$')
        local length
        seen[served] = true
        if not name then
          length = pop(served, k)
        elseif redis.call('EXISTS', K .. 'side:' .. name, K .. 'prio:' .. name,
            K .. 'queues:' .. name) == 0 then
          length = pop(name, k, true)
        else
          -- Half of it is for the name's own queue, half for the others: neither waits for ever.
          k = math.min(k, want - #ids)
          local before = #ids
          length = pop(name, math.floor((k + number % 2) / 2))
          local waiting = pop_queues(name, k - (#ids - before))
          if length > 0 then length = pop(name, k - (#ids - before)) end
          length = length + waiting
        end
        if length == 0 then
          drained[served] = true
        else
          left[#left + 1] = served
          left[#left + 1] = length
          give_wakeup(K .. 'wake:' .. served)
        end
      end
      -- Which of them hold jobs; with the chores all are looked at, should `ready` be wrong.
      local ready
      if #fetch_order > 1 and not string.find(modes, 'c', 1, true) then
        local names, at = {}, {}
        for j, l in ipairs(fetch_order) do
          at[j] = #names + 1
          names[#names + 1] = l[1]
          local name = string.match(l[1], '^%*(.+)$')
          if name then names[#names + 1] = name end
        end
        at[#at + 1] = #names + 1
        ready = {}
        in_steps(#names, function(a, b)
          for j, is in ipairs(call('SMISMEMBER', K .. 'ready', unpack(names, a, b))) do
            names[a + j - 1] = is
          end
        end)
        for j = 1, #fetch_order do
          ready[j] = names[at[j]] == 1 or names[at[j + 1] - 1] == 1
        end
      end
      for j, l in ipairs(fetch_order) do
        if full() and want > 0 then break end
        if (l[2] > 0 or want == 0) and not (ready and not ready[j]) and not drained[l[1]] then
          claim_from(l[1], l[2])
        end
      end
      if string.find(modes, '[dD]') then
        local key, serves = K .. 'ready', K .. 'serves:' .. pool
        -- A pool serves either names or lists.
        local names = fetch_order[1] and string.byte(fetch_order[1][1]) == 42
        local function claim_found(found)
          if not fetch_order[1] and found[1] then
            names = call('ZSCORE', serves, '*' .. string.gsub(found[1], '^%*', ''))
          end
          for _, what in ipairs(found) do
            local served = names and '*' .. string.gsub(what, '^%*', '') or what
            if not seen[served] then
              if full() then
                seen[served] = true
                left[#left + 1] = served
                left[#left + 1] = 1
              else
                claim_from(served, want)
              end
            end
          end
        end
        -- Of thousands that are served some are looked at first. Where many are ready that will do,
        -- and where few are, to find all of them costs little.
        if string.find(modes, 'D', 1, true) then
          local some, found = call('ZRANDMEMBER', serves, '512'), {}
          local is = some[1] and call('SMISMEMBER', key, unpack(some)) or {}
          for j, what in ipairs(some) do
            if is[j] == 1 then found[#found + 1] = what end
          end
          claim_found(found)
        end
        if not full() or string.find(modes, 'd', 1, true) then
          local found = redis.pcall('ZINTER', 2, key, serves, 'WEIGHTS', 0, 1)
          if found.err then
            call('SCARD', key)
            call('ZCARD', serves)
            found = call('ZINTER', 2, key, serves, 'WEIGHTS', 0, 1)
          end
          claim_found(found)
        end
      end
    end
  end
)lua";
inline constexpr std::string_view reap = R"lua(local fence, last_exchange = num(clock[1]), num(clock[2])
local function ids_of(blob) return string.gmatch(string.match(blob, '\n,(.*)$') or '', '[^,]+') end
local HEAD = '^(%S+) (%a) (%d+) (%d+) (%S+)\n'
local first = call('ZRANGE', leases, '0', '0', 'WITHSCORES')
local from, till = num(clock[3]), num(clock[4])
local quiet = last_exchange > 0 and math.max(0, now - last_exchange) or 0
if first[1] and tonumber(first[2]) <= now + math.floor(2 * quiet / 3)
    and (quiet >= till - from or till + math.floor(2 * (till - from) / 3) < now) then
  from, till = last_exchange, now
end

if first[1] and tonumber(first[2]) <= now then
  rare()
  local CRASH = '{"attempt":%d,"type":"%s","message":"%s","at_ms":%s}'
  local told, told_of, made_suspect = {}, {}, false
  -- Claims that nobody holds are all in the index, and so are even.
  local function next_fence()
    fence = math.max(fence + 1, us)
    fence = fence + fence % 2
    return int(fence)
  end
  local reindexed = {}
  local function index(id, n)
    local s = segment(id)
    if not reindexed[s] then reindexed[s] = {} end
    table.insert(reindexed[s], id)
    table.insert(reindexed[s], n)
  end
  local function process_of(who) return #who == 22 and string.sub(who, 14, 18) or who end
  local function has_left(n)
    local left = {}
    for _, id in ipairs(call('SMEMBERS', K .. 'left:' .. n)) do left[id] = true end
    return left
  end
  local function suspect(members, size)
    new_groups(members, size)
    made_suspect = true
  end
  local function state(longest, counted, pending, solo_crashes, alone)
    return string.format('%d,%d,%d,%d,%d', longest, counted, pending, solo_crashes, alone)
  end
  local function solo_text(h, deaths, loop)
    return string.format(CRASH, h.attempts + 1, loop and 'crash_loop' or 'crash',
      'the worker process died ' .. deaths .. ' time(s) while only this job was suspect', int(now))
  end
  local function bury_crashed(id, env, h, text)
    bury(id, env, h, text)
    notes[#notes + 1] = 'dead, as its process died: ' .. id
  end
  -- A status is shown for 15 s at least, and a heartbeat comes each 5 s or a third of that time.
  local SHOWN, HEARTBEAT = 15000, 5000
  local function look_for_vanished()
    local late, when, gone = {}, {}, {}
    for _, p in ipairs(draw(K .. 'pools', 64, call('SCARD', K .. 'pools'))) do
      local left = shown_for(p)
      if not left then gone[#gone + 1] = p end
      if (left or 0) < SHOWN - HEARTBEAT - 1000 then
        late[#late + 1] = process_of(p)
        when[#late] = now + (left or 0) + HEARTBEAT - SHOWN
      end
    end
    if #gone > 0 then drop_pools(gone) end
    if #late == 0 then return end
    local known, missed = call('ZMSCORE', K .. 'known_deaths', unpack(late)), {}
    for j, process in ipairs(late) do
      if not known[j] then
        missed[#missed + 1] = int(when[j])
        missed[#missed + 1] = process
      end
    end
    if #missed == 0 then return end
    call('ZADD', K .. 'vanished', 'NX', unpack(missed))
    call('ZREMRANGEBYRANK', K .. 'vanished', 0, -1 - 1000)
  end
  local function some_vanished(at, lease)
    return #call('ZRANGEBYSCORE', K .. 'vanished', int(at - 3 * lease), int(at + lease),
      'LIMIT', 0, 1) > 0
  end
  -- Whether another process died within one lease of it, and not of a suspect known to do so.
  local function storm(at, lease, process, id)
    for _, p in ipairs(call('ZRANGEBYSCORE', K .. 'deaths', int(at - lease), int(at + lease),
        'LIMIT', 0, 3)) do
      if p ~= process and p ~= '=' .. id then return true end
    end
    return false
  end
  local function record(id)
    local env = call('HGET', record_key(id), id)
    local h = env and header(env)
    if env and not h then put_aside(id, env) end
    return h and env, h
  end
  -- A process died, and this was the only suspect.
  local function solo(list, id, who, lease, died, isolated)
    local env, h = record(id)
    if not env then return end
    local longest, counted, pending, solo_crashes = crashes(env)
    if pending > 0 and not storm(pending, lease, process_of(who), id) then counted = counted + 1 end
    local last = isolated and counted >= 2
    solo_crashes = math.min(solo_crashes + 1, 99)
    env = with_word(env, 'x', state(longest or 0, math.min(counted, 2), died, solo_crashes, now))
    -- What kills whenever it runs is no sign of a storm.
    if solo_crashes < 4 then
      call('ZADD', K .. 'deaths', int(died), '=' .. id)
    else
      call('ZREM', K .. 'deaths', '=' .. id)
    end
    if last then
      local v = next_fence()
      redis.call('SET', K .. 'claim:' .. v, who .. ' v ' .. int(lease) .. ' 0 %\n,' .. id .. ',')
      call('ZADD', leases, int(now + lease), v)
      index(id, v)
    else
      env = with_failures(env, h, h.attempts)
      add_failure(id, solo_text(h, counted + 1))
      suspect({{list, id}}, 1)
    end
    call('HSET', record_key(id), id, env)
  end
  local function settle_fallen(n, who, kind, lease, died)
    local left, members, trial, tried, ids = has_left(n), {}, {}, '0', {}
    local all = call('LRANGE', K .. 'fallen:' .. n, 0, -1)
    for j = #all, 1, -1 do
      local of, list, id = string.match(all[j], '^(%d+) (%S+) (.*)$')
      if not left[id] then
        ids[#ids + 1] = id
        -- The last group that was taken is the likeliest, and split by itself.
        if tried == '0' then tried = of end
        table.insert(of ~= '0' and of == tried and trial or members, {list, id})
      end
    end
    if #members + #trial == 1 and kind ~= 'h' then
      local only = members[1] or trial[1]
      solo(only[1], only[2], who, lease, died, kind == 'g')
    else
      if #trial == 1 then
        local id = trial[1][2]
        local env = record(id)
        if env then
          local longest, counted, pending, solo_crashes = crashes(env)
          call('HSET', record_key(id), id,
            with_word(env, 'x', state(longest or 0, counted, pending, solo_crashes, now)))
        end
      end
      for _, part in ipairs({members, trial}) do
        if #part > 0 then suspect(part, math.min(256, math.ceil(#part / 8))) end
      end
      call('ZADD', K .. 'deaths', int(died), process_of(who))
    end
    redis.call('DEL', K .. 'fallen:' .. n)
    if call('HGET', K .. 'fallen', process_of(who)) == n then
      call('HDEL', K .. 'fallen', process_of(who))
    end
    end_claim(n, ids)
    return #all
  end
  local function settle_third_crash(n, who, lease, blob)
    local id = ids_of(blob)()
    local left = has_left(n)[id]
    end_claim(n, left and {} or {id})
    if left then return end
    local env, h = record(id)
    if not env then return end
    local longest, counted, pending, solo_crashes = crashes(env)
    if not storm(pending, lease, process_of(who), id) and not some_vanished(pending, lease) then
      call('ZREM', K .. 'deaths', '=' .. id)
      bury_crashed(id, env, h, solo_text(h, counted + 1, true))
      return
    end
    add_failure(id, solo_text(h, counted + 1))
    env = with_word(env, 'x', state(longest or 0, counted, 0, solo_crashes, now))
    call('HSET', record_key(id), id, with_failures(env, h, h.attempts))
    suspect({{h.list, id}}, 1)
  end

  -- First the claims: which of them lapsed, and what they held.
  local lapsed = call('ZRANGEBYSCORE', leases, '-inf', now, 'WITHSCORES', 'LIMIT', 0,
    256)
  local claims, seen, seen_bytes, at, step = {}, 0, 0, 1, 2
  local extended, verdicts = {}, {}
  local function enough() return seen >= 512 or seen_bytes >= 1048576 end
  while at < #lapsed and not enough() do
    local to = math.min(at + 2 * step - 2, #lapsed - 1)
    local keys, lefts = {}, {}
    for j = at, to, 2 do
      keys[#keys + 1] = K .. 'claim:' .. lapsed[j]
      lefts[#lefts + 1] = K .. 'left:' .. lapsed[j]
    end
    local blobs = redis.call('MGET', unpack(keys))
    local some_left = redis.call('EXISTS', unpack(lefts)) > 0
    for j = at, to, 2 do
      if enough() then break end
      local n, lapse, blob = lapsed[j], tonumber(lapsed[j + 1]), blobs[(j - at) / 2 + 1] or ''
      local who, kind, lease, size, dead = string.match(blob, HEAD)
      lease = tonumber(lease or lease_ms)
      if not kind then
        astray()
        notes[#notes + 1] = 'claim ' .. n .. ' could not be read: its jobs are looked for'
      end
      kind = kind or 'j'
      if kind == 'f' or kind == 'g' or kind == 'h' then
        seen = seen + settle_fallen(n, who, kind, lease, tonumber(size))
      elseif kind == 'v' then
        seen = seen + 1
        verdicts[#verdicts + 1] = {n, who, lease, blob}
      elseif till - from > lease / 2 and lapse > from and lapse <= till + math.floor(lease / 3)
          and till + lease > now then
        extended[#extended + 1] = int(till + lease)
        extended[#extended + 1] = n
      else
        local left = some_left and has_left(n) or {}
        local c = {n = n, who = who or '?', kind = kind, lapse = lapse, lease = lease, dead = dead}
        for id in ids_of(blob) do
          if not left[id] then c[#c + 1] = id end
        end
        claims[#claims + 1] = c
        seen, seen_bytes = seen + #c, seen_bytes + num(size)
        end_claim(n, c)
      end
    end
    at, step = to + 2, math.min(step * 4, 64)
  end
  if #extended > 0 then call('ZADD', leases, unpack(extended)) end

  -- Then their records, by segment.
  local wanted, by_segment, envs = {}, {}, {}
  for _, c in ipairs(claims) do
    for _, id in ipairs(c) do
      local s = segment(id)
      if not by_segment[s] then
        by_segment[s] = {}
        wanted[#wanted + 1] = s
      end
      table.insert(by_segment[s], id)
    end
  end
  for _, s in ipairs(wanted) do
    local ids = by_segment[s]
    for j, env in ipairs(call('HMGET', K .. 'jobs:' .. s, unpack(ids))) do envs[ids[j]] = env end
  end

  -- Then where each job goes.
  local front, fronts, rewritten, died, died_of = {}, {}, {}, {}, {}
  local fallen, fallen_of, new_fallen = {}, {}, {}
  local function to_front(id, h)
    if h.priority ~= 0 then return enter(id, h, 'front') end
    if not front[h.list] then
      front[h.list] = {}
      fronts[#fronts + 1] = h.list
    end
    table.insert(front[h.list], id)
  end
  local function rewrite(id, env)
    local s = segment(id)
    local fields = rewritten[s]
    if not fields then
      fields = {}
      rewritten[s] = fields
    end
    fields[#fields + 1] = id
    fields[#fields + 1] = env
  end
  -- Where the suspects of the claim's process are gathered until all of its claims lapsed.
  local function fallen_for(c)
    local process = process_of(c.who)
    local f = fallen[process]
    if not f then
      local n = call('HGET', K .. 'fallen', process)
      local who, kind = string.match(n and call('GETRANGE', K .. 'claim:' .. n, 0, 199) or '',
        '^(%S+) (%a)')
      if who then
        f = {n = n, who = who, kind = kind, count = call('LLEN', K .. 'fallen:' .. n)}
        fallen[process] = f
        fallen_of[#fallen_of + 1] = f
      end
    end
    if not f or f.count >= 512 then
      local kind = f and 'h' or c.kind == 'i' and 'g' or 'f'
      f = {n = next_fence(), who = c.who, kind = kind, count = 0, pending = kind == 'h',
        lapse = c.lapse + math.floor(2 * c.lease / 5)}
      fallen[process] = f
      fallen_of[#fallen_of + 1] = f
      new_fallen[#new_fallen + 1] = f
      redis.call('SET', K .. 'claim:' .. f.n, c.who .. ' ' .. kind .. ' ' .. int(c.lease) .. ' ' ..
        int(math.max(0, c.lapse - math.floor(2 * c.lease / 3))) .. ' %\n,')
      call('HSET', K .. 'fallen', process, f.n)
      call('ZADD', leases, int(f.lapse), f.n)
    elseif f.kind == 'g' and f.count > 0 then
      f.kind = 'f'
      call('SETRANGE', K .. 'claim:' .. f.n, #f.who + 1, 'f')
    end
    return f
  end
  for _, c in ipairs(claims) do
    local took = math.max(0,
      c.lapse - math.floor(tonumber(c.n) / 1000) - math.floor(2 * c.lease / 3))
    for _, id in ipairs(c) do
      local env = envs[id]
      local h = env and header(env)
      if env and not h then
        put_aside(id, env)
      elseif h and bit(h.flags, 8) and cancel_word(env) then
        make_cancelling()
        if end_cancelled(id, env, h) == 'k' then
          notes[#notes + 1] = 'dead, as its process died: ' .. id
        end
      elseif h and c.dead ~= '%'
          and string.find(';' .. (c.dead or '%') .. ';', ';' .. h.list .. ';', 1, true) then
        if call('SISMEMBER', K .. 'started:' .. c.n, id) == 0 then
          to_front(id, h)
        else
          bury_crashed(id, env, h, string.format(CRASH, h.attempts + 1, 'crash',
            'the worker process died while the job ran; its type says dead on crash', int(now)))
        end
      elseif h then
        local longest, counted, pending, solo_crashes, alone = crashes(env)
        if took > (longest or -1) then
          rewrite(id, with_word(env, 'x', state(took, counted, pending, solo_crashes, alone)))
        end
        if c.kind == 'j' and not longest then
          to_front(id, h)
        else
          local f = fallen_for(c)
          f.count = f.count + 1
          f.pending = f.pending or pending > 0
          f.ids, f.list = f.ids or {}, f.list or {}
          table.insert(f.ids, id)
          index(id, f.n)
          table.insert(f.list, (c.kind == 'j' and '0 ' or c.n .. ' ') .. h.list .. ' ' .. id)
        end
      end
    end
    if #c > 0 then
      local process = process_of(c.who)
      if not died[process] then died_of[#died_of + 1] = process end
      died[process] = math.max(died[process] or 0, c.lapse - math.floor(2 * c.lease / 3))
    end
    if not told[c.who] then told_of[#told_of + 1] = c.who end
    told[c.who] = (told[c.who] or 0) + 1
  end
  for s, fields in pairs(rewritten) do call('HSET', K .. 'jobs:' .. s, unpack(fields)) end
  for _, f in ipairs(fallen_of) do
    if f.list then
      call('APPEND', K .. 'claim:' .. f.n, table.concat(f.ids, ',') .. ',')
      call('RPUSH', K .. 'fallen:' .. f.n, unpack(f.list))
    end
  end
  for _, list in ipairs(fronts) do enter_front(list, front[list]) end
  -- Of a process that ran suspects it is known later what it died of.
  if #died_of > 0 then
    for j, f in ipairs(call('HMGET', K .. 'fallen', unpack(died_of))) do
      if f then
        call('ZREM', K .. 'deaths', died_of[j])
      else
        call('ZADD', K .. 'deaths', int(died[died_of[j]]), died_of[j])
      end
    end
    call('ZREMRANGEBYRANK', K .. 'deaths', 0, -1 - 1000)
    local known = {}
    for _, process in ipairs(died_of) do
      known[#known + 1] = int(now)
      known[#known + 1] = process
    end
    call('ZADD', K .. 'known_deaths', unpack(known))
    call('ZREMRANGEBYRANK', K .. 'known_deaths', 0, -1 - 1000)
    call('ZREM', K .. 'vanished', unpack(died_of))
  end
  if #died_of + #verdicts > 0 then look_for_vanished() end
  for _, v in ipairs(verdicts) do settle_third_crash(unpack(v)) end
  note_ended()
  for s, fields in pairs(reindexed) do call('HSET', K .. 'claimed:' .. s, unpack(fields)) end
  -- A process none of whose claims can lapse while its suspects are gathered is settled at once.
  -- Not one with a death that may come to count: it is not known yet which others died then.
  for j = 1, math.min(#new_fallen, 8) do
    local f, alone = new_fallen[j], true
    local far = f.pending and {} or
      call('ZRANGEBYSCORE', leases, '-inf', int(f.lapse), 'LIMIT', 0, 66)
    for k, n in ipairs(far) do
      if n ~= f.n and alone then
        local who = k <= 64 and string.match(call('GETRANGE', K .. 'claim:' .. n, 0, 199), '^%S+')
        alone = who and process_of(who) ~= process_of(f.who)
      end
    end
    if #far > 0 and alone then call('ZADD', leases, int(now), f.n) end
  end
  for _, who in ipairs(told_of) do
    notes[#notes + 1] = 'lapsed: ' .. told[who] .. ' claim(s) of ' .. who
  end
  if made_suspect then
    for _, p in ipairs(some_pools(8, pool)) do give_wakeup(K .. 'wake:' .. p) end
  end
  first = call('ZRANGE', leases, '0', '0', 'WITHSCORES')
  if first[1] and tonumber(first[2]) <= now then more = 1 end
end
)lua";
inline constexpr std::string_view registries = R"lua(drop_pools = function(gone)
  local at = {}
  for _, p in ipairs(gone) do
    at[#at + 1] = int(now)
    at[#at + 1] = p
  end
  call('SREM', K .. 'pools', unpack(gone))
  call('ZADD', K .. 'absent', unpack(at))
  local a = call('HMGET', K .. 'alarm', 'holder', 'backup')
  for _, p in ipairs(gone) do
    if a[1] == p then call('HDEL', K .. 'alarm', 'holder', 'holder_at') end
    if a[2] == p then call('HDEL', K .. 'alarm', 'backup', 'backup_at') end
  end
end
-- Some pools, drawn by lot, into those that live; how many of them do not.
local function draw_pools(size, living)
  local gone = {}
  for _, p in ipairs(call('SRANDMEMBER', K .. 'pools', int(size))) do
    local to = redis.call('EXISTS', status_key(p)) == 1 and living or gone
    to[#to + 1] = p
  end
  if #gone > 0 then drop_pools(gone) end
  return #gone
end
-- Up to n pools that live. The dead are cleared away as they are met, a few thousand at most.
some_pools = function(n, except)
  local found, looked, size = {}, 0, 8
  repeat
    local living = {}
    local gone = draw_pools(size, living)
    looked, size = looked + #living + gone, 256
    for _, p in ipairs(living) do
      if #found < n and p ~= except and not found[p] then
        found[#found + 1] = p
        found[p] = true
      end
    end
  until #found >= n or gone == 0 or looked > 4096
  return found
end
local function forget_pools()
  draw_pools(16, {})
  local old = call('ZRANGEBYSCORE', K .. 'absent', '-inf', int(now - 3600000), 'LIMIT',
    '0', '16')
  for _, p in ipairs(old) do
    if redis.call('EXISTS', status_key(p)) == 1 then
      call('ZADD', K .. 'absent', int(now), p)
    else
      redis.call('DEL', K .. 'pool:' .. p, K .. 'pool:' .. p .. '.heartbeat', K .. 'serves:' .. p,
        K .. 'wake:' .. p, K .. 'orders:' .. p)
      call('ZREM', K .. 'absent', p)
    end
  end
end
-- Whether there may be more.
local function forget_lists()
  local idle = call('ZRANGEBYSCORE', K .. 'lists', '-inf', '(' .. int(now - 86400000),
    'LIMIT', '0', '256')
  if #idle == 0 then return false end
  local used, dropped, wakes, fields, asked = {}, {}, {}, {}, {}
  for _, list in ipairs(idle) do
    if string.byte(list) == 33 then
      dropped[#dropped + 1] = list
      wakes[#wakes + 1] = K .. 'wake:' .. string.sub(list, 2)
    elseif redis.call('EXISTS', K .. 'list:' .. list, K .. 'prio:' .. list) > 0 then
      used[#used + 1] = int(now)
      used[#used + 1] = list
    else
      dropped[#dropped + 1] = list
      wakes[#wakes + 1] = K .. 'wake:' .. list
      fields[#fields + 1] = list .. ' processed'
      fields[#fields + 1] = list .. ' failed'
      asked[#asked + 1] = name_of(list)
      asked[#asked + 1] = '*' .. name_of(list)
    end
  end
  if #used > 0 then call('ZADD', K .. 'lists', unpack(used)) end
  if #fields > 0 then
    local sums, counted = {0, 0}, call('HMGET', K .. 'stats', unpack(fields))
    for i = 1, #fields do sums[2 - i % 2] = sums[2 - i % 2] + num(counted[i]) end
    if sums[1] > 0 then call('HINCRBY', K .. 'stats', '* processed', int(sums[1])) end
    if sums[2] > 0 then call('HINCRBY', K .. 'stats', '* failed', int(sums[2])) end
    call('HDEL', K .. 'stats', unpack(fields))
    local ready = call('SMISMEMBER', K .. 'ready', unpack(asked))
    for i = 1, #asked, 2 do
      if ready[i] == 0 and ready[i + 1] == 0 then
        wakes[#wakes + 1] = K .. 'wake:' .. asked[i + 1]
      end
    end
  end
  if #dropped > 0 then
    call('ZREM', K .. 'lists', unpack(dropped))
    redis.call('DEL', unpack(wakes))
  end
  return #idle == 256
end
forget_idle = function()
  forget_pools()
  return forget_lists()
end
)lua";
inline constexpr std::string_view store = R"lua(local function step_by_step(cmd, key, first, last)
  local r
  for from = first, last, 4000 do
    r = call(cmd, key, unpack(ARGV, from, math.min(from + 3999, last)))
  end
  return r
end
store = function(i, n)
  local codes = {}
  while i <= n do
    local what = ARGV[i]
    if what == 'J' then
      local k = tonumber(ARGV[i + 2])
      step_by_step('HSET', K .. 'jobs:' .. ARGV[i + 1], i + 3, i + 2 + 2 * k)
      i = i + 3 + 2 * k
    elseif what == 'L' then
      local list, k = ARGV[i + 1], tonumber(ARGV[i + 2])
      if step_by_step('RPUSH', K .. 'list:' .. list, i + 3, i + 2 + k) == k then
        made_ready(list)
      end
      woken[list] = true
      i = i + 3 + k
    else
      local id, flags, delay, at, env =
        ARGV[i + 1], ARGV[i + 2], tonumber(ARGV[i + 3]), tonumber(ARGV[i + 4]), ARGV[i + 5]
      i = i + 6
      local body
      if what == 'B' then
        body = ARGV[i]
        i = i + 1
      end
      local chosen = string.find(flags, 'c', 1, true)
      if chosen and (call('HEXISTS', record_key(id), id) == 1
                     or num(call('ZSCORE', K .. 'traces', id)) > now) then
        codes[#codes + 1] = 'd'
      else
        if string.find(flags, 'e', 1, true) then
          env = string.sub(env, 1, 10) .. string.format('%013.0f', now) .. string.sub(env, 24)
        end
        if chosen then
          call('ZREM', K .. 'traces', id)
          -- Of one before it that is kept.
          redis.call('DEL', K .. 'log:' .. id)
          if call('HEXISTS', K .. 'set_aside', id) == 1 then
            rare()
            forget_aside(id)
            call('HDEL', K .. 'bodies:' .. segment(id), id)
          end
        end
        rare()
        local due = at > 0 and at or (delay > 0 and now + delay or 0)
        -- How long it waits is counted from then.
        if due > now then env = with_word(env, 'd', int(due)) end
        call('HSET', record_key(id), id, env)
        if body then call('HSET', K .. 'bodies:' .. segment(id), id, body) end
        if due > now then
          enter(id, nil, 'scheduled', due)
        else
          enter(id, header(env), 'back')
        end
        codes[#codes + 1] = 's'
      end
    end
  end
  return codes
end
)lua";
inline constexpr std::string_view sweep = R"lua(local STATE, STRAYS, CLAIMS, LISTS =
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
    for _, set in ipairs({'scheduled', 'retry', 'dead'}) do
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
    or call('ZSCORE', K .. 'dead', id)
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
)lua";
inline constexpr std::string_view trim = R"lua(local more = 0
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
    finish(id, nil, 'dropped')
  end)
  trim('set_aside', 'set_aside_at', limits[6], limits[7], function(id)
    forget_aside(id)
    if redis.call('HEXISTS', record_key(id), id) == 0 then
      call('HDEL', K .. 'bodies:' .. segment(id), id)
    end
  end)
end
)lua";
inline constexpr std::string_view server_clock = R"lua(local T = redis.call('TIME') local us = T[1] * 1000000 + T[2]
)lua";
inline constexpr std::string_view server_draw = R"lua(local function draw(key, n, size)
  if n < 8 or n >= size then return call('SRANDMEMBER', key, int(n)) end
  -- Where the walk may come round to its beginning some might be met twice.
  local found, known, count = {}, size < 2 * n and {}, 0
  local at = int(us % 2097152 * 2654435761 % 4294967296)
  for _ = 1, 8 do
    local part = call('SSCAN', key, at, 'COUNT', int(n - count))
    at = part[1]
    for _, member in ipairs(part[2]) do
      if not known or not known[member] then
        count = count + 1
        found[count] = member
        if known then known[member] = true end
      end
    end
    if count >= n then break end
  end
  if count == 0 then return call('SRANDMEMBER', key, int(n)) end
  if count <= n then return found end
  -- A small set may be told as a whole, always in the same order.
  local some, from = {}, us % count
  for i = 1, n do some[i] = found[(from + i) % count + 1] end
  return some
end
)lua";
inline constexpr std::string_view server_shown = R"lua(local function shown_for(p)
  local left = redis.call('PTTL', status_key(p))
  if left == -1 then return math.huge end
  return left >= 0 and left or nil
end
)lua";
inline constexpr std::string_view simulated_clock = R"lua(local us = tonumber(redis.call('GET', KEYS[1] .. 'test:clock'))
)lua";
inline constexpr std::string_view simulated_draw = R"lua(local function draw(key, n)
  local all, some = call('SMEMBERS', key), {}
  table.sort(all)
  for i = 1, math.min(n, #all) do some[i] = all[(number + i - 1) % #all + 1] end
  return some
end
)lua";
inline constexpr std::string_view simulated_shown = R"lua(local function shown_for(p)
  local text = redis.call('GET', status_key(p))
  return text and (tonumber(text) or math.huge) - now or nil
end
)lua";

inline std::string join(std::initializer_list<std::string_view> pieces)
{
    std::string all;
    for (std::string_view const piece : pieces)
        all += piece;
    return all;
}

}  // namespace bundle

inline constexpr surroundings server_surroundings{
    bundle::server_clock, bundle::server_draw, bundle::server_shown
};
inline constexpr surroundings simulated_surroundings{
    bundle::simulated_clock, bundle::simulated_draw, bundle::simulated_shown
};

inline std::string act([[maybe_unused]] surroundings const& at)
{
    using namespace bundle;
    return join({
R"lua(#!lua flags=allow-oom
)lua",
        at.clock,
        prelude,
        lists,
        gate,
        registries,
        moves,
        doors,
        keeping,
        cancelling,
        find_job,
        groups,
R"lua(local verb, states, seen, version, text = ARGV[2], ARGV[3], num(ARGV[4]), ARGV[5], ARGV[6]
local LETTER = {scheduled = 's', pending = 'p', suspect = 'u', active = 'a', retry = 'r',
  dead = 'd', completed = 'c', cancelled = 'x', set_aside = 'q'}
-- Where a job is: its state, since when as `seen` compares it, then what `find` says.
local function look_up(id, env)
  if env then
    local state, at, n, who = find(id, env)
    local h = header(env)
    local since = h and h.created or 0
    if state == 'dead' then since = at end
    if state == 'retry' then
      local last = call('LINDEX', K .. 'errors:' .. id, -1)
      since = num(string.match(last or '', '"at_ms":(%d+)'))
    end
    return state, since, n, who
  end
  if call('HEXISTS', K .. 'set_aside', id) == 1 then
    return 'set_aside', num(call('ZSCORE', K .. 'set_aside_at', id))
  end
  local kept = call('HGET', K .. 'kept', id)
  if kept then return kept_state(kept), num(call('ZSCORE', K .. 'completed', id)) end
  return 'unknown', 0
end
local function tell_pool(n, id, who)
  if who and redis.call('EXISTS', K .. 'pool:' .. who) == 1 then
    call('SADD', K .. 'orders:' .. who, n .. ' ' .. id)
    give_wakeup(K .. 'wake:' .. who)
  end
end
-- Out of the place where it is, whatever that is.
local function take_out(id, env, h, state, n, who)
  if state == 'active' then
    leave(n, id)
    tell_pool(n, id, who)
  elseif state == 'pending' then
    out_of_list(id, h)
  else
    take_from(state, id, env)
  end
end
-- A job that runs stays where it is until it does not; its pool is told. Not of a process that is
-- known to have died.
local function runs(n)
  local kind = string.match(call('GETRANGE', K .. 'claim:' .. n, 0, 199), '^%S+ (%a)')
  return kind == 'j' or kind == 's' or kind == 'i'
end
local function tell(id, env, h, n, who, how)
  if string.sub(cancel_word(env) or '', 1, 1) == how then return 'p' end
  local why = string.gsub(text, '[ %%]', {[' '] = '%20', ['%'] = '%25'})
  call('HSET', record_key(id), id,
    with_word(with_failures(env, h, h.attempts), 'c', how .. int(now) .. ',' .. why))
  tell_pool(n, id, who)
  return 'm'
end
local verbs = {}
function verbs.drop(id, env, state, n, who)
  if state == 'set_aside' then
    forget_aside(id)
    call('HDEL', K .. 'bodies:' .. segment(id), id)
    return 'm'
  elseif not env then
    drop_kept(id)
    return 'm'
  end
  local h = header(env)
  if state == 'active' and h and text ~= '' and runs(n) then
    return tell(id, env, h, n, who, 'x')
  end
  take_out(id, env, h, state, n, who)
  finish(id, env, text ~= '' and h and 'cancelled' or 'dropped')
  if text ~= '' and h then
    keep(id, h.list, '{"outcome":"cancelled","at_ms":' .. int(now) .. text, env,
      1000)
  end
  return 'm'
end
function verbs.requeue(id, env, state)
  if state == 'active' then return 'a' end
  if state == 'pending' or state == 'suspect' then return 'p' end
  if state == 'set_aside' then return bring_back(id) end
  if not env then return 'v' end
  local h = header(env)
  take_from(state, id, env)
  if not h then
    put_aside(id, env)
    return 'u'
  end
  if state == 'dead' then
    call('HSET', record_key(id), id, with_word(with_attempts(env, 0), 's'))
  end
  enter(id, h, 'back')
  return 'm'
end
function verbs.kill(id, env, state, n, who)
  if state == 'dead' then return 'p' end
  if not env then return 'v' end
  local h = header(env)
  if state == 'active' and h and runs(n) then return tell(id, env, h, n, who, 'k') end
  take_out(id, env, h, state, n, who)
  if not h then
    put_aside(id, env)
    return 'u'
  end
  bury(id, env, h, '{"attempt":' .. int(h.attempts + (state == 'active' and 1 or 0)) ..
    ',"type":"killed","message":' .. text .. ',"at_ms":' .. int(now) .. '}')
  return 'm'
end
function verbs.move(id, env, state)
  if state == 'active' then return 'a' end
  local h = env and header(env)
  if not h then return 'v' end
  local name = name_of(h.list)
  local list = (text == '' or text == name) and name or text .. ':' .. name
  if list == h.list then return 'p' end
  if state == 'pending' then out_of_list(id, h) end
  env = with_list(env, list)
  call('HSET', record_key(id), id, env)
  if state == 'dead' then count_bytes('dead', id, whole_size(env)) end
  if state == 'pending' then
    h.list = list
    enter(id, h, 'back')
  end
  return 'm'
end
function verbs.home(id, env, state)
  local h = env and header(env)
  if state == 'suspect' and h then groups_of(name_of(h.list)) end
  if state ~= 'pending' then return env and 'p' or 'g' end
  if not h then
    put_aside(id, env)
    return 'u'
  end
  if waits_in(h.list, id, '10000') then
    made_ready(h.list)
    woken[h.list] = true
    return 'p'
  end
  if cancel_word(env) then
    end_cancelled(id, env, h)
    return 'm'
  end
  local went = take_home(id, h)
  made_ready(h.list)
  woken[h.list] = true
  return went and 'm' or 'p'
end

local codes, found = {}, {}
look_for_ids(7)
for i = 7, #ARGV do
  local id, code = ARGV[i]
  local env = call('HGET', record_key(id), id)
  local state, since, n, who = look_up(id, env)
  if not state then
    code = '?'
  elseif state == 'unknown' then
    code = 'g'
  elseif not string.find(states, LETTER[state], 1, true) or seen > 0 and since > seen
      or version ~= '' and version ~= (env and version_of(env)) then
    code = 'v'
  else
    code = verbs[verb](id, env, state, n, who)
  end
  codes[#codes + 1] = code
  found[#found + 1] = LETTER[state] or '-'
end
note_ready()
wake_woken()
return {table.concat(codes), notes, beyond or '0', table.concat(found)}
)lua",
    });
}

inline std::string active([[maybe_unused]] surroundings const& at)
{
    using namespace bundle;
    return join({
R"lua(#!lua flags=allow-oom
)lua",
        at.clock,
        prelude,
R"lua(local counts, lists, gone = {}, {}, 0
for _, n in ipairs(ARGV) do
  local blob = call('GET', K .. 'claim:' .. n)
  if blob then
    local left, parts = {}, {}
    for _, id in ipairs(call('SMEMBERS', K .. 'left:' .. n)) do left[id] = true end
    for id in string.gmatch(string.match(blob, '\n,(.*)$') or '', '[^,]+') do
      if not left[id] then
        local s = segment(id)
        if not parts[s] then parts[s] = {} end
        table.insert(parts[s], id)
      end
    end
    -- Of the record the list alone: jobs of a claim are many, and mostly of one producer.
    for s, ids in pairs(parts) do
      for _, env in ipairs(call('HMGET', K .. 'jobs:' .. s, unpack(ids))) do
        local list = env and string.match(env, '^1 %x%x %d%d%d%d %d+ ([^ \n]+)')
        if list then
          if not counts[list] then lists[#lists + 1] = list end
          counts[list] = (counts[list] or 0) + 1
        end
      end
    end
  else
    gone = gone + 1
  end
end
local reply = {gone}
for _, list in ipairs(lists) do
  reply[#reply + 1] = list
  reply[#reply + 1] = counts[list]
end
return reply
)lua",
    });
}

inline std::string claim_on_wake([[maybe_unused]] surroundings const& at)
{
    using namespace bundle;
    return join({
R"lua(#!lua
)lua",
        at.clock,
R"lua(local function is_shown(id) return redis.call('EXISTS', KEYS[1] .. 'status:' .. id) == 1 end
local function in_company()
  local home = redis.pcall('HGET', KEYS[1] .. 'pool:' .. ARGV[1], 'home')
  return type(home) == 'string' and is_shown(home)
end
-- A pool that leaves a claim here is alone, so most have a status of their own.
if is_shown(ARGV[1]) or in_company() then
)lua",
        lone_claim,
R"lua(end
return redis.pcall('ZINTERCARD', '2', KEYS[1] .. 'ready', KEYS[1] .. 'serves:' .. ARGV[1],
  'LIMIT', '1') == 1 and 1
)lua",
    });
}

inline std::string counts([[maybe_unused]] surroundings const& at)
{
    using namespace bundle;
    return join({
R"lua(#!lua flags=allow-oom
)lua",
        at.clock,
        prelude,
R"lua(local stored = 0
for hi in string.gmatch(DIGITS, '.') do
  for lo in string.gmatch(DIGITS, '.') do
    stored = stored + call('HLEN', K .. 'jobs:' .. hi .. lo)
  end
end
local suspects = 0
local by_name = call('ZRANGE', K .. 'suspects', 0, -1, 'WITHSCORES')
for j = 2, #by_name, 2 do
  suspects = suspects + tonumber(by_name[j])
end
-- A pause that ends by itself has a timer in `scheduled`.
local settings, timers = call('HGETALL', K .. 'settings'), 0
for j = 2, #settings, 2 do
  if num(string.match(settings[j], '^{"until_ms":(%d+)')) > 0 then timers = timers + 1 end
end
return {now, call('ZCARD', K .. 'scheduled') - timers, call('ZCARD', K .. 'retry'),
  call('ZCARD', K .. 'dead'), call('HLEN', K .. 'set_aside'), suspects, stored,
  settings}
)lua",
    });
}

inline std::string edit([[maybe_unused]] surroundings const& at)
{
    using namespace bundle;
    return join({
R"lua(#!lua
)lua",
        at.clock,
        prelude,
        lists,
        gate,
        registries,
        moves,
        doors,
        keeping,
        find_job,
R"lua(local due, new, body, id = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
look_for_ids(6)
local env = call('HGET', record_key(id), id)
if not env then return {'g', 'unknown', '0'} end
local state = find(id, env)
if not state then return {'?', '', beyond} end
local function replace()
  local old, h = header(env), header(new)
  if not old or not h then return 'u' end
  local moves = state == 'pending' and (old.list ~= h.list or old.priority ~= h.priority)
  if moves then out_of_list(id, old) end
  call('HSET', record_key(id), id, new)
  if body ~= '' then
    call('HSET', K .. 'bodies:' .. segment(id), id, body)
  else
    call('HDEL', K .. 'bodies:' .. segment(id), id)
  end
  if state == 'dead' then count_bytes('dead', id, whole_size(new)) end
  if moves then enter(id, h, 'back') end
  if due ~= '' and (state == 'scheduled' or state == 'retry') then
    enter(id, h, state, num(due))
    due_at(num(due))
  end
  return 'm'
end
local code = 'v'
if state == 'active' then
  code = 'a'
elseif state ~= 'suspect' and version_of(env) == ARGV[2] then
  code = replace()
end
note_ready()
wake_woken()
return {code, state, '0'}
)lua",
    });
}

inline std::string enqueue([[maybe_unused]] surroundings const& at)
{
    using namespace bundle;
    return join({
R"lua(#!lua
)lua",
        at.clock,
        lone_enqueue,
        prelude,
        lists,
R"lua(local function rare()
if bury then return end
)lua",
        registries,
        moves,
        doors,
        keeping,
R"lua(end
)lua",
        store,
R"lua(local key = K .. 'producer:' .. ARGV[1] .. ':' .. (tonumber(ARGV[2]) % 2)
local last = call('GET', key)
if last then
  local number, codes = string.match(last, '^(%d+) (.*)$')
  if number == ARGV[2] then return {now, 1, codes} end
  if num(number) > tonumber(ARGV[2]) then
    return redis.error_reply('STALE the batch ' .. ARGV[2] .. ' of producer ' .. ARGV[1] ..
      ' came after ' .. number)
  end
end
local codes = store(4, #ARGV)
note_ready()
wake_woken()
if soonest then due_at(soonest) end
local text = table.concat(codes)
call('SET', key, ARGV[2] .. ' ' .. text, 'PX', ARGV[3])
return {now, 0, text}
)lua",
    });
}

inline std::string exchange([[maybe_unused]] surroundings const& at)
{
    using namespace bundle;
    return join({
R"lua(#!lua
)lua",
        at.clock,
        lone_claim,
        prelude,
R"lua(local function rare()
if bury then return end
)lua",
        lists,
        gate,
        registries,
        moves,
        doors,
        keeping,
R"lua(end
local function make_store()
if store then return end
rare()
)lua",
        store,
R"lua(end
local function make_cancelling()
if end_cancelled then return end
rare()
)lua",
        cancelling,
R"lua(end
)lua",
        counting,
R"lua(local pool, number, lease_ms, modes = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local want, max_bytes = tonumber(ARGV[5]), tonumber(ARGV[6])
local slot = 'x' .. (tonumber(number) % 3)
local owner = string.gsub(pool, '%.heartbeat$', '')
local leases = K .. 'leases'
local codes, lost, fetch_order = {}, {}, {}
local claim, suspects, jobs = nil, 0, {}
local limits = {1000, 16777216, 86400000, 10000, 268435456, 1000, 67108864}
local trims = string.find(modes, 'c', 1, true) ~= nil
local clock = call('HMGET', K .. 'broker', 'fence', 'last_exchange', 'from', 'until', 'astray')
sweeping = clock[5] and true
local last = call('HGET', K .. 'pool:' .. pool, slot)
local repeated, had = 0, 0
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
    valid[n] = call('ZSCORE', leases, n) and {left = redis.call('EXISTS', K .. 'left:' .. n) == 1}
      or false
  end
  return valid[n]
end
-- What the crashes of a job came to: the longest time from its claim to a death in ms, how many
-- deaths count against it, when another happened that may come to count (0: none), how many there
-- were of which it was the only suspect, and since when it wants to run where no other suspect does
-- (0: anywhere).
local function crashes(env)
  local longest, counted, pending, solo_crashes, alone =
    string.match(env, '^[^\n]* x=(%d+),(%d+),(%d+),(%d+),(%d+)')
  return tonumber(longest), tonumber(counted or 0), tonumber(pending or 0),
    tonumber(solo_crashes or 0), tonumber(alone or 0)
end
local QUARANTINE_MAX = 1200000
local function quarantine_of(longest)
  return math.min(math.max(2 * longest, math.floor(lease_ms / 3)), QUARANTINE_MAX)
end
-- How many jobs of a claim were said to be finished by the fast path, in this exchange.
local reported = {}
local mine, outcome
local given_back, given_back_of = {}, {}
local function learn_words()
  if outcome then return end
  rare()
  local function leave_claim(n, id)
    leave(n, id)
    valid[n].left = true
  end
  -- The job's record and header, if this claim may still speak about it; else a code.
  mine = function(n, id)
    local v = lease_valid(n)
    if not v then return nil, nil, 'l' end
    if v.left and call('SISMEMBER', K .. 'left:' .. n, id) == 1 then return nil, nil, 'l' end
    local env = call('HGET', record_key(id), id)
    if not env then return nil, nil, 'g' end
    return env, header(env), 'k'
  end
  local function suspects_claimed(n)
    if valid[n].kind == nil then
      local head = call('GETRANGE', K .. 'claim:' .. n, 0, 199)
      valid[n].kind = string.match(head, '^%S+ (%a)') or 'j'
    end
    return valid[n].kind ~= 'j'
  end
  local function drop(n, id, env, how, trace_ms)
    finish(id, env, how)
    leave_claim(n, id)
    if trace_ms > 0 then call('ZADD', K .. 'traces', int(now + trace_ms), id) end
  end
  -- Of these kinds a job would run again, failed, or can't be run here. A handler that discards its
  -- job has it completed.
  local ends_cancelled = {r = true, d = true, s = true, b = true, m = true, x = true, q = true,
    z = true}
  outcome = function(n, id, kind, number, text, body)
    local env, h, code = mine(n, id)
    if code ~= 'k' then return code end
    if ends_cancelled[kind] and h and bit(h.flags, 8) and cancel_word(env) then
      make_cancelling()
      leave_claim(n, id)
      end_cancelled(id, env, h)
      return kind == 'z' and 'k' or 'z'
    end
    if kind == 'q' or not h then
      leave_claim(n, id)
      put_aside(id, env)
    elseif kind == 'c' then
      drop(n, id, env, text ~= '' and 'kept' or 'completed', number)
      if text ~= '' then
        if bit(h.flags, 8) and cancel_word(env) then env = with_word(env, 'c') end
        keep(id, h.list, text, env, limits[1])
      end
    elseif kind == 'x' then
      drop(n, id, env, 'discarded', number)
    elseif kind == 'r' then
      call('HSET', record_key(id), id, with_word(with_failures(env, h, h.attempts + 1), 'x'))
      add_failure(id, text)
      leave_claim(n, id)
      enter(id, h, 'retry', now + number)
    elseif kind == 'd' then
      h.attempts = h.attempts + 1
      leave_claim(n, id)
      bury(id, env, h, text)
    elseif kind == 's' then
      call('HSET', record_key(id), id, with_word(snoozed(env), 'x'))
      leave_claim(n, id)
      enter(id, h, 'scheduled', now + number)
    elseif kind == 'm' then
      leave_claim(n, id)
      advance(id, h, text, body, number > 0 and now + number)
    else
      leave_claim(n, id)
      if suspects_claimed(n) then
        if not given_back[n] then
          given_back[n] = {}
          given_back_of[#given_back_of + 1] = n
        end
        table.insert(given_back[n], {h.list, id})
      else
        enter(id, h, 'front')
      end
    end
    return 'k'
  end
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
  for _, set in ipairs({'scheduled', 'retry', 'dead'}) do
    if call('ZSCORE', K .. set, id) then return false end
  end
  local others = call('ZREVRANGE', K .. 'large_claims', '0', '64')
  for _, other in ipairs(others) do
    if other ~= c and call('SISMEMBER', K .. 'left:' .. other, id) == 0
        and string.find(call('GET', K .. 'claim:' .. other) or '', ',' .. id .. ',', 1, true) then
      return false
    end
  end
  if #others > 64 then astray() end
  return #others <= 64
end
local function look_for_forgotten(c, jobs)
  local heard = (reported[c] or 0) + num(call('GET', K .. 'reported:' .. c))
  if heard < tonumber(jobs) then heard = heard + call('SCARD', K .. 'left:' .. c) end
  if heard >= tonumber(jobs) then return end
  rare()
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
    if what == 'F' then
      local c, code = ARGV[i + 1], 'k'
      local v = lease_valid(c)
      local parts = tonumber(ARGV[i + 2])
      local indexed = tonumber(c) % 2 == 0
      i = i + 3
      for _ = 1, parts do
        local key, k = K .. 'jobs:' .. ARGV[i], tonumber(ARGV[i + 1])
        local claimed = K .. 'claimed:' .. ARGV[i]
        if not v then
          code = 'l'
        elseif not v.left then
          reported[c] = (reported[c] or 0) + k
          for from = i + 2, i + 1 + k, 4000 do
            local to = math.min(from + 3999, i + 1 + k)
            if call('HDEL', key, unpack(ARGV, from, to)) < to - from + 1 then code = 'p' end
            if indexed then call('HDEL', claimed, unpack(ARGV, from, to)) end
          end
        else
          for j = i + 2, i + 1 + k do
            if call('SISMEMBER', K .. 'left:' .. c, ARGV[j]) == 1 then
              code = 'p'
            else
              reported[c] = (reported[c] or 0) + 1
              if call('HDEL', key, ARGV[j]) == 0 then code = 'p' end
              if indexed then call('HDEL', claimed, ARGV[j]) end
            end
          end
        end
        i = i + 2 + k
      end
      codes[#codes + 1] = code
    elseif what == 'L' then
      fetch_order[#fetch_order + 1] = {ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3] == '1'}
      i = i + 4
    elseif what == 'O' then
      learn_words()
      trims = true
      local kind = ARGV[i + 3]
      codes[#codes + 1] = outcome(ARGV[i + 1], ARGV[i + 2], kind, tonumber(ARGV[i + 4]),
        ARGV[i + 5], ARGV[i + 6])
      i = i + (kind == 'm' and 7 or 6)
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
        if (reported[c] or 0) < tonumber(ARGV[i + 2]) then look_for_forgotten(c, ARGV[i + 2]) end
        if tonumber(c) % 2 == 1 then call('ZREM', K .. 'large_claims', c) end
        redis.call('DEL', K .. 'claim:' .. c, K .. 'left:' .. c, K .. 'progress:' .. c,
          K .. 'started:' .. c, K .. 'reported:' .. c)
      end
      valid[c], reported[c] = false, nil
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
          call('HSET', record_key(id), id, with_failures(env, h, h.attempts))
        end
        call('RPUSH', K .. 'log:' .. id, unpack(ARGV, i + 4, last))
        call('LTRIM', K .. 'log:' .. id, -100, -1)
      end
      i = last + 1
    elseif what == 'C' then
      i = count(i + 1)
    elseif what == 'K' then
      for j = 1, 7 do limits[j] = tonumber(ARGV[i + j]) end
      i = i + 8
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
  for c, k in pairs(reported) do
    if valid[c] then call('INCRBY', K .. 'reported:' .. c, int(k)) end
  end
  if #became_ready > 0 then note_ready() end
  if soonest then due_at(soonest) end
  -- Suspects that were not run to their end are a group again.
  for _, n in ipairs(given_back_of) do new_groups(given_back[n], #given_back[n]) end
end
)lua",
        trim,
        at.draw,
        at.shown,
        reap,
        claim,
        queues,
        appoint,
R"lua(local sweep_step
if clock[5] and string.find(modes, 'c', 1, true) then
)lua",
        groups,
        sweep,
R"lua(end
)lua",
        answer,
    });
}

inline std::string history([[maybe_unused]] surroundings const& at)
{
    using namespace bundle;
    return join({
R"lua(#!lua
)lua",
        at.clock,
        prelude,
R"lua(local writer, number, at = ARGV[1], ARGV[2], math.min(tonumber(ARGV[3]), now)
local historian = K .. 'historian:' .. writer
if num(call('GET', historian)) >= tonumber(number) then return {now, 1} end
local registry = K .. 'histories'
local today = math.floor(now / 86400000)

local types, places = {}, {}
for i = 0, 47 do types[i], places[i] = 'u32', '#' .. i end
types[48], places[48], types[49], places[49] = 'u63', '1537', 'u63', '1601'
types[50], places[50], types[51], places[51] = 'u32', '#52', 'u32', '#53'
local steps = {}
for _, s in ipairs({{'1m', 60000, 7200000}, {'10m', 600000, 172800000},
                    {'1h', 3600000, 1209600000}, {'1d', 86400000, 7776000000}}) do
  local period = math.floor(at / s[2])
  local left = (period + 1) * s[2] + s[3] - now
  if left > 0 then
    steps[#steps + 1] = {tail = ':' .. s[1] .. ':' .. int(period), left = int(left)}
  end
end
-- The last field is named always, so that a new key has its whole size at once. It is new where
-- all that it holds is what was added.
local function add(series, fields, amounts)
  local words, n = {'OVERFLOW', 'SAT'}, 2
  for j, field in ipairs(fields) do
    words[n + 1], words[n + 2], words[n + 3], words[n + 4] =
      'INCRBY', types[field], places[field], amounts[j]
    n = n + 4
  end
  words[n + 1], words[n + 2], words[n + 3], words[n + 4] = 'INCRBY', 'u32', '#53', '0'
  for _, step in ipairs(steps) do
    local key = K .. 'hist:' .. series .. step.tail
    local sums = call('BITFIELD', key, unpack(words))
    local new = true
    for j, amount in ipairs(amounts) do
      if sums[j] ~= tonumber(amount) then
        new = false
        break
      end
    end
    if new then redis.call('PEXPIRE', key, step.left) end
  end
end

local rows, lists = {}, {}
local i = 4
while i <= #ARGV do
  local row = {list = ARGV[i], fields = {}, amounts = {}}
  local k = tonumber(ARGV[i + 1])
  for j = i + 2, i + 2 * k, 2 do
    row.fields[#row.fields + 1] = tonumber(ARGV[j])
    row.amounts[#row.amounts + 1] = ARGV[j + 1]
  end
  rows[#rows + 1], lists[#lists + 1] = row, row.list
  i = i + 2 + 2 * k
end
if #rows == 0 then return {now, 0} end

local days = call('ZMSCORE', registry, unpack(lists))
local known, used, of_name
local function learn()
  call('ZREMRANGEBYSCORE', registry, '-inf', '(' .. int(today - 90))
  known, used, of_name = {}, 0, {}
  for _, list in ipairs(call('ZRANGE', registry, 0, -1)) do
    known[list] = true
    if list ~= '{other' then
      used = used + 1
      local name = name_of(list)
      of_name[name] = (of_name[name] or 0) + 1
    end
  end
end
-- Where a list that has no history yet is counted.
local function series_of(list)
  if not known then learn() end
  local name, series = name_of(list), list
  if (of_name[name] or 0) >= 32 and not known[list] then series = '*' .. name end
  if not known[series] then
    if used >= 500 then return '{other' end
    known[series], used, of_name[name] = true, used + 1, (of_name[name] or 0) + 1
  end
  return series
end
local sums = {}
for r, row in ipairs(rows) do
  local series, day = row.list, tonumber(days[r])
  if not day then series = series_of(series) end
  if day ~= today then call('ZADD', registry, int(today), series) end
  add(series, row.fields, row.amounts)
  for j, field in ipairs(row.fields) do
    sums[field] = (sums[field] or 0) + tonumber(row.amounts[j])
  end
end
local fields, amounts = {}, {}
for field = 0, 51 do
  if sums[field] then
    fields[#fields + 1] = field
    amounts[#amounts + 1] = string.format('%.0f', math.min(sums[field], 9e18))
  end
end
add('{all', fields, amounts)
redis.call('SET', historian, number, 'PX', 3600000)
return {now, 0}
)lua",
    });
}

inline std::string job([[maybe_unused]] surroundings const& at)
{
    using namespace bundle;
    return join({
R"lua(#!lua flags=allow-oom
)lua",
        at.clock,
        prelude,
        lists,
        gate,
        registries,
        moves,
        doors,
        keeping,
        find_job,
R"lua(local id = ARGV[2]
look_for_ids(2)
local env = call('HGET', record_key(id), id)
if env then
  local state, at, n, who = find(id, env)
  if not state then return {now, '?', 0, beyond, '', '', '', '', {}} end
  local progress = n and call('HGET', K .. 'progress:' .. n, id)
  return {now, state, at, n or '0', who or '', env, progress or '', '',
    call('LRANGE', K .. 'errors:' .. id, 0, -1), version_of(env)}
end
local kept = call('HGET', K .. 'kept', id)
if kept then
  local at = string.find(kept, '\n', 1, true) or 0
  env = string.sub(kept, at + 1)
  local when = num(call('ZSCORE', K .. 'completed', id))
  return {now, kept_state(kept), when, '0', '', env, '',
    string.sub(kept, 1, math.max(at - 1, 0)), {}}
end
local bytes = call('HGET', K .. 'set_aside', id)
if bytes then
  local when = num(call('ZSCORE', K .. 'set_aside_at', id))
  return {now, 'set_aside', when, '0', '', bytes, '', '', {}}
end
return {now, 'unknown', 0, '0', '', '', '', '', {}}
)lua",
    });
}

inline std::string lean_exchange([[maybe_unused]] surroundings const& at)
{
    using namespace bundle;
    return join({
R"lua(#!lua flags=allow-oom
)lua",
        at.clock,
        lone_claim,
        prelude,
R"lua(local function rare()
if bury then return end
)lua",
        lists,
        gate,
        registries,
        moves,
        doors,
        keeping,
R"lua(end
local function make_store()
if store then return end
rare()
)lua",
        store,
R"lua(end
local function make_cancelling()
if end_cancelled then return end
rare()
)lua",
        cancelling,
R"lua(end
)lua",
        counting,
R"lua(local pool, number, lease_ms, modes = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local want, max_bytes = tonumber(ARGV[5]), tonumber(ARGV[6])
local slot = 'x' .. (tonumber(number) % 3)
local owner = string.gsub(pool, '%.heartbeat$', '')
local leases = K .. 'leases'
local codes, lost, fetch_order = {}, {}, {}
local claim, suspects, jobs = nil, 0, {}
local limits = {1000, 16777216, 86400000, 10000, 268435456, 1000, 67108864}
local trims = string.find(modes, 'c', 1, true) ~= nil
local clock = call('HMGET', K .. 'broker', 'fence', 'last_exchange', 'from', 'until', 'astray')
sweeping = clock[5] and true
local last = call('HGET', K .. 'pool:' .. pool, slot)
local repeated, had = 0, 0
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
    valid[n] = call('ZSCORE', leases, n) and {left = redis.call('EXISTS', K .. 'left:' .. n) == 1}
      or false
  end
  return valid[n]
end
-- What the crashes of a job came to: the longest time from its claim to a death in ms, how many
-- deaths count against it, when another happened that may come to count (0: none), how many there
-- were of which it was the only suspect, and since when it wants to run where no other suspect does
-- (0: anywhere).
local function crashes(env)
  local longest, counted, pending, solo_crashes, alone =
    string.match(env, '^[^\n]* x=(%d+),(%d+),(%d+),(%d+),(%d+)')
  return tonumber(longest), tonumber(counted or 0), tonumber(pending or 0),
    tonumber(solo_crashes or 0), tonumber(alone or 0)
end
local QUARANTINE_MAX = 1200000
local function quarantine_of(longest)
  return math.min(math.max(2 * longest, math.floor(lease_ms / 3)), QUARANTINE_MAX)
end
-- How many jobs of a claim were said to be finished by the fast path, in this exchange.
local reported = {}
local mine, outcome
local given_back, given_back_of = {}, {}
local function learn_words()
  if outcome then return end
  rare()
  local function leave_claim(n, id)
    leave(n, id)
    valid[n].left = true
  end
  -- The job's record and header, if this claim may still speak about it; else a code.
  mine = function(n, id)
    local v = lease_valid(n)
    if not v then return nil, nil, 'l' end
    if v.left and call('SISMEMBER', K .. 'left:' .. n, id) == 1 then return nil, nil, 'l' end
    local env = call('HGET', record_key(id), id)
    if not env then return nil, nil, 'g' end
    return env, header(env), 'k'
  end
  local function suspects_claimed(n)
    if valid[n].kind == nil then
      local head = call('GETRANGE', K .. 'claim:' .. n, 0, 199)
      valid[n].kind = string.match(head, '^%S+ (%a)') or 'j'
    end
    return valid[n].kind ~= 'j'
  end
  local function drop(n, id, env, how, trace_ms)
    finish(id, env, how)
    leave_claim(n, id)
    if trace_ms > 0 then call('ZADD', K .. 'traces', int(now + trace_ms), id) end
  end
  -- Of these kinds a job would run again, failed, or can't be run here. A handler that discards its
  -- job has it completed.
  local ends_cancelled = {r = true, d = true, s = true, b = true, m = true, x = true, q = true,
    z = true}
  outcome = function(n, id, kind, number, text, body)
    local env, h, code = mine(n, id)
    if code ~= 'k' then return code end
    if ends_cancelled[kind] and h and bit(h.flags, 8) and cancel_word(env) then
      make_cancelling()
      leave_claim(n, id)
      end_cancelled(id, env, h)
      return kind == 'z' and 'k' or 'z'
    end
    if kind == 'q' or not h then
      leave_claim(n, id)
      put_aside(id, env)
    elseif kind == 'c' then
      drop(n, id, env, text ~= '' and 'kept' or 'completed', number)
      if text ~= '' then
        if bit(h.flags, 8) and cancel_word(env) then env = with_word(env, 'c') end
        keep(id, h.list, text, env, limits[1])
      end
    elseif kind == 'x' then
      drop(n, id, env, 'discarded', number)
    elseif kind == 'r' then
      call('HSET', record_key(id), id, with_word(with_failures(env, h, h.attempts + 1), 'x'))
      add_failure(id, text)
      leave_claim(n, id)
      enter(id, h, 'retry', now + number)
    elseif kind == 'd' then
      h.attempts = h.attempts + 1
      leave_claim(n, id)
      bury(id, env, h, text)
    elseif kind == 's' then
      call('HSET', record_key(id), id, with_word(snoozed(env), 'x'))
      leave_claim(n, id)
      enter(id, h, 'scheduled', now + number)
    elseif kind == 'm' then
      leave_claim(n, id)
      advance(id, h, text, body, number > 0 and now + number)
    else
      leave_claim(n, id)
      if suspects_claimed(n) then
        if not given_back[n] then
          given_back[n] = {}
          given_back_of[#given_back_of + 1] = n
        end
        table.insert(given_back[n], {h.list, id})
      else
        enter(id, h, 'front')
      end
    end
    return 'k'
  end
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
  for _, set in ipairs({'scheduled', 'retry', 'dead'}) do
    if call('ZSCORE', K .. set, id) then return false end
  end
  local others = call('ZREVRANGE', K .. 'large_claims', '0', '64')
  for _, other in ipairs(others) do
    if other ~= c and call('SISMEMBER', K .. 'left:' .. other, id) == 0
        and string.find(call('GET', K .. 'claim:' .. other) or '', ',' .. id .. ',', 1, true) then
      return false
    end
  end
  if #others > 64 then astray() end
  return #others <= 64
end
local function look_for_forgotten(c, jobs)
  local heard = (reported[c] or 0) + num(call('GET', K .. 'reported:' .. c))
  if heard < tonumber(jobs) then heard = heard + call('SCARD', K .. 'left:' .. c) end
  if heard >= tonumber(jobs) then return end
  rare()
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
    if what == 'F' then
      local c, code = ARGV[i + 1], 'k'
      local v = lease_valid(c)
      local parts = tonumber(ARGV[i + 2])
      local indexed = tonumber(c) % 2 == 0
      i = i + 3
      for _ = 1, parts do
        local key, k = K .. 'jobs:' .. ARGV[i], tonumber(ARGV[i + 1])
        local claimed = K .. 'claimed:' .. ARGV[i]
        if not v then
          code = 'l'
        elseif not v.left then
          reported[c] = (reported[c] or 0) + k
          for from = i + 2, i + 1 + k, 4000 do
            local to = math.min(from + 3999, i + 1 + k)
            if call('HDEL', key, unpack(ARGV, from, to)) < to - from + 1 then code = 'p' end
            if indexed then call('HDEL', claimed, unpack(ARGV, from, to)) end
          end
        else
          for j = i + 2, i + 1 + k do
            if call('SISMEMBER', K .. 'left:' .. c, ARGV[j]) == 1 then
              code = 'p'
            else
              reported[c] = (reported[c] or 0) + 1
              if call('HDEL', key, ARGV[j]) == 0 then code = 'p' end
              if indexed then call('HDEL', claimed, ARGV[j]) end
            end
          end
        end
        i = i + 2 + k
      end
      codes[#codes + 1] = code
    elseif what == 'L' then
      fetch_order[#fetch_order + 1] = {ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3] == '1'}
      i = i + 4
    elseif what == 'O' then
      learn_words()
      trims = true
      local kind = ARGV[i + 3]
      codes[#codes + 1] = outcome(ARGV[i + 1], ARGV[i + 2], kind, tonumber(ARGV[i + 4]),
        ARGV[i + 5], ARGV[i + 6])
      i = i + (kind == 'm' and 7 or 6)
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
        if (reported[c] or 0) < tonumber(ARGV[i + 2]) then look_for_forgotten(c, ARGV[i + 2]) end
        if tonumber(c) % 2 == 1 then call('ZREM', K .. 'large_claims', c) end
        redis.call('DEL', K .. 'claim:' .. c, K .. 'left:' .. c, K .. 'progress:' .. c,
          K .. 'started:' .. c, K .. 'reported:' .. c)
      end
      valid[c], reported[c] = false, nil
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
          call('HSET', record_key(id), id, with_failures(env, h, h.attempts))
        end
        call('RPUSH', K .. 'log:' .. id, unpack(ARGV, i + 4, last))
        call('LTRIM', K .. 'log:' .. id, -100, -1)
      end
      i = last + 1
    elseif what == 'C' then
      i = count(i + 1)
    elseif what == 'K' then
      for j = 1, 7 do limits[j] = tonumber(ARGV[i + j]) end
      i = i + 8
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
  for c, k in pairs(reported) do
    if valid[c] then call('INCRBY', K .. 'reported:' .. c, int(k)) end
  end
  if #became_ready > 0 then note_ready() end
  if soonest then due_at(soonest) end
  -- Suspects that were not run to their end are a group again.
  for _, n in ipairs(given_back_of) do new_groups(given_back[n], #given_back[n]) end
end
)lua",
        trim,
        at.draw,
        at.shown,
        reap,
        claim,
        queues,
        appoint,
R"lua(local sweep_step
if clock[5] and string.find(modes, 'c', 1, true) then
)lua",
        groups,
        sweep,
R"lua(end
)lua",
        answer,
    });
}

inline std::string leave([[maybe_unused]] surroundings const& at)
{
    using namespace bundle;
    return join({
R"lua(#!lua flags=allow-oom
)lua",
        at.clock,
        prelude,
        lists,
        gate,
        registries,
        moves,
        doors,
        keeping,
R"lua(local pool = ARGV[1]
call('SREM', K .. 'pools', pool)
call('ZADD', K .. 'absent', int(now), pool)
redis.call('DEL', K .. 'pool:' .. pool, K .. 'pool:' .. pool .. '.heartbeat',
  K .. 'serves:' .. pool, K .. 'wake:' .. pool, K .. 'orders:' .. pool, K .. 'status:' .. pool)
local a = call('HMGET', K .. 'alarm', 'holder', 'holder_at', 'backup')
if a[3] == pool then call('HDEL', K .. 'alarm', 'backup', 'backup_at') end
if a[1] == pool then
  call('HDEL', K .. 'alarm', 'holder', 'holder_at')
  if a[3] and a[3] ~= pool then
    give_wakeup(K .. 'wake:' .. a[3])
  else
    for _, p in ipairs(some_pools(1, pool)) do give_wakeup(K .. 'wake:' .. p) end
  end
end
local waited = {}
for i = 2, #ARGV do
  waited[#waited + 1] = ARGV[i]
  waited[#waited + 1] = string.match(ARGV[i], '^%*(.+)$') or ARGV[i]
end
in_steps(#waited, function(a, b)
  local ready = call('SMISMEMBER', K .. 'ready', unpack(waited, a, b))
  for i = a, b, 2 do
    if ready[i - a + 1] == 1 or ready[i - a + 2] == 1 then
      give_wakeup(K .. 'wake:' .. waited[i])
    end
  end
end)
if redis.call('EXISTS', K .. 'suspects') == 1 then
  for _, p in ipairs(some_pools(8, pool)) do give_wakeup(K .. 'wake:' .. p) end
end
return 1
)lua",
    });
}

inline std::string make_room([[maybe_unused]] surroundings const& at)
{
    using namespace bundle;
    return join({
R"lua(#!lua flags=allow-oom
)lua",
        at.clock,
        prelude,
        lists,
        gate,
        registries,
        moves,
        doors,
        keeping,
R"lua(local oldest = call('ZRANGE', K .. 'completed', '0', '255')
for _, id in ipairs(oldest) do drop_kept(id) end
return #oldest
)lua",
    });
}

inline std::string order([[maybe_unused]] surroundings const& at)
{
    using namespace bundle;
    return join({
R"lua(#!lua flags=allow-oom
)lua",
        at.clock,
        prelude,
R"lua(local pool, what = ARGV[1], ARGV[2]
local key = K .. 'orders:' .. pool
if redis.call('EXISTS', K .. 'pool:' .. pool) == 0 then return {now, 'g'} end
local over_http = redis.call('EXISTS', K .. 'worker:' .. pool) == 1
local kept = not (over_http and what == 'resume')
if kept and call('SISMEMBER', key, '0 {' .. what) == 1 then return {now, 'p'} end
local went = call('SREM', key, '0 {quiet', '0 {resume', '0 {stop')
if kept then call('SADD', key, '0 {' .. what) end
give_wakeup(K .. 'wake:' .. pool)
return {now, (kept or went > 0) and 'm' or 'p'}
)lua",
    });
}

inline std::string outstanding([[maybe_unused]] surroundings const& at)
{
    using namespace bundle;
    return join({
R"lua(#!lua flags=allow-oom
)lua",
        at.clock,
        prelude,
R"lua(local asked, looked, pending = {}, {}, 0
for i = 2, #ARGV do
  local name = string.match(ARGV[i], '^%*(.+)$')
  asked[ARGV[i]] = true
  looked[#looked + 1] = ARGV[i]
  looked[#looked + 1] = name
end
local function is_asked(list) return asked[list] or asked['*' .. name_of(list)] end
in_steps(#looked, function(a, b)
  local ready = call('SMISMEMBER', K .. 'ready', unpack(looked, a, b))
  for i = a, b do
    local what = looked[i]
    local name = string.match(what, '^%*(.+)$')
    local is_ready = ready[i - a + 1] ~= 0
    if is_ready and name then
      pending = pending + call('SCARD', K .. 'queues:' .. name)
    elseif is_ready then
      local length = call('LLEN', K .. 'list:' .. what)
      if length > 0 then length = length - num(call('HGET', K .. 'side:' .. what, '')) end
      pending = pending + length + call('ZCARD', K .. 'prio:' .. what)
    end
  end
end)
if redis.call('EXISTS', K .. 'suspects') == 1 then
  local names = {}
  for _, what in ipairs(looked) do names[string.match(what, '[^:*]*$')] = true end
  for name in pairs(names) do
    if asked['*' .. name] then
      pending = pending + num(call('ZSCORE', K .. 'suspects', name))
    else
      for _, g in ipairs(call('ZRANGE', K .. 'suspects:' .. name, 0, -1)) do
        local group = call('GET', K .. 'group:' .. g) or ''
        for list, ids in string.gmatch(group, '([^,\n]+)(,[^\n]*)\n') do
          local _, commas = string.gsub(ids, ',', ',')
          if name_of(list) == name and asked[list] then pending = pending + commas - 1 end
        end
      end
    end
  end
end
local since, fence = tonumber(ARGV[1]), num(call('HGET', K .. 'broker', 'fence'))
local claims, active = {}, 0
if fence <= since then return {pending, 0, int(fence), claims} end
if call('ZCARD', K .. 'leases') > 4096 then return {pending, -1, int(fence), claims} end
for _, n in ipairs(call('ZRANGE', K .. 'leases', 0, -1)) do
  if tonumber(n) > since then claims[#claims + 1] = n end
end
if #claims > 16 then return {pending, -1, int(fence), claims} end
for _, n in ipairs(claims) do
  local left, blob = {}, call('GET', K .. 'claim:' .. n) or ''
  for _, id in ipairs(call('SMEMBERS', K .. 'left:' .. n)) do left[id] = true end
  for id in string.gmatch(string.match(blob, '\n,(.*)$') or '', '[^,]+') do
    local env = not left[id] and call('HGET', record_key(id), id)
    local h = env and header(env)
    if h and is_asked(h.list) then active = active + 1 end
  end
end
return {pending, active, int(fence), {}}
)lua",
    });
}

inline std::string pause([[maybe_unused]] surroundings const& at)
{
    using namespace bundle;
    return join({
R"lua(#!lua flags=allow-oom
)lua",
        at.clock,
        prelude,
        lists,
        gate,
        registries,
        moves,
        doors,
        keeping,
R"lua(local verb, key = ARGV[1], ARGV[2]
local before, text, code, through = call('HGET', K .. 'settings', key), '', 'm', true
if verb == 'settle' then
  through = gate.settle()
elseif verb == 'resume' then
  if before then
    call('HDEL', K .. 'settings', key)
    call('ZREM', K .. 'scheduled', '{resume ' .. key)
    through = gate.changed(now + 1000)
  else
    code = 'p'
  end
else
  local till, since = num(ARGV[3]), now
  if num(ARGV[4]) > 0 then till = now + num(ARGV[4]) end
  if before then
    code = 'p'
    local ends, began = string.match(before, '^{"until_ms":(%d+),"since_ms":(%d+),')
    if ends and (num(ends) == 0 or num(ends) > now) then since = num(began) end
  end
  text = '{"until_ms":' .. int(till) .. ',"since_ms":' .. int(since) .. ARGV[5]
  call('HSET', K .. 'settings', key, text)
  through = gate.changed(now + 1000)
  if till > 0 then
    call('ZADD', K .. 'scheduled', int(till), '{resume ' .. key)
    due_at(till)
  else
    call('ZREM', K .. 'scheduled', '{resume ' .. key)
  end
end
note_ready()
wake_woken()
if not through and verb ~= 'settle' then due_at(now + 1000) end
return {now, code, text, through and 0 or 1}
)lua",
    });
}

inline std::string restore([[maybe_unused]] surroundings const& at)
{
    using namespace bundle;
    return join({
R"lua(#!lua flags=allow-oom
)lua",
        at.clock,
        prelude,
        lists,
        gate,
        registries,
        moves,
        doors,
        keeping,
        find_job,
R"lua(local code = bring_back(ARGV[2], ARGV[3], ARGV[4])
note_ready()
wake_woken()
return {code, notes}
)lua",
    });
}

inline std::string try_commands([[maybe_unused]] surroundings const& at)
{
    using namespace bundle;
    return join({
R"lua(#!lua flags=allow-oom
local denied, other = {}, nil
for _, line in ipairs(ARGV) do
  local words = {}
  for word in string.gmatch(line, '%S+') do
    local kind, name = string.match(word, '^([@#])(.*)$')
    words[#words + 1] = kind == '@' and KEYS[1] .. 'check:' .. name or
      kind == '#' and KEYS[1] .. 'events:' .. name or word
  end
  local r = redis.pcall(unpack(words))
  local err = type(r) == 'table' and r.err
  if err and (string.find(err, '^NOPERM') or string.find(err, 'user executing the script')) then
    denied[#denied + 1] = words[1] .. (string.find(err, 'keys') and ' on the keys' or
      string.find(err, 'the channel') and ' on the channels' or '')
  elseif err and string.find(err, '^[A-Z]+ ') and not string.find(err, '^ERR ') then
    other = other or err
  end
end
return {table.concat(denied, ', '), other or ''}
)lua",
    });
}

}  // namespace work::scripts
