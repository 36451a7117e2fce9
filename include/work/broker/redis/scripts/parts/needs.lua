-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Jobs that need others.
---
--- With the flag 20 the first line has ` n=<k>`: it needed k others when it was stored. Until none
--- is left it is in `waiting` (id → since), and `needs:<id>` has who is left → policy and label:
---   'f'  must complete: if it is not to, the job is cancelled
---   'r'  must end, whatever as
---   'h'  as 'f', but while it is dead the job waits: somebody may requeue it
--- `given:<id>` has label, or id → state, newline, ending, of those that left one when they ended;
--- '{bytes' how much that is.
--- Who is needed has the flag 40 and `{` among its followers, and `then:<id>` has who needs it.
--- A gate is needed as a job is, and is none: see flows.lua. Nor is `{{reader`: a job that needs it
--- waits for a program that knows its format, and the features of its flags; `then:{{reader` has
--- id → 65 536 × format + those flags.
---
--- An end is told to so many in a call. The others are in `telling:<g>`, `tellings` has what they
--- are told, and a timer in `scheduled` that they are there: `{tell <g>`.
local LETTER_OF = {kept = 'c', completed = 'c', discarded = 'c', cancelled = 'x', dead = 'd',
  set_aside = 'q', dropped = 'g', aborted = 'a'}
local STATE_OF = {c = 'completed', x = 'cancelled', d = 'dead', q = 'set_aside', g = 'gone',
  a = 'cancelled'}
local ends, draining, aborting, budget, stored_now = {}, false, false, policy.told_jobs, {}
local READER = '{{reader'
local function is_gate(id) return string.byte(id) == 123 end
local function is_done(letter, text)
  return letter == 'c' and string.find(text, '{"outcome":"expired"', 1, true) ~= 1
