-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- An exchange without words that asks for jobs, of which there is a single one in what is named,
--- while nothing is due, lapsed, suspect or cancelled. ARGV as for the exchange; with the mode 'p'
--- the claim lapses after 2 s, if it is not renewed by then.
if ARGV[7] == 'L' and tonumber(ARGV[5]) > 0 and not string.find(ARGV[4], '[cd]') then
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
    local slot = 'x' .. tonumber(ARGV[2]) % policy.stored_answers
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
        and (not clock[4] or clock[4] == 'policy.layout')
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
