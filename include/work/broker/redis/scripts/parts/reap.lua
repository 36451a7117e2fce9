-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- The part of the exchange script that ends lapsed leases.
---
--- `claim:<n>` is `pool kind lease bytes dead-lists\n,id,id,…,`: the pool, the kind, the claim's
--- own lease in ms, the bytes of its records in `jobs`, and the lists of the claim whose jobs are
--- not run again after a crash, joined by ';' ('%': none). The kinds:
---   'j' jobs
---   's' a group of suspects; 'i' the only suspect, in isolation
---   'f' what ran when a process died and had run in one that died before: kept until all claims
---       of the process lapsed, then settled. Its `bytes` is when the process died. 'g' is the same
---       of an isolated suspect, 'h' what more there is of a process than one 'f' holds
---   'v' a job that died alone for the third time, until it is known which other processes died
--- `fallen` finds the 'f' of a process; `fallen:<n>` has its jobs as `group list id`, where group
--- is the claim of a group of suspects, else 0. `deaths` says when processes died that ran no
--- suspect or more than one, and as `=id` those of which that job was the only suspect, the first
--- three times.
---
--- A process that dies without a job leaves no claim that lapses. So who reaps looks at some pools:
--- `vanished` has the processes of those whose heartbeat is missing, by when it was due, without
--- those that are known to have died of something (`known_deaths`). Of few pools none is missed; of
--- many so large a part is seen as a storm makes out of all.
---
--- A claim that lapsed while nobody exchanged anything (a *silence* of more than half its lease)
--- gets one lease more from the end of the silence: its pool could not renew it.
local fence, last_exchange = num(clock[1]), num(clock[2])
local function ids_of(blob) return string.gmatch(string.match(blob, '\n,(.*)$') or '', '[^,]+') end
local HEAD = '^(%S+) (%a) (%d+) (%d+) (%S+)\n'
local LONE = HEAD .. ',([^,]+),$'
local first = call('ZRANGE', leases, '0', '0', 'WITHSCORES')
local from, till = num(clock[3]), num(clock[4])
local quiet = last_exchange > 0 and math.max(0, now - last_exchange) or 0
if first[1] and tonumber(first[2]) <= now + math.floor(2 * quiet / 3)
    and (quiet >= till - from or till + math.floor(2 * (till - from) / 3) < now) then
  from, till = last_exchange, now
end