end
-- The letter of its end, and its ending, or last failure; nil: it is still to end.
local function ended_as(id, env)
  if env and not header(env) then return 'q', '' end
  if env and not call('ZSCORE', K .. 'dead', id) then return nil end
  if env then
    local all = failures.of(id)
    return 'd', all[#all] or ''
  end
  local kept = call('HGET', K .. 'kept', id)
  if kept then
    return keeping.state(kept) == 'cancelled' and 'x' or 'c', string.match(kept, '^[^\n]*')
  end
  if call('HEXISTS', K .. 'set_aside', id) == 1 then return 'q', '' end
  if num(call('ZSCORE', K .. 'traces', id)) > now then return 'c', '' end
  return 'g', ''
end
local function is_needed(env)
  return string.find(',' .. (envelope.word(env, 'w') or '') .. ',', ',{,', 1, true)
end
-- Somebody needs it from now on.
holdings.needed = function(env)
  local who, flags = envelope.word(env, 'w'), head_of(env).flags
  return envelope.with_flags(envelope.with_word(env, 'w', who and who .. ',{' or '{'),
    flags + (bit(flags, 64) and 0 or 64))
end
-- It is dead: whom that was told goes, but those who wait for what becomes of it, or track it.
holdings.unfollowed = function(env)
  local left = {}
  for one in string.gmatch(envelope.word(env, 'w') or '', '[^,]+') do
    if string.sub(one, 1, 1) == '{' then left[#left + 1] = one end
  end
  return envelope.with_word(env, 'w', left[1] and table.concat(left, ',') or nil)
end
-- The same of one that is stored. False: it may run in one of very many claims.
local function mark(id, env)
  if is_needed(env) then return true end
  local n = false
  if not stored_now[id] then
    for _, set in ipairs({'waiting', 'scheduled', 'retry', 'dead'}) do
      stored_now[id] = stored_now[id] or call('ZSCORE', K .. set, id)
    end
  end
  if not stored_now[id] then
    n = call('HGET', K .. 'claimed:' .. segment(id), id) or in_large_claim(id)
  end
  if n == nil then return false end
  if n then call('SADD', K .. 'followed:' .. n, id) end
  env = holdings.needed(env)
  call('HSET', record_key(id), id, env)
  if call('ZSCORE', K .. 'dead', id) then keeping.count('dead', id, whole_size(env)) end
  return true
end
-- Where ARGV goes on behind what a job is bound to.
holdings.behind = function(i)
  local last = i + 3 + 3 * tonumber(ARGV[i + 3])
  return last + 2 + 2 * tonumber(ARGV[last + 1])
end
-- Whether one of these waits for the other, or for one that does. Where that takes long to find out
-- it is said to.
local function waits_for(ids, others)
  local met, at = {}, 1
  while at <= #ids do
    local id = ids[at]
    local key = K .. 'needs:' .. id
    if others[id] or at > policy.walked_needs or call('HLEN', key) > policy.most_bonds then
      return true
    end
    for _, parent in ipairs(call('HKEYS', key)) do
      if not met[parent] and not is_gate(parent) then
        met[parent] = true
        ids[#ids + 1] = parent
      end
    end
    at = at + 1
  end
  return false
end
-- Whom it needs, in ARGV[first] to [last], as it is with those now: into b.
local function look_at(b, first, last)
  for at = first, last, 3 do
    local id, policy, label = ARGV[at], ARGV[at + 1], ARGV[at + 2]
    local env = call('HGET', record_key(id), id)
    local letter, text = ended_as(id, env)
    b.parents[#b.parents + 1] = id
    if letter and (is_done(letter, text) or policy == 'r' and letter ~= 'g') then
      b.given[#b.given + 1] = {label ~= '' and label or id, letter, text}
    elseif letter and not (letter == 'd' and policy == 'h') then
      b.code = b.code or 'n' .. id .. ','
    elseif env and not mark(id, env) then
      b.code = b.code or 'v' .. id .. ','
    else
      b.needs[#b.needs + 1] = id
      b.needs[#b.needs + 1] = policy .. label
    end
  end
end
-- What a new job is bound to, as `store` reads it: its flow, whom it needs, and who is to need it.
-- With a code, if it can't be: 'n' and who will not complete or wait, or '=' and who is needed by
-- too many; 'v' and who has to be asked first to tell of its end.
holdings.bind = function(i)
  local b = {flow = ARGV[i + 1], gate = ARGV[i + 2], needs = {}, given = {}, after = {},
    parents = {}}
  local last = i + 3 + 3 * tonumber(ARGV[i + 3])
  if b.gate ~= '' then
    b.needs[1], b.needs[2] = '{' .. b.gate, 'f'
    local was = call('HMGET', K .. 'flow:' .. b.gate, '{aborted', '{committed')
    if was[1] or was[2] then b.code = 'n{' .. b.gate .. ',' end
  end
  look_at(b, i + 4, last)
  local count, check = tonumber(ARGV[last + 1]), false
  for at = last + 2, last + 1 + 2 * count, 2 do
    local id, how_it = ARGV[at], ARGV[at + 1]
    local all = {id}
    -- '=': all that need that one, each as it does; '+': and nobody whom it needs waits for one
    -- of them.
    local beside = how_it == '=' or how_it == '+'
    if beside then
      if call('ZCARD', K .. 'then:' .. id) > policy.most_bonds then
        b.code = b.code or 'n=' .. id .. ','
      else
        all = call('ZRANGE', K .. 'then:' .. id, '0', '-1')
      end
    end
    for _, child in ipairs(all) do
      local as = how_it
      if beside then
        as = string.sub(call('HGET', K .. 'needs:' .. child, id) or '', 1, 1)
      elseif not call('ZSCORE', K .. 'waiting', child)
          or call('HEXISTS', K .. 'needs:' .. child, READER) == 1 then
        b.code = b.code or 'n' .. child .. ','
      end
      if as ~= '' then
        b.after[#b.after + 1] = child
        b.after[#b.after + 1] = as
      end
    end
    check = check or how_it ~= '+'
  end
  -- Nobody is to wait for one that waits for him.
  if check and b.after[1] and b.needs[1] then
    local ids, others = {}, {}
    for j = 1, #b.needs, 2 do ids[#ids + 1] = b.needs[j] end
    for j = 1, #b.after, 2 do others[b.after[j]] = true end
    if waits_for(ids, others) then b.code = b.code or 'n' .. b.after[1] .. ',' end
  end
  return b
end
-- What the end of one left for another. One that completed without a result leaves nothing, though
-- it be kept as a sample.
local function give(id, from, letter, text)
  if letter == 'c' and (text == '' or string.find(text, '{"outcome":"done"', 1, true) == 1
      and not string.find(text, '"result":', 1, true)) then
    return
  end
  local key = K .. 'given:' .. id
  if #text > policy.given_bytes
      or call('HINCRBY', key, '{bytes', int(#text)) > policy.given_in_all then
    text = ''
  end
  call('HSET', key, from, STATE_OF[letter] .. '\n' .. text)
end
local function need(id, b)
  in_steps(#b.needs, function(i, j) call('HSET', K .. 'needs:' .. id, unpack(b.needs, i, j)) end)
  for j = 1, #b.needs, 2 do call('ZADD', K .. 'then:' .. b.needs[j], '0', id) end
  for _, g in ipairs(b.given) do give(id, g[1], g[2], g[3]) end
end
-- Binds a job that is stored now. False: it waits for nobody.
holdings.tie = function(id, env, b)
  stored_now[id] = true
  need(id, b)
  for j = 1, #b.after, 2 do
    call('HSET', K .. 'needs:' .. b.after[j], id, b.after[j + 1])
    call('ZADD', K .. 'then:' .. id, '0', b.after[j])
  end
  if b.gate ~= '' then holdings.wait_at(b.gate, b.flow) end
  if b.flow ~= '' then holdings.join(b.flow, id, env, b) end
  if #b.needs == 0 then return false end
  call('ZADD', K .. 'waiting', int(now), id)
  return true
end
-- Out of waiting, whatever it still needs.
holdings.untie = function(id)
  call('ZREM', K .. 'waiting', id)
  if call('HDEL', K .. 'needs:' .. id, READER) == 1 then
    call('ZREM', K .. 'then:' .. READER, id)
  end
  redis.call('UNLINK', K .. 'needs:' .. id)
end
-- It needs nobody any more.
local function let_go(id)
  holdings.untie(id)
  local env = call('HGET', record_key(id), id)
  local h = env and header(env)
  if not env then return end
  if not h then return put_aside(id, env) end
  local due = num(envelope.word(env, 'd'))
  -- How long it waits for its turn is counted from now.
  if due <= now then
    call('HSET', record_key(id), id, envelope.with_word(env, 'd', int(now)))
    enter(id, h, 'back')
  else
    enter(id, h, 'scheduled', due)
  end
end
-- Who claimed it does not know all that its record asks for.
holdings.wait_for_reader = function(id, env, h)
  local asks = tonumber(string.sub(env, 1, 1)) * 65536 + math.floor(h.flags / 4096) * 4096
  call('HSET', K .. 'needs:' .. id, READER, 'f')
  call('ZADD', K .. 'then:' .. READER, int(asks), id)
  call('ZADD', K .. 'waiting', int(now), id)
end
-- One that knows this format, and these features, is here: what waited for it goes on, some jobs at
-- a time.
local function reader_came(format, features)
  local key, from, left = K .. 'then:' .. READER, '-inf', policy.told_jobs
  while left > 0 do
    local first = call('ZRANGEBYSCORE', key, from, '+inf', 'WITHSCORES', 'LIMIT', '0', '1')
    local asks = tonumber(first[2])
    if not asks or asks >= (format + 1) * 65536 then return end
    local known = true
    for b = 12, 15 do
      known = known and (bit(features, 2 ^ b) or not bit(asks % 65536, 2 ^ b))
    end
    local some = known and call('ZRANGEBYSCORE', key, first[2], first[2], 'LIMIT', '0', int(left))
    if not some then from = '(' .. first[2] end
    for _, id in ipairs(some or {}) do
      left = left - 1
      call('ZREM', key, id)
      if call('HDEL', K .. 'needs:' .. id, READER) == 1
          and redis.call('EXISTS', K .. 'needs:' .. id) == 0 then
        let_go(id)
      end
    end
  end
end
local function give_up(id, why)
  holdings.untie(id)
  local env = call('HGET', record_key(id), id)
  local h = env and header(env)
  if not env then return end
  if not h then return put_aside(id, env) end
  local text = '{"outcome":"cancelled","at_ms":' .. int(now) .. ',"reason":"' ..
    string.gsub(why, '["\\]', '\\%0') .. '"}'
  finish(id, env, 'cancelled', text)
  keeping.add(id, h.list, text, env, policy.kept_cancelled)
end
-- Whom one that waits at a gate needs as well, as `store` reads it. Returns a code as `bind` has
-- them; where that is 'n' the job is cancelled. One that people made run, or cancelled, needs
-- nobody.
holdings.need_more = function(i)
  local id, last = ARGV[i + 1], i + 3 + 3 * tonumber(ARGV[i + 3])
  if call('HEXISTS', K .. 'needs:' .. id, '{' .. ARGV[i + 2]) == 0 then return 's' end
  local b = {needs = {}, given = {}, parents = {}}
  look_at(b, i + 4, last)
  if ARGV[i] == 'N' and not b.code and redis.call('EXISTS', K .. 'then:' .. id) == 1 then
    local ids = {}
    for j = 1, #b.needs, 2 do ids[#ids + 1] = b.needs[j] end
    if waits_for(ids, {[id] = true}) then b.code = 'n' .. id .. ',' end
  end
  if b.code then
    if string.sub(b.code, 1, 1) == 'n' then give_up(id, 'what it needs is not there') end
    return b.code
  end
  need(id, b)
  return 's'
end
-- What the end of one is to one that needs it.
local function tell_one(child, e)
  local key = K .. 'needs:' .. child
  local policy, label = string.match(call('HGET', key, e.id) or '', '^(.)(.*)$')
  if not policy then return end
  if not e.aborted and (policy == 'r' or is_done(e.letter, e.text)) then
    call('HDEL', key, e.id)
    if not is_gate(e.id) then give(child, label ~= '' and label or e.id, e.letter, e.text) end
    if redis.call('EXISTS', key) == 0 then let_go(child) end
  elseif policy == 'h' and e.letter == 'd' then
    call('ZADD', K .. 'then:' .. e.id, '0', child)
  elseif is_gate(e.id) or e.aborted then
    give_up(child, 'its flow was not stored whole')
  else
    give_up(child, 'it needs ' .. e.id .. ', which is ' .. STATE_OF[e.letter])
  end
end
-- The others are told later.
local function put_by(e)
  if redis.call('EXISTS', e.key) == 0 then
    if e.g then call('HDEL', K .. 'tellings', e.g) end
    return
  end
  if not e.g then
    e.g = int(call('HINCRBY', K .. 'broker', 'tellings', 1))
    redis.call('RENAME', e.key, K .. 'telling:' .. e.g)
    call('HSET', K .. 'tellings', e.g,
      e.letter .. (e.aborted and 'a' or '-') .. e.id .. '\n' .. e.text)
  end
  call('ZADD', K .. 'scheduled', int(now), '{tell ' .. e.g)
  soonest = now
end
-- In the order of the ends; none begins within another.
local function tell_all()
  if draining then return end
  draining = true
  while ends[1] do
    local e = table.remove(ends, 1)
    aborting = e.aborted
    local told = budget > 0 and call('ZPOPMIN', e.key, int(budget)) or {}
    for j = 1, #told, 2 do
      budget = budget - 1
      tell_one(told[j], e)
    end
    if e.g or budget <= 0 then put_by(e) end
  end
  draining, aborting = false, false
end
-- `outcome` as `finish` takes it.
holdings.ended = function(id, outcome, text)
  ends[#ends + 1] = {id = id, key = K .. 'then:' .. id, text = text or '',
    letter = LETTER_OF[outcome], aborted = aborting or outcome == 'aborted'}
  tell_all()
end
holdings.letter_of = function(outcome) return LETTER_OF[outcome] end
-- A timer: goes on where an end was told to some.
holdings.tell_more = function(g)
  local how, more, id, text = string.match(call('HGET', K .. 'tellings', g) or '',
    '^(%a)(.)([^\n]*)\n(.*)$')
  if not how then return end
  ends[#ends + 1] = {id = id, key = K .. 'telling:' .. g, g = g, text = text, letter = how,
    aborted = more == 'a'}
  tell_all()
end
-- Of those that wait, chores look whether whom they need is still to end: some of them each time,
-- by turns. So every flow ends, whatever was done to its records.
holdings.sweep_needs = function()
  local size = call('ZCARD', K .. 'waiting')
  if size == 0 then return end
  if holdings.reads then
    reader_came(unpack(holdings.reads))
    size = call('ZCARD', K .. 'waiting')
    if size == 0 then return end
  end
  -- While ends are still to be told, one that is nowhere, job or gate, may be one of those. A timer
  -- that somebody took away comes back.
  local telling = redis.call('EXISTS', K .. 'tellings') == 1
  if telling then
    for _, g in ipairs(call('HRANDFIELD', K .. 'tellings', 'policy.told_jobs')) do
      if call('ZADD', K .. 'scheduled', 'NX', int(now), '{tell ' .. g) == 1 then soonest = now end
    end
  end
  local left = policy.swept_needs
  local at = math.floor(now / 5000) * policy.swept_needs % size
  for _, id in ipairs(call('ZRANGE', K .. 'waiting', int(at), int(at + left - 1))) do
    if left <= 0 then break end
    -- What was put aside just now may have let this one go.
    local env = call('ZSCORE', K .. 'waiting', id) and call('HGET', record_key(id), id)
    local needs, key = {}, K .. 'needs:' .. id
    if env and call('HLEN', key) > left then
      needs = call('HRANDFIELD', key, int(left))
    elseif env then
      needs = call('HKEYS', key)
    end
    left = left - 1 - #needs
    if not env or not header(env) then
      holdings.untie(id)
      if env then put_aside(id, env) end
    elseif #needs == 0 then
      let_go(id)
    end
    table.sort(needs)
    for _, parent in ipairs(needs) do
      local of = not is_gate(parent) and call('HGET', record_key(parent), parent)
      local letter, text
      if parent == READER then
        if redis.call('EXISTS', key) == 1 and not call('ZSCORE', K .. 'then:' .. READER, id) then
          holdings.wait_for_reader(id, env, header(env))
        end
      elseif is_gate(parent) then
        local how = call('HMGET', K .. 'flow:' .. string.sub(parent, 2), '{created', '{committed')
        letter = not how[1] and 'a' or how[2] and 'c'
      else
        letter, text = ended_as(parent, of)
        if not letter and mark(parent, of) then call('ZADD', K .. 'then:' .. parent, '0', id) end
      end
      if letter and not ((letter == 'g' or letter == 'a') and telling) then
        ends[#ends + 1] = {id = parent, key = K .. 'then:' .. parent, text = text or '',
          letter = letter, aborted = letter == 'a'}
        call('ZADD', K .. 'then:' .. parent, '0', id)
      end
    end
  end
  tell_all()
end
