-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Jobs of a claim that completed, and of which nothing else is to be said: the fast path.
-- How many of a claim were said to be finished, in this exchange.
local reported = {}
-- Of chosen ids, with failures or a log, or of a claim that has slots, that some left, or of which
-- some are followed. Ids that may be enqueued anew leave their claim by name, unless it is closed
-- now.
local function finish_with_care(of, s, from, to)
  local c, known_ms, all, out, logs = of.claim, of.known_ms, true, {}, {}
  for j = from, to do
    local id = ARGV[j]
    if of.left and call('SISMEMBER', K .. 'left:' .. c, id) == 1 then
      all = false
    elseif of.left and call('SISMEMBER', K .. 'followed:' .. c, id) == 1 then
      learn_words()
      all = outcome(c, id, 'c', known_ms or 0, '') == 'k' and all
    elseif known_ms and call('HDEL', K .. 'jobs:' .. s, id) == 0 then
      all = false
    else
      out[#out + 1] = id
      logs[#out] = of.forgets and K .. 'log:' .. id
    end
  end
  if #out == 0 then return all end
  -- Slots are given back here, or by those that write that these left.
  if slots.known[c] then rare() end
  if known_ms then
    for _, id in ipairs(out) do
      gather(leaving, c, id)
      if of.till then
        of.traces[#of.traces + 1] = of.till
        of.traces[#of.traces + 1] = id
      end
    end
  else
    reported[c] = (reported[c] or 0) + #out
    if slots.known[c] then slots.free(c, out) end
  end
  in_steps(#out, function(i, j)
    if not known_ms then
      all = call('HDEL', K .. 'jobs:' .. s, unpack(out, i, j)) == j - i + 1 and all
    end
    if of.indexed then call('HDEL', K .. 'claimed:' .. s, unpack(out, i, j)) end
    if of.forgets then
      call('HDEL', K .. 'failures:' .. s, unpack(out, i, j))
      redis.call('DEL', unpack(logs, i, j))
    end
  end)
  return all
end
-- From that place in ARGV on; where the words go on, and how it was taken.
local function finished(i)
  local c, known_ms, forgets = ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3] == '1'
  local v, code, indexed, parts = lease_valid(c), 'k', tonumber(c) % 2 == 0, tonumber(ARGV[i + 4])
  local of
  if v and (v.left or known_ms or forgets or slots.known[c]) then
    of = {claim = c, known_ms = known_ms, forgets = forgets, left = v.left, indexed = indexed,
      till = (known_ms or 0) > 0 and int(now + known_ms), traces = {}}
  end
  i = i + 5
  for _ = 1, parts do
    local s, first, last = ARGV[i], i + 2, i + 1 + tonumber(ARGV[i + 1])
    if not v then
      code = 'l'
    elseif of then
      if not finish_with_care(of, s, first, last) then code = 'p' end
    else
      reported[c] = (reported[c] or 0) + last - first + 1
      for from = first, last, 4000 do
        local to = math.min(from + 3999, last)
        if call('HDEL', K .. 'jobs:' .. s, unpack(ARGV, from, to)) < to - from + 1 then
          code = 'p'
        end
        if indexed then call('HDEL', K .. 'claimed:' .. s, unpack(ARGV, from, to)) end
      end
    end
    i = last + 1
  end
  local traces = of and of.traces or {}
  in_steps(#traces, function(a, b) call('ZADD', K .. 'traces', unpack(traces, a, b)) end)
  return i, code
end
