#!lua
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Adds to the histories of lists what a writer measured, once for each number.
---
--- KEYS[1] prefix
--- ARGV    writer, number, when (ms), then for each list, at most 32: list k (field amount)*k
---   field   0 to 23 waits, 24 to 47 runs, 48 and 49 the sums of their us, 50 done, 51 failed
--- Reply   { now, repeated 0|1 }
--- Cost    a BITFIELD for each list and step, and one for the sum of all and each step
--@ clock
--@ prelude
local writer, number, at = ARGV[1], ARGV[2], math.min(tonumber(ARGV[3]), now)
local historian = K .. 'historian:' .. writer
if num(call('GET', historian)) >= tonumber(number) then return {now, 1} end
local registry = K .. 'histories'
local today = math.floor(now / policy.ms_per_day)

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
  if (of_name[name] or 0) >= policy.history_queues and not known[list] then series = '*' .. name end
  if not known[series] then
    if used >= policy.history_lists then return '{other' end
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
redis.call('SET', historian, number, 'PX', policy.historian_ms)
return {now, 0}
