-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Where jobs are. Shared by the scripts below, in front of each.
---
--- An active job of a small claim is found by the index; those of large claims, which are few, are
--- looked for in their claims, of which one call looks through 64 at most. They are gone through by
--- number from a cursor on: claims to come have higher numbers, and no claim gets a job later, so
--- that the last call knows what is in none of them.
local cursor, beyond = ARGV[1], nil  -- beyond: there are more claims, after this one
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
