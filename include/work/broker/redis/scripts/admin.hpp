// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string_view>

namespace work::scripts {

/// Where jobs are. Shared by the scripts below, in front of each.
///
/// An active job of a small claim is found by the index; those of large claims, which are few, are
/// looked for in their claims, of which one call looks through 64 at most. They are gone through by
/// number from a cursor on: claims to come have higher numbers, and no claim gets a job later, so
/// that the last call knows what is in none of them.
inline constexpr std::string_view find_job = R"lua(
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
-- Looks for the ids (ARGV from the second on) that no set and no index knows.
local function look_for_ids()
  local wanted, many = {}, 0
  for i = 2, #ARGV do
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
  forget_aside(id)
  if env then call('HDEL', K .. 'bodies:' .. segment(id), id) end
  if body then call('HSET', K .. 'bodies:' .. segment(id), id, body) end
  call('HSET', record_key(id), id, env or stored)
  make_pending(id, h)
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
    if #places > num(call('HGET', K .. 'ghosts:' .. list, id)) then
      call('LREM', K .. 'list:' .. list, 1, id)
      -- A sweep that is reading the list may have missed one: it finds nothing, and another begins.
      if redis.call('DEL', K .. 'strays') == 1 then astray() end
      return unready_if_empty(list)
    end
    if call('ZREM', K .. 'prio:' .. list, id) == 1 then return unready_if_empty(list) end
  end
end
)lua";

/// Drops jobs in any state, set-aside records included.
///
/// KEYS[1] prefix
/// ARGV    cursor, ids
/// Reply   { codes as one string, notes*, cursor } — 'm' dropped, 'g' no such job, '?' not known
///         yet: to be asked again with the cursor of the reply ('0': from the beginning)
/// A job in the middle of a list leaves a ghost there, which the pop that meets it consumes.
inline constexpr std::string_view cancel = R"lua(
local codes = {}
look_for_ids()
for i = 2, #ARGV do
  local id, code = ARGV[i], 'm'
  local env = call('HGET', record_key(id), id)
  local state, n, who, _
  if env then state, _, n, who = find(id, env) end
  if env and not state then
    code = '?'
  elseif not env then
    if call('HEXISTS', K .. 'set_aside', id) == 1 then
      forget_aside(id)
      call('HDEL', K .. 'bodies:' .. segment(id), id)
    else
      code = 'g'
    end
  else
    local h = header(env)
    forget_record(id, env)
    forget_failures(id)
    if state == 'active' then
      call('SADD', K .. 'left:' .. n, id)
      index_leave(n, id)
      if who and redis.call('EXISTS', K .. 'pool:' .. who) == 1 then
        call('SADD', K .. 'cancels:' .. who, n .. ' ' .. id)
        give_wakeup(K .. 'wake:' .. who)
      end
    elseif state ~= 'pending' then
      take_from(state, id, env)
    elseif not h then
      unlist(id)
    elseif h.priority ~= 0 and call('ZREM', K .. 'prio:' .. h.list, id) == 1 then
      unready_if_empty(h.list)
    else
      call('HINCRBY', K .. 'ghosts:' .. h.list, id, 1)
      call('HINCRBY', K .. 'ghosts:' .. h.list, '', 1)
      local name = string.match(h.list, ':(.+)$')
      if name then call('SADD', K .. 'ready', '!' .. name) end
    end
  end
  codes[#codes + 1] = code
end
return {table.concat(codes), notes, beyond or '0'}
)lua";

/// Makes dead, retrying or scheduled jobs pending now, and brings set-aside records back.
///
/// KEYS[1] prefix
/// ARGV    cursor, ids
/// Reply   { codes as one string, notes*, cursor } — 'm' moved, 'g' no such job, 'a' active,
///         'p' already pending, 'u' a record that still can't be read, '?' as for cancel.
///         A dead job starts over: its attempts are counted from 0 again.
inline constexpr std::string_view requeue = R"lua(
local codes = {}
look_for_ids()
for i = 2, #ARGV do
  local id, code = ARGV[i], 'm'
  local env = call('HGET', record_key(id), id)
  local h = env and header(env)
  local state
  if env then state = find(id, env) end
  if env and not state then
    code = '?'
  elseif not env then
    code = bring_back(id)
  elseif state == 'active' then
    code = 'a'
  elseif state == 'pending' or state == 'suspect' then
    code = 'p'
  elseif not h then
    take_from(state, id, env)
    put_aside(id, env)
    code = 'g'
  else
    take_from(state, id, env)
    if state == 'dead' then
      call('HSET', record_key(id), id, with_word(with_attempts(env, 0), 's'))
    end
    make_pending(id, h)
  end
  codes[#codes + 1] = code
end
note_ready()
wake_woken()
return {table.concat(codes), notes, beyond or '0'}
)lua";

