// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string_view>

namespace work::scripts {

// The one place where scripts learn the time, and the one where they cast lots. Tests replace them
// by `test_clock` and `test_draw`.
inline constexpr std::string_view server_clock =
    "local T = redis.call('TIME') local us = T[1] * 1000000 + T[2]\n";
inline constexpr std::string_view test_clock =
    "local us = tonumber(redis.call('GET', KEYS[1] .. 'test:clock'))\n";

// Up to n different members of a set that has `size` of them, n > 0. SRANDMEMBER looks at 15 places
// of the hash table for each member that it draws; many are taken as they lie there one behind the
// other, from a place that is drawn: each has the same chance.
inline constexpr std::string_view server_draw = R"lua(
local function draw(key, n, size)
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
inline constexpr std::string_view test_draw = R"lua(
local function draw(key, n)
  local all, some = call('SMEMBERS', key), {}
  table.sort(all)
  for i = 1, math.min(n, #all) do some[i] = all[(number + i - 1) % #all + 1] end
  return some
end
)lua";

// How many ms the status of a pool is still shown; nil: it is gone. It expires by the server's
// clock.
inline constexpr std::string_view server_shown = R"lua(
local function shown_for(p)
  local left = redis.call('PTTL', K .. 'status:' .. p)
  if left == -1 then return math.huge end
  return left >= 0 and left or nil
end
)lua";
inline constexpr std::string_view test_shown = R"lua(
local function shown_for(p)
  local text = redis.call('GET', K .. 'status:' .. p)
  return text and (tonumber(text) or math.huge) - now or nil
end
)lua";

/// Shared by all scripts. KEYS[1] is the namespace's prefix `work:{ns}:`; every other key is
/// derived from it, and so lies in the same slot.
///
/// `call` renames a key of the wrong type (somebody wrote it by hand) to `aside:…` and goes on as
/// if it had been empty; what was renamed is told in `notes`. `ready` and `queues:` are made anew.
/// Nothing is decoded but our own header line of an envelope:
/// `1 FF AAAA TTTTTTTTTTTTT LIST( key=value)*\n`. Words (` key=value`) that a version does not know
/// are kept as they are. With the flag 10 the record is only the head of a large job, whose ` b=`
/// bytes behind the first line are in `bodies:…`.
inline constexpr std::string_view prelude = R"lua(
local K = KEYS[1]
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
local function give_wakeup(key)
  if call('LLEN', key) == 0 then redis.call('RPUSH', key, '1') end
end
local function name_of(list) return string.match(list, ':(.+)$') or list end
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
local some_pools, make_pending, due_at, with_attempts, with_failures, word, with_word, snoozed
local group_parts, store_group, new_groups
local forget_failures, add_failure, bury, put_aside, forget_record
local index_leave, waits_in, whole_size, count_bytes, keep, drop_kept, forget_aside, take_home
)lua";

