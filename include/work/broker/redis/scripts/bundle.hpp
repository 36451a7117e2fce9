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
  holdings.sweep()
  holdings.sweep_needs()
  holdings.trim_flows()
  slots.sweep()
  if sweep_step and sweep_step() then about_pool = about_pool + 4 end
  note_ready()
  wake_woken()
end
-- A sweep begins, and goes on, with the next chores.
if (clock[5] or is_astray) and about_pool < 2 then about_pool = about_pool + 2 end
if not clock[7] then call('HSET', K .. 'broker', 'layout', '1') end
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
    if slots.granted and slots.granted[1] then slots.hold(claim) end
    if sweeping then has_place(unpack(ids)) end
    if not first[1] or now + lease_ms < tonumber(first[2]) then first = {claim, now + lease_ms} end
  end
  call('HSET', K .. 'pool:' .. pool, slot, number .. '|' .. table.concat(codes) .. '|' ..
    (claim or '') .. '|' .. (suspects == 0 and 0 or isolate and 2 or 1) .. '|' ..
    table.concat(lost, ','))
end

if slots.touched[1] or next(slots.back) then
  rare()
  slots.settle()
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
inline constexpr std::string_view bounds = R"lua(local known = {}
gate.bounds.count = function(queue)
  local waiting = 0
  for _, list in ipairs(call('SMEMBERS', K .. 'bounded:' .. queue)) do
    waiting = waiting + call('LLEN', K .. 'list:' .. list) + call('ZCARD', K .. 'prio:' .. list)
      - num(call('HGET', K .. 'side:' .. list, ''))
  end
  return waiting
