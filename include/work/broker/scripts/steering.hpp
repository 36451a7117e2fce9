// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string_view>

namespace work::scripts {

/// Where a job is. Shared by the scripts below, in front of each.
///
/// A pending and an active job are told apart by looking through the claims: O(claims), which is
/// what the straight path saves by not writing down who runs what.
inline constexpr std::string_view find_job = R"lua(
local blobs
local function claim_of(id)
  if not blobs then
    blobs = {}
    for _, n in ipairs(call('ZRANGE', K .. 'leases', 0, -1)) do
      blobs[#blobs + 1] = {n, call('GET', K .. 'claim:' .. n) or ''}
    end
  end
  for _, b in ipairs(blobs) do
    if string.find(b[2], ',' .. id .. ',', 1, true)
        and call('SISMEMBER', K .. 'left:' .. b[1], id) == 0 then
      return b[1], string.match(b[2], '^(%S+) ')
    end
  end
end
local function suspect_group(id)
  for index, group in ipairs(call('LRANGE', K .. 'suspects', 0, -1)) do
    if string.find(group, ',' .. id .. ',', 1, true) then return index - 1, group end
  end
end
-- state, when, claim, pool
local function find(id, env)
  for _, set in ipairs({'scheduled', 'retry', 'dead'}) do
    local at = call('ZSCORE', K .. set, id)
    if at then return set, tonumber(at) end
  end
  local n, who = claim_of(id)
  if n then return 'active', tonumber(call('ZSCORE', K .. 'leases', n)), n, who end
  if suspect_group(id) then return 'suspect', 0 end
  return 'pending', 0
end
-- Takes a job out of the place where it waits, unless that is a list.
local function take_from(state, id)
  if state == 'suspect' then
    local index, group = suspect_group(id)
    local at = string.find(group, ',' .. id .. ',', 1, true)
    local rest = string.sub(group, 1, at) .. string.sub(group, at + #id + 2)
    if string.sub(rest, -2) == '\n,' then
      call('LSET', K .. 'suspects', index, '')
      call('LREM', K .. 'suspects', 1, '')
    else
      call('LSET', K .. 'suspects', index, rest)
    end
  elseif state ~= 'pending' then
    call('ZREM', K .. state, id)
  end
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
      return unready_if_empty(list)
    end
    if call('ZREM', K .. 'prio:' .. list, id) == 1 then return unready_if_empty(list) end
  end
end
)lua";

/// Drops jobs in any state.
///
/// KEYS[1] prefix
/// ARGV    ids
/// Reply   { codes as one string, notes* } — 'm' dropped, 'g' no such job
/// A job in the middle of a list leaves a ghost there, which the pop that meets it consumes.
inline constexpr std::string_view cancel = R"lua(
local codes = {}
for i, id in ipairs(ARGV) do
  local env = call('HGET', record_key(id), id)
  if not env then
    codes[i] = 'g'
  else
    local state, _, n, who = find(id, env)
    local h = header(env)
    forget_record(id, env)
    forget_failures(id)
    if state == 'active' then
      call('SADD', K .. 'left:' .. n, id)
      if who and call('SISMEMBER', K .. 'pools', who) == 1 then
        call('SADD', K .. 'cancels:' .. who, n .. ' ' .. id)
        hint(K .. 'wake:' .. who)
      end
    elseif state ~= 'pending' then
      take_from(state, id)
    elseif not h then
      unlist(id)
    elseif h.priority ~= 0 and call('ZREM', K .. 'prio:' .. h.list, id) == 1 then
      unready_if_empty(h.list)
    else
      call('HINCRBY', K .. 'ghosts:' .. h.list, id, 1)
      call('HINCRBY', K .. 'ghosts:' .. h.list, '', 1)
    end
    codes[i] = 'm'
  end
end
return {table.concat(codes), notes}
)lua";

/// Makes dead, retrying or scheduled jobs pending now.
///
/// KEYS[1] prefix
/// ARGV    ids
/// Reply   { codes as one string, notes* } — 'm' moved, 'g' no such job, 'a' active,
///         'p' already pending. A dead job starts over: its attempts are counted from 0 again.
inline constexpr std::string_view requeue = R"lua(
local codes = {}
for i, id in ipairs(ARGV) do
  local env = call('HGET', record_key(id), id)
  local h = env and header(env)
  if not env then
    codes[i] = 'g'
  else
    local state = find(id, env)
    if state == 'active' then
      codes[i] = 'a'
    elseif state == 'pending' or state == 'suspect' then
      codes[i] = 'p'
    elseif not h then
      take_from(state, id)
      put_aside(id, env)
      codes[i] = 'g'
    else
      take_from(state, id)
      if state == 'dead' then
        call('HSET', record_key(id), id, with_word(with_attempts(env, 0), 's'))
      end
      make_pending(id, h)
      codes[i] = 'm'
    end
  end
end
note_ready()
wake_woken()
return {table.concat(codes), notes}
)lua";

