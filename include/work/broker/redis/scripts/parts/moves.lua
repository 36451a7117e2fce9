-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- What jobs off the fast path need. The scripts that seldom need it make it when they do
--- (`rare()`): to make these functions takes a tenth of an exchange that finds one job.
envelope.with_attempts = function(env, n)
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
  for _ = policy.max_failures - 1, more do
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