end
-- How many of k jobs may come into this list; what those are told that may not.
gate.bounds.admit = function(list, k)
  local queue, most, how = gate.bounds.of(list)
  if not queue then return k end
  local b = known[queue]
  if not b then
    b = {queue = queue, most = most, how = how, waiting = gate.bounds.count(queue), refused = 0}
    known[queue], known[#known + 1] = b, b
  end
  local n = how == 'd' and k or math.max(math.min(k, most - b.waiting), 0)
  b.waiting, b.refused = b.waiting + n, b.refused + k - n
  return n, (how == 'w' and 'w' or 'f') .. int(most)
end
-- Jobs that others like them were stored with, and that may not come: their records go again.
gate.bounds.refuse = function(code, ids, codes)
  local parts = {}
  for _, id in ipairs(ids) do
    gather(parts, segment(id), id)
    codes[#codes + 1] = code .. ' ' .. id .. ','
  end
  for _, s in ipairs(parts) do call('HDEL', K .. 'jobs:' .. s, unpack(parts[s])) end
end
-- The job at the front of a list: its id, record, and when it was made. Ghosts are taken on the
-- way.
local function front(list)
  local key, side = K .. 'list:' .. list, K .. 'side:' .. list
  while true do
    local id = call('LINDEX', key, '0')
    if not id then return nil end
    local env, ghosts = call('HGET', record_key(id), id), num(call('HGET', side, id))
    if env and ghosts <= 0 then
      local h = header(env)
      return id, env, h and h.created or 0
    end
    call('LPOP', key)
    if ghosts > 0 then
      if ghosts == 1 then call('HDEL', side, id) else call('HINCRBY', side, id, '-1') end
      if call('HINCRBY', side, '', '-1') <= 0 then call('HDEL', side, '') end
    else
      notes[#notes + 1] = 'lost by the store: ' .. id
    end
  end
end
local function drop(id, env, most)
  local h = header(env)
  if not h then return put_aside(id, env) end
  local ending = '{"outcome":"cancelled","at_ms":' .. int(now) ..
    ',"reason":"the oldest of a full queue: at most ' .. int(most) .. ' may wait","by":"bound"}'
  finish(id, env, 'cancelled', ending)
  keeping.add(id, h.list, ending, env, 1000)
end
-- The oldest of a queue, until it holds as many as it may; those with priorities last, the least
-- urgent first. Lists that are empty then are added to `emptied`.
local function make_room(b, emptied)
  local lists, fronts, dropped = call('SMEMBERS', K .. 'bounded:' .. b.queue), {}, 0
  table.sort(lists)
  local excess = math.min(b.waiting - b.most, 1024)
  for j, list in ipairs(lists) do fronts[j] = {front(list)} end
  while dropped < excess do
    local oldest
    for j, one in ipairs(fronts) do
      if one[1] and (not oldest or one[3] < fronts[oldest][3]) then oldest = j end
    end
    if not oldest then break end
    call('LPOP', K .. 'list:' .. lists[oldest])
    drop(fronts[oldest][1], fronts[oldest][2], b.most)
    dropped, fronts[oldest] = dropped + 1, {front(lists[oldest])}
  end
  for _, list in ipairs(lists) do
    while dropped < excess do
      local last = call('ZPOPMAX', K .. 'prio:' .. list)
      if not last[1] then break end
      local env = call('HGET', record_key(last[1]), last[1])
      if env then drop(last[1], env, b.most) end
      dropped = dropped + 1
    end
    if redis.call('EXISTS', K .. 'list:' .. list, K .. 'prio:' .. list) == 0 then
      emptied[#emptied + 1], woken[list] = list, nil
    end
  end
  if dropped > 0 then call('HINCRBY', K .. 'bound:' .. b.queue, 'dropped', int(dropped)) end
end
-- Behind `note_ready`: who is too many goes, and what was refused is counted.
gate.bounds.settle = function()
  local emptied = {}
  for _, b in ipairs(known) do
    if b.refused > 0 then
      call('HINCRBY', K .. 'bound:' .. b.queue, 'refused', int(b.refused))
      call('HSET', K .. 'bound:' .. b.queue, 'full_at', int(now))
    end
    if b.how == 'd' and b.waiting > b.most then
      make_room(b, emptied)
      call('HSET', K .. 'bound:' .. b.queue, 'full_at', int(now))
    end
  end
  if #emptied > 0 then note_emptied(emptied) end
  -- Those that waited for one that went.
  note_ready()
end
-- By hand: `how` nil: it is to have none. Returns 'm' done, 'p' it was so, 'g' there was none, 'f'
-- there are too many; and whether all its lists are known.
gate.bounds.set = function(queue, most, how, who)
  local lines, was, count = {}, nil, 0
  for line in string.gmatch(call('GET', K .. 'bounds') or '', '[^\n]+') do
    if string.find(line, queue .. ' ', 1, true) == 1 then
      was = line
    else
      lines[#lines + 1] = line
    end
    count = count + 1
  end
  local line = how and queue .. ' ' .. most .. ' ' .. how
  if not how and not was then return 'g', true end
  if how and not was and count >= 100 then return 'f', true end
  if line == was then return 'p', true end
  lines[#lines + 1] = line
  table.sort(lines)
  gate.bounds.text = #lines > 0 and '\n' .. table.concat(lines, '\n') .. '\n' or ''
  if #lines > 0 then
    call('SET', K .. 'bounds', gate.bounds.text)
  else
    redis.call('DEL', K .. 'bounds')
  end
  if how then
    call('HSET', K .. 'bound:' .. queue, 'who', who, 'at_ms', int(now))
    return 'm', was and true or gate.changed(now + 1000)
  end
  redis.call('DEL', K .. 'bound:' .. queue, K .. 'bounded:' .. queue)
  return 'm', true
end
)lua";
inline constexpr std::string_view cancelling = R"lua(-- said who it was: `{"action":"`, which is in no JSON string.
-- In the text `%20` and `%25` stand for a space and a percent sign. A job that is completed or
end_cancelled = function(id, env, h)
  local how, asked, text = string.match(envelope.word(env, 'c'), '^([xk])(%d+),(.*)$')
  text = string.gsub(text or '}', '%%(%x%x)', function(x) return string.char(tonumber(x, 16)) end)
  local at = string.find(text, '{"action":"', 1, true)
  local note = at and string.sub(text, at)
  if at then text = string.sub(text, 1, at - 1) end
  env = envelope.with_word(env, 'c')
  if how == 'k' then
    bury(id, env, h, '{"attempt":' .. int(h.attempts + 1) .. ',"type":"killed","message":' ..
      text .. ',"at_ms":' .. int(now) .. '}')
  else
    text = '{"outcome":"cancelled","at_ms":' .. int(now) .. text
    finish(id, env, 'cancelled', text)
    keeping.add(id, h.list, text, env, 1000)
  end
  if note then
    call('RPUSH', K .. 'log:' .. id, note .. ',"was":"active","at_ms":' .. asked .. '}')
    call('LTRIM', K .. 'log:' .. id, -100, -1)
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
  local moved, seen, settles, back, flows = 0, 0, false, {}, {}
  local at, step = 1, 4
  while at <= #ids and seen < 1048576 do
    local to = math.min(at + step - 1, #ids)
    local envs = records(ids, at, to)
    for j = at, to do
      if seen >= 1048576 then break end
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
      while k > 0 and not full() and looked < 1024 do
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
            and stored - read > 2048 * (#ids - taken)
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
        rare()
        gate.met(lists[j])
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
inline constexpr std::string_view crons = R"lua(local crons = {}
-- What is compared with what a caller saw, then the rest. One that somebody wrote by hand has '0'.
function crons.seen(record)
  local revision, at, paused, fired, job, text =
    string.match(record or '', '^(%d+) (%d+) (%d+) (%d+) ([^\n]*)\n(.*)$')
  if not revision then return '0', '0', '0', '', '0', record or '' end
  return revision, at, fired, job, paused, text
end
function crons.store(name, revision, at, paused, fired, job, text)
  local record = table.concat({revision, at, paused, fired, job}, ' ') .. '\n' .. text
  call('HSET', K .. 'crons', name, record)
  if at == '0' then
    call('ZREM', K .. 'crons_due', name)
  else
    call('ZADD', K .. 'crons_due', at, name)
  end
  return record
end
)lua";
inline constexpr std::string_view doors = R"lua(local function score(h) return h.created - h.priority * 60000 end
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
-- Many without priorities into the back of one list, in their order.
enter_back = function(list, ids)
  local length = 0
  in_steps(#ids, function(i, j) length = call('RPUSH', K .. 'list:' .. list, unpack(ids, i, j)) end)
  if length == #ids then made_ready(list) end
  woken[list] = true
  in_steps(#ids, function(i, j) has_place(unpack(ids, i, j)) end)
end
-- Out of a claim that goes on without it.
leave = function(n, id)
  call('SADD', K .. 'left:' .. n, id)
  if tonumber(n) % 2 == 0 then call('HDEL', K .. 'claimed:' .. segment(id), id) end
  slots.free(n, {id})
end
-- A claim ends, and these jobs, all that are left of it, go out. Written for many claims at once.
local ended, of_segment, large, with_jobs = {}, {}, {}, {}
end_claim = function(n, ids)
  ended[#ended + 1], with_jobs[#ended + 1] = n, {n, ids}
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
  slots.free_all(with_jobs)
  local keys = {}
  for _, n in ipairs(ended) do
    for _, kind in ipairs({'claim:', 'left:', 'progress:', 'started:', 'reported:',
      'followed:', 'limited:'}) do
      keys[#keys + 1] = K .. kind .. n
    end
  end
  redis.call('UNLINK', unpack(keys))
end
-- On to its next stage: another record under its id, in a list of its own, and attempts from zero.
-- What it left behind so far stays with it, and whether its id was chosen.
advance = function(id, h, before, env, body, due)
  local to = header(env)
  local flags = to.flags
  for _, stays in ipairs({1, 8, 32, 64}) do
    if bit(flags, stays) ~= bit(h.flags, stays) then
      flags = flags + (bit(flags, stays) and -stays or stays)
    end
  end
  local held = envelope.word(env, 't') ~= nil
  for _, key in ipairs({'u', 'n', 'f'}) do
    local word = bit(h.flags, 32) and envelope.word(before, key) or nil
    held = held or word ~= nil
    env = envelope.with_word(env, key, word)
  end
  if bit(flags, 32) ~= held then flags = flags + (held and 32 or -32) end
  env = envelope.with_flags(env, flags)
  holdings.untag(id, before)
  holdings.tag(id, env)
  env = envelope.with_word(env, 'w', bit(flags, 64) and envelope.word(before, 'w') or nil)
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
-- `text`: its ending, or last failure, for those who follow it.
finish = function(id, env, outcome, text)
  holdings.tell(id, env, outcome, text)
  if outcome == 'dead' then
    holdings.release(id, env, 'dead')
    return
  end
  call('HDEL', record_key(id), id)
  forget_records(id, env, outcome == 'kept' or outcome == 'cancelled')
  if outcome ~= 'set_aside' and (not env or not string.find(env, '^%d %x%x[02468ACE]%x ')) then
    call('HDEL', K .. 'bodies:' .. segment(id), id)
  end
  holdings.release(id, env, 'ended')
end
bury = function(id, env, h, text)
  local followed = env
  env = envelope.with_word(envelope.with_failures(env, h, h.attempts), 'x')
  env = holdings.unfollowed(env)
  call('HSET', record_key(id), id, env)
  failures.add(id, text)
  call('ZADD', K .. 'dead', int(now), id)
  keeping.count('dead', id, whole_size(env))
  finish(id, followed, 'dead', text)
end
put_aside = function(id, env, why)
  call('HSET', K .. 'set_aside', id, env)
  call('ZADD', K .. 'set_aside_at', int(now), id)
  keeping.count('set_aside', id, whole_size(env))
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
  for _, set in ipairs({'waiting', 'scheduled', 'retry', 'dead'}) do
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
  elseif state == 'waiting' then
    holdings.untie(id)
  elseif state ~= 'pending' then
    call('ZREM', K .. state, id)
    if state == 'dead' then keeping.count('dead', id) end
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
          or call('ZSCORE', K .. 'scheduled', id) or call('ZSCORE', K .. 'waiting', id)) then
      wanted[id], many = true, many + 1
    end
  end
  if many > 0 then look_through(wanted, many) end
end
-- A set-aside record back into its list, with other bytes where they are given. Its id counts as a
-- chosen one: whoever wrote the bytes may enqueue it again while the claim is there in which it
-- ends.
local function bring_back(id, env, body)
  local stored = call('HGET', K .. 'set_aside', id)
  if not stored then return 'g' end
  if redis.call('HEXISTS', record_key(id), id) == 1 then return 'p' end
  local h = header(env or stored)
  if not h then return 'u' end
  local bytes = env or stored
  if not holdings.retake(id, bytes) then return 'l' end
  if cancel_word(bytes) then bytes = envelope.with_word(bytes, 'c') end
  if not bit(h.flags, 1) then bytes = envelope.with_flags(bytes, h.flags + 1) end
  keeping.forget_aside(id)
  if env then call('HDEL', K .. 'bodies:' .. segment(id), id) end
  if body then call('HSET', K .. 'bodies:' .. segment(id), id, body) end
  call('HSET', record_key(id), id, bytes)
  holdings.tag(id, bytes)
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
inline constexpr std::string_view finished = R"lua(-- How many of a claim were said to be finished, in this exchange.
local reported = {}
-- Of chosen ids, with failures or a log, or of a claim that has slots, that some left, or of which
-- some are followed. Ids that may be enqueued anew leave their claim by name, unless it is closed
-- now.
local function finish_with_care(of, s, from, to)
  local c, known_ms, all, out, logs = of.claim, of.known_ms, true, {}, {}
  for j = from, to do
    local id = ARGV[j]
    if of.left and call('SISMEMBER', K .. 'left:' .. c, id) == 1 then
      all = false
    elseif of.left and call('SISMEMBER', K .. 'followed:' .. c, id) == 1 then
      learn_words()
      all = outcome(c, id, 'c', known_ms or 0, '') == 'k' and all
    elseif known_ms and call('HDEL', K .. 'jobs:' .. s, id) == 0 then
      all = false
    else
      out[#out + 1] = id
      logs[#out] = of.forgets and K .. 'log:' .. id
    end
  end
  if #out == 0 then return all end
  -- Slots are given back here, or by those that write that these left.
  if slots.known[c] then rare() end
  if known_ms then
    for _, id in ipairs(out) do
      gather(leaving, c, id)
      if of.till then
        of.traces[#of.traces + 1] = of.till
        of.traces[#of.traces + 1] = id
      end
    end
  else
    reported[c] = (reported[c] or 0) + #out
    if slots.known[c] then slots.free(c, out) end
  end
  in_steps(#out, function(i, j)
    if not known_ms then
      all = call('HDEL', K .. 'jobs:' .. s, unpack(out, i, j)) == j - i + 1 and all
    end
    if of.indexed then call('HDEL', K .. 'claimed:' .. s, unpack(out, i, j)) end
    if of.forgets then
      call('HDEL', K .. 'failures:' .. s, unpack(out, i, j))
      redis.call('DEL', unpack(logs, i, j))
    end
  end)
  return all
end
-- From that place in ARGV on; where the words go on, and how it was taken.
local function finished(i)
  local c, known_ms, forgets = ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3] == '1'
  local v, code, indexed, parts = lease_valid(c), 'k', tonumber(c) % 2 == 0, tonumber(ARGV[i + 4])
  local of
  if v and (v.left or known_ms or forgets or slots.known[c]) then
    of = {claim = c, known_ms = known_ms, forgets = forgets, left = v.left, indexed = indexed,
      till = (known_ms or 0) > 0 and int(now + known_ms), traces = {}}
  end
  i = i + 5
  for _ = 1, parts do
    local s, first, last = ARGV[i], i + 2, i + 1 + tonumber(ARGV[i + 1])
    if not v then
      code = 'l'
    elseif of then
      if not finish_with_care(of, s, first, last) then code = 'p' end
    else
      reported[c] = (reported[c] or 0) + last - first + 1
      for from = first, last, 4000 do
        local to = math.min(from + 3999, last)
        if call('HDEL', K .. 'jobs:' .. s, unpack(ARGV, from, to)) < to - from + 1 then
          code = 'p'
        end
        if indexed then call('HDEL', K .. 'claimed:' .. s, unpack(ARGV, from, to)) end
      end
    end
    i = last + 1
  end
  local traces = of and of.traces or {}
  in_steps(#traces, function(a, b) call('ZADD', K .. 'traces', unpack(traces, a, b)) end)
  return i, code
end
)lua";
inline constexpr std::string_view flows = R"lua(holdings.flow_of = function(env)
  return string.match(env, '^%d %x%x[2367ABEF]%x[^\n]* f=([^ \n]+)')
end
-- A job of that flow waits at a gate, before it joins.
holdings.wait_at = function(gate, flow)
  local key = K .. 'flow:' .. gate
  if call('HSETNX', key, '{created', int(now)) == 1 then
    local till = now + 600000
    call('ZADD', K .. 'uncommitted', int(till), gate)
    call('ZADD', K .. 'scheduled', int(till), '{flow ' .. gate)
    soonest = math.min(soonest or till, till)
    if gate == flow then
      call('ZADD', K .. 'flows', int(now), flow)
    else
      call('HSET', key, '{gate', '1')
    end
  end
  if gate ~= flow then call('HINCRBY', key, '{jobs', '1') end
end
-- A job of it is stored.
holdings.join = function(flow, id, env, b)
  local key = K .. 'flow:' .. flow
  if call('HSETNX', key, '{created', int(now)) == 1 then
    call('ZADD', K .. 'flows', int(now), flow)
    call('HSET', key, '{committed', int(now))
  end
  local parents = table.concat(b.parents, ',', 1, math.min(#b.parents, 256))
  call('HSET', key, id, list_of(env) .. (parents ~= '' and ' ' .. parents or ''))
  call('HINCRBY', key, '{jobs', '1')
  call('HINCRBY', key, '{left', '1')
  call('ZREM', K .. 'flows_ended', flow)
end
-- One of its jobs ended, or is dead.
holdings.member_ended = function(flow, id, outcome)
  local key = K .. 'flow:' .. flow
  if redis.call('EXISTS', key) == 0 then return end
  local letter = holdings.letter_of(outcome)
  if call('HSET', key, '{' .. id, letter) == 0 then return end
  if call('HINCRBY', key, '{left', '-1') <= 0 then
    call('ZADD', K .. 'flows_ended', int(now), flow)
  end
end
-- One that was dead is to run again.
holdings.member_again = function(flow, id)
  local key = K .. 'flow:' .. flow
  if call('HDEL', key, '{' .. id) == 1 then
    call('HINCRBY', key, '{left', '1')
    call('ZREM', K .. 'flows_ended', flow)
  end
end
local function close(flow)
  call('ZREM', K .. 'uncommitted', flow)
  call('ZREM', K .. 'scheduled', '{flow ' .. flow)
end
-- Its jobs are not to run: those that wait for the gate, and all that wait for them.
holdings.abort = function(flow)
  local key = K .. 'flow:' .. flow
  close(flow)
  if call('HEXISTS', key, '{gate') == 1 then
    redis.call('DEL', key)
  elseif redis.call('EXISTS', key) == 1 then
    call('HSET', key, '{aborted', int(now))
  end
  holdings.ended('{' .. flow, 'aborted')
end
-- All of it is stored, so many jobs: returns 's', or 'n', its gate and a comma, if that is not so.
holdings.commit = function(flow, jobs, name)
  local key = K .. 'flow:' .. flow
  local has, at, aborted, alone =
    unpack(call('HMGET', key, '{jobs', '{committed', '{aborted', '{gate'))
  if at then return 's' end
  if aborted or not has or num(has) ~= jobs then
    if has and not aborted then holdings.abort(flow) end
    return 'n{' .. flow .. ','
  end
  if alone then
    redis.call('DEL', key)
  else
    call('HSET', key, '{committed', int(now))
    if name ~= '' then call('HSET', key, '{name', name) end
  end
  close(flow)
  holdings.ended('{' .. flow, 'completed')
  return 's'
end
-- A timer: it was not committed in time.
holdings.commit_late = function(flow)
  if not call('HGET', K .. 'flow:' .. flow, '{committed') then holdings.abort(flow) end
end
-- Chores: those that ended long ago go, and the oldest of too many.
holdings.trim_flows = function()
  for _ = 1, 4 do
    local first = call('ZRANGE', K .. 'flows_ended', '0', '0', 'WITHSCORES')
    if not first[1] or num(first[2]) > now - 604800000
        and call('ZCARD', K .. 'flows_ended') <= 1000 then
      return
    end
    call('ZREM', K .. 'flows_ended', first[1])
    call('ZREM', K .. 'flows', first[1])
    redis.call('UNLINK', K .. 'flow:' .. first[1])
  end
end
)lua";
inline constexpr std::string_view gate = R"lua(local function paused_till(text) return text and num(string.match(text, '^{"until_ms":(%d+)')) end
-- Opens it where `settings` allow it, and shuts it where they do not.
local function settle_lists(lists)
  local marks, fields = {}, {}
  for j, list in ipairs(lists) do
    marks[2 * j - 1], marks[2 * j] = '!{' .. list, '!|' .. list
    fields[2 * j - 1] = 'queue:' .. (string.match(list, '^([^:]+):.') or list)
    fields[2 * j] = 'name:' .. name_of(list)
  end
  local marked = call('ZMSCORE', K .. 'lists', unpack(marks))
  local texts, closed = call('HMGET', K .. 'settings', unpack(fields)), {}
  local some_limited = redis.call('EXISTS', K .. 'limited') == 1
  for j, list in ipairs(lists) do
    local paused, was_paused = false, marked[2 * j - 1]
    gate.bounds.meet(list)
    if some_limited or marked[2 * j] then slots.attach(list, slots.names(list)) end
    for _, text in ipairs({texts[2 * j - 1] or '', texts[2 * j] or ''}) do
      local till = #text > 0 and paused_till(text)
      if till and (till == 0 or till > now) then paused = true end
    end
    if paused and not was_paused then
      closed[#closed + 1] = list
      shut_list(list)
    elseif was_paused and not paused then
      open_list(list)
      local beside = redis.call('EXISTS', K .. 'side:' .. list, K .. 'prio:' .. list)
      if redis.call('EXISTS', K .. 'list:' .. list, K .. 'prio:' .. list) > 0 then
        made_ready(list)
        woken[list] = true
        gate.shut[list] = false
        if beside > 0 then mixed[list] = true end
      end
    end
  end
  if #closed > 0 then note_emptied(closed) end
end
-- The next lists of the walk; whether that was the last of it. After a change of limits it goes on
-- to the claims: `l<cursor>`, then `c<cursor>`.
gate.settle = function()
  local at = call('HGET', K .. 'broker', 'settling')
  if not at then return true end
  local part, cursor = string.match(at, '^([lc]?)(%d+)$')
  if part == 'c' then return slots.adopt(cursor) end
  local page = call('ZSCAN', K .. 'lists', cursor, 'COUNT', 64)
  local lists, met = {}, {}
  for j = 1, #page[2], 2 do
    local list = string.match(page[2][j], '^![{|](.*)$') or page[2][j]
    if string.byte(list) ~= 33 and not met[list] then
      met[list] = true
      lists[#lists + 1] = list
    end
  end
  for from = 1, #lists, 64 do
    settle_lists({unpack(lists, from, math.min(from + 64 - 1, #lists))})
  end
  if page[1] == '0' and part == 'l' then return slots.adopt('0') end
  if page[1] == '0' then
    call('HDEL', K .. 'broker', 'settling')
    call('ZREM', K .. 'scheduled', '{settle')
    return true
  end
  call('HSET', K .. 'broker', 'settling', part .. page[1])
  return false
end
-- The walk begins, anew if there is one.
local function begin_walk(limits)
  local before = call('HGET', K .. 'broker', 'settling') or ''
  local through = limits or string.find(before, '^[lc]')
  call('HSET', K .. 'broker', 'settling', through and 'l0' or '0')
end
-- What is paused has changed, or what limits are for. Pools go on with the walk from `at`.
gate.changed = function(at, limits)
  begin_walk(limits)
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
    begin_walk()
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
inline constexpr std::string_view holdings = R"lua(holdings.lock = function(env)
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
    local some = call('HRANDFIELD', at, '16', 'WITHVALUES')
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
)lua";
inline constexpr std::string_view keeping = R"lua(-- What is kept for people is counted by id, and in all under the empty id; nil: it is gone.
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
)lua";
inline constexpr std::string_view limits = R"lua(local SUSPECTS = '{{suspects'
slots.rooms, slots.granted, slots.audited, slots.limits_of = {}, {}, {}, {}
-- Something about it changed: maybe it has room for who waits.
slots.touch = function(name)
  local all = slots.touched
  for _, one in ipairs(all) do if one == name then return end end
  all[#all + 1] = name
end
-- The limits of the jobs of a claim; false: there are none.
slots.of = function(n)
  if slots.known[n] == nil then
    local names = call('SMEMBERS', K .. 'limited:' .. n)
    slots.known[n] = #names > 0 and names
  end
  return slots.known[n]
end
-- How many more may run; of a limit that is gone as many as you like.
slots.room = function(name)
  local room = slots.rooms[name]
  if not room then
    local most = tonumber(call('HGET', K .. 'limit:' .. name, 'slots') or '')
    room = most and most - call('HLEN', K .. 'held:' .. name) or math.huge
    slots.rooms[name] = room
  end
  return room
end
local function holds(id, n)
  return call('ZSCORE', K .. 'leases', n) and redis.call('HEXISTS', record_key(id), id) == 1
    and call('SISMEMBER', K .. 'left:' .. n, id) == 0
    and string.find(call('GET', K .. 'claim:' .. n) or '', ',' .. id .. ',', 1, true)
end
slots.holds = holds
-- Some holders, by lot: those that run no more, whoever forgot them, are none.
slots.audit = function(name, most)
  local some, gone = call('HRANDFIELD', K .. 'held:' .. name, most, 'WITHVALUES'), {}
  for j = 1, #some, 2 do
    if not holds(some[j], some[j + 1]) then gone[#gone + 1] = some[j] end
  end
  if #gone == 0 then return end
  call('HDEL', K .. 'held:' .. name, unpack(gone))
  slots.rooms[name] = nil
  slots.touch(name)
end
-- How many of k jobs may run, by all of these limits; and the one that lets fewest.
slots.admit = function(names, k)
  local least, by = k, nil
  for name in string.gmatch(names, '%S+') do
    if slots.room(name) <= 0 and not slots.audited[name] then
      slots.audited[name] = true
      slots.audit(name, '4')
    end
    local room = slots.room(name)
    if room < least then least, by = room, name end
  end
  return math.max(least, 0), by
end
-- These jobs get their slots; `hold` writes it down once their claim has a number.
slots.charge = function(names, ids, from)
  for name in string.gmatch(names, '%S+') do
    if slots.room(name) < math.huge then
      for j = from, #ids do gather(slots.granted, name, ids[j]) end
      slots.rooms[name] = slots.room(name) - (#ids - from + 1)
    end
  end
end
slots.hold = function(n)
  for _, name in ipairs(slots.granted) do
    local fields = {}
    for _, id in ipairs(slots.granted[name]) do
      fields[#fields + 1] = id
      fields[#fields + 1] = n
    end
    call('HSET', K .. 'held:' .. name, unpack(fields))
    call('SADD', K .. 'limited:' .. n, name)
  end
end
-- Jobs left a claim. One that was claimed again since has its slot from there.
slots.free = function(n, ids)
  if #ids == 0 or not slots.of(n) then return end
  for _, name in ipairs(slots.of(n)) do
    local held = K .. 'held:' .. name
    in_steps(#ids, function(i, j)
      local gone = {}
      for k, of in ipairs(call('HMGET', held, unpack(ids, i, j))) do
        if of == n then gone[#gone + 1] = ids[i + k - 1] end
      end
      if #gone > 0 then
        call('HDEL', held, unpack(gone))
        slots.rooms[name] = nil
        slots.touch(name)
      end
    end)
  end
end
-- Claims ended, with these jobs.
slots.free_all = function(ended)
  local keys = {}
  for j, one in ipairs(ended) do keys[j] = K .. 'limited:' .. one[1] end
  if redis.call('EXISTS', unpack(keys)) == 0 then return end
  for _, one in ipairs(ended) do slots.free(one[1], one[2]) end
end
-- The first of these limits that has no room; nil: each has.
slots.full = function(names)
  for name in string.gmatch(names, '%S+') do
    if slots.room(name) <= 0 then return name end
  end
end
slots.touch_all = function(names)
  for name in string.gmatch(names, '%S+') do slots.touch(name) end
end
slots.park = function(list, name)
  call('HSET', K .. 'side:' .. list, '{parked', name)
  call('ZADD', K .. 'waits:' .. name, 'NX', int(slots.us), '{' .. list)
end
slots.unpark = function(list, name)
  call('HDEL', K .. 'side:' .. list, '{parked')
  call('ZREM', K .. 'waits:' .. name, '{' .. list)
end
slots.park_suspects = function(name)
  call('ZADD', K .. 'waits:' .. name, 'NX', int(slots.us), SUSPECTS)
end
-- A list that has its limits anew is looked at as one that got its first job.
local function look_again(list)
  if redis.call('EXISTS', K .. 'list:' .. list, K .. 'prio:' .. list) == 0 then return false end
  made_ready(list)
  woken[list] = true
  if redis.call('EXISTS', K .. 'side:' .. list, K .. 'prio:' .. list) > 0 then
    mixed[list] = true
  end
  return true
end
-- Those of them first that this pool serves, who will fill the slots at once.
local function served_first(waiters)
  local lists = {}
  for _, one in ipairs(waiters) do
    local list = string.sub(one, 2)
    lists[#lists + 1] = list
    lists[#lists + 1] = '*' .. name_of(list)
  end
  local ranks = call('ZMSCORE', K .. 'serves:' .. slots.pool, unpack(lists))
  local first, others = {}, {}
  for j, one in ipairs(waiters) do
    local to = (ranks[2 * j - 1] or ranks[2 * j]) and first or others
    to[#to + 1] = one
  end
  for _, one in ipairs(others) do first[#first + 1] = one end
  return first
end
local function wake_for_suspects()
  for _, p in ipairs(some_pools(8, slots.pool)) do give_wakeup(K .. 'wake:' .. p) end
end
-- As many of those who wait as there is room for. Limits come by name: who touched them first would
-- depend on the order of a set.
slots.wake = function()
  local all = slots.touched
  slots.touched = {}
  table.sort(all)
  for _, name in ipairs(all) do
    local room = slots.room(name)
    local most = math.min(math.max(room, 16), 256)
    local waiters = room > 0 and call('ZRANGE', K .. 'waits:' .. name, '0', int(most - 1)) or {}
    if slots.pool and room > 0 and #waiters > room then waiters = served_first(waiters) end
    for _, one in ipairs(waiters) do
      if room <= 0 then break end
      local list = string.sub(one, 2)
      if one == SUSPECTS then
        call('ZREM', K .. 'waits:' .. name, one)
        wake_for_suspects()
        room = room - 1
      else
        slots.unpark(list, name)
        if look_again(list) then room = room - 1 end
      end
    end
  end
end
-- A list is to have these limits, '' for none.
slots.attach = function(list, names)
  local side = K .. 'side:' .. list
  local has = call('HMGET', side, '{limits', '{parked')
  if (has[1] or '') == names then return end
  if has[2] then slots.unpark(list, has[2]) end
  if names == '' then
    call('HDEL', side, '{limits')
    call('ZREM', K .. 'lists', '!|' .. list)
  else
    call('HSET', side, '{limits', names)
    call('ZADD', K .. 'lists', 9007199254740991, '!|' .. list)
  end
  look_again(list)
end
-- What runs in a claim of lists that have limits holds slots from now on.
local function adopt(n)
  local blob = call('GET', K .. 'claim:' .. n) or ''
  if not string.find(blob, '^%S+ [jsi] ') then return end
  local left, parts, held = {}, {}, {}
  for _, id in ipairs(call('SMEMBERS', K .. 'left:' .. n)) do left[id] = true end
  for id in string.gmatch(string.match(blob, '\n,(.*)$') or '', '[^,]+') do
    if not left[id] then gather(parts, segment(id), id) end
  end
  for _, s in ipairs(parts) do
    for j, env in ipairs(call('HMGET', K .. 'jobs:' .. s, unpack(parts[s]))) do
      local h = env and header(env)
      local list = h and h.list
      if list and slots.limits_of[list] == nil then
        slots.limits_of[list] = call('HGET', K .. 'side:' .. list, '{limits')
      end
      for name in string.gmatch(list and slots.limits_of[list] or '', '%S+') do
        gather(held, name, parts[s][j], n)
      end
    end
  end
  for _, name in ipairs(held) do
    call('HSET', K .. 'held:' .. name, unpack(held[name]))
    call('SADD', K .. 'limited:' .. n, name)
    slots.rooms[name] = nil
  end
  slots.known[n] = nil
end
-- The second part of the walk after a change: claims, some in a call. Whether that was the last.
slots.adopt = function(cursor)
  local page = call('ZSCAN', K .. 'leases', cursor, 'COUNT', 16)
  for j = 1, #page[2], 2 do adopt(page[2][j]) end
  if page[1] == '0' then
    call('HDEL', K .. 'broker', 'settling')
    call('ZREM', K .. 'scheduled', '{settle')
    return true
  end
  call('HSET', K .. 'broker', 'settling', 'c' .. page[1])
  return false
end
-- In `limited`: this limit is to be among those of these targets, or not.
local function target(name, targets, added)
  for one in string.gmatch(targets, '%S+') do
    local names = {}
    for other in string.gmatch(call('HGET', K .. 'limited', one) or '', '%S+') do
      if other ~= name then names[#names + 1] = other end
    end
    if added then names[#names + 1] = name end
    if #names > 0 then
      call('HSET', K .. 'limited', one, table.concat(names, ' '))
    else
      call('HDEL', K .. 'limited', one)
    end
  end
end
-- Sets a limit, made by 'hand' or by a 'pool', which leaves alone what a hand made. `on` nil: for
-- the lists that it is for. Returns 'm' done, 'p' it was so, 'h' it was set by hand, 'f' there are
-- too many; and whether all lists have heard of it.
slots.set = function(name, count, by, who, on)
  local key = K .. 'limit:' .. name
  local was = call('HMGET', key, 'slots', 'on', 'by', 'who')
  if by == 'pool' and was[1] and was[3] == 'hand' then return 'h', true end
  if not was[1] and call('SCARD', K .. 'limits') >= 1000 then return 'f', true end
  on = on or was[2] or ''
  if was[1] == count and was[2] == on and was[3] == by and (was[4] == who or by == 'pool') then
    return 'p', true
  end
  for one in string.gmatch(on, '%S+') do
    local _, others = string.gsub(call('HGET', K .. 'limited', one) or '', '%S+', '')
    if others >= 8
        and not string.find(' ' .. (was[2] or '') .. ' ', ' ' .. one .. ' ', 1, true) then
      return 'f', true
    end
  end
  call('SADD', K .. 'limits', name)
  call('HSET', key, 'slots', count, 'on', on, 'by', by, 'who', who, 'at_ms', int(now))
  slots.rooms[name] = nil
  slots.touch(name)
  if was[2] == on or on == '' and not was[2] then return 'm', true end
  target(name, was[2] or '', false)
  target(name, on, true)
  return 'm', gate.changed(now + 1000, true)
end
slots.remove = function(name)
  local on = call('HGET', K .. 'limit:' .. name, 'on')
  if not on then return 'g', true end
  target(name, on, false)
  call('SREM', K .. 'limits', name)
  local refused = call('ZSCORE', K .. 'waits:' .. name, SUSPECTS)
  redis.call('DEL', K .. 'limit:' .. name, K .. 'held:' .. name, K .. 'waits:' .. name)
  slots.rooms[name] = nil
  if refused then wake_for_suspects() end
  return 'm', gate.changed(now + 1000, true)
end
-- A list is forgotten, and what it has by its limits.
slots.forget = function(lists)
  local marks = {}
  for j, list in ipairs(lists) do marks[j] = '!|' .. list end
  for j, is in ipairs(call('ZMSCORE', K .. 'lists', unpack(marks))) do
    if is then slots.attach(lists[j], '') end
  end
end
-- The end of a claim: who left a limit that has room makes way for the next, and what waited though
-- it need not comes back.
slots.settle = function()
  for list in pairs(slots.back) do look_again(list) end
  slots.wake()
  note_ready()
end
-- Chores: what leaked, and who was not woken, of some limits by lot.
slots.sweep = function()
  local some = call('SRANDMEMBER', K .. 'limits', 16)
  if #some == 0 then return end
  slots.audit(some[1], '64')
  for _, name in ipairs(some) do slots.touch(name) end
  slots.wake()
  note_ready()
  wake_woken()
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
-- The limits of a list, by what is set for its queue and its name; '': none.
slots.names = function(list)
  local queue = string.match(list, '^([^:]+):.') or list
  local found = call('HMGET', K .. 'limited', 'queue:' .. queue, 'name:' .. name_of(list))
  local names, all = {}, (found[1] or '') .. ' ' .. (found[2] or '')
  for name in string.gmatch(all, '%S+') do
    if not names[name] then
      names[name] = true
      names[#names + 1] = name
    end
  end
  return table.concat(names, ' ')
end
-- The bound of the queue of a list, if it has one: which queue, how many, how.
gate.bounds.of = function(list)
  local text = gate.bounds.text or call('GET', K .. 'bounds') or ''
  gate.bounds.text = text
  if text == '' then return nil end
  local queue = string.match(list, '^([^:]+):.') or list
  local _, last = string.find(text, '\n' .. queue .. ' ', 1, true)
  if not last then return nil end
  local most, how = string.match(text, '^(%d+) (%a)', last + 1)
  return queue, tonumber(most), how
end
-- What waits in this list counts for the bound of its queue.
gate.bounds.meet = function(list)
  local queue = gate.bounds.of(list)
  if queue then call('SADD', K .. 'bounded:' .. queue, list) end
end
-- A list that is new takes after what is set. Whether limits apply to it.
local function takes_limits(list)
  gate.bounds.meet(list)
  local names = slots.names(list)
  if names == '' then return false end
  call('HSET', K .. 'side:' .. list, '{limits', names)
  call('ZADD', K .. 'lists', 9007199254740991, '!|' .. list)
  return true
end
-- One that is known from now on, though it holds no job.
gate.met = function(list)
  if gate.is_paused(list) then shut_list(list) end
  takes_limits(list)
end
local function is_parked(list)
  return call('HEXISTS', K .. 'side:' .. list, '{parked') == 1
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
      marks[#marks + 1] = '!|' .. list
    end
    local at = call('ZMSCORE', K .. 'lists', unpack(marks))
    for m = 1, #marks, 4 do
      local list = marks[m]
      if math.abs(num(at[m]) - now) > 3600000 then
        used[#used + 1] = int(now)
        used[#used + 1] = list
      end
      listened[list] = at[m + 1] and true
      -- One that is new takes after what is set for its queue and its name.
      gate.shut[list] = (at[m + 2] or not at[m]) and gate.is_paused(list) or false
      local limited = at[m + 3]
      if not at[m] and not limited then limited = takes_limits(list) end
      if limited then mixed[list] = true end
      if not gate.shut[list] then
        gate.shut[list] = limited and is_parked(list) or false
        if not gate.shut[list] then open[#open + 1] = list end
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
    marks[#marks + 1] = '!|' .. list
  end
  local open = false
  in_steps(#marks, function(i, j)
    local at = open and {} or call('ZMSCORE', K .. 'lists', unpack(marks, i, j))
    for m = 1, #at, 2 do
      open = open or not at[m]
        and not (at[m + 1] and is_parked(string.sub(marks[i + m], 3)))
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
    local slot = 'x' .. tonumber(ARGV[2]) % 16
    local last = look('HMGET', answers, slot)
    last = last.err or last[1]
    if last then last = tonumber(string.match(last, '^(%d+)|')) or us end
    local clock = look('HMGET', K .. 'broker', 'fence', 'last_exchange', 'astray', 'layout')
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
    if calm and env
        and (#env <= 1024 or #env <= 1048576 and not string.find(env, '^%d %x%x[13579BDF]'))
        and not string.find(env, '^%d %x%x[2367ABEF]')
        and (not last or last < tonumber(ARGV[2]))
        and tonumber(clock[1]) and last_exchange and last_exchange > 0 and not clock[3]
        and (not clock[4] or clock[4] == '1')
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
inline constexpr std::string_view moves = R"lua(envelope.with_attempts = function(env, n)
  return string.sub(env, 1, 7) .. string.format('%04d', math.min(n, 9999)) .. string.sub(env, 12)
end
envelope.with_flags = function(env, flags)
  return string.sub(env, 1, 2) .. string.format('%04X', flags) .. string.sub(env, 7)
end
-- Made now.
envelope.stamped = function(env)
  return string.sub(env, 1, 12) .. string.format('%013.0f', now) .. string.sub(env, 26)
end
-- The same with the flag 08: failures are kept, so that this job does not end on the fast path.
envelope.with_failures = function(env, h, n)
  local flags = h.flags + (bit(h.flags, 8) and 0 or 8)
  return string.sub(env, 1, 2) .. string.format('%04X %04d', flags, math.min(n, 9999))
    .. string.sub(env, 12)
end
-- The value of a word of the header line, nil: it has none.
envelope.word = function(env, key)
  return string.match(string.match(env, '^[^\n]*'), ' ' .. key .. '=([^ ]*)')
end
-- The record with this value of the word; nil takes the word out.
envelope.with_word = function(env, key, value)
  local line = string.find(env, '\n', 1, true) or #env + 1
  local head = string.sub(env, 1, line - 1)
  if string.find(head, ' ' .. key .. '=', 1, true) then
    head = string.gsub(head, ' ' .. key .. '=[^ ]*', '')
  elseif not value then
    return env
  end
  return head .. (value and ' ' .. key .. '=' .. value or '') .. string.sub(env, line)
end
-- The record of a job in another list.
envelope.with_list = function(env, list)
  local head, rest = string.match(env, '^(%d %x%x%x%x %d%d%d%d %d+ )[^ \n]+(.*)$')
  return head .. list .. rest
end
-- The record of a job that snoozed once more: ` s=N` counts, up to nine digits.
envelope.snoozed = function(env)
  if not string.find(env, ' s=', 1, true) then
    local line = string.find(env, '\n', 1, true)
    return string.sub(env, 1, line - 1) .. ' s=1' .. string.sub(env, line)
  end
  local n = string.match(envelope.word(env, 's') or '', '^%d+$')
  n = n and #n <= 9 and tonumber(n) or 0
  return envelope.with_word(env, 's', int(math.min(n + 1, 999999999)))
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
-- What was gathered, a command a key.
write_all = function(cmd, prefix, by)
  for _, part in ipairs(by) do
    local values = by[part]
    in_steps(#values, function(i, j) call(cmd, prefix .. part, unpack(values, i, j)) end)
  end
end
-- Its failures, and its log, unless that is kept with its ending. A record that can be read says by
-- the flag 08 whether there are any.
forget_records = function(id, env, keeps_log)
  if env and string.find(env, '^%d %x%x%x[0-7] ') then return end
  call('HDEL', K .. 'failures:' .. segment(id), id)
  if not keeps_log then redis.call('DEL', K .. 'log:' .. id) end
end
-- The failures of a job: a line each, the newest last.
failures.with = function(lines, text)
  if not lines then return text end
  local _, more = string.gsub(lines, '\n', '\n')
  for _ = 10 - 1, more do
    lines = string.sub(lines, (string.find(lines, '\n', 1, true) or #lines) + 1)
  end
  return lines == '' and text or lines .. '\n' .. text
end
failures.add = function(id, text)
  local key = K .. 'failures:' .. segment(id)
  call('HSET', key, id, failures.with(call('HGET', key, id), text))
end
failures.of = function(id)
  local all = {}
  for line in string.gmatch(call('HGET', K .. 'failures:' .. segment(id), id) or '', '[^\n]+') do
    all[#all + 1] = line
  end
  return all
end
-- Whether the job waits in this list: beside it, or in it among the first or the last so many.
waits_in = function(list, id, most)
  local key = K .. 'list:' .. list
  return call('ZSCORE', K .. 'prio:' .. list, id) or call('LPOS', key, id, 'MAXLEN', most)
    or call('LPOS', key, id, 'RANK', '-1', 'MAXLEN', most)
end
-- The large claim, but for that one, that has the job; false: none, nil: there are too many to
-- tell.
in_large_claim = function(id, but)
  local claims = call('ZREVRANGE', K .. 'large_claims', '0', '64')
  for _, c in ipairs(claims) do
    if c ~= but and call('SISMEMBER', K .. 'left:' .. c, id) == 0
        and string.find(call('GET', K .. 'claim:' .. c) or '', ',' .. id .. ',', 1, true) then
      return c
    end
  end
  if #claims > 64 then return nil end
  return false
end
-- The bytes of a job, with its body where that is apart.
whole_size = function(env)
  return #env + (#env > 1024 and string.match(env, '^%d %x%x[13579BDF][^\n]* b=(%d+)') or 0)
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
inline constexpr std::string_view needs = R"lua(local LETTER_OF = {kept = 'c', completed = 'c', discarded = 'c', cancelled = 'x', dead = 'd',
  set_aside = 'q', dropped = 'g', aborted = 'a'}
local STATE_OF = {c = 'completed', x = 'cancelled', d = 'dead', q = 'set_aside', g = 'gone',
  a = 'cancelled'}
local ends, draining, aborting, budget, stored_now = {}, false, false, 64, {}
local READER = '{{reader'
local function is_gate(id) return string.byte(id) == 123 end
local function is_done(letter, text)
  return letter == 'c' and string.find(text, '{"outcome":"expired"', 1, true) ~= 1
end
-- The letter of its end, and its ending, or last failure; nil: it is still to end.
local function ended_as(id, env)
  if env and not header(env) then return 'q', '' end
  if env and not call('ZSCORE', K .. 'dead', id) then return nil end
  if env then
    local all = failures.of(id)
    return 'd', all[#all] or ''
  end
  local kept = call('HGET', K .. 'kept', id)
  if kept then
    return keeping.state(kept) == 'cancelled' and 'x' or 'c', string.match(kept, '^[^\n]*')
  end
  if call('HEXISTS', K .. 'set_aside', id) == 1 then return 'q', '' end
  if num(call('ZSCORE', K .. 'traces', id)) > now then return 'c', '' end
  return 'g', ''
end
local function is_needed(env)
  return string.find(',' .. (envelope.word(env, 'w') or '') .. ',', ',{,', 1, true)
end
-- Somebody needs it from now on.
holdings.needed = function(env)
  local who, flags = envelope.word(env, 'w'), head_of(env).flags
  return envelope.with_flags(envelope.with_word(env, 'w', who and who .. ',{' or '{'),
    flags + (bit(flags, 64) and 0 or 64))
end
-- It is dead: whom that was told goes, but those who wait for what becomes of it, or track it.
holdings.unfollowed = function(env)
  local left = {}
  for one in string.gmatch(envelope.word(env, 'w') or '', '[^,]+') do
    if string.sub(one, 1, 1) == '{' then left[#left + 1] = one end
  end
  return envelope.with_word(env, 'w', left[1] and table.concat(left, ',') or nil)
end
-- The same of one that is stored. False: it may run in one of very many claims.
local function mark(id, env)
  if is_needed(env) then return true end
  local n = false
  if not stored_now[id] then
    for _, set in ipairs({'waiting', 'scheduled', 'retry', 'dead'}) do
      stored_now[id] = stored_now[id] or call('ZSCORE', K .. set, id)
    end
  end
  if not stored_now[id] then
    n = call('HGET', K .. 'claimed:' .. segment(id), id) or in_large_claim(id)
  end
  if n == nil then return false end
  if n then call('SADD', K .. 'followed:' .. n, id) end
  env = holdings.needed(env)
  call('HSET', record_key(id), id, env)
  if call('ZSCORE', K .. 'dead', id) then keeping.count('dead', id, whole_size(env)) end
  return true
end
-- Where ARGV goes on behind what a job is bound to.
holdings.behind = function(i)
  local last = i + 3 + 3 * tonumber(ARGV[i + 3])
  return last + 2 + 2 * tonumber(ARGV[last + 1])
end
-- Whether one of these waits for the other, or for one that does. Where that takes long to find out
-- it is said to.
local function waits_for(ids, others)
  local met, at = {}, 1
  while at <= #ids do
    local id = ids[at]
    local key = K .. 'needs:' .. id
    if others[id] or at > 256 or call('HLEN', key) > 256 then
      return true
    end
    for _, parent in ipairs(call('HKEYS', key)) do
      if not met[parent] and not is_gate(parent) then
        met[parent] = true
        ids[#ids + 1] = parent
      end
    end
    at = at + 1
  end
  return false
end
-- Whom it needs, in ARGV[first] to [last], as it is with those now: into b.
local function look_at(b, first, last)
  for at = first, last, 3 do
    local id, policy, label = ARGV[at], ARGV[at + 1], ARGV[at + 2]
    local env = call('HGET', record_key(id), id)
    local letter, text = ended_as(id, env)
    b.parents[#b.parents + 1] = id
    if letter and (is_done(letter, text) or policy == 'r' and letter ~= 'g') then
      b.given[#b.given + 1] = {label ~= '' and label or id, letter, text}
    elseif letter and not (letter == 'd' and policy == 'h') then
      b.code = b.code or 'n' .. id .. ','
    elseif env and not mark(id, env) then
      b.code = b.code or 'v' .. id .. ','
    else
      b.needs[#b.needs + 1] = id
      b.needs[#b.needs + 1] = policy .. label
    end
  end
end
-- What a new job is bound to, as `store` reads it: its flow, whom it needs, and who is to need it.
-- With a code, if it can't be: 'n' and who will not complete or wait, or '=' and who is needed by
-- too many; 'v' and who has to be asked first to tell of its end.
holdings.bind = function(i)
  local b = {flow = ARGV[i + 1], gate = ARGV[i + 2], needs = {}, given = {}, after = {},
    parents = {}}
  local last = i + 3 + 3 * tonumber(ARGV[i + 3])
  if b.gate ~= '' then
    b.needs[1], b.needs[2] = '{' .. b.gate, 'f'
    local was = call('HMGET', K .. 'flow:' .. b.gate, '{aborted', '{committed')
    if was[1] or was[2] then b.code = 'n{' .. b.gate .. ',' end
  end
  look_at(b, i + 4, last)
  local count, check = tonumber(ARGV[last + 1]), false
  for at = last + 2, last + 1 + 2 * count, 2 do
    local id, how_it = ARGV[at], ARGV[at + 1]
    local all = {id}
    -- '=': all that need that one, each as it does; '+': and nobody whom it needs waits for one
    -- of them.
    local beside = how_it == '=' or how_it == '+'
    if beside then
      if call('ZCARD', K .. 'then:' .. id) > 256 then
        b.code = b.code or 'n=' .. id .. ','
      else
        all = call('ZRANGE', K .. 'then:' .. id, '0', '-1')
      end
    end
    for _, child in ipairs(all) do
      local as = how_it
      if beside then
        as = string.sub(call('HGET', K .. 'needs:' .. child, id) or '', 1, 1)
      elseif not call('ZSCORE', K .. 'waiting', child)
          or call('HEXISTS', K .. 'needs:' .. child, READER) == 1 then
        b.code = b.code or 'n' .. child .. ','
      end
      if as ~= '' then
        b.after[#b.after + 1] = child
        b.after[#b.after + 1] = as
      end
    end
    check = check or how_it ~= '+'
  end
  -- Nobody is to wait for one that waits for him.
  if check and b.after[1] and b.needs[1] then
    local ids, others = {}, {}
    for j = 1, #b.needs, 2 do ids[#ids + 1] = b.needs[j] end
    for j = 1, #b.after, 2 do others[b.after[j]] = true end
    if waits_for(ids, others) then b.code = b.code or 'n' .. b.after[1] .. ',' end
  end
  return b
end
-- What the end of one left for another. One that completed without a result leaves nothing, though
-- it be kept as a sample.
local function give(id, from, letter, text)
  if letter == 'c' and (text == '' or string.find(text, '{"outcome":"done"', 1, true) == 1
      and not string.find(text, '"result":', 1, true)) then
    return
  end
  local key = K .. 'given:' .. id
  if #text > 65536
      or call('HINCRBY', key, '{bytes', int(#text)) > 1048576 then
    text = ''
  end
  call('HSET', key, from, STATE_OF[letter] .. '\n' .. text)
end
local function need(id, b)
  in_steps(#b.needs, function(i, j) call('HSET', K .. 'needs:' .. id, unpack(b.needs, i, j)) end)
  for j = 1, #b.needs, 2 do call('ZADD', K .. 'then:' .. b.needs[j], '0', id) end
  for _, g in ipairs(b.given) do give(id, g[1], g[2], g[3]) end
end
-- Binds a job that is stored now. False: it waits for nobody.
holdings.tie = function(id, env, b)
  stored_now[id] = true
  need(id, b)
  for j = 1, #b.after, 2 do
    call('HSET', K .. 'needs:' .. b.after[j], id, b.after[j + 1])
    call('ZADD', K .. 'then:' .. id, '0', b.after[j])
  end
  if b.gate ~= '' then holdings.wait_at(b.gate, b.flow) end
  if b.flow ~= '' then holdings.join(b.flow, id, env, b) end
  if #b.needs == 0 then return false end
  call('ZADD', K .. 'waiting', int(now), id)
  return true
end
-- Out of waiting, whatever it still needs.
holdings.untie = function(id)
  call('ZREM', K .. 'waiting', id)
  if call('HDEL', K .. 'needs:' .. id, READER) == 1 then
    call('ZREM', K .. 'then:' .. READER, id)
  end
  redis.call('UNLINK', K .. 'needs:' .. id)
end
-- It needs nobody any more.
local function let_go(id)
  holdings.untie(id)
  local env = call('HGET', record_key(id), id)
  local h = env and header(env)
  if not env then return end
  if not h then return put_aside(id, env) end
  local due = num(envelope.word(env, 'd'))
  -- How long it waits for its turn is counted from now.
  if due <= now then
    call('HSET', record_key(id), id, envelope.with_word(env, 'd', int(now)))
    enter(id, h, 'back')
  else
    enter(id, h, 'scheduled', due)
  end
end
-- Who claimed it does not know all that its record asks for.
holdings.wait_for_reader = function(id, env, h)
  local asks = tonumber(string.sub(env, 1, 1)) * 65536 + math.floor(h.flags / 4096) * 4096
  call('HSET', K .. 'needs:' .. id, READER, 'f')
  call('ZADD', K .. 'then:' .. READER, int(asks), id)
  call('ZADD', K .. 'waiting', int(now), id)
end
-- One that knows this format, and these features, is here: what waited for it goes on, some jobs at
-- a time.
local function reader_came(format, features)
  local key, from, left = K .. 'then:' .. READER, '-inf', 64
  while left > 0 do
    local first = call('ZRANGEBYSCORE', key, from, '+inf', 'WITHSCORES', 'LIMIT', '0', '1')
    local asks = tonumber(first[2])
    if not asks or asks >= (format + 1) * 65536 then return end
    local known = true
    for b = 12, 15 do
      known = known and (bit(features, 2 ^ b) or not bit(asks % 65536, 2 ^ b))
    end
    local some = known and call('ZRANGEBYSCORE', key, first[2], first[2], 'LIMIT', '0', int(left))
    if not some then from = '(' .. first[2] end
    for _, id in ipairs(some or {}) do
      left = left - 1
      call('ZREM', key, id)
      if call('HDEL', K .. 'needs:' .. id, READER) == 1
          and redis.call('EXISTS', K .. 'needs:' .. id) == 0 then
        let_go(id)
      end
    end
  end
end
local function give_up(id, why)
  holdings.untie(id)
  local env = call('HGET', record_key(id), id)
  local h = env and header(env)
  if not env then return end
  if not h then return put_aside(id, env) end
  local text = '{"outcome":"cancelled","at_ms":' .. int(now) .. ',"reason":"' ..
    string.gsub(why, '["\\]', '\\%0') .. '"}'
  finish(id, env, 'cancelled', text)
  keeping.add(id, h.list, text, env, 1000)
end
-- Whom one that waits at a gate needs as well, as `store` reads it. Returns a code as `bind` has
-- them; where that is 'n' the job is cancelled. One that people made run, or cancelled, needs
-- nobody.
holdings.need_more = function(i)
  local id, last = ARGV[i + 1], i + 3 + 3 * tonumber(ARGV[i + 3])
  if call('HEXISTS', K .. 'needs:' .. id, '{' .. ARGV[i + 2]) == 0 then return 's' end
  local b = {needs = {}, given = {}, parents = {}}
  look_at(b, i + 4, last)
  if ARGV[i] == 'N' and not b.code and redis.call('EXISTS', K .. 'then:' .. id) == 1 then
    local ids = {}
    for j = 1, #b.needs, 2 do ids[#ids + 1] = b.needs[j] end
    if waits_for(ids, {[id] = true}) then b.code = 'n' .. id .. ',' end
  end
  if b.code then
    if string.sub(b.code, 1, 1) == 'n' then give_up(id, 'what it needs is not there') end
    return b.code
  end
  need(id, b)
  return 's'
end
-- What the end of one is to one that needs it.
local function tell_one(child, e)
  local key = K .. 'needs:' .. child
  local policy, label = string.match(call('HGET', key, e.id) or '', '^(.)(.*)$')
  if not policy then return end
  if not e.aborted and (policy == 'r' or is_done(e.letter, e.text)) then
    call('HDEL', key, e.id)
    if not is_gate(e.id) then give(child, label ~= '' and label or e.id, e.letter, e.text) end
    if redis.call('EXISTS', key) == 0 then let_go(child) end
  elseif policy == 'h' and e.letter == 'd' then
    call('ZADD', K .. 'then:' .. e.id, '0', child)
  elseif is_gate(e.id) or e.aborted then
    give_up(child, 'its flow was not stored whole')
  else
    give_up(child, 'it needs ' .. e.id .. ', which is ' .. STATE_OF[e.letter])
  end
end
-- The others are told later.
local function put_by(e)
  if redis.call('EXISTS', e.key) == 0 then
    if e.g then call('HDEL', K .. 'tellings', e.g) end
    return
  end
  if not e.g then
    e.g = int(call('HINCRBY', K .. 'broker', 'tellings', 1))
    redis.call('RENAME', e.key, K .. 'telling:' .. e.g)
    call('HSET', K .. 'tellings', e.g,
      e.letter .. (e.aborted and 'a' or '-') .. e.id .. '\n' .. e.text)
  end
  call('ZADD', K .. 'scheduled', int(now), '{tell ' .. e.g)
  soonest = now
end
-- In the order of the ends; none begins within another.
local function tell_all()
  if draining then return end
  draining = true
  while ends[1] do
    local e = table.remove(ends, 1)
    aborting = e.aborted
    local told = budget > 0 and call('ZPOPMIN', e.key, int(budget)) or {}
    for j = 1, #told, 2 do
      budget = budget - 1
      tell_one(told[j], e)
    end
    if e.g or budget <= 0 then put_by(e) end
  end
  draining, aborting = false, false
end
-- `outcome` as `finish` takes it.
holdings.ended = function(id, outcome, text)
  ends[#ends + 1] = {id = id, key = K .. 'then:' .. id, text = text or '',
    letter = LETTER_OF[outcome], aborted = aborting or outcome == 'aborted'}
  tell_all()
end
holdings.letter_of = function(outcome) return LETTER_OF[outcome] end
-- A timer: goes on where an end was told to some.
holdings.tell_more = function(g)
  local how, more, id, text = string.match(call('HGET', K .. 'tellings', g) or '',
    '^(%a)(.)([^\n]*)\n(.*)$')
  if not how then return end
  ends[#ends + 1] = {id = id, key = K .. 'telling:' .. g, g = g, text = text, letter = how,
    aborted = more == 'a'}
  tell_all()
end
-- Of those that wait, chores look whether whom they need is still to end: some of them each time,
-- by turns. So every flow ends, whatever was done to its records.
holdings.sweep_needs = function()
  local size = call('ZCARD', K .. 'waiting')
  if size == 0 then return end
  if holdings.reads then
    reader_came(unpack(holdings.reads))
    size = call('ZCARD', K .. 'waiting')
    if size == 0 then return end
  end
  -- While ends are still to be told, one that is nowhere, job or gate, may be one of those. A timer
  -- that somebody took away comes back.
  local telling = redis.call('EXISTS', K .. 'tellings') == 1
  if telling then
    for _, g in ipairs(call('HRANDFIELD', K .. 'tellings', '64')) do
      if call('ZADD', K .. 'scheduled', 'NX', int(now), '{tell ' .. g) == 1 then soonest = now end
    end
  end
  local left = 128
  local at = math.floor(now / 5000) * 128 % size
  for _, id in ipairs(call('ZRANGE', K .. 'waiting', int(at), int(at + left - 1))) do
    if left <= 0 then break end
    -- What was put aside just now may have let this one go.
    local env = call('ZSCORE', K .. 'waiting', id) and call('HGET', record_key(id), id)
    local needs, key = {}, K .. 'needs:' .. id
    if env and call('HLEN', key) > left then
      needs = call('HRANDFIELD', key, int(left))
    elseif env then
      needs = call('HKEYS', key)
    end
    left = left - 1 - #needs
    if not env or not header(env) then
      holdings.untie(id)
      if env then put_aside(id, env) end
    elseif #needs == 0 then
      let_go(id)
    end
    table.sort(needs)
    for _, parent in ipairs(needs) do
      local of = not is_gate(parent) and call('HGET', record_key(parent), parent)
      local letter, text
      if parent == READER then
        if redis.call('EXISTS', key) == 1 and not call('ZSCORE', K .. 'then:' .. READER, id) then
          holdings.wait_for_reader(id, env, header(env))
        end
      elseif is_gate(parent) then
        local how = call('HMGET', K .. 'flow:' .. string.sub(parent, 2), '{created', '{committed')
        letter = not how[1] and 'a' or how[2] and 'c'
      else
        letter, text = ended_as(parent, of)
        if not letter and mark(parent, of) then call('ZADD', K .. 'then:' .. parent, '0', id) end
      end
      if letter and not ((letter == 'g' or letter == 'a') and telling) then
        ends[#ends + 1] = {id = parent, key = K .. 'then:' .. parent, text = text or '',
          letter = letter, aborted = letter == 'a'}
        call('ZADD', K .. 'then:' .. parent, '0', id)
      end
    end
  end
  tell_all()
end
)lua";
inline constexpr std::string_view outcomes = R"lua(local mine, outcome, outcomes, alone
local given_back, given_back_of = {}, {}
-- Jobs that left their claims, and are not said to have in `left:<claim>` yet: of a claim that is
-- closed they need not be.
local leaving = {}
local function write_leaving()
  rare()
  write_all('SADD', K .. 'left:', leaving)
  for _, n in ipairs(leaving) do
    if valid[n] and #leaving[n] > 0 then valid[n].left = true end
    if slots.known[n] then slots.free(n, leaving[n]) end
  end
  leaving = {}
end
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
  local function drop(n, id, env, how, trace_ms, text)
    finish(id, env, how, text)
    leave_claim(n, id)
    if trace_ms > 0 then call('ZADD', K .. 'traces', int(now + trace_ms), id) end
  end
  -- Of these kinds a job would run again, failed, or can't be run here. A handler that discards its
  -- job has it completed.
  local ends_cancelled = {r = true, f = true, d = true, s = true, b = true, m = true, x = true,
    q = true, u = true, z = true}
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
    elseif kind == 'u' then
      leave_claim(n, id)
      holdings.wait_for_reader(id, env, h)
    elseif kind == 'c' then
      drop(n, id, env, text ~= '' and 'kept' or 'completed', number, text)
      if text ~= '' then
        if bit(h.flags, 8) and cancel_word(env) then env = envelope.with_word(env, 'c') end
        keeping.add(id, h.list, text, env, limits[1])
      end
    elseif kind == 'x' then
      drop(n, id, env, 'discarded', number)
    elseif kind == 'r' or kind == 'f' then
      if kind == 'f' then env = envelope.snoozed(env) end
      env = envelope.with_failures(env, h, h.attempts + (kind == 'r' and 1 or 0))
      call('HSET', record_key(id), id, envelope.with_word(env, 'x'))
      failures.add(id, text)
      leave_claim(n, id)
      enter(id, h, 'retry', now + number)
    elseif kind == 'd' then
      h.attempts = h.attempts + 1
      leave_claim(n, id)
      bury(id, env, h, text)
    elseif kind == 's' then
      call('HSET', record_key(id), id, envelope.with_word(envelope.snoozed(env), 'x'))
      leave_claim(n, id)
      enter(id, h, 'scheduled', now + number)
    elseif kind == 'm' then
      leave_claim(n, id)
      advance(id, h, env, text, body, number > 0 and now + number)
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
  -- What most jobs end as, or go on as: a function for each kind that takes one, and one that
  -- writes what they took, a command a key. The arguments: where the words are, segment, id,
  -- record, what its first bytes say, and its list.
  local function begin_together()
    local rewritten, dropped, failing, before, forgotten, bodies = {}, {}, {}, {}, {}, {}
    local places, logs, buried, sizes = {}, {}, {}, {}
    -- What the ends of jobs do to others, in the order of the words.
    local after = {}
    local function lets_go(id, env, head, how, outcome, text)
      if head.holds or head.followed then after[#after + 1] = {id, env, how, outcome, text} end
    end
    local function ends(s, id, env, head, number, outcome, text)
      local keeps_log = outcome == 'kept'
      gather(dropped, s, id)
      if head.failed then
        gather(forgotten, s, id)
        if not keeps_log then logs[#logs + 1] = K .. 'log:' .. id end
      end
      if head.large then gather(bodies, s, id) end
      lets_go(id, env, head, 'ended', outcome, text)
      if number ~= '0' then gather(places, 'traces', int(now + tonumber(number)), id) end
    end
    local function fails(p, s, id, env, head, dies)
      gather(failing, s, id, ARGV[p + 5])
      if head.failed then gather(before, s, id) end
      env = head.failed_again .. string.sub(env, 12)
      if string.find(env, ' x=', 1, true) then env = envelope.with_word(env, 'x') end
      if dies and head.followed then env = holdings.unfollowed(env) end
      gather(rewritten, s, id, env)
      return env
    end
    local last, due, text
    local function waits(set, id, number)
      if number ~= last then
        last, due = number, now + tonumber(number)
        text = int(due)
        soonest = math.min(soonest or due, due)
      end
      gather(places, set, text, id)
    end
    local take = {}
    function take.c(p, s, id, env, head, list)
      local record = ARGV[p + 5]
      ends(s, id, env, head, ARGV[p + 4], record ~= '' and 'kept' or 'completed', record)
      -- Once it is gone: a sample that is pushed out asks whether its job is.
      if record ~= '' then after[#after + 1] = {id, env, false, list, record} end
    end
    function take.x(p, s, id, env, head)
      ends(s, id, env, head, ARGV[p + 4], 'discarded', '')
    end
    function take.r(p, s, id, env, head)
      fails(p, s, id, env, head)
      waits('retry', id, ARGV[p + 4])
    end
    function take.s(p, s, id, env)
      gather(rewritten, s, id, envelope.with_word(envelope.snoozed(env), 'x'))
      waits('scheduled', id, ARGV[p + 4])
    end
    function take.d(p, s, id, env, head)
      buried[#buried + 1] = id
      sizes[#buried] = whole_size(fails(p, s, id, env, head, true))
      gather(places, 'dead', int(now), id)
      lets_go(id, env, head, 'dead', 'dead', ARGV[p + 5])
    end
    local function add_failures()
      for _, s in ipairs(before) do
        local had, all, lines = before[s], failing[s], {}
        in_steps(#had, function(i, j)
          for k, old in ipairs(call('HMGET', K .. 'failures:' .. s, unpack(had, i, j))) do
            lines[had[i + k - 1]] = old
          end
        end)
        for j = 2, #all, 2 do all[j] = failures.with(lines[all[j - 1]], all[j]) end
      end
      write_all('HSET', K .. 'failures:', failing)
    end
    local function write()
      write_all('HSET', K .. 'jobs:', rewritten)
      write_all('HDEL', K .. 'jobs:', dropped)
      add_failures()
      write_all('ZADD', K, places)
      keeping.count_all('dead', buried, sizes)
      write_all('HDEL', K .. 'failures:', forgotten)
      in_steps(#logs, function(i, j) redis.call('DEL', unpack(logs, i, j)) end)
      write_all('HDEL', K .. 'bodies:', bodies)
      for _, a in ipairs(after) do
        if a[3] then
          holdings.tell(a[1], a[2], a[4], a[5])
          holdings.release(a[1], a[2], a[3])
        else
          keeping.add(a[1], a[4], a[5], a[2], limits[1])
        end
      end
    end
    return take, write, after
  end
  -- Those that left their claims before, by where they stand in ARGV.
  local function read_left(words)
    local of_claim, left = {}, {}
    for _, p in ipairs(words) do
      local v = lease_valid(ARGV[p + 1])
      if v and v.left then gather(of_claim, ARGV[p + 1], p) end
    end
    for _, c in ipairs(of_claim) do
      local at = of_claim[c]
      in_steps(#at, function(i, j)
        local ids = {}
        for k = i, j do ids[#ids + 1] = ARGV[at[k] + 2] end
        for k, is in ipairs(call('SMISMEMBER', K .. 'left:' .. c, unpack(ids))) do
          left[at[i + k - 1]] = is == 1
        end
      end)
    end
    return left
  end
  alone = function(p)
    return outcome(ARGV[p + 1], ARGV[p + 2], ARGV[p + 3], tonumber(ARGV[p + 4]), ARGV[p + 5],
      ARGV[p + 6])
  end
  -- From that place in ARGV on; where the words go on.
  outcomes = function(i)
    local words, last = {}, #ARGV
    while ARGV[i] == 'O' and i <= last and #words < 1000 do
      local next = i + (ARGV[i + 3] == 'm' and 7 or 6)
      if ARGV[next] == 'E' and #words > 0 then break end
      words[#words + 1] = i
      i = next
      if ARGV[next] == 'E' then break end
    end
    if #words == 1 then
      codes[#codes + 1] = alone(words[1])
      return i
    end
    local ids = {}
    for k, p in ipairs(words) do ids[k] = ARGV[p + 2] end
    local envs, parts = records(ids, 1, #ids)
    local left = read_left(words)
    local take, write, after = begin_together()
    local spoken, indexed, claim, lease, leaves, is_indexed = {}, {}, nil, nil, nil, nil
    for k, p in ipairs(words) do
      local c, id, kind, env, code = ARGV[p + 1], ids[k], ARGV[p + 3], envs[k], 'k'
      if c ~= claim then
        claim, lease, leaves, is_indexed = c, lease_valid(c), nil, tonumber(c) % 2 == 0
      end
      local list = env and list_of(env)
      local head = list and head_of(env)
      if spoken[id] then
        write()
        write_leaving()
        take, write, after = begin_together()
        code, leaves = alone(p), nil
      elseif not lease or left[p] then
        code = 'l'
      elseif not env then
        code = 'g'
      elseif not head or not take[kind] or head.failed and cancel_word(env) then
        -- Samples push others out, and those who needed a job come into their lists, in the order
        -- of the words.
        if #after > 0 then
          write()
          take, write, after = begin_together()
        end
        code = alone(p)
        spoken[id] = true
      else
        local s = parts[k]
        take[kind](p, s, id, env, head, list)
        if not leaves then
          leaves = leaving[c]
          if not leaves then
            leaves = {}
            leaving[c], leaving[#leaving + 1] = leaves, c
          end
        end
        leaves[#leaves + 1] = id
        if is_indexed then gather(indexed, s, id) end
        spoken[id] = true
      end
      codes[#codes + 1] = code
    end
    write()
    write_all('HDEL', K .. 'claimed:', indexed)
    return i
  end
end
)lua";
inline constexpr std::string_view past_actions = R"lua(local function keep_history(id, line)
  local env = call('HGET', record_key(id), id)
  local h = env and header(env)
  if h and not bit(h.flags, 8) then
    call('HSET', record_key(id), id, envelope.with_failures(env, h, h.attempts))
  end
  -- Of what is cancelled the ending is kept, and what belongs to it.
  if not h and call('HEXISTS', K .. 'kept', id) == 0 then return end
  call('RPUSH', K .. 'log:' .. id, line)
  call('LTRIM', K .. 'log:' .. id, -100, -1)
end
)lua";
inline constexpr std::string_view plain_enqueue = R"lua(if ARGV[4] == 'J' then
  local last, records = #ARGV, {}
  local i = 4
  while ARGV[i] == 'J' do
    records[#records + 1] = i
    i = i + 3 + 2 * tonumber(ARGV[i + 2])
  end
  local count = i < last and ARGV[i] == 'L' and tonumber(ARGV[i + 2])
  if count and i + 2 + count == last and last < 4000 then
    local K, look, list = KEYS[1], redis.pcall, ARGV[i + 1]
    local now = math.floor(us / 1000)
    local name = string.match(list, ':(.+)$')
    local wake = K .. 'wake:*' .. (name or list)
    local key = K .. 'producer:' .. ARGV[1] .. ':' .. tonumber(ARGV[2]) % 16
    local before = look('MGET', key, K .. 'bounds')
    local was = before[1] and tonumber(string.match(before[1], '^(%d+) '))
    local queue = string.match(list, '^([^:]+):.') or list
    local bounded = before[2] and string.find(before[2], '\n' .. queue .. ' ', 1, true)
    local woken = look('LLEN', wake)
    local used = look('ZMSCORE', K .. 'lists', list, '!' .. list, '!{' .. list, '!|' .. list)
    local listened = used[2] and K .. 'wake:' .. list
    local heard = listened and look('LLEN', listened)
    if (not was or was < tonumber(ARGV[2])) and not bounded
        and type(woken) == 'number' and used[1] and not used[3] and not used[4]
        and (not listened or type(heard) == 'number')
        and (not name or type(look('SADD', K .. 'queues:' .. name, list)) == 'number') then
      local stored = true
      for _, j in ipairs(records) do
        stored = stored and type(look('HSET', K .. 'jobs:' .. ARGV[j + 1],
          unpack(ARGV, j + 3, j + 2 + 2 * tonumber(ARGV[j + 2])))) == 'number'
      end
      local length = stored
        and type(look('SADD', K .. 'ready', list, name and '*' .. name or list)) == 'number'
        and look('RPUSH', K .. 'list:' .. list, unpack(ARGV, i + 3, last))
      if type(length) == 'number' then
        if length == count and math.abs(tonumber(used[1]) - now) > 3600000 then
          redis.call('ZADD', K .. 'lists', string.format('%d', now), list)
        end
        if woken == 0 then redis.call('RPUSH', wake, '1') end
        if length == count and heard == 0 then redis.call('RPUSH', listened, '1') end
        redis.call('SET', key, ARGV[2] .. ' ', 'PX', ARGV[3])
        return {now, 0, ''}
      end
    end
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
local segments, hashed = {}, {}
local function segment(id)
  local s
  if #id == 22 then
    s = string.sub(id, 12, 13)
    if segments[s] then return s end
    if string.find(s, '^[0-9A-HJKMNP-TV-Z][0-9A-HJKMNP-TV-Z]$') then segments[s] = true return s end
  end
  s = hashed[id]
  if s then return s end
  -- Four steps of h = (h * 33 + byte) % 1024 at a time.
  local h, last = 0, #id - #id % 4
  for i = 1, last, 4 do
    local a, b, c, d = string.byte(id, i, i + 3)
    h = ((((h * 33 + a) * 33 + b) * 33 + c) * 33 + d) % 1024
  end
  for i = last + 1, #id do h = (h * 33 + string.byte(id, i)) % 1024 end
  local hi, lo = math.floor(h / 32) + 1, h % 32 + 1
  s = string.sub(DIGITS, hi, hi) .. string.sub(DIGITS, lo, lo)
  hashed[id] = s
  return s
end
local function record_key(id) return K .. 'jobs:' .. segment(id) end

local function bit(flags, b) return math.floor(flags / b) % 2 == 1 end
-- What the first twelve bytes of a record say, once for all records that begin with the same: its
-- flags and attempts, and how it begins when it has failed once more. nil: it can't be read.
local heads = {}
local function head_of(env)
  local text = string.sub(env, 1, 12)
  local head = heads[text]
  if head == nil then
    local flags, attempts = string.match(text, '^[2-9] (%x%x%x%x) (%d%d%d%d) $')
    head = false
    if flags then
      local n = tonumber(flags, 16)
      attempts = tonumber(attempts)
      head = {flags = n, attempts = attempts, priority = bit(n, 2), failed = bit(n, 8),
              large = bit(n, 16), holds = bit(n, 32), followed = bit(n, 64),
              failed_again = string.sub(text, 1, 2) .. string.format('%04X %04d',
                bit(n, 8) and n or n + 8, math.min(attempts + 1, 9999))}
    end
    heads[text] = head
  end
  return head or nil
end
-- Its list; nil: it can't be read.
local function list_of(env)
  local at, list = string.match(env, '^%d+ ()([^ \n]+)[^\n]*\n', 13)
  return at == 27 and list or nil
end
local function header(env)
  local head, list = head_of(env), list_of(env)
  if not head or not list then return nil end
  return {flags = head.flags, attempts = head.attempts, list = list,
          created = tonumber(string.sub(env, 13, 25)),
          priority = head.priority and tonumber(string.match(env, '^[^\n]* p=(%-?%d+)') or 0) or 0}
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
-- now, and are paused. How many jobs may wait in a queue is in `bounds`: see bounds.lua.
local gate = {shut = {}, bounds = {}}
function gate.is_paused(list)
  local queue = string.match(list, '^([^:]+):.') or list
  local name = name_of(list)
  for _, text in ipairs(call('HMGET', K .. 'settings', 'queue:' .. queue, 'name:' .. name)) do
    local till = text and num(string.match(text, '^{"until_ms":(%d+)'))
    if till and (till == 0 or till > now) then return true end
  end
  return false
end
-- Values by what the keys end in that they are for, so that each key is read or written once.
local function gather(by, part, a, b)
  local values = by[part]
  if not values then
    values = {}
    by[part], by[#by + 1] = values, part
  end
  values[#values + 1] = a
  if b then values[#values + 1] = b end
end
-- Lua has room for 8 000 values on its stack.
local function in_steps(size, use)
  for from = 1, size, 4000 do use(from, math.min(from + 3999, size)) end
end
-- Lists that got their first job (`note_ready`), and lists that got any (`wake_woken`).
local became_ready, woken, mixed = {}, {}, {}
local function made_ready(list) became_ready[#became_ready + 1] = list end
local note_ready, wake_woken, note_emptied, forget_idle, forget_those
-- An exchange that ends by appointing its own pool says so here.
local appoints = false
-- What one answer may carry.
local CARRIED_MAX = 60 * 1048576
local drop_pools
local some_pools, due_at
local group_parts, store_group, new_groups
local forget_records, waits_in, in_large_claim, whole_size, write_all
-- Envelopes with something else in them, a job's failures, what is kept for people, and what jobs
-- hold.
local envelope, failures, keeping, holdings = {}, {}, {}, {}
-- Limits: see limits.lua. What is known of claims; what may have room; lists that come back; when.
local slots = {known = {}, touched = {}, back = {}, us = us}
local store, advance, end_cancelled
local enter, enter_front, enter_back, leave, end_claim, note_ended, finish, bury, put_aside
local take_home
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
local LONE = HEAD .. ',([^,]+),$'
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
  local firsts = {}
  local function first_crash(took)
    local text = firsts[took]
    if not text then
      text = state(took, 0, 0, 0, 0)
      firsts[took] = text
    end
    return text
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
    env = envelope.with_word(env, 'x',
      state(longest or 0, math.min(counted, 2), died, solo_crashes, now))
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
      env = envelope.with_failures(env, h, h.attempts)
      failures.add(id, solo_text(h, counted + 1))
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
            envelope.with_word(env, 'x', state(longest or 0, counted, pending, solo_crashes, now)))
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
    failures.add(id, solo_text(h, counted + 1))
    env = envelope.with_word(env, 'x', state(longest or 0, counted, 0, solo_crashes, now))
    call('HSET', record_key(id), id, envelope.with_failures(env, h, h.attempts))
    suspect({{h.list, id}}, 1)
  end

  -- First the claims: which of them lapsed, and what they held.
  local lapsed = call('ZRANGEBYSCORE', leases, '-inf', now, 'WITHSCORES', 'LIMIT', 0,
    64)
  local claims, seen, seen_bytes, at, step = {}, 0, 0, 1, 2
  local extended, verdicts = {}, {}
  local NONE = {}
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
      local who, kind, lease, size, dead, lone = string.match(blob, LONE)
      if not who then who, kind, lease, size, dead = string.match(blob, HEAD) end
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
        local left = some_left and has_left(n) or NONE
        local c = {n = n, who = who or '?', kind = kind, lapse = lapse, lease = lease, dead = dead}
        if lone then
          c[1] = not left[lone] and lone or nil
        else
          for id in ids_of(blob) do
            if not left[id] then c[#c + 1] = id end
          end
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
          rewrite(id, envelope.with_word(env, 'x', longest
            and state(took, counted, pending, solo_crashes, alone) or first_crash(took)))
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
inline constexpr std::string_view records = R"lua(-- The records of some of these ids, and their segments. Who does not need all of them reads them in
-- steps, so that a few large ones are not all read for nothing.
local function records(all, from, to)
  local envs, parts, met, count = {}, {}, {}, 0
  for j = from, to do
    local s = segment(all[j])
    parts[j - from + 1] = s
    if not met[s] then met[s], count = true, count + 1 end
  end
  if count == 1 then
    return call('HMGET', K .. 'jobs:' .. parts[1], unpack(all, from, to)), parts
  end
  if 3 * count > to - from then
    for k, s in ipairs(parts) do envs[k] = call('HGET', K .. 'jobs:' .. s, all[from + k - 1]) end
    return envs, parts
  end
  local ids, places = {}, {}
  for k, s in ipairs(parts) do
    gather(ids, s, all[from + k - 1])
    gather(places, s, k)
  end
  for _, s in ipairs(ids) do
    local at = places[s]
    for k, env in ipairs(call('HMGET', K .. 'jobs:' .. s, unpack(ids[s]))) do envs[at[k]] = env end
  end
  return envs, parts
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
-- Members of `lists`; those that hold jobs stay, and are returned.
forget_those = function(idle)
  local used, dropped, wakes, fields, asked, held, gone = {}, {}, {}, {}, {}, {}, {}
  for _, list in ipairs(idle) do
    if string.byte(list) == 33 then
      dropped[#dropped + 1] = list
      local of = string.sub(list, 2)
      wakes[#wakes + 1] = K .. 'wake:' .. of
      listened[of] = nil
    elseif redis.call('EXISTS', K .. 'list:' .. list, K .. 'prio:' .. list) > 0 then
      used[#used + 1] = int(now)
      used[#used + 1] = list
      held[#held + 1] = list
    else
      dropped[#dropped + 1] = list
      gone[#gone + 1] = list
      wakes[#wakes + 1] = K .. 'wake:' .. list
      fields[#fields + 1] = list .. ' processed'
      fields[#fields + 1] = list .. ' failed'
      asked[#asked + 1] = name_of(list)
      asked[#asked + 1] = '*' .. name_of(list)
    end
  end
  if #used > 0 then call('ZADD', K .. 'lists', unpack(used)) end
  if #gone > 0 then slots.forget(gone) end
  for _, list in ipairs(gone) do
    local queue = gate.bounds.of(list)
    if queue then call('SREM', K .. 'bounded:' .. queue, list) end
  end
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
  return held
end
-- Whether there may be more.
local function forget_lists()
  local idle = call('ZRANGEBYSCORE', K .. 'lists', '-inf', '(' .. int(now - 86400000),
    'LIMIT', '0', '256')
  if #idle > 0 then forget_those(idle) end
  return #idle == 256
end
forget_idle = function()
  forget_pools()
  return forget_lists()
end
)lua";
inline constexpr std::string_view store = R"lua(-- A job that is due later says when: how long it waits is counted from then.
local function with_due(env, due)
  local line = string.find(env, '\n', 1, true)
  return line and string.sub(env, 1, line - 1) .. ' d=' .. int(due) .. string.sub(env, line) or env
end
-- How many of k jobs may come into a list, and the code of the others.
local function admitted(list, k)
  if not gate.bounds.on then return k end
  return gate.bounds.admit(list, k)
end
-- Jobs of chosen ids: each is stored unless its id is known.
local function store_chosen(at, last, codes)
  local known, ids, logs, traces, back = {}, {}, {}, {}, {}
  for i = at, last, 4 do ids[#ids + 1] = ARGV[i + 2] end
  in_steps(#ids, function(i, j)
    for k, till in ipairs(call('ZMSCORE', K .. 'traces', unpack(ids, i, j))) do
      if till then known[ids[i + k - 1]] = tonumber(till) end
    end
  end)
  local is_aside = redis.call('EXISTS', K .. 'set_aside') == 1
  for i = at, last, 4 do
    local list, id, n, code = ARGV[i], ARGV[i + 2], 0, 'd'
    if (known[id] or 0) <= now
        and call('HSETNX', K .. 'jobs:' .. ARGV[i + 1], id, ARGV[i + 3]) == 1 then
      n, code = admitted(list, 1)
      if n == 0 then
        call('HDEL', K .. 'jobs:' .. ARGV[i + 1], id)
        code = code .. ','
      end
    end
    if n == 0 then
      codes[#codes + 1] = code
    else
      if known[id] then traces[#traces + 1] = id end
      -- Of one before it that is kept.
      logs[#logs + 1] = K .. 'log:' .. id
      if is_aside and call('HEXISTS', K .. 'set_aside', id) == 1 then
        keeping.forget_aside(id)
        call('HDEL', K .. 'bodies:' .. ARGV[i + 1], id)
      end
      gather(back, list, id)
      codes[#codes + 1] = 's'
    end
  end
  in_steps(#traces, function(i, j) call('ZREM', K .. 'traces', unpack(traces, i, j)) end)
  in_steps(#logs, function(i, j) redis.call('DEL', unpack(logs, i, j)) end)
  for _, list in ipairs(back) do enter_back(list, back[list]) end
end
local function step_by_step(cmd, key, first, last)
  local r
  for from = first, last, 4000 do
    r = call(cmd, key, unpack(ARGV, from, math.min(from + 3999, last)))
  end
  return r
end
store = function(i, n)
  local codes, refused, lock, bound = {}, {}, nil, nil
  while i <= n do
    local what = ARGV[i]
    if what == 'J' then
      local k = tonumber(ARGV[i + 2])
      step_by_step('HSET', K .. 'jobs:' .. ARGV[i + 1], i + 3, i + 2 + 2 * k)
      i = i + 3 + 2 * k
    elseif what == 'L' then
      local list, k = ARGV[i + 1], tonumber(ARGV[i + 2])
      local n, code = admitted(list, k)
      if n < k then gate.bounds.refuse(code, {unpack(ARGV, i + 3 + n, i + 2 + k)}, refused) end
      if n > 0 then
        if step_by_step('RPUSH', K .. 'list:' .. list, i + 3, i + 2 + n) == n then
          made_ready(list)
        end
        woken[list] = true
      end
      i = i + 3 + k
    elseif what == 'I' then
      rare()
      local last = i + 1 + 4 * tonumber(ARGV[i + 1])
      store_chosen(i + 2, last, codes)
      i = last + 1
    elseif what == 'P' then
      local list, s, k = ARGV[i + 1], ARGV[i + 2], tonumber(ARGV[i + 3])
      local fields, scores, others = {}, {}, {}
      local n, code = admitted(list, k)
      for j = 0, k - 1 do
        local at = i + 4 + 3 * j
        if j < n then
          fields[2 * j + 1], fields[2 * j + 2] = ARGV[at], ARGV[at + 1]
          scores[2 * j + 1], scores[2 * j + 2] = ARGV[at + 2], ARGV[at]
        else
          others[#others + 1] = ARGV[at]
        end
      end
      if n < k then gate.bounds.refuse(code, others, refused) end
      in_steps(2 * n, function(a, b)
        call('HSET', K .. 'jobs:' .. s, unpack(fields, a, b))
        call('ZADD', K .. 'prio:' .. list, unpack(scores, a, b))
      end)
      if n > 0 then
        made_ready(list)
        mixed[list], woken[list] = true, true
      end
      i = i + 4 + 3 * k
    elseif what == 'D' then
      local s, k, delay, at = ARGV[i + 1], tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3]),
        tonumber(ARGV[i + 4])
      local due = at > 0 and at or now + delay
      local fields, dues, later = {}, {}, due > now
      rare()
      for j = 0, k - 1 do
        local id, env = ARGV[i + 5 + 2 * j], ARGV[i + 6 + 2 * j]
        fields[2 * j + 1], fields[2 * j + 2] = id, later and with_due(env, due) or env
        dues[2 * j + 1], dues[2 * j + 2] = int(due), id
      end
      in_steps(2 * k, function(a, b)
        call('HSET', K .. 'jobs:' .. s, unpack(fields, a, b))
        if later then call('ZADD', K .. 'scheduled', unpack(dues, a, b)) end
      end)
      for j = 1, later and 0 or 2 * k, 2 do enter(fields[j], header(fields[j + 1]), 'back') end
      if later then soonest = math.min(soonest or due, due) end
      i = i + 5 + 2 * k
    elseif what == 'U' then
      rare()
      lock = {key = ARGV[i + 1], mode = ARGV[i + 2], policy = ARGV[i + 3], time = ARGV[i + 4]}
      i = i + 5
    elseif what == 'W' then
      rare()
      bound = i
      i = holdings.behind(i)
    elseif what == 'N' or what == 'M' then
      rare()
      codes[#codes + 1] = holdings.need_more(i)
      i = i + 4 + 3 * tonumber(ARGV[i + 3])
    elseif what == 'Z' then
      rare()
      codes[#codes + 1] = holdings.commit(ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3])
      i = i + 4
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
      local due = at > 0 and at or (delay > 0 and now + delay or 0)
      local owner, old, full
      local known = chosen and (call('HEXISTS', record_key(id), id) == 1
                                or num(call('ZSCORE', K .. 'traces', id)) > now)
      if bound and not known then bound = holdings.bind(bound) end
      if lock then owner, old = holdings.owner(lock.key) end
      -- A flow is whole: it asks no bound.
      if not known and not bound and not owner and due <= now then
        local n, code = admitted(list_of(env), 1)
        full = n == 0 and code
      end
      if known then
        codes[#codes + 1] = 'd'
      elseif bound and bound.code then
        codes[#codes + 1] = bound.code
      elseif owner then
        codes[#codes + 1] = holdings.conflict(lock, owner, old, env, body, due)
      elseif full then
        codes[#codes + 1] = full .. ','
      else
        if string.find(flags, 'e', 1, true) then
          rare()
          env = envelope.stamped(env)
        end
        if chosen then
          call('ZREM', K .. 'traces', id)
          -- Of one before it that is kept.
          redis.call('DEL', K .. 'log:' .. id)
          if call('HEXISTS', K .. 'set_aside', id) == 1 then
            rare()
            keeping.forget_aside(id)
            call('HDEL', K .. 'bodies:' .. segment(id), id)
          end
        end
        rare()
        if due > now then env = with_due(env, due) end
        if bound and #bound.after > 0 then env = holdings.needed(env) end
        call('HSET', record_key(id), id, env)
        if body then call('HSET', K .. 'bodies:' .. segment(id), id, body) end
        if lock then holdings.take(id, lock.mode, lock.key, num(lock.time)) end
        holdings.tag(id, env)
        if not (bound and holdings.tie(id, env, bound)) then
          if due > now then
            enter(id, nil, 'scheduled', due)
          else
            enter(id, header(env), 'back')
          end
        end
        codes[#codes + 1] = 's'
      end
      lock, bound = nil, nil
    end
  end
  for _, one in ipairs(refused) do codes[#codes + 1] = one end
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
    keeping.drop(oldest[1])
    bytes = num(call('HGET', K .. 'bytes:kept', ''))
    gone = gone + 1
  end
  if gone == MANY then more = 1 end
  local function trim(what, order, most, most_bytes, drop)
    local count, bytes = call('ZCARD', K .. order), num(call('HGET', K .. 'bytes:' .. what, ''))
    local gone, freed = 0, 0
    local function is_over()
      return gone < count and (count - gone > most or bytes - freed > most_bytes)
    end
    if not is_over() then return end
    rare()
    local ids = call('ZRANGE', K .. order, '0', int(math.min(count, MANY) - 1))
    local sizes = call('HMGET', K .. 'bytes:' .. what, unpack(ids))
    while is_over() and gone < #ids and freed < MUCH do
      gone = gone + 1
      freed = freed + num(sizes[gone])
    end
    if is_over() then more = 1 end
    ids = {unpack(ids, 1, gone)}
    call('ZREM', K .. order, unpack(ids))
    drop(ids)
    keeping.uncount_all(what, ids, freed)
    notes[#notes + 1] = string.gsub(what, '_', ' ') .. ' jobs above ' .. int(most) .. ' or ' ..
      int(most_bytes) .. ' bytes: the oldest ' .. int(gone) ..
      ' dropped, the last of them ' .. ids[gone]
  end
  trim('dead', 'dead', limits[4], limits[5], function(ids)
    local of_segment, logs = {}, {}
    local envs = records(ids, 1, #ids)
    for j, id in ipairs(ids) do
      gather(of_segment, segment(id), id)
      logs[j] = K .. 'log:' .. id
    end
    for _, kind in ipairs({'jobs:', 'failures:', 'bodies:'}) do
      write_all('HDEL', K .. kind, of_segment)
    end
    redis.call('DEL', unpack(logs))
    for j, id in ipairs(ids) do
      holdings.tell(id, envs[j], 'dropped')
      holdings.release(id, envs[j], 'ended')
    end
  end)
  trim('set_aside', 'set_aside_at', limits[6], limits[7], function(ids)
    call('HDEL', K .. 'set_aside', unpack(ids))
    for _, id in ipairs(ids) do
      if redis.call('HEXISTS', record_key(id), id) == 0 then
        call('HDEL', K .. 'bodies:' .. segment(id), id)
      end
    end
  end)
end
)lua";
inline constexpr std::string_view writes = R"lua(local EXACT = 2 ^ 53 - 1
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
        limits,
        registries,
        moves,
        doors,
        keeping,
        holdings,
        needs,
        flows,
        cancelling,
        find_job,
        past_actions,
        groups,
R"lua(local verb, states, seen, version, text = ARGV[2], ARGV[3], num(ARGV[4]), ARGV[5], ARGV[6]
local note = ARGV[7]
local LETTER = {waiting = 'w', scheduled = 's', pending = 'p', suspect = 'u', active = 'a',
  retry = 'r',
  dead = 'd', completed = 'c', cancelled = 'x', set_aside = 'q'}
-- Where a job is: its state, since when as `seen` compares it, then what `find` says.
local function look_up(id, env)
  if env then
    local state, at, n, who = find(id, env)
    local h = header(env)
    local since = h and h.created or 0
    if state == 'dead' then since = at end
    if state == 'retry' then
      local all = failures.of(id)
      since = num(string.match(all[#all] or '', '"at_ms":(%d+)'))
    end
    return state, since, n, who
  end
  if call('HEXISTS', K .. 'set_aside', id) == 1 then
    return 'set_aside', num(call('ZSCORE', K .. 'set_aside_at', id))
  end
  local kept = call('HGET', K .. 'kept', id)
  if kept then return keeping.state(kept), num(call('ZSCORE', K .. 'completed', id)) end
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
local told
local function tell(id, env, h, n, who, how)
  if string.sub(cancel_word(env) or '', 1, 1) == how then return 'p' end
  told = true
  local why = string.gsub(text .. note, '[ %%]', {[' '] = '%20', ['%'] = '%25'})
  env = envelope.with_failures(env, h, h.attempts)
  call('HSET', record_key(id), id,
    envelope.with_word(env, 'c', how .. int(now) .. ',' .. why))
  tell_pool(n, id, who)
  return 'm'
end
local verbs = {}
function verbs.drop(id, env, state, n, who)
  if state == 'set_aside' then
    keeping.forget_aside(id)
    call('HDEL', K .. 'bodies:' .. segment(id), id)
    return 'm'
  elseif not env then
    keeping.drop(id)
    return 'm'
  end
  local h = header(env)
  if state == 'active' and h and text ~= '' and runs(n) then
    return tell(id, env, h, n, who, 'x')
  end
  take_out(id, env, h, state, n, who)
  local ending = text ~= '' and h and '{"outcome":"cancelled","at_ms":' .. int(now) .. text
  finish(id, env, ending and 'cancelled' or 'dropped', ending or '')
  if ending then
    if note ~= '' then env = envelope.with_failures(env, h, h.attempts) end
    keeping.add(id, h.list, ending, env, 1000)
  end
  return 'm'
end
function verbs.requeue(id, env, state)
  if state == 'active' then return 'a' end
  if state == 'pending' or state == 'suspect' then return 'p' end
  if state == 'set_aside' then return bring_back(id) end
  if not env then return 'v' end
  if state == 'dead' and not holdings.retake(id, env) then return 'l' end
  local h = header(env)
  take_from(state, id, env)
  if not h then
    put_aside(id, env)
    return 'u'
  end
  if state == 'dead' then
    call('HSET', record_key(id), id, envelope.with_word(envelope.with_attempts(env, 0), 's'))
    holdings.lives_again(id, env)
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
  env = envelope.with_list(env, list)
  call('HSET', record_key(id), id, env)
  if state == 'dead' then keeping.count('dead', id, whole_size(env)) end
  if state == 'pending' then
    h.list = list
    enter(id, h, 'back')
  end
  return 'm'
end
function verbs.follow(id, env, state, n)
  local h = env and header(env)
  if not h then return 'u' end
  local who = envelope.word(env, 'w')
  local _, others = string.gsub(who or '', ',', ',')
  if who and string.find(',' .. who .. ',', ',' .. text .. ',', 1, true) then return 'p' end
  if others >= 16 - 1 and string.sub(text, 1, 1) ~= '{' then return 'v' end
  env = envelope.with_word(env, 'w', who and who .. ',' .. text or text)
  local flags = h.flags + (bit(h.flags, 64) and 0 or 64)
  call('HSET', record_key(id), id, envelope.with_flags(env, flags))
  if state == 'active' then call('SADD', K .. 'followed:' .. n, id) end
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
look_for_ids(8)
for i = 8, #ARGV do
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
    told = false
    code = verbs[verb](id, env, state, n, who)
    -- Of one that runs its word has it until it ends: whoever holds it does not know that there is
    -- a log, and would leave that behind.
    if code == 'm' and note ~= '' and not told then
      keep_history(id, note .. ',"was":"' .. state .. '","at_ms":' .. int(now) .. '}')
    end
  end
  codes[#codes + 1] = code
  found[#found + 1] = LETTER[state] or '-'
end
slots.wake()
note_ready()
wake_woken()
if soonest then due_at(soonest) end
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
R"lua(local counts, lists, looked, gone, jobs = {}, {}, 0, 0, 0
for _, n in ipairs(ARGV) do
  if jobs >= 1024 then break end
  looked = looked + 1
  local blob = call('GET', K .. 'claim:' .. n)
  if blob then
    local left, parts = {}, {}
    for _, id in ipairs(call('SMEMBERS', K .. 'left:' .. n)) do left[id] = true end
    for id in string.gmatch(string.match(blob, '\n,(.*)$') or '', '[^,]+') do
      if not left[id] then
        local s = segment(id)
        if not parts[s] then parts[s] = {} end
        table.insert(parts[s], id)
        jobs = jobs + 1
      end
    end
    -- Of the record the list alone: jobs of a claim are many, and mostly of one producer.
    for s, ids in pairs(parts) do
      for _, env in ipairs(call('HMGET', K .. 'jobs:' .. s, unpack(ids))) do
        local list = env and string.match(env, '^%d %x%x%x%x %d%d%d%d %d+ ([^ \n]+)')
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
local reply = {looked, gone}
for _, list in ipairs(lists) do
  reply[#reply + 1] = list
  reply[#reply + 1] = counts[list]
end
return reply
)lua",
    });
}

inline std::string bound([[maybe_unused]] surroundings const& at)
{
    using namespace bundle;
    return join({
R"lua(#!lua flags=allow-oom
)lua",
        at.clock,
        prelude,
        lists,
        gate,
        limits,
        registries,
        moves,
        doors,
        keeping,
        holdings,
        needs,
        flows,
        bounds,
R"lua(local verb, queue = ARGV[1], ARGV[2]
if verb == 'show' then
  local reply = {now}
  for one, most, how in string.gmatch(call('GET', K .. 'bounds') or '', '(%S+) (%d+) (%a)') do
    if not queue or one == queue then
      local about = call('HMGET', K .. 'bound:' .. one, 'who', 'at_ms', 'refused', 'dropped',
        'full_at')
      reply[#reply + 1] = {one, most, how, about[1] or '', about[2] or '0',
        gate.bounds.count(one), about[3] or '0', about[4] or '0', about[5] or '0'}
    end
  end
  return reply
end
local code, through = 'm'
if verb == 'settle' then
  through = gate.settle()
elseif verb == 'remove' then
  code, through = gate.bounds.set(queue)
else
  code, through = gate.bounds.set(queue, ARGV[3], ARGV[4], ARGV[5])
end
note_ready()
wake_woken()
if not through and verb ~= 'settle' then due_at(now + 1000) end
return {now, code, through and 0 or 1}
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
timers = timers + call('ZCARD', K .. 'uncommitted') + call('HLEN', K .. 'tellings')
return {now, call('ZCARD', K .. 'scheduled') - timers, call('ZCARD', K .. 'retry'),
  call('ZCARD', K .. 'dead'), call('HLEN', K .. 'set_aside'), suspects, stored,
  settings, call('ZCARD', K .. 'waiting'), call('ZCARD', K .. 'then:{{reader')}
)lua",
    });
}

inline std::string cron([[maybe_unused]] surroundings const& at)
{
    using namespace bundle;
    return join({
R"lua(#!lua flags=allow-oom
)lua",
        at.clock,
        prelude,
        crons,
R"lua(local verb, name = ARGV[1], ARGV[2]
if verb == 'due' then
  local most = tonumber(ARGV[2])
  local reply, soon = {now, '0'}, call('ZRANGE', K .. 'crons_due', '0', int(most), 'WITHSCORES')
  -- Somebody deleted the times.
  if #soon == 0 and call('HLEN', K .. 'crons') > 0 then
    local all, times = call('HGETALL', K .. 'crons'), {}
    for i = 1, #all, 2 do
      local _, at = crons.seen(all[i + 1])
      if num(at) > 0 then gather(times, 'due', at, all[i]) end
    end
    local back = times.due or {}
    in_steps(#back, function(i, j) call('ZADD', K .. 'crons_due', unpack(back, i, j)) end)
    soon = call('ZRANGE', K .. 'crons_due', '0', int(most), 'WITHSCORES')
  end
  for i = 1, #soon, 2 do
    if num(soon[i + 1]) > now or i > 2 * most then
      reply[2] = soon[i + 1]
      break
    end
    local record = call('HGET', K .. 'crons', soon[i])
    if record then
      reply[#reply + 1] = soon[i]
      reply[#reply + 1] = record
    else
      call('ZREM', K .. 'crons_due', soon[i])
    end
  end
  return reply
end
local before = call('HGET', K .. 'crons', name)
if verb == 'show' then
  return {now, before or '', unpack(call('LRANGE', K .. 'fires:' .. name, '0', '-1'))}
end
local revision, at, fired, job = crons.seen(before)
if revision ~= ARGV[3] or at ~= ARGV[4] then return {now, 'v', before or ''} end
if verb == 'drop' then
  call('HDEL', K .. 'crons', name)
  call('ZREM', K .. 'crons_due', name)
  redis.call('DEL', K .. 'fires:' .. name)
  return {now, 'm', ''}
end
if not before and call('HLEN', K .. 'crons') >= 10000 then return {now, 'f', ''} end
local paused = ARGV[6] == '-1' and int(now) or ARGV[6]
local number = int(call('HINCRBY', K .. 'broker', 'crons', '1'))
return {now, 'm', crons.store(name, number, ARGV[5], paused, fired, job, ARGV[7])}
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
        limits,
        registries,
        moves,
        doors,
        keeping,
        holdings,
        needs,
        flows,
        find_job,
        past_actions,
R"lua(local due, new, body, note, id = ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
look_for_ids(7)
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
  holdings.untag(id, env)
  holdings.tag(id, new)
  if body ~= '' then
    call('HSET', K .. 'bodies:' .. segment(id), id, body)
  else
    call('HDEL', K .. 'bodies:' .. segment(id), id)
  end
  if state == 'dead' then keeping.count('dead', id, whole_size(new)) end
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
  if code == 'm' and note ~= '' then
    keep_history(id, note .. ',"was":"' .. state .. '","at_ms":' .. int(now) .. '}')
  end
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
        plain_enqueue,
        prelude,
        lists,
R"lua(local function rare()
if bury then return end
)lua",
        registries,
        moves,
        doors,
        keeping,
        holdings,
        needs,
        flows,
        bounds,
R"lua(end
)lua",
        store,
R"lua(local key = K .. 'producer:' .. ARGV[1] .. ':' .. (tonumber(ARGV[2]) % 16)
local before = call('MGET', key, K .. 'bounds')
local last = before[1]
gate.bounds.text = before[2] or ''
gate.bounds.on = gate.bounds.text ~= ''
if gate.bounds.on then rare() end
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
if gate.bounds.on then gate.bounds.settle() end
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
        limits,
        registries,
        moves,
        doors,
        keeping,
        holdings,
        needs,
        flows,
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
        records,
        counting,
R"lua(local pool, number, lease_ms, modes = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local want, max_bytes = tonumber(ARGV[5]), tonumber(ARGV[6])
local slot = 'x' .. (tonumber(number) % 16)
local owner = string.gsub(pool, '%.heartbeat$', '')
local leases = K .. 'leases'
local codes, lost, fetch_order = {}, {}, {}
local claim, suspects, jobs = nil, 0, {}
local limits = {1000, 16777216, 86400000, 10000, 268435456, 1000, 67108864}
local trims = string.find(modes, 'c', 1, true) ~= nil
local clock = call('HMGET', K .. 'broker', 'fence', 'last_exchange', 'from', 'until', 'astray',
  'until_claim', 'layout')
if num(clock[7]) > 1 then
  return redis.error_reply('LAYOUT of this namespace is ' .. clock[7] ..
    ', this program knows 1: update it')
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
local QUARANTINE_MAX = 1200000
local function quarantine_of(longest)
  return math.min(math.max(2 * longest, math.floor(lease_ms / 3)), QUARANTINE_MAX)
end
)lua",
        outcomes,
        finished,
R"lua(local write_and_end
local function make_writes()
  if write_and_end then return end
  learn_words()
)lua",
        writes,
R"lua(end
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
        call('LTRIM', K .. 'log:' .. id, -100, -1)
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

inline std::string fire([[maybe_unused]] surroundings const& at)
{
    using namespace bundle;
    return join({
R"lua(#!lua
)lua",
        at.clock,
        prelude,
        lists,
R"lua(local function rare()
if bury then return end
)lua",
        registries,
        moves,
        doors,
        keeping,
        holdings,
        needs,
        flows,
R"lua(end
)lua",
        store,
        crons,
R"lua(local name, key = ARGV[1], K .. 'crons'
local before = call('HGET', key, name)
local revision, at, fired, job, paused, text = crons.seen(before)
if not before or revision ~= ARGV[2] or at ~= ARGV[3] then return {now, 'v', before or ''} end
local code = 'm'
if ARGV[5] == '1' and job ~= '' and call('HEXISTS', record_key(job), job) == 1
    and not call('ZSCORE', K .. 'dead', job) then
  code = 'o'
elseif #ARGV > 7 then
  local codes = store(8, #ARGV)
  if #codes > 0 then
    code = 'p'
    for _, one in ipairs(codes) do
      if one == 's' then code = 'm' end
    end
  end
  note_ready()
  wake_woken()
  if soonest then due_at(soonest) end
  fired, job = int(now), ARGV[6]
end
local record = crons.store(name, revision, ARGV[4], paused, fired, job, text)
call('LPUSH', K .. 'fires:' .. name,
  '{"at_ms":' .. int(now) .. ',"code":"' .. code .. '"' .. ARGV[7])
call('LTRIM', K .. 'fires:' .. name, '0', int(100 - 1))
return {now, code, record}
)lua",
    });
}

inline std::string forget([[maybe_unused]] surroundings const& at)
{
    using namespace bundle;
    return join({
R"lua(#!lua flags=allow-oom
)lua",
        at.clock,
        prelude,
        lists,
        gate,
        limits,
        registries,
        moves,
        doors,
        keeping,
        holdings,
        needs,
        flows,
R"lua(-- Where jobs were cancelled their ghosts stand still: nobody is there who would meet them.
for _, list in ipairs(ARGV) do
  local key, side = K .. 'list:' .. list, K .. 'side:' .. list
  local length = call('LLEN', key)
  if length > 0 and length == num(call('HGET', side, ''))
      and redis.call('EXISTS', K .. 'prio:' .. list) == 0 then
    local ghosts = {}
    for _, id in ipairs(call('HKEYS', side)) do
      if string.byte(id) ~= 123 then ghosts[#ghosts + 1] = id end
    end
    in_steps(#ghosts, function(i, j) call('HDEL', side, unpack(ghosts, i, j)) end)
    redis.call('UNLINK', key)
    note_emptied({list})
  end
end
return forget_those(ARGV)
)lua",
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
        limits,
        registries,
        moves,
        doors,
        keeping,
        holdings,
        needs,
        flows,
        find_job,
R"lua(local id = ARGV[2]
-- The last of those lines among the log's that are of its history.
local function history_of(env)
  local all = {}
  if string.find(env, '^%d %x%x%x[0-7] ') then return all end
  for _, line in ipairs(call('LRANGE', K .. 'log:' .. id, '0', '-1')) do
    if string.sub(line, 1, 11) == '{"action":"' then all[#all + 1] = line end
  end
  while #all > 20 do table.remove(all, 1) end
  return all
end
local function pairs_of(key, count)
  if count == 0 then return {} end
  if count <= 100 then return call('HGETALL', key) end
  return call('HRANDFIELD', key, '100', 'WITHVALUES')
end
local function bonds_of(env, state)
  local head = head_of(env)
  if not head or not (head.holds or head.followed or state == 'waiting') then
    return {{}, 0, {}, 0, {}}
  end
  local needs, given, after = K .. 'needs:' .. id, K .. 'given:' .. id, K .. 'then:' .. id
  local count = call('HLEN', needs)
  return {pairs_of(needs, count), count,
    call('ZRANGE', after, '0', int(100 - 1)), call('ZCARD', after),
    pairs_of(given, call('HLEN', given))}
end
look_for_ids(2)
local env = call('HGET', record_key(id), id)
if env then
  local state, at, n, who = find(id, env)
  if not state then return {now, '?', 0, beyond, '', '', '', '', {}} end
  local progress = n and call('HGET', K .. 'progress:' .. n, id)
  return {now, state, at, n or '0', who or '', env, progress or '', '',
    failures.of(id), version_of(env), history_of(env), bonds_of(env, state)}
end
local kept = call('HGET', K .. 'kept', id)
if kept then
  local at = string.find(kept, '\n', 1, true) or 0
  env = string.sub(kept, at + 1)
  local when = num(call('ZSCORE', K .. 'completed', id))
  return {now, keeping.state(kept), when, '0', '', env, '',
    string.sub(kept, 1, math.max(at - 1, 0)), {}, '', history_of(env)}
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
        limits,
        registries,
        moves,
        doors,
        keeping,
        holdings,
        needs,
        flows,
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
        records,
        counting,
R"lua(local pool, number, lease_ms, modes = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local want, max_bytes = tonumber(ARGV[5]), tonumber(ARGV[6])
local slot = 'x' .. (tonumber(number) % 16)
local owner = string.gsub(pool, '%.heartbeat$', '')
local leases = K .. 'leases'
local codes, lost, fetch_order = {}, {}, {}
local claim, suspects, jobs = nil, 0, {}
local limits = {1000, 16777216, 86400000, 10000, 268435456, 1000, 67108864}
local trims = string.find(modes, 'c', 1, true) ~= nil
local clock = call('HMGET', K .. 'broker', 'fence', 'last_exchange', 'from', 'until', 'astray',
  'until_claim', 'layout')
if num(clock[7]) > 1 then
  return redis.error_reply('LAYOUT of this namespace is ' .. clock[7] ..
    ', this program knows 1: update it')
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
local QUARANTINE_MAX = 1200000
local function quarantine_of(longest)
  return math.min(math.max(2 * longest, math.floor(lease_ms / 3)), QUARANTINE_MAX)
end
)lua",
        outcomes,
        finished,
R"lua(local write_and_end
local function make_writes()
  if write_and_end then return end
  learn_words()
)lua",
        writes,
R"lua(end
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
        call('LTRIM', K .. 'log:' .. id, -100, -1)
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
        limits,
        registries,
        moves,
        doors,
        keeping,
        holdings,
        needs,
        flows,
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

inline std::string limit([[maybe_unused]] surroundings const& at)
{
    using namespace bundle;
    return join({
R"lua(#!lua flags=allow-oom
)lua",
        at.clock,
        prelude,
        lists,
        gate,
        limits,
        registries,
        moves,
        doors,
        keeping,
        holdings,
        needs,
        flows,
R"lua(local verb, name = ARGV[1], ARGV[2]
local function shown(one)
  local limit = call('HMGET', K .. 'limit:' .. one, 'slots', 'by', 'who', 'at_ms', 'on')
  if not limit[1] then return nil end
  local held, waits = K .. 'held:' .. one, K .. 'waits:' .. one
  local some = call('HSCAN', held, '0', 'COUNT', '5')[2]
  return {one, limit[1], limit[2], limit[3], limit[4], limit[5], call('HLEN', held),
    call('ZCARD', waits), {unpack(some, 1, math.min(#some, 10))}, call('ZRANGE', waits, '0', '4')}
end
if verb == 'show' or verb == 'page' or verb == 'list' then
  local names, parked = {unpack(ARGV, 2)}, ''
  if verb == 'list' then
    local side = call('HMGET', K .. 'side:' .. name, '{limits', '{parked')
    names, parked = {}, side[2] or ''
    for one in string.gmatch(side[1] or '', '%S+') do names[#names + 1] = one end
  elseif verb == 'page' then
    local page = call('SSCAN', K .. 'limits', name, 'COUNT', 64)
    parked, names = page[1], page[2]
  end
  local reply = {now, parked}
  for _, one in ipairs(names) do reply[#reply + 1] = shown(one) end
  return reply
end
if verb == 'leaked' then
  local page, gone = call('HSCAN', K .. 'held:' .. name, ARGV[3], 'COUNT', 64), {}
  for j = 1, #page[2], 2 do
    if not slots.holds(page[2][j], page[2][j + 1]) then gone[#gone + 1] = page[2][j] end
  end
  if ARGV[4] == '1' and #gone > 0 then
    in_steps(#gone, function(i, j) call('HDEL', K .. 'held:' .. name, unpack(gone, i, j)) end)
    slots.touch(name)
    slots.settle()
    wake_woken()
  end
  return {now, page[1], gone}
end
if verb == 'stranded' then
  local found = {}
  -- While a walk is under way lists may wait where a limit was, until it comes by.
  if call('HGET', K .. 'broker', 'settling') then return {now, '0', found} end
  for j = 3, #ARGV do
    local at = call('HGET', K .. 'side:' .. ARGV[j], '{parked')
    if at and not call('ZSCORE', K .. 'waits:' .. at, '{' .. ARGV[j]) then
      found[#found + 1] = ARGV[j]
      if name == '1' then
        slots.unpark(ARGV[j], at)
        slots.back[ARGV[j]] = true
      end
    end
  end
  slots.settle()
  wake_woken()
  return {now, '0', found}
end
local code, through = 'm'
if verb == 'settle' then
  through = gate.settle()
elseif verb == 'remove' then
  code, through = slots.remove(name)
else
  code, through = slots.set(name, ARGV[3], 'hand', ARGV[4], ARGV[5] == '1' and ARGV[6] or nil)
end
slots.wake()
note_ready()
wake_woken()
if not through and verb ~= 'settle' then due_at(now + 1000) end
return {now, code, through and 0 or 1}
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
        limits,
        registries,
        moves,
        doors,
        keeping,
        holdings,
        needs,
        flows,
R"lua(local oldest = call('ZRANGE', K .. 'completed', '0', '255')
for _, id in ipairs(oldest) do keeping.drop(id) end
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
local went = 0
for _, before in ipairs(call('SMEMBERS', key)) do
  if string.sub(before, 1, 3) == '0 {' then went = went + call('SREM', key, before) end
end
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
-- What waits at a limit is not ready, though somebody will run it.
for _, mark in ipairs(call('ZRANGEBYSCORE', K .. 'lists', 9007199254740991, '+inf')) do
  local list = string.match(mark, '^!|(.*)$')
  local side = list and is_asked(list)
    and call('HMGET', K .. 'side:' .. list, '{paused', '{parked', '') or {}
  if side[2] and not side[1] then
    pending = pending + call('LLEN', K .. 'list:' .. list) + call('ZCARD', K .. 'prio:' .. list)
      - num(side[3])
  end
end
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
        limits,
        registries,
        moves,
        doors,
        keeping,
        holdings,
        needs,
        flows,
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
        limits,
        registries,
        moves,
        doors,
        keeping,
        holdings,
        needs,
        flows,
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
local layout = redis.pcall('HGET', KEYS[1] .. 'broker', 'layout')
if type(layout) == 'string' and (tonumber(layout) or 0) > 1 then
  other = 'LAYOUT of this namespace is ' .. layout ..
    ', this program knows 1: update it'
end
return {table.concat(denied, ', '), other or ''}
)lua",
    });
}

}  // namespace work::scripts