if first[1] and tonumber(first[2]) <= now then
  rare()
  local CRASH = '{"attempt":%d,"type":"%s","message":"%s","at_ms":%s}'
  local told, told_of, made_suspect = {}, {}, false
  -- Claims that nobody holds are all in the index, and so are even.
  local function next_fence()
    fence = math.max(fence + 1, us)
    fence = fence + fence % 2
    return int(fence)
  end
  local reindexed = {}
  local function index(id, n)
    local s = segment(id)
    if not reindexed[s] then reindexed[s] = {} end
    table.insert(reindexed[s], id)
    table.insert(reindexed[s], n)
  end
  local function process_of(who) return #who == 22 and string.sub(who, 14, 18) or who end
  local function has_left(n)
    local left = {}
    for _, id in ipairs(call('SMEMBERS', K .. 'left:' .. n)) do left[id] = true end
    return left
  end
  local function suspect(members, size)
    new_groups(members, size)
    made_suspect = true
  end
  local function state(longest, counted, pending, solo_crashes, alone)
    return string.format('%d,%d,%d,%d,%d', longest, counted, pending, solo_crashes, alone)
  end
  local firsts = {}
  local function first_crash(took)
    local text = firsts[took]
    if not text then
      text = state(took, 0, 0, 0, 0)
      firsts[took] = text
    end
    return text
  end
  local function solo_text(h, deaths, loop)
    return string.format(CRASH, h.attempts + 1, loop and 'crash_loop' or 'crash',
      'the worker process died ' .. deaths .. ' time(s) while only this job was suspect', int(now))
  end
  local function bury_crashed(id, env, h, text)
    bury(id, env, h, text)
    notes[#notes + 1] = 'dead, as its process died: ' .. id
  end
  -- A status is shown for 15 s at least, and a heartbeat comes each 5 s or a third of that time.
  local SHOWN, HEARTBEAT = policy.status_shown_ms, policy.heartbeat_ms
  local function look_for_vanished()
    local late, when, gone = {}, {}, {}
    for _, p in ipairs(draw(K .. 'pools', policy.drawn_pools, call('SCARD', K .. 'pools'))) do
      local left = shown_for(p)
      if not left then gone[#gone + 1] = p end
      if (left or 0) < SHOWN - HEARTBEAT - policy.heartbeat_late_ms then
        late[#late + 1] = process_of(p)
        when[#late] = now + (left or 0) + HEARTBEAT - SHOWN
      end
    end
    if #gone > 0 then drop_pools(gone) end
    if #late == 0 then return end
    local known, missed = call('ZMSCORE', K .. 'known_deaths', unpack(late)), {}
    for j, process in ipairs(late) do
      if not known[j] then
        missed[#missed + 1] = int(when[j])
        missed[#missed + 1] = process
      end
    end
    if #missed == 0 then return end
    call('ZADD', K .. 'vanished', 'NX', unpack(missed))
    call('ZREMRANGEBYRANK', K .. 'vanished', 0, -1 - policy.deaths_kept)
  end
  local function some_vanished(at, lease)
    return #call('ZRANGEBYSCORE', K .. 'vanished', int(at - 3 * lease), int(at + lease),
      'LIMIT', 0, 1) > 0
  end
  -- Whether another process died within one lease of it, and not of a suspect known to do so.
  local function storm(at, lease, process, id)
    for _, p in ipairs(call('ZRANGEBYSCORE', K .. 'deaths', int(at - lease), int(at + lease),
        'LIMIT', 0, 3)) do
      if p ~= process and p ~= '=' .. id then return true end
    end
    return false
  end
  local function record(id)
    local env = call('HGET', record_key(id), id)
    local h = env and header(env)
    if env and not h then put_aside(id, env) end
    return h and env, h
  end
  -- A process died, and this was the only suspect.
  local function solo(list, id, who, lease, died, isolated)
    local env, h = record(id)
    if not env then return end
    local longest, counted, pending, solo_crashes = crashes(env)
    if pending > 0 and not storm(pending, lease, process_of(who), id) then counted = counted + 1 end
    local last = isolated and counted >= 2
    solo_crashes = math.min(solo_crashes + 1, policy.max_solo_crashes)
    env = envelope.with_word(env, 'x',
      state(longest or 0, math.min(counted, 2), died, solo_crashes, now))
    -- What kills whenever it runs is no sign of a storm.
    if solo_crashes < 4 then
      call('ZADD', K .. 'deaths', int(died), '=' .. id)
    else
      call('ZREM', K .. 'deaths', '=' .. id)
    end
    if last then
      local v = next_fence()
      redis.call('SET', K .. 'claim:' .. v, who .. ' v ' .. int(lease) .. ' 0 %\n,' .. id .. ',')
      call('ZADD', leases, int(now + lease), v)
      index(id, v)
    else
      env = envelope.with_failures(env, h, h.attempts)
      failures.add(id, solo_text(h, counted + 1))
      suspect({{list, id}}, 1)
    end
    call('HSET', record_key(id), id, env)
  end
  local function settle_fallen(n, who, kind, lease, died)
    local left, members, trial, tried, ids = has_left(n), {}, {}, '0', {}
    local all = call('LRANGE', K .. 'fallen:' .. n, 0, -1)
    for j = #all, 1, -1 do
      local of, list, id = string.match(all[j], '^(%d+) (%S+) (.*)$')
      if not left[id] then
        ids[#ids + 1] = id
        -- The last group that was taken is the likeliest, and split by itself.
        if tried == '0' then tried = of end
        table.insert(of ~= '0' and of == tried and trial or members, {list, id})
      end
    end
    if #members + #trial == 1 and kind ~= 'h' then
      local only = members[1] or trial[1]
      solo(only[1], only[2], who, lease, died, kind == 'g')
    else
      if #trial == 1 then
        local id = trial[1][2]
        local env = record(id)
        if env then
          local longest, counted, pending, solo_crashes = crashes(env)
          call('HSET', record_key(id), id,
            envelope.with_word(env, 'x', state(longest or 0, counted, pending, solo_crashes, now)))
        end
      end
      for _, part in ipairs({members, trial}) do
        if #part > 0 then suspect(part, math.min(policy.suspect_groups, math.ceil(#part / 8))) end
      end
      call('ZADD', K .. 'deaths', int(died), process_of(who))
    end
    redis.call('DEL', K .. 'fallen:' .. n)
    if call('HGET', K .. 'fallen', process_of(who)) == n then
      call('HDEL', K .. 'fallen', process_of(who))
    end
    end_claim(n, ids)
    return #all
  end
  local function settle_third_crash(n, who, lease, blob)
    local id = ids_of(blob)()
    local left = has_left(n)[id]
    end_claim(n, left and {} or {id})
    if left then return end
    local env, h = record(id)
    if not env then return end
    local longest, counted, pending, solo_crashes = crashes(env)
    if not storm(pending, lease, process_of(who), id) and not some_vanished(pending, lease) then
      call('ZREM', K .. 'deaths', '=' .. id)
      bury_crashed(id, env, h, solo_text(h, counted + 1, true))
      return
    end
    failures.add(id, solo_text(h, counted + 1))
    env = envelope.with_word(env, 'x', state(longest or 0, counted, 0, solo_crashes, now))
    call('HSET', record_key(id), id, envelope.with_failures(env, h, h.attempts))
    suspect({{h.list, id}}, 1)
  end

  -- First the claims: which of them lapsed, and what they held.
  local lapsed = call('ZRANGEBYSCORE', leases, '-inf', now, 'WITHSCORES', 'LIMIT', 0,
    policy.ended_claims)
  local claims, seen, seen_bytes, at, step = {}, 0, 0, 1, 2
  local extended, verdicts = {}, {}
  local NONE = {}
  local function enough() return seen >= policy.ended_jobs or seen_bytes >= policy.step_bytes end
  while at < #lapsed and not enough() do
    local to = math.min(at + 2 * step - 2, #lapsed - 1)
    local keys, lefts = {}, {}
    for j = at, to, 2 do
      keys[#keys + 1] = K .. 'claim:' .. lapsed[j]
      lefts[#lefts + 1] = K .. 'left:' .. lapsed[j]
    end
    local blobs = redis.call('MGET', unpack(keys))
    local some_left = redis.call('EXISTS', unpack(lefts)) > 0
    for j = at, to, 2 do
      if enough() then break end
      local n, lapse, blob = lapsed[j], tonumber(lapsed[j + 1]), blobs[(j - at) / 2 + 1] or ''
      local who, kind, lease, size, dead, lone = string.match(blob, LONE)
      if not who then who, kind, lease, size, dead = string.match(blob, HEAD) end
      lease = tonumber(lease or lease_ms)
      if not kind then
        astray()
        notes[#notes + 1] = 'claim ' .. n .. ' could not be read: its jobs are looked for'
      end
      kind = kind or 'j'
      if kind == 'f' or kind == 'g' or kind == 'h' then
        seen = seen + settle_fallen(n, who, kind, lease, tonumber(size))
      elseif kind == 'v' then
        seen = seen + 1
        verdicts[#verdicts + 1] = {n, who, lease, blob}
      elseif till - from > lease / 2 and lapse > from and lapse <= till + math.floor(lease / 3)
          and till + lease > now then
        extended[#extended + 1] = int(till + lease)
        extended[#extended + 1] = n
      else
        local left = some_left and has_left(n) or NONE
        local c = {n = n, who = who or '?', kind = kind, lapse = lapse, lease = lease, dead = dead}
        if lone then
          c[1] = not left[lone] and lone or nil
        else
          for id in ids_of(blob) do
            if not left[id] then c[#c + 1] = id end
          end
        end
        claims[#claims + 1] = c
        seen, seen_bytes = seen + #c, seen_bytes + num(size)
        end_claim(n, c)
      end
    end
    at, step = to + 2, math.min(step * 4, 64)
  end
  if #extended > 0 then call('ZADD', leases, unpack(extended)) end

  -- Then their records, by segment.
  local wanted, by_segment, envs = {}, {}, {}
  for _, c in ipairs(claims) do
    for _, id in ipairs(c) do
      local s = segment(id)
      if not by_segment[s] then
        by_segment[s] = {}
        wanted[#wanted + 1] = s
      end
      table.insert(by_segment[s], id)
    end
  end
  for _, s in ipairs(wanted) do
    local ids = by_segment[s]
    for j, env in ipairs(call('HMGET', K .. 'jobs:' .. s, unpack(ids))) do envs[ids[j]] = env end
  end

  -- Then where each job goes.
  local front, fronts, rewritten, died, died_of = {}, {}, {}, {}, {}
  local fallen, fallen_of, new_fallen = {}, {}, {}
  local function to_front(id, h)
    if h.priority ~= 0 then return enter(id, h, 'front') end
    if not front[h.list] then
      front[h.list] = {}
      fronts[#fronts + 1] = h.list
    end
    table.insert(front[h.list], id)
  end
  local function rewrite(id, env)
    local s = segment(id)
    local fields = rewritten[s]
    if not fields then
      fields = {}
      rewritten[s] = fields
    end
    fields[#fields + 1] = id
    fields[#fields + 1] = env
  end
  -- Where the suspects of the claim's process are gathered until all of its claims lapsed.
  local function fallen_for(c)
    local process = process_of(c.who)
    local f = fallen[process]
    if not f then
      local n = call('HGET', K .. 'fallen', process)
      local who, kind = string.match(n and call('GETRANGE', K .. 'claim:' .. n, 0, 199) or '',
        '^(%S+) (%a)')
      if who then
        f = {n = n, who = who, kind = kind, count = call('LLEN', K .. 'fallen:' .. n)}
        fallen[process] = f
        fallen_of[#fallen_of + 1] = f
      end
    end
    if not f or f.count >= policy.fallen_jobs then
      local kind = f and 'h' or c.kind == 'i' and 'g' or 'f'
      f = {n = next_fence(), who = c.who, kind = kind, count = 0, pending = kind == 'h',
        lapse = c.lapse + math.floor(2 * c.lease / 5)}
      fallen[process] = f
      fallen_of[#fallen_of + 1] = f
      new_fallen[#new_fallen + 1] = f
      redis.call('SET', K .. 'claim:' .. f.n, c.who .. ' ' .. kind .. ' ' .. int(c.lease) .. ' ' ..
        int(math.max(0, c.lapse - math.floor(2 * c.lease / 3))) .. ' %\n,')
      call('HSET', K .. 'fallen', process, f.n)
      call('ZADD', leases, int(f.lapse), f.n)
    elseif f.kind == 'g' and f.count > 0 then
      f.kind = 'f'
      call('SETRANGE', K .. 'claim:' .. f.n, #f.who + 1, 'f')
    end
    return f
  end
  for _, c in ipairs(claims) do
    local took = math.max(0,
      c.lapse - math.floor(tonumber(c.n) / 1000) - math.floor(2 * c.lease / 3))
    for _, id in ipairs(c) do
      local env = envs[id]
      local h = env and header(env)
      if env and not h then
        put_aside(id, env)
      elseif h and bit(h.flags, 8) and cancel_word(env) then
        make_cancelling()
        if end_cancelled(id, env, h) == 'k' then
          notes[#notes + 1] = 'dead, as its process died: ' .. id
        end
      elseif h and c.dead ~= '%'
          and string.find(';' .. (c.dead or '%') .. ';', ';' .. h.list .. ';', 1, true) then
        if call('SISMEMBER', K .. 'started:' .. c.n, id) == 0 then
          to_front(id, h)
        else
          bury_crashed(id, env, h, string.format(CRASH, h.attempts + 1, 'crash',
            'the worker process died while the job ran; its type says dead on crash', int(now)))
        end
      elseif h then
        local longest, counted, pending, solo_crashes, alone = crashes(env)
        if took > (longest or -1) then
          rewrite(id, envelope.with_word(env, 'x', longest
            and state(took, counted, pending, solo_crashes, alone) or first_crash(took)))
        end
        if c.kind == 'j' and not longest then
          to_front(id, h)
        else
          local f = fallen_for(c)
          f.count = f.count + 1
          f.pending = f.pending or pending > 0
          f.ids, f.list = f.ids or {}, f.list or {}
          table.insert(f.ids, id)
          index(id, f.n)
          table.insert(f.list, (c.kind == 'j' and '0 ' or c.n .. ' ') .. h.list .. ' ' .. id)
        end
      end
    end
    if #c > 0 then
      local process = process_of(c.who)
      if not died[process] then died_of[#died_of + 1] = process end
      died[process] = math.max(died[process] or 0, c.lapse - math.floor(2 * c.lease / 3))
    end
    if not told[c.who] then told_of[#told_of + 1] = c.who end
    told[c.who] = (told[c.who] or 0) + 1
  end
  for s, fields in pairs(rewritten) do call('HSET', K .. 'jobs:' .. s, unpack(fields)) end
  for _, f in ipairs(fallen_of) do
    if f.list then
      call('APPEND', K .. 'claim:' .. f.n, table.concat(f.ids, ',') .. ',')
      call('RPUSH', K .. 'fallen:' .. f.n, unpack(f.list))
    end
  end
  for _, list in ipairs(fronts) do enter_front(list, front[list]) end
  -- Of a process that ran suspects it is known later what it died of.
  if #died_of > 0 then
    for j, f in ipairs(call('HMGET', K .. 'fallen', unpack(died_of))) do
      if f then
        call('ZREM', K .. 'deaths', died_of[j])
      else
        call('ZADD', K .. 'deaths', int(died[died_of[j]]), died_of[j])
      end
    end
    call('ZREMRANGEBYRANK', K .. 'deaths', 0, -1 - policy.deaths_kept)
    local known = {}
    for _, process in ipairs(died_of) do
      known[#known + 1] = int(now)
      known[#known + 1] = process
    end
    call('ZADD', K .. 'known_deaths', unpack(known))
    call('ZREMRANGEBYRANK', K .. 'known_deaths', 0, -1 - policy.deaths_kept)
    call('ZREM', K .. 'vanished', unpack(died_of))
  end
  if #died_of + #verdicts > 0 then look_for_vanished() end
  for _, v in ipairs(verdicts) do settle_third_crash(unpack(v)) end
  note_ended()
  for s, fields in pairs(reindexed) do call('HSET', K .. 'claimed:' .. s, unpack(fields)) end
  -- A process none of whose claims can lapse while its suspects are gathered is settled at once.
  -- Not one with a death that may come to count: it is not known yet which others died then.
  for j = 1, math.min(#new_fallen, 8) do
    local f, alone = new_fallen[j], true
    local far = f.pending and {} or
      call('ZRANGEBYSCORE', leases, '-inf', int(f.lapse), 'LIMIT', 0, 66)
    for k, n in ipairs(far) do
      if n ~= f.n and alone then
        local who = k <= 64 and string.match(call('GETRANGE', K .. 'claim:' .. n, 0, 199), '^%S+')
        alone = who and process_of(who) ~= process_of(f.who)
      end
    end
    if #far > 0 and alone then call('ZADD', leases, int(now), f.n) end
  end
  for _, who in ipairs(told_of) do
    notes[#notes + 1] = 'lapsed: ' .. told[who] .. ' claim(s) of ' .. who
  end
  if made_suspect then
    for _, p in ipairs(some_pools(8, pool)) do give_wakeup(K .. 'wake:' .. p) end
  end
  first = call('ZRANGE', leases, '0', '0', 'WITHSCORES')
  if first[1] and tonumber(first[2]) <= now then more = 1 end
end
