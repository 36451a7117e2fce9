// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string_view>

namespace work::scripts {

/// The second half of the exchange script: reap, promote, claim, appoint, answer.
///
/// `claim:<n>` is `pool kind alone dead-lists\n,id,id,…,` with kind 'j' (jobs) or 's' (suspects),
/// `alone` the deaths counted so far of a suspect that was alone, and the lists of the claim whose
/// jobs are not to be run again after a crash, joined by ';' ('%': none).
/// A plan's entry with take 0 only says `dead` of its list; where nothing is wanted, the lists of
/// the plan are only looked at.
/// `suspects` is a list of groups `alone\n,id,id,…,`.
inline constexpr std::string_view exchange_claim = R"lua(
local clock = call('HMGET', K .. 'clock', 'fence', 'beat', 'grace', 'lease')
local fence, beat, grace = num(clock[1]), num(clock[2]), num(clock[3])
-- The longest lease in use: what is right for it does no harm to shorter ones.
local longest = math.max(num(clock[4]), lease_ms)
if beat > 0 and (now - beat > lease_ms / 2 or now < beat - 1000) then grace = now + longest end

local function ids_of(blob) return string.gmatch(string.match(blob, '\n,(.*)$') or '', '[^,]+') end
local first = call('ZRANGE', leases, '0', '0', 'WITHSCORES')
if first[1] and tonumber(first[2]) <= now and grace <= now then
  rare()
  local CRASH = '{"attempt":%d,"type":"%s","message":"%s","at_ms":%s}'

