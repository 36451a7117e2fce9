-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- New jobs, as sections of ARGV: those of a batch, or what follows upon an outcome. In order:
---   'J' segment k (id envelope)*      records of plain jobs
---   'L' list k id*                    their places
---   'I' k (list segment id envelope)*   jobs of chosen ids, and what keeps its order beside them
---   'P' list segment k (id envelope score)*   jobs with a priority
---   'D' segment k delay_ms at_ms (id envelope)*   jobs that are due later
---   'U' key mode policy ms            the lock of the next 'S' or 'B': see holdings.lua
---   'W' flow gate k (id policy label)*k n (id policy)*n   whom the next 'S' or 'B' needs, and who
---                                     is to need it, its flow, and at which gate it waits, if any
---   'N' id gate k (id policy label)*k   whom that job needs as well, which waits at the gate;
---                                     'M' likewise, and none of those waits for it
---   'Z' gate jobs name                all that waits at it is stored, so many jobs
---   'S' id flags delay_ms at_ms envelope   one job that is not plain; flags: 'c' chosen id,
---                                     'e' stamp the creation time
---   'B' as 'S', and its body          a large one, whose envelope is a head
--- Returns the codes of the 'I', 'S' and 'B' jobs, of each 'N', 'M' and 'Z': 's' stored, 'd' their
--- id is known; and with the id of the one that has the lock, and a comma: 'u' that stays as it is,
--- 'r' it has the new arguments, 'e' the new time, 'b' both; likewise, of one with 'W' or a flow,
--- 'n' and 'v': see `holdings.bind`. In an enqueue jobs may come to a queue that is full: 'f'
--- refused and 'w' to wait, with how many it may hold, and a comma; of 'L' and 'P' these are behind
--- all others, with a space and the id before the comma.
-- A job that is due later says when: how long it waits is counted from then.
local function with_due(env, due)
  local line = string.find(env, '\n', 1, true)
  return line and string.sub(env, 1, line - 1) .. ' d=' .. int(due) .. string.sub(env, line) or env
end
-- How many of k jobs may come into a list, and the code of the others.
local function admitted(list, k)
  if not gate.bounds.on then return k end
  return gate.bounds.admit(list, k)