/// What lists need that got their first jobs, or lost their last ones.
///
/// `ready` has the lists that hold jobs, and `*<name>` where some of them are in other queues than
/// the name's own; those are in `queues:<name>`, too. While there are such lists it has `!<name>`
/// as well if jobs with priorities, or ghosts, came to one of them: else nobody looks for those
/// beside each list. `lists` has when a list was used last, to the hour; `!<list>` those that
/// some pool waits for by `wake:<list>`.
inline constexpr std::string_view ready_moves = R"lua(
local listened = {}
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
note_ready = function()
  if #became_ready == 0 then return end
  local lists, by_name, marks, used = became_ready, {}, {}, {}
  local ready = with_names(lists, by_name)
  for name, queues in pairs(by_name) do
    ready[#ready + 1] = '*' .. name
    if mixed[name] then ready[#ready + 1] = '!' .. name end
    for_all('SADD', K .. 'queues:' .. name, queues)
  end
  became_ready, mixed = {}, {}
  for_all('SADD', K .. 'ready', ready)
  for _, list in ipairs(lists) do
    marks[#marks + 1] = list
    marks[#marks + 1] = '!' .. list
  end
  in_steps(#marks, function(i, j)
    local at = call('ZMSCORE', K .. 'lists', unpack(marks, i, j))
    for m = 1, j - i, 2 do
      local list = marks[i + m - 1]
      if math.abs(num(at[m]) - now) > 3600000 then
        used[#used + 1] = int(now)
        used[#used + 1] = list
      end
      if at[m + 1] then listened[list] = true end
    end
  end)
  for_all('ZADD', K .. 'lists', used)
end
wake_woken = function()
  local names = {}
  for list in pairs(woken) do
    names[name_of(list)] = true
    if listened[list] then give_wakeup(K .. 'wake:' .. list) end
  end
  for name in pairs(names) do give_wakeup(K .. 'wake:*' .. name) end
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

/// What jobs off the fast path need. The scripts that seldom need it make it when they do
/// (`rare()`): to make these functions takes a tenth of an exchange that finds one job.
inline constexpr std::string_view rare_moves = R"lua(
with_attempts = function(env, n)
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
-- The record of a job that snoozed once more: ` s=N` counts, up to nine digits.
snoozed = function(env)
  local n = string.match(word(env, 's') or '', '^%d+$')
  n = n and #n <= 9 and tonumber(n) or 0
  return with_word(env, 's', int(math.min(n + 1, 999999999)))
end

local function score(h) return h.created - h.priority * PRIORITY_STEP end
-- Puts a job into its list: at the end, or in front of it.
make_pending = function(id, h, front)
  local list = h.list
  if h.priority ~= 0 then
    call('ZADD', K .. 'prio:' .. list, int(score(h)), id)
    made_ready(list)
    local name = string.match(list, ':(.+)$')
    if name then mixed[name] = true end
  elseif call(front and 'LPUSH' or 'RPUSH', K .. 'list:' .. list, id) == 1 then
    made_ready(list)
  end
  woken[list] = true
  has_place(id)
end
-- Whether a job that is in no place went to the front of its list. One of which the bytes are
-- counted as a dead one's was dead, and is again.
take_home = function(id, h)
  if call('HEXISTS', K .. 'bytes:dead', id) == 1 then
    call('ZADD', K .. 'dead', int(now), id)
    return false
  end
  make_pending(id, h, true)
  return true
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
-- With the body, where it is apart or the record does not say.
forget_record = function(id, env)
  call('HDEL', record_key(id), id)
  if not env or not string.find(env, '^1 [02468ACE]%x ') then
    call('HDEL', K .. 'bodies:' .. segment(id), id)
  end
end
forget_failures = function(id) redis.call('DEL', K .. 'errors:' .. id) end
add_failure = function(id, text)
  local key = K .. 'errors:' .. id
  call('RPUSH', key, text)
  call('LTRIM', key, -10, -1)
end
-- A job is no longer of this claim.
index_leave = function(n, id)
  if tonumber(n) % 2 == 0 then call('HDEL', K .. 'claimed:' .. segment(id), id) end
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
bury = function(id, env, h, text)
  env = with_word(with_failures(env, h, h.attempts), 'x')
  call('HSET', record_key(id), id, env)
  add_failure(id, text)
  call('ZADD', K .. 'dead', int(now), id)
  count_bytes('dead', id, whole_size(env))
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
-- The body of a large job stays where it is.
put_aside = function(id, env, why)
  call('HSET', K .. 'set_aside', id, env)
  call('ZADD', K .. 'set_aside_at', int(now), id)
  count_bytes('set_aside', id, whole_size(env))
  call('HDEL', record_key(id), id)
  forget_failures(id)
  notes[#notes + 1] = (why or 'unreadable record') .. ' set aside: ' .. id
end
)lua";

}  // namespace work::scripts
