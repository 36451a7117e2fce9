-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- What became of jobs. Several in a row are read together and written together: a command a key
--- instead of some a job. What is of another kind than most, or is spoken of twice, goes by itself.
local mine, outcome, outcomes, alone
local given_back, given_back_of = {}, {}
-- Jobs that left their claims, and are not said to have in `left:<claim>` yet: of a claim that is
-- closed they need not be.
local leaving = {}
local function write_leaving()
  rare()
  write_all('SADD', K .. 'left:', leaving)
  for _, n in ipairs(leaving) do
    if valid[n] and #leaving[n] > 0 then valid[n].left = true end
    if slots.known[n] then slots.free(n, leaving[n]) end
  end
  leaving = {}
end
local function learn_words()
  if outcome then return end
  rare()
  local function leave_claim(n, id)
    leave(n, id)
    valid[n].left = true
  end
  -- The job's record and header, if this claim may still speak about it; else a code.
  mine = function(n, id)
    local v = lease_valid(n)
    if not v then return nil, nil, 'l' end
    if v.left and call('SISMEMBER', K .. 'left:' .. n, id) == 1 then return nil, nil, 'l' end
    local env = call('HGET', record_key(id), id)
    if not env then return nil, nil, 'g' end
    return env, header(env), 'k'
  end
  local function suspects_claimed(n)
    if valid[n].kind == nil then
      local head = call('GETRANGE', K .. 'claim:' .. n, 0, 199)
      valid[n].kind = string.match(head, '^%S+ (%a)') or 'j'
    end
    return valid[n].kind ~= 'j'
  end
  local function drop(n, id, env, how, trace_ms, text)
    finish(id, env, how, text)
    leave_claim(n, id)
    if trace_ms > 0 then call('ZADD', K .. 'traces', int(now + trace_ms), id) end
  end
  -- Of these kinds a job would run again, failed, or can't be run here. A handler that discards its
  -- job has it completed.
  local ends_cancelled = {r = true, f = true, d = true, s = true, b = true, m = true, x = true,
    q = true, u = true, z = true}
  outcome = function(n, id, kind, number, text, body)
    local env, h, code = mine(n, id)
    if code ~= 'k' then return code end
    if ends_cancelled[kind] and h and bit(h.flags, 8) and cancel_word(env) then
      make_cancelling()
      leave_claim(n, id)
      end_cancelled(id, env, h)
      return kind == 'z' and 'k' or 'z'
    end
    if kind == 'q' or not h then
      leave_claim(n, id)
      put_aside(id, env)
    elseif kind == 'u' then
      leave_claim(n, id)
      holdings.wait_for_reader(id, env, h)
    elseif kind == 'c' then
      drop(n, id, env, text ~= '' and 'kept' or 'completed', number, text)
      if text ~= '' then
        if bit(h.flags, 8) and cancel_word(env) then env = envelope.with_word(env, 'c') end
        keeping.add(id, h.list, text, env, limits[1])
      end
    elseif kind == 'x' then
      drop(n, id, env, 'discarded', number)
    elseif kind == 'r' or kind == 'f' then
      if kind == 'f' then env = envelope.snoozed(env) end
      env = envelope.with_failures(env, h, h.attempts + (kind == 'r' and 1 or 0))
      call('HSET', record_key(id), id, envelope.with_word(env, 'x'))
      failures.add(id, text)
      leave_claim(n, id)
      enter(id, h, 'retry', now + number)
    elseif kind == 'd' then
      h.attempts = h.attempts + 1
      leave_claim(n, id)
      bury(id, env, h, text)
    elseif kind == 's' then
      call('HSET', record_key(id), id, envelope.with_word(envelope.snoozed(env), 'x'))
      leave_claim(n, id)
      enter(id, h, 'scheduled', now + number)
    elseif kind == 'm' then
      leave_claim(n, id)
      advance(id, h, env, text, body, number > 0 and now + number)
    else
      leave_claim(n, id)
      if suspects_claimed(n) then
        if not given_back[n] then
          given_back[n] = {}
          given_back_of[#given_back_of + 1] = n
        end
        table.insert(given_back[n], {h.list, id})
      else
        enter(id, h, 'front')
      end
    end
    return 'k'
  end
  -- What most jobs end as, or go on as: a function for each kind that takes one, and one that
  -- writes what they took, a command a key. The arguments: where the words are, segment, id,
  -- record, what its first bytes say, and its list.
  local function begin_together()
    local rewritten, dropped, failing, before, forgotten, bodies = {}, {}, {}, {}, {}, {}
    local places, logs, buried, sizes = {}, {}, {}, {}
    -- What the ends of jobs do to others, in the order of the words.
    local after = {}
    local function lets_go(id, env, head, how, outcome, text)
      if head.holds or head.followed then after[#after + 1] = {id, env, how, outcome, text} end
    end
    local function ends(s, id, env, head, number, outcome, text)
      local keeps_log = outcome == 'kept'
      gather(dropped, s, id)
      if head.failed then
        gather(forgotten, s, id)
        if not keeps_log then logs[#logs + 1] = K .. 'log:' .. id end
      end
      if head.large then gather(bodies, s, id) end
      lets_go(id, env, head, 'ended', outcome, text)
      if number ~= '0' then gather(places, 'traces', int(now + tonumber(number)), id) end
    end
    local function fails(p, s, id, env, head, dies)
      gather(failing, s, id, ARGV[p + 5])
      if head.failed then gather(before, s, id) end
      env = head.failed_again .. string.sub(env, 12)
      if string.find(env, ' x=', 1, true) then env = envelope.with_word(env, 'x') end
      if dies and head.followed then env = holdings.unfollowed(env) end
      gather(rewritten, s, id, env)
      return env
    end
    local last, due, text
    local function waits(set, id, number)
      if number ~= last then
        last, due = number, now + tonumber(number)
        text = int(due)
        soonest = math.min(soonest or due, due)
      end
      gather(places, set, text, id)
    end
    local take = {}
    function take.c(p, s, id, env, head, list)
      local record = ARGV[p + 5]
      ends(s, id, env, head, ARGV[p + 4], record ~= '' and 'kept' or 'completed', record)
      -- Once it is gone: a sample that is pushed out asks whether its job is.
      if record ~= '' then after[#after + 1] = {id, env, false, list, record} end
    end
    function take.x(p, s, id, env, head)
      ends(s, id, env, head, ARGV[p + 4], 'discarded', '')
    end
    function take.r(p, s, id, env, head)
      fails(p, s, id, env, head)
      waits('retry', id, ARGV[p + 4])
    end
    function take.s(p, s, id, env)
      gather(rewritten, s, id, envelope.with_word(envelope.snoozed(env), 'x'))
      waits('scheduled', id, ARGV[p + 4])
    end
    function take.d(p, s, id, env, head)
      buried[#buried + 1] = id
      sizes[#buried] = whole_size(fails(p, s, id, env, head, true))
      gather(places, 'dead', int(now), id)
      lets_go(id, env, head, 'dead', 'dead', ARGV[p + 5])
    end
    local function add_failures()
      for _, s in ipairs(before) do
        local had, all, lines = before[s], failing[s], {}
        in_steps(#had, function(i, j)
          for k, old in ipairs(call('HMGET', K .. 'failures:' .. s, unpack(had, i, j))) do
            lines[had[i + k - 1]] = old
          end
        end)
        for j = 2, #all, 2 do all[j] = failures.with(lines[all[j - 1]], all[j]) end
      end
      write_all('HSET', K .. 'failures:', failing)
    end
    local function write()
      write_all('HSET', K .. 'jobs:', rewritten)
      write_all('HDEL', K .. 'jobs:', dropped)
      add_failures()
      write_all('ZADD', K, places)
      keeping.count_all('dead', buried, sizes)
      write_all('HDEL', K .. 'failures:', forgotten)
      in_steps(#logs, function(i, j) redis.call('DEL', unpack(logs, i, j)) end)
      write_all('HDEL', K .. 'bodies:', bodies)
      for _, a in ipairs(after) do
        if a[3] then
          holdings.tell(a[1], a[2], a[4], a[5])
          holdings.release(a[1], a[2], a[3])
        else
          keeping.add(a[1], a[4], a[5], a[2], limits[1])
        end
      end
    end
    return take, write, after
  end
  -- Those that left their claims before, by where they stand in ARGV.
  local function read_left(words)
    local of_claim, left = {}, {}
    for _, p in ipairs(words) do
      local v = lease_valid(ARGV[p + 1])
      if v and v.left then gather(of_claim, ARGV[p + 1], p) end
    end
    for _, c in ipairs(of_claim) do
      local at = of_claim[c]
      in_steps(#at, function(i, j)
        local ids = {}
        for k = i, j do ids[#ids + 1] = ARGV[at[k] + 2] end
        for k, is in ipairs(call('SMISMEMBER', K .. 'left:' .. c, unpack(ids))) do
          left[at[i + k - 1]] = is == 1
        end
      end)
    end
    return left
  end
  alone = function(p)
    return outcome(ARGV[p + 1], ARGV[p + 2], ARGV[p + 3], tonumber(ARGV[p + 4]), ARGV[p + 5],
      ARGV[p + 6])
  end
  -- From that place in ARGV on; where the words go on.
  outcomes = function(i)
    local words, last = {}, #ARGV
    while ARGV[i] == 'O' and i <= last and #words < 1000 do
      local next = i + (ARGV[i + 3] == 'm' and 7 or 6)
      if ARGV[next] == 'E' and #words > 0 then break end
      words[#words + 1] = i
      i = next
      if ARGV[next] == 'E' then break end
    end
    if #words == 1 then
      codes[#codes + 1] = alone(words[1])
      return i
    end
    local ids = {}
    for k, p in ipairs(words) do ids[k] = ARGV[p + 2] end
    local envs, parts = records(ids, 1, #ids)
    local left = read_left(words)
    local take, write, after = begin_together()
    local spoken, indexed, claim, lease, leaves, is_indexed = {}, {}, nil, nil, nil, nil
    for k, p in ipairs(words) do
      local c, id, kind, env, code = ARGV[p + 1], ids[k], ARGV[p + 3], envs[k], 'k'
      if c ~= claim then
        claim, lease, leaves, is_indexed = c, lease_valid(c), nil, tonumber(c) % 2 == 0
      end
      local list = env and list_of(env)
      local head = list and head_of(env)
      if spoken[id] then
        write()
        write_leaving()
        take, write, after = begin_together()
        code, leaves = alone(p), nil
      elseif not lease or left[p] then
        code = 'l'
      elseif not env then
        code = 'g'
      elseif not head or not take[kind] or head.failed and cancel_word(env) then
        -- Samples push others out, and those who needed a job come into their lists, in the order
        -- of the words.
        if #after > 0 then
          write()
          take, write, after = begin_together()
        end
        code = alone(p)
        spoken[id] = true
      else
        local s = parts[k]
        take[kind](p, s, id, env, head, list)
        if not leaves then
          leaves = leaving[c]
          if not leaves then
            leaves = {}
            leaving[c], leaving[#leaving + 1] = leaves, c
          end
        end
        leaves[#leaves + 1] = id
        if is_indexed then gather(indexed, s, id) end
        spoken[id] = true
      end
      codes[#codes + 1] = code
    end
    write()
    write_all('HDEL', K .. 'claimed:', indexed)
    return i
  end
end
