-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Shared by all scripts. KEYS[1] is the namespace's prefix `work:{ns}:`; every other key is
--- derived from it, and so lies in the same slot.
---
--- `call` renames a key of the wrong type (somebody wrote it by hand) to `aside:…` and goes on as
--- if it had been empty; what was renamed is told in `notes`. `ready` and `queues:` are made anew.
--- Nothing is decoded but our own header line of an envelope:
--- `2 FFFF AAAA TTTTTTTTTTTTT LIST( key=value)*\n`. Words (` key=value`) that a version does not
--- know are kept as they are. With the flag 10 the record is only the head of a large job, whose
--- ` b=` bytes behind the first line are in `bodies:…`.
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
