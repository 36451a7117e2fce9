-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- What jobs off the fast path need. The scripts that seldom need it make it when they do
--- (`rare()`): to make these functions takes a tenth of an exchange that finds one job.
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
  call('LTRIM', key, -policy.max_failures, -1)
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