/// One job.
///
/// KEYS[1] prefix
/// ARGV    id
/// Reply   { now, state, when, claim, pool, envelope, progress, kept, failures* }
///         of a large job the envelope is its head
inline constexpr std::string_view job = R"lua(
local id = ARGV[1]
local env = call('HGET', record_key(id), id)
if env then
  local state, at, n, who = find(id, env)
  local progress = n and call('HGET', K .. 'progress:' .. n, id)
  return {now, state, at, n or '0', who or '', env, progress or '', '',
    call('LRANGE', K .. 'errors:' .. id, 0, -1)}
end
local kept = call('HGET', K .. 'kept', id)
if kept then
  local at = string.find(kept, '\n', 1, true) or 0
  env = string.sub(kept, at + 1)
  local h = header(env)
  local when = h and num(call('ZSCORE', K .. 'completed:' .. h.list, id)) or 0
  return {now, 'completed', when, '0', '', env, '',
    string.sub(kept, 1, math.max(at - 1, 0)), {}}
end
local bytes = call('HGET', K .. 'set_aside', id)
if bytes then return {now, 'set_aside', 0, '0', '', bytes, '', '', {}} end
return {now, 'unknown', 0, '0', '', '', '', '', {}}
)lua";

/// How much there is. Only how much of which list is active takes `active`.
///
/// KEYS[1] prefix
/// Reply   { now, scheduled, retry, dead, set aside, suspects, claims*,
///           (list pending oldest processed failed processed_today failed_today)*, records }
/// Why records: what is active is what has a record and is nowhere else, and to read it from the
/// claims takes more than one call, between which jobs move.
/// Cost    1 024 HLEN, 0.3 ms
inline constexpr std::string_view counts = R"lua(
local stored = 0
for hi in string.gmatch(DIGITS, '.') do
  for lo in string.gmatch(DIGITS, '.') do
    stored = stored + call('HLEN', K .. 'jobs:' .. hi .. lo)
  end
end
local suspects = 0
for _, group in ipairs(call('LRANGE', K .. 'suspects', 0, -1)) do
  local _, commas = string.gsub(group, ',', ',')
  suspects = suspects + commas - 1
end
local lists = {}
local day = K .. 'stats:' .. int(math.floor(now / 86400000))
for _, list in ipairs(call('ZRANGE', K .. 'lists', 0, -1)) do
  if string.sub(list, 1, 1) ~= '!' then
  local length = call('LLEN', K .. 'list:' .. list) + call('ZCARD', K .. 'prio:' .. list)
  local oldest = 0
  if length > 0 then
    length = length - num(call('HGET', K .. 'ghosts:' .. list, ''))
    local id = call('LINDEX', K .. 'list:' .. list, 0)
    local env = id and call('HGET', record_key(id), id)
    local h = env and header(env)
    if h then oldest = h.created end
  end
  local done = call('HMGET', K .. 'stats', list .. ' processed', list .. ' failed')
  local today = call('HMGET', day, list .. ' processed', list .. ' failed')
  for _, v in ipairs({list, length, oldest, num(done[1]), num(done[2]), num(today[1]),
                      num(today[2])}) do
    lists[#lists + 1] = v
  end
  end
end
return {now, call('ZCARD', K .. 'scheduled'), call('ZCARD', K .. 'retry'),
  call('ZCARD', K .. 'dead'),
  call('HLEN', K .. 'set_aside'), suspects, call('ZRANGE', K .. 'leases', 0, -1), lists, stored}
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
/// A hint the pool took and did not follow is given again; its alarm goes to another pool.
inline constexpr std::string_view leave = R"lua(
local pool = ARGV[1]
call('SREM', K .. 'pools', pool)
redis.call('DEL', K .. 'pool:' .. pool, K .. 'pool:' .. pool .. '.keeper', K .. 'serves:' .. pool,
  K .. 'wake:' .. pool, K .. 'cancels:' .. pool, K .. 'status:' .. pool)
local a = call('HMGET', K .. 'alarm', 'holder', 'holder_at', 'backup')
if a[3] == pool then call('HDEL', K .. 'alarm', 'backup', 'backup_at') end
if a[1] == pool then
  call('HDEL', K .. 'alarm', 'holder', 'holder_at')
  if a[3] and a[3] ~= pool then
    hint(K .. 'wake:' .. a[3])
  else
    for _, p in ipairs(some_pools(1, pool)) do hint(K .. 'wake:' .. p) end
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
    if ready[i - a + 1] == 1 or ready[i - a + 2] == 1 then hint(K .. 'wake:' .. waited[i]) end
  end
end)
if call('LLEN', K .. 'suspects') > 0 then
  for _, p in ipairs(some_pools(8, pool)) do hint(K .. 'wake:' .. p) end
end
return 1
)lua";

}  // namespace work::scripts