/// Puts jobs that are in no place into their lists again, in front.
///
/// KEYS[1] prefix
/// ARGV    cursor, ids
/// Reply   { codes as one string, notes*, cursor } — 'm' moved, 'p' it is where it should be, 'g'
///         no such job, 'u' can't be read and is set aside, '?' as for cancel
/// A list is looked through for 10 000 ids from each end: who asks has seen the others.
inline constexpr std::string_view take_back = R"lua(
local codes = {}
look_for_ids()
for i = 2, #ARGV do
  local id, code = ARGV[i], 'p'
  local env = call('HGET', record_key(id), id)
  local state = env and find(id, env)
  local h = env and header(env)
  if not env then
    code = 'g'
  elseif not state then
    code = '?'
  elseif state == 'pending' and not h then
    put_aside(id, env)
    code = 'u'
  elseif state == 'pending' then
    if not waits_in(h.list, id, '10000') and take_home(id, h) then code = 'm' end
    made_ready(h.list)
    woken[h.list] = true
  elseif state == 'suspect' and h then
    groups_of(name_of(h.list))
  end
  codes[#codes + 1] = code
end
note_ready()
wake_woken()
return {table.concat(codes), notes, beyond or '0'}
)lua";

/// Brings a set-aside record back, mended.
///
/// KEYS[1] prefix
/// ARGV    cursor (not used), id, envelope, of a large one its body
/// Reply   { code, notes* } — as for requeue
inline constexpr std::string_view restore = R"lua(
local code = bring_back(ARGV[2], ARGV[3], ARGV[4])
note_ready()
wake_woken()
return {code, notes}
)lua";

/// One job.
///
/// KEYS[1] prefix
/// ARGV    cursor, id
/// Reply   { now, state, when, claim, pool, envelope, progress, kept, failures* }
///         of a large job the envelope is its head; state '?': not known yet, `claim` is the cursor
///         with which to ask again
inline constexpr std::string_view job = R"lua(
local id = ARGV[2]
look_for_ids()
local env = call('HGET', record_key(id), id)
if env then
  local state, at, n, who = find(id, env)
  if not state then return {now, '?', 0, beyond, '', '', '', '', {}} end
  local progress = n and call('HGET', K .. 'progress:' .. n, id)
  return {now, state, at, n or '0', who or '', env, progress or '', '',
    call('LRANGE', K .. 'errors:' .. id, 0, -1)}
end
local kept = call('HGET', K .. 'kept', id)
if kept then
  local at = string.find(kept, '\n', 1, true) or 0
  env = string.sub(kept, at + 1)
  local when = num(call('ZSCORE', K .. 'completed', id))
  return {now, 'completed', when, '0', '', env, '',
    string.sub(kept, 1, math.max(at - 1, 0)), {}}
end
local bytes = call('HGET', K .. 'set_aside', id)
if bytes then
  local when = num(call('ZSCORE', K .. 'set_aside_at', id))
  return {now, 'set_aside', when, '0', '', bytes, '', '', {}}
end
return {now, 'unknown', 0, '0', '', '', '', '', {}}
)lua";

/// Frees memory: drops the oldest of what is kept of completed jobs, at most 256.
///
/// KEYS[1] prefix
/// Reply   how many were dropped
inline constexpr std::string_view make_room = R"lua(
local oldest = call('ZRANGE', K .. 'completed', '0', '255')
for _, id in ipairs(oldest) do drop_kept(id) end
return #oldest
)lua";

/// How much there is, of one moment. What of it is pending is read list by list, in plain commands.
///
/// KEYS[1] prefix
/// Reply   { now, scheduled, retry, dead, set aside, suspects, records }
/// Why records: what is pending or active is what has a record and is nowhere else.
/// Cost    1 024 HLEN, 0.3 ms
inline constexpr std::string_view counts = R"lua(
local stored = 0
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
return {now, call('ZCARD', K .. 'scheduled'), call('ZCARD', K .. 'retry'),
  call('ZCARD', K .. 'dead'), call('HLEN', K .. 'set_aside'), suspects, stored}
)lua";

/// How many jobs of some claims are still being run, by list. At most 16 claims a call.
///
/// KEYS[1] prefix
/// ARGV    claims
/// Reply   { how many of the claims ended or lapsed since they were named, (list count)* }
inline constexpr std::string_view active = R"lua(
local counts, lists, gone = {}, {}, 0
for _, n in ipairs(ARGV) do
  local blob = call('GET', K .. 'claim:' .. n)
  if blob then
    local left = {}
    for _, id in ipairs(call('SMEMBERS', K .. 'left:' .. n)) do left[id] = true end
    for id in string.gmatch(string.match(blob, '\n,(.*)$') or '', '[^,]+') do
      local env = not left[id] and call('HGET', record_key(id), id)
      local h = env and header(env)
      if h then
        if not counts[h.list] then lists[#lists + 1] = h.list end
        counts[h.list] = (counts[h.list] or 0) + 1
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
)lua";

/// A pool is gone for good. Repeating it changes nothing.
///
/// KEYS[1] prefix
/// ARGV    pool, what it waited for: `*<name>` or lists
/// Reply   1
/// A wakeup the pool took and did not follow is given again; its alarm goes to another pool. What a
/// request of its that comes later writes is deleted with those that are absent.
inline constexpr std::string_view leave = R"lua(
local pool = ARGV[1]
call('SREM', K .. 'pools', pool)
call('ZADD', K .. 'absent', int(now), pool)
redis.call('DEL', K .. 'pool:' .. pool, K .. 'pool:' .. pool .. '.heartbeat',
  K .. 'serves:' .. pool, K .. 'wake:' .. pool, K .. 'cancels:' .. pool, K .. 'status:' .. pool)
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
)lua";

}  // namespace work::scripts