end
-- Jobs of chosen ids: each is stored unless its id is known.
local function store_chosen(at, last, codes)
  local known, ids, logs, traces, back = {}, {}, {}, {}, {}
  for i = at, last, 4 do ids[#ids + 1] = ARGV[i + 2] end
  in_steps(#ids, function(i, j)
    for k, till in ipairs(call('ZMSCORE', K .. 'traces', unpack(ids, i, j))) do
      if till then known[ids[i + k - 1]] = tonumber(till) end
    end
  end)
  local is_aside = redis.call('EXISTS', K .. 'set_aside') == 1
  for i = at, last, 4 do
    local list, id, n, code = ARGV[i], ARGV[i + 2], 0, 'd'
    if (known[id] or 0) <= now
        and call('HSETNX', K .. 'jobs:' .. ARGV[i + 1], id, ARGV[i + 3]) == 1 then
      n, code = admitted(list, 1)
      if n == 0 then
        call('HDEL', K .. 'jobs:' .. ARGV[i + 1], id)
        code = code .. ','
      end
    end
    if n == 0 then
      codes[#codes + 1] = code
    else
      if known[id] then traces[#traces + 1] = id end
      -- Of one before it that is kept.
      logs[#logs + 1] = K .. 'log:' .. id
      if is_aside and call('HEXISTS', K .. 'set_aside', id) == 1 then
        keeping.forget_aside(id)
        call('HDEL', K .. 'bodies:' .. ARGV[i + 1], id)
      end
      gather(back, list, id)
      codes[#codes + 1] = 's'
    end
  end
  in_steps(#traces, function(i, j) call('ZREM', K .. 'traces', unpack(traces, i, j)) end)
  in_steps(#logs, function(i, j) redis.call('DEL', unpack(logs, i, j)) end)
  for _, list in ipairs(back) do enter_back(list, back[list]) end
end
local function step_by_step(cmd, key, first, last)
  local r
  for from = first, last, 4000 do
    r = call(cmd, key, unpack(ARGV, from, math.min(from + 3999, last)))
  end
  return r
end
store = function(i, n)
  local codes, refused, lock, bound = {}, {}, nil, nil
  while i <= n do
    local what = ARGV[i]
    if what == 'J' then
      local k = tonumber(ARGV[i + 2])
      step_by_step('HSET', K .. 'jobs:' .. ARGV[i + 1], i + 3, i + 2 + 2 * k)
      i = i + 3 + 2 * k
    elseif what == 'L' then
      local list, k = ARGV[i + 1], tonumber(ARGV[i + 2])
      local n, code = admitted(list, k)
      if n < k then gate.bounds.refuse(code, {unpack(ARGV, i + 3 + n, i + 2 + k)}, refused) end
      if n > 0 then
        if step_by_step('RPUSH', K .. 'list:' .. list, i + 3, i + 2 + n) == n then
          made_ready(list)
        end
        woken[list] = true
      end
      i = i + 3 + k
    elseif what == 'I' then
      rare()
      local last = i + 1 + 4 * tonumber(ARGV[i + 1])
      store_chosen(i + 2, last, codes)
      i = last + 1
    elseif what == 'P' then
      local list, s, k = ARGV[i + 1], ARGV[i + 2], tonumber(ARGV[i + 3])
      local fields, scores, others = {}, {}, {}
      local n, code = admitted(list, k)
      for j = 0, k - 1 do
        local at = i + 4 + 3 * j
        if j < n then
          fields[2 * j + 1], fields[2 * j + 2] = ARGV[at], ARGV[at + 1]
          scores[2 * j + 1], scores[2 * j + 2] = ARGV[at + 2], ARGV[at]
        else
          others[#others + 1] = ARGV[at]
        end
      end
      if n < k then gate.bounds.refuse(code, others, refused) end
      in_steps(2 * n, function(a, b)
        call('HSET', K .. 'jobs:' .. s, unpack(fields, a, b))
        call('ZADD', K .. 'prio:' .. list, unpack(scores, a, b))
      end)
      if n > 0 then
        made_ready(list)
        mixed[list], woken[list] = true, true
      end
      i = i + 4 + 3 * k
    elseif what == 'D' then
      local s, k, delay, at = ARGV[i + 1], tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3]),
        tonumber(ARGV[i + 4])
      local due = at > 0 and at or now + delay
      local fields, dues, later = {}, {}, due > now
      rare()
      for j = 0, k - 1 do
        local id, env = ARGV[i + 5 + 2 * j], ARGV[i + 6 + 2 * j]
        fields[2 * j + 1], fields[2 * j + 2] = id, later and with_due(env, due) or env
        dues[2 * j + 1], dues[2 * j + 2] = int(due), id
      end
      in_steps(2 * k, function(a, b)
        call('HSET', K .. 'jobs:' .. s, unpack(fields, a, b))
        if later then call('ZADD', K .. 'scheduled', unpack(dues, a, b)) end
      end)
      for j = 1, later and 0 or 2 * k, 2 do enter(fields[j], header(fields[j + 1]), 'back') end
      if later then soonest = math.min(soonest or due, due) end
      i = i + 5 + 2 * k
    elseif what == 'U' then
      rare()
      lock = {key = ARGV[i + 1], mode = ARGV[i + 2], policy = ARGV[i + 3], time = ARGV[i + 4]}
      i = i + 5
    elseif what == 'W' then
      rare()
      bound = i
      i = holdings.behind(i)
    elseif what == 'N' or what == 'M' then
      rare()
      codes[#codes + 1] = holdings.need_more(i)
      i = i + 4 + 3 * tonumber(ARGV[i + 3])
    elseif what == 'Z' then
      rare()
      codes[#codes + 1] = holdings.commit(ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3])
      i = i + 4
    else
      local id, flags, delay, at, env =
        ARGV[i + 1], ARGV[i + 2], tonumber(ARGV[i + 3]), tonumber(ARGV[i + 4]), ARGV[i + 5]
      i = i + 6
      local body
      if what == 'B' then
        body = ARGV[i]
        i = i + 1
      end
      local chosen = string.find(flags, 'c', 1, true)
      local due = at > 0 and at or (delay > 0 and now + delay or 0)
      local owner, old, full
      local known = chosen and (call('HEXISTS', record_key(id), id) == 1
                                or num(call('ZSCORE', K .. 'traces', id)) > now)
      if bound and not known then bound = holdings.bind(bound) end
      if lock then owner, old = holdings.owner(lock.key) end
      -- A flow is whole: it asks no bound.
      if not known and not bound and not owner and due <= now then
        local n, code = admitted(list_of(env), 1)
        full = n == 0 and code
      end
      if known then
        codes[#codes + 1] = 'd'
      elseif bound and bound.code then
        codes[#codes + 1] = bound.code
      elseif owner then
        codes[#codes + 1] = holdings.conflict(lock, owner, old, env, body, due)
      elseif full then
        codes[#codes + 1] = full .. ','
      else
        if string.find(flags, 'e', 1, true) then
          rare()
          env = envelope.stamped(env)
        end
        if chosen then
          call('ZREM', K .. 'traces', id)
          -- Of one before it that is kept.
          redis.call('DEL', K .. 'log:' .. id)
          if call('HEXISTS', K .. 'set_aside', id) == 1 then
            rare()
            keeping.forget_aside(id)
            call('HDEL', K .. 'bodies:' .. segment(id), id)
          end
        end
        rare()
        if due > now then env = with_due(env, due) end
        if bound and #bound.after > 0 then env = holdings.needed(env) end
        call('HSET', record_key(id), id, env)
        if body then call('HSET', K .. 'bodies:' .. segment(id), id, body) end
        if lock then holdings.take(id, lock.mode, lock.key, num(lock.time)) end
        holdings.tag(id, env)
        if not (bound and holdings.tie(id, env, bound)) then
          if due > now then
            enter(id, nil, 'scheduled', due)
          else
            enter(id, header(env), 'back')
          end
        end
        codes[#codes + 1] = 's'
      end
      lock, bound = nil, nil
    end
  end
  for _, one in ipairs(refused) do codes[#codes + 1] = one end
  return codes
end
