-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- The last part of the exchange script: promote, claim, appoint, answer.
---
--- A fetch_order's entry with take 0 only says `dead` of its list; where nothing is wanted, the
--- lists of the fetch order are only looked at.
-- Moves what is due into its list.
local function promote(set)
  local head = call('ZRANGE', K .. set, '0', '0', 'WITHSCORES')
  if not head[1] then return nil end
  local due = tonumber(head[2])
  if due > now then return due end
  rare()
  local ids = call('ZRANGEBYSCORE', K .. set, '-inf', now, 'LIMIT', 0, policy.moved_jobs)
  local moved, seen, settles, back, flows = 0, 0, false, {}, {}
  local at, step = 1, 4
  while at <= #ids and seen < policy.step_bytes do
    local to = math.min(at + step - 1, #ids)
    local envs = records(ids, at, to)
    for j = at, to do
      if seen >= policy.step_bytes then break end
      moved = j
      local id, env = ids[j], envs[j - at + 1]
      local list = env and list_of(env)
      local head = list and head_of(env)
      if env then seen = seen + #env end
      if string.byte(id) == 123 then
        local kind, of = string.match(id, '^{(%a+) ?(.*)$')
        if kind == 'tell' or kind == 'flow' then
          flows[#flows + 1] = {kind, of}
        else
          settles = gate.fire(id)
        end
      elseif not env then
        notes[#notes + 1] = 'lost by the store: ' .. id
      elseif not head then
        put_aside(id, env)
      elseif head.priority then
        enter(id, header(env), 'back')
      else
        gather(back, list, id)
      end
    end
    at, step = to + 1, step * 4
  end
  for _, list in ipairs(back) do enter_back(list, back[list]) end
  call('ZREM', K .. set, unpack(ids, 1, moved))
  for _, f in ipairs(flows) do
    if f[1] == 'tell' then holdings.tell_more(f[2]) else holdings.commit_late(f[2]) end
  end
  if settles and not gate.settle() then call('ZADD', K .. set, int(now), '{settle') end
  head = call('ZRANGE', K .. set, '0', '0', 'WITHSCORES')
  if not head[1] then return nil end
  due = tonumber(head[2])
  if due <= now then more = 1 end
  return due
end
local due, due2 = promote('scheduled'), promote('retry')
if due2 and (not due or due2 < due) then due = due2 end
if slots.touched[1] then slots.wake() end
if #became_ready > 0 then note_ready() end

local bytes, stored, ids, dead_lists, drained, emptied = 0, 0, {}, {}, {}, {}
local isolate = false
local left = {}
-- Jobs of its that were cancelled, and what the pool itself is to do: one that is to be quiet, or
-- to stop, is given nothing.
local orders = call('SMEMBERS', K .. 'orders:' .. owner)
for _, order in ipairs(orders) do
  if order == '0 {quiet' or string.sub(order, 1, 7) == '0 {stop' then
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
  local LOOKED_AT = policy.looked_at_served
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
  local NEWEST, OTHERS = policy.newest_groups, policy.other_groups
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
  local joins = waiting >= policy.joined_jobs and string.find(modes, 'j', 1, true)
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
  -- Groups of lists that are all paused, or at their limits, are passed over: they must not hide
  -- others.
  local tried, looked, paused, limits = 0, 0, {}, {}
  local function is_refused(list)
    if limits[list] == nil then limits[list] = call('HGET', K .. 'side:' .. list, '{limits') end
    local room, by
    if limits[list] then room, by = slots.admit(limits[list], 1) end
    if room == 0 then slots.park_suspects(by) end
    return room == 0
  end
  local function is_shut(list)
    if paused[list] == nil then paused[list] = gate.is_paused(list) end
    return paused[list] or is_refused(list)
  end
  for _, g in ipairs(groups) do
    if tried == policy.tried_groups or looked == policy.passed_groups then break end
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
      or #ids > 0 and not (joined and #ids + size <= policy.joined_jobs)
    if skipped then before = {} end
    for _, part in ipairs(before) do
      local rest = {list = part.list}
      local rank = call('ZMSCORE', serves, part.list, '*' .. name_of(part.list))
      local stays = not (rank[1] or rank[2]) or is_shut(part.list)
      for _, id in ipairs(part) do
        if stays or full() or limits[part.list] and is_refused(part.list) then
          rest[#rest + 1] = id
        else
          local env = call('HGET', record_key(id), id)
          if env and not header(env) then
            put_aside(id, env)
            note_ready()
          elseif env then
            if take(id, env) then
              if limits[part.list] then slots.charge(limits[part.list], {id}, 1) end
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
    -- Some locks end with the claim; one of this exchange, too.
    local lets_go = clock[6] or holdings.until_claim
    local function full() return #ids >= want or bytes >= max_bytes end
    local function take(id, env)
      local size, n = #env, #ids + 1
      if lets_go and string.find(env, '^%d %x%x[2367ABEF]') then
        rare()
        holdings.release(id, env, 'claimed')
      end
      if size > 1024 then
        size = size + (string.match(env, '^%d %x%x[13579BDF][^\n]* b=(%d+)') or 0)
        if size > CARRIED_MAX then
          rare()
          put_aside(id, env, 'record of ' .. int(size) .. ' bytes')
          -- Others may have waited for its end, and be in their lists now.
          return note_ready()
        end
      end
      ids[n], jobs[2 * n - 1], jobs[2 * n] = id, id, env
      bytes, stored = bytes + size, stored + #env
      return true
    end
    -- Long records are copied several times on their way through here: who claims them reads them
    -- by a command of his own. The answer has `=` and their length. Not where some may be heads of
    -- large jobs, which say how long they are.
    local whole = {}
    local function take_unread(id)
      local s = segment(id)
      if whole[s] == nil then whole[s] = redis.call('EXISTS', K .. 'bodies:' .. s) == 0 end
      local size, n = whole[s] and call('HSTRLEN', K .. 'jobs:' .. s, id) or 0, #ids + 1
      if size == 0 then return false end
      ids[n], jobs[2 * n - 1], jobs[2 * n] = id, id, '=' .. int(size)
      bytes, stored = bytes + size, stored + size
      return true
    end
    if want > 0 and string.find(modes, 's', 1, true) and call('ZCARD', K .. 'suspects') > 0 then
      rare()
      pop_suspects(full, take)
    end
    -- Takes up to k jobs of a list; true: and it is empty now.
    local function pop_plain(key, k)
      local looked = 0
      while k > 0 and not full() and looked < policy.looked_at_jobs do
        local all = call('LPOP', key, int(k))
        if not all then return true end
        local n, before = #all, #ids
        local j, step, last, long = 1, 4, 0, false
        while j <= n and not full() do
          local to, taken, read = math.min(j + step - 1, n), #ids, stored
          while long and j <= n and not full() and take_unread(all[j]) do last, j = j, j + 1 end
          if long then to = math.min(j, n) end
          local envs = records(all, j, to)
          -- What `take` does with most of them is done here: they are many.
          local count = #ids
          for m = 1, to - j + 1 do
            if count >= want or bytes >= max_bytes then break end
            last = j + m - 1
            local id, env = all[last], envs[m]
            local size = env and #env
            if not env then
              notes[#notes + 1] = 'lost by the store: ' .. id
            elseif size > 1024 or lets_go then
              take(id, env)
              count = #ids
            else
              count = count + 1
              ids[count], jobs[2 * count - 1], jobs[2 * count] = id, id, env
              bytes, stored = bytes + size, stored + size
            end
          end
          long = long or not lets_go and #ids > taken
            and stored - read > policy.unread_bytes * (#ids - taken)
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
    local function pop_beside(key, ghosts, prio, k, ghostly)
      local function ghost(id)
        if not ghostly then return false end
        local count = num(call('HGET', ghosts, id))
        if count <= 0 then return false end
        if count == 1 then call('HDEL', ghosts, id) else call('HINCRBY', ghosts, id, -1) end
        if call('HINCRBY', ghosts, '', -1) <= 0 then call('HDEL', ghosts, '') end
        return true
      end
      local looked = 0
      while k > 0 and not full() and looked < policy.looked_at_jobs do
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
    -- Takes up to k jobs of a list; how many it holds then: none while it is paused, or waits at a
    -- limit. `plain`: no priorities, no ghosts, no pause, no limits.
    local function pop(list, k, plain)
      local key, ghosts, prio = K .. 'list:' .. list, K .. 'side:' .. list, K .. 'prio:' .. list
      local beside = not plain and redis.call('EXISTS', ghosts, prio) > 0
      local empty, before = false, #ids
      k = math.min(k, want - #ids)
      local marks = beside and call('HMGET', ghosts, '{paused', '', '{limits', '{parked') or {}
      local parked = marks[4]
      -- With the chores what waits at a limit is looked at, should nobody have woken it.
      local shut = marks[1] and gate.is_paused(list)
        or parked and not string.find(modes, 'c', 1, true)
      local limits = not shut and k > 0 and marks[3]
      if limits and redis.call('EXISTS', key, prio) == 0 then limits = false end
      if limits then
        rare()
        local by
        k, by = slots.admit(limits, k)
        if parked and (k > 0 or parked ~= by) then slots.unpark(list, parked) end
        if k == 0 then
          slots.park(list, by)
          shut = true
        end
      end
      if shut then
        empty, beside = true, false
      elseif beside then
        pop_beside(key, ghosts, prio, k, marks[2])
      else
        empty = pop_plain(key, k)
      end
      if limits then slots.charge(limits, ids, before + 1) end
      if #ids > before and is_dead_on_crash(list) then dead_lists[list] = true end
      local length = empty and 0 or call('LLEN', key)
      if beside then length = length + call('ZCARD', prio) end
      if limits then
        local full_one = length > 0 and slots.full(limits)
        if full_one then
          slots.park(list, full_one)
          length = 0
        end
        if length == 0 then slots.touch_all(limits) elseif parked then slots.back[list] = true end
      end
      if length == 0 then
        slots.back[list] = nil
        woken[list] = nil
        if not drained[list] then emptied[#emptied + 1] = list end
        drained[list] = true
      end
      return length
    end