  -- What is left of a claim: ids, records and headers that still belong to it.
  local function remains(n, blob)
    local left = {}
    for _, id in ipairs(call('SMEMBERS', K .. 'left:' .. n)) do left[id] = true end
    local rest = {}
    for id in ids_of(blob) do
      if not left[id] then
        local env = call('HGET', record_key(id), id)
        if env then
          local h = header(env)
          if h then rest[#rest + 1] = {id, env, h} else put_aside(id, env) end
        end
      end
    end
    return rest
  end
  local function add_group(alone, ids)
    if #ids > 0 then
      call('RPUSH', K .. 'suspects', alone .. '\n,' .. table.concat(ids, ',') .. ',')
    end
  end
  local reaped_jobs = 0
  local function reap(n, fresh)
    local blob = call('GET', K .. 'claim:' .. n) or ''
    local who, kind, alone, dead = string.match(blob, '^(%S+) (%a) (%d+) (%S+)\n')
    local suspects_left, unstarted = {}, {}
    for _, job in ipairs(remains(n, blob)) do
      local id, env, h = job[1], job[2], job[3]
      reaped_jobs = reaped_jobs + 1
      if string.find(';' .. (dead or '%') .. ';', ';' .. h.list .. ';', 1, true) then
        if call('SISMEMBER', K .. 'started:' .. n, id) == 0 then
          unstarted[#unstarted + 1] = job
        else bury(id, env, h, string.format(CRASH, h.attempts + 1, 'crash',
          'the worker process died while the job ran; its type says dead on crash', int(now)))
        end
      elseif kind == 's' then
        suspects_left[#suspects_left + 1] = job
      else
        fresh[#fresh + 1] = id
      end
    end
    for j = #unstarted, 1, -1 do make_pending(unstarted[j][1], unstarted[j][3], true) end
    local m = #suspects_left
    if m == 1 then
      local id, env, h = suspects_left[1][1], suspects_left[1][2], suspects_left[1][3]
      local deaths = tonumber(alone) + 1
      local text = string.format(CRASH, h.attempts + 1, deaths >= 3 and 'crash_loop' or 'crash',
        'the worker process died ' .. deaths .. ' time(s) while only this job was suspect',
        int(now))
      if deaths >= 3 then
        bury(id, env, h, text)
      else
        call('HSET', record_key(id), id, with_failures(env, h, h.attempts))
        add_failure(id, text)
        add_group(deaths, {id})
      end
    elseif m > 1 then
      local size = math.ceil(m / 8)
      for from = 1, m, size do
        local part = {}
        for j = from, math.min(from + size - 1, m) do part[#part + 1] = suspects_left[j][1] end
        add_group(0, part)
      end
    end
    call('ZREM', leases, n)
    forget_claim(n, blob)
    redis.call('DEL', K .. 'claim:' .. n, K .. 'left:' .. n, K .. 'progress:' .. n,
      K .. 'started:' .. n)
    notes[#notes + 1] = 'lapsed: ' .. n .. ' of ' .. (who or '?')
  end
  local fresh, reaped = {}, 0
  repeat
    reap(first[1], fresh)
    reaped = reaped + 1
    first = call('ZRANGE', leases, '0', '0', 'WITHSCORES')
  until not first[1] or tonumber(first[2]) > now or reaped >= 64 or reaped_jobs >= 512
  for from = 1, #fresh, 256 do add_group(0, {unpack(fresh, from, math.min(from + 255, #fresh))}) end
  if #fresh > 0 then for _, p in ipairs(some_pools(8, pool)) do hint(K .. 'wake:' .. p) end end
  if first[1] and tonumber(first[2]) <= now then more = 1 end
end

-- Moves what is due into its list.
local function promote(set)
  local head = call('ZRANGE', K .. set, '0', '0', 'WITHSCORES')
  if not head[1] then return nil end
  local due = tonumber(head[2])
  if due > now then return due end
  rare()
  local ids = call('ZRANGEBYSCORE', K .. set, '-inf', now, 'LIMIT', 0, 256)
  local moved, seen = 0, 0
  for _, id in ipairs(ids) do
    if seen >= 1048576 then break end
    moved = moved + 1
    local env = call('HGET', record_key(id), id)
    if env then
      seen = seen + #env
      local h = header(env)
      if h then
        make_pending(id, h, false)
      else
        put_aside(id, env)
      end
    else
      notes[#notes + 1] = 'lost by the store: ' .. id
    end
  end
  call('ZREM', K .. set, unpack(ids, 1, moved))
  head = call('ZRANGE', K .. set, '0', '0', 'WITHSCORES')
  if not head[1] then return nil end
  due = tonumber(head[2])
  if due <= now then more = 1 end
  return due
end
local due, due2 = promote('scheduled'), promote('retry')
if due2 and (not due or due2 < due) then due = due2 end
if #became_ready > 0 then note_ready() end

local bytes, ids, dead_lists, drained, emptied = 0, {}, {}, {}, {}
local left = {}
local dead_on_crash = {}
for _, l in ipairs(plan) do if l[3] then dead_on_crash[l[1]] = true end end
if repeated == 0 then
  local alone = '0'
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
  if want > 0 or #plan > 0 then
    local function is_dead_on_crash(list)
      return dead_on_crash[list] or dead_on_crash['*' .. name_of(list)]
    end
    local function serves(list)
      local rank = call('ZMSCORE', K .. 'serves:' .. pool, list, '*' .. name_of(list))
      return rank[1] or rank[2]
    end
    local function full() return #ids >= want or bytes >= max_bytes end
    local function take(id, env)
      local size = #env
      if size > 1024 then
        size = size + (string.match(env, '^1 [13579BDF][^\n]* b=(%d+)') or 0)
        if size > CARRIED_MAX then
          rare()
          return put_aside(id, env, 'record of ' .. int(size) .. ' bytes')
        end
      end
      ids[#ids + 1] = id
      jobs[#jobs + 1] = id
      jobs[#jobs + 1] = env
      bytes = bytes + size
      return true
    end
    -- Records of ids, in steps, so that a few large ones are not all read for nothing.
    local function records(all, from, to)
      local envs, j = {}, from
      while j <= to do
        local s = segment(all[j])
        local e = j
        while e < to and segment(all[e + 1]) == s do e = e + 1 end
        local got = call('HMGET', K .. 'jobs:' .. s, unpack(all, j, e))
        for k = 1, e - j + 1 do envs[#envs + 1] = got[k] end
        j = e + 1
      end
      return envs
    end
    if want > 0 and string.find(modes, 's', 1, true) and call('LLEN', K .. 'suspects') > 0 then
      rare()
      -- A suspect group, or what this pool serves and has room for of it.
      local function pop_suspects()
        local size = call('LLEN', K .. 'suspects')
        if size == 0 then return false end
        local start = size > 64 and us % (size - 63) or 0
        for index = start, math.min(start + 63, size - 1) do
          local group = call('LINDEX', K .. 'suspects', index)
          local rest, taken_alone = {}, string.match(group, '^(%d+)\n') or '0'
          local size_before = 0
          for id in ids_of(group) do
            size_before = size_before + 1
            local env = call('HGET', record_key(id), id)
            local h = env and header(env)
            if env and not h then
              put_aside(id, env)
            elseif env and not full() and serves(h.list) then
              take(id, env)
              if is_dead_on_crash(h.list) then dead_lists[h.list] = true end
            elseif env then
              rest[#rest + 1] = id
            end
          end
          if #rest == 0 then
            call('LSET', K .. 'suspects', index, '')
            call('LREM', K .. 'suspects', 1, '')
          elseif #rest < size_before then
            call('LSET', K .. 'suspects', index,
              taken_alone .. '\n,' .. table.concat(rest, ',') .. ',')
          end
          if #ids > 0 then return taken_alone end
          if #rest == 0 then return pop_suspects() end
        end
        return false
      end
      local found = pop_suspects()
      if found then suspects, alone = 1, found end
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
        if call('HINCRBY', ghosts, '', -1) <= 0 then redis.call('DEL', ghosts) end
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
    -- Takes up to k jobs of a list; how many it holds then. `plain`: no priorities, no ghosts.
    local function pop(list, k, plain)
      local key, ghosts, prio = K .. 'list:' .. list, K .. 'ghosts:' .. list, K .. 'prio:' .. list
      local beside = not plain and redis.call('EXISTS', ghosts, prio) > 0
      local empty, before = false, #ids
      k = math.min(k, want - #ids)
      if beside then pop_beside(key, ghosts, prio, k) else empty = pop_plain(key, k) end
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

/// The end of the exchange script, behind `claim_queues`.
inline constexpr std::string_view exchange_end = R"lua(
  flush_emptied()
  if #ids > 0 then
    fence = math.max(fence + 1, us)
    -- Even: of at most 32 jobs, which are in the index from id to claim; odd: of more.
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
    redis.call('SET', K .. 'claim:' .. claim, pool .. (suspects == 1 and ' s ' or ' j ') .. alone ..
      ' ' .. (#dead > 0 and table.concat(dead, ';') or '%') .. '\n,' ..
      table.concat(ids, ',') .. ',')
    call('ZADD', leases, int(now + lease_ms), claim)
    if not first[1] or now + lease_ms < tonumber(first[2]) then first = {claim, now + lease_ms} end
  end
  call('HSET', K .. 'pool:' .. pool, slot, number .. '|' .. table.concat(codes) .. '|' ..
    (claim or '') .. '|' .. suspects .. '|' .. table.concat(lost, ','))
end

if next(woken) then wake_woken() end

local alarm = 0
local a = appoints and call('HMGET', K .. 'alarm', 'holder', 'holder_at', 'backup', 'backup_at')
if a and not due then
  if a[1] == pool then call('HDEL', K .. 'alarm', 'holder', 'holder_at') end
  if a[3] == pool then call('HDEL', K .. 'alarm', 'backup', 'backup_at') end
elseif a then
  local holder_ok = a[1] and num(a[2]) + 1000 >= now and num(a[2]) <= math.max(due, now)
  local backup_ok = a[3] and num(a[4]) + 1000 >= now and num(a[4]) <= math.max(due, now) + 25
  if a[1] == pool or not holder_ok then
    alarm = due
    call('HSET', K .. 'alarm', 'holder', pool, 'holder_at', int(due))
    if a[3] == pool then call('HDEL', K .. 'alarm', 'backup', 'backup_at') backup_ok = false end
    if not backup_ok then
      rare()
      for _, p in ipairs(some_pools(1, pool)) do hint(K .. 'wake:' .. p) end
    end
  elseif a[3] == pool or not backup_ok then
    alarm = due + 25
    call('HSET', K .. 'alarm', 'backup', pool, 'backup_at', int(alarm))
  end
end

local about_pool = 0  -- 1: it is not known, 2: chores are left
if string.find(modes, 'c', 1, true) then
  if call('SISMEMBER', K .. 'pools', owner) == 0 then about_pool = 1 end
  local far = call('ZREVRANGE', leases, 0, 63, 'WITHSCORES')
  for j = 1, #far, 2 do
    if tonumber(far[j + 1]) > now + 2 * longest then
      call('ZADD', leases, int(now + longest), far[j])
    end
  end
  local known = call('ZRANGEBYSCORE', K .. 'traces', '-inf', int(now), 'LIMIT', '0', '1000')
  if #known > 0 then call('ZREM', K .. 'traces', unpack(known)) end
  if #known == 1000 then more = 1 end
  redis.call('DEL', K .. 'stats:' .. int(math.floor(now / 86400000) - 90))
  redis.call('HSET', K .. 'pool:' .. pool, 'seen', int(now))
  for _, p in ipairs(call('SRANDMEMBER', K .. 'pools', 3)) do
    if redis.call('EXISTS', K .. 'status:' .. p) == 0
        and num(call('HGET', K .. 'pool:' .. p, 'seen')) < now - 3600000 then
      redis.call('DEL', K .. 'pool:' .. p, K .. 'pool:' .. p .. '.keeper', K .. 'serves:' .. p,
        K .. 'wake:' .. p, K .. 'cancels:' .. p)
      call('SREM', K .. 'pools', p)
      local gone = call('HMGET', K .. 'alarm', 'holder', 'backup')
      if gone[1] == p then call('HDEL', K .. 'alarm', 'holder', 'holder_at') end
      if gone[2] == p then call('HDEL', K .. 'alarm', 'backup', 'backup_at') end
    end
  end
end
if grace ~= num(clock[3]) or longest ~= num(clock[4]) or not clock[1] then
  call('HSET', K .. 'clock', 'fence', int(fence), 'beat', int(now), 'grace', int(grace),
    'lease', int(longest))
elseif fence ~= num(clock[1]) then
  call('HSET', K .. 'clock', 'fence', int(fence), 'beat', int(now))
else
  call('HSET', K .. 'clock', 'beat', int(now))
end
-- When to come back for leases: often enough that the time in between is not taken for an outage.
local lapse = 0
if first[1] then
  lapse = math.min(math.max(tonumber(first[2]), grace), now + math.floor(lease_ms / 3))
end
local cancels = {}
for _, c in ipairs(call('SMEMBERS', K .. 'cancels:' .. owner)) do
  local n, id = string.match(c, '^(%d+) (.*)$')
  cancels[#cancels + 1] = n
  cancels[#cancels + 1] = id
end
return {now, repeated, table.concat(codes), lost, claim or '0', suspects, due or 0,
  lapse, alarm, more, about_pool, cancels, left, notes, jobs}
)lua";

}  // namespace work::scripts
