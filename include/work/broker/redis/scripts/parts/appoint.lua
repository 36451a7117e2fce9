-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- The end of the exchange script, behind `claim_queues`.
  flush_emptied()
  if #ids > 0 then
    fence = math.max(fence + 1, us)
    -- Even: of few jobs, which are in the index from id to claim; odd: of more.
    if fence % 2 == (#ids <= policy.indexed_jobs and 1 or 0) then fence = fence + 1 end
    claim = int(fence)
    if #ids <= policy.indexed_jobs then
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
  local holder_ok = a[1] and num(a[2]) + policy.alarm_late_ms >= now
    and num(a[2]) <= math.max(due, now)
  local backup_ok = a[3] and num(a[4]) + policy.alarm_late_ms >= now
    and num(a[4]) <= math.max(due, now) + policy.alarm_backup_ms
  if a[1] == pool or not holder_ok then
    alarm = due
    call('HSET', K .. 'alarm', 'holder', pool, 'holder_at', int(due))
    if a[3] == pool then call('HDEL', K .. 'alarm', 'backup', 'backup_at') backup_ok = false end
    if not backup_ok then
      rare()
      for _, p in ipairs(some_pools(1, pool)) do give_wakeup(K .. 'wake:' .. p) end
    end
  elseif a[3] == pool or not backup_ok then
    alarm = due + policy.alarm_backup_ms
    call('HSET', K .. 'alarm', 'backup', pool, 'backup_at', int(alarm))
  end
end

local about_pool = 0  -- 1: it is not known, 2: chores are left, 4: and should follow soon
local LEASE_MIN = 500
local function lease_of(n)
  local head = call('GETRANGE', K .. 'claim:' .. n, 0, 199)
  return tonumber((string.match(head, '^%S+ %a (%d+) ')))
end
