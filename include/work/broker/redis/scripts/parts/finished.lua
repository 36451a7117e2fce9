-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Jobs of a claim that completed, and of which nothing else is to be said: the fast path.
-- How many of a claim were said to be finished, in this exchange.
local reported = {}
-- Those named by these words are out of it, whatever was known of them.
local function free_slots(c, from, to)
  rare()
  in_steps(to - from + 1, function(i, j)
    slots.free(c, {unpack(ARGV, from + i - 1, from + j - 1)})
  end)
end
local function forget_traces(s, from, to)
  local logs = {}
  for j = from, to do logs[#logs + 1] = K .. 'log:' .. ARGV[j] end
  in_steps(#logs, function(i, j)
    call('HDEL', K .. 'failures:' .. s, unpack(ARGV, from + i - 1, from + j - 1))
    redis.call('DEL', unpack(logs, i, j))
  end)
end
-- Of a claim that some jobs left, or that has slots, or of which some are followed.
local function finish_each(c, s, from, to, chosen_ms, forgets)
  local all = true
  for j = from, to do
    if call('SISMEMBER', K .. 'left:' .. c, ARGV[j]) == 1 then
      all = false
    elseif chosen_ms or call('SISMEMBER', K .. 'followed:' .. c, ARGV[j]) == 1 then
      learn_words()
      all = outcome(c, ARGV[j], 'c', chosen_ms or 0, '') == 'k' and all
    else
      reported[c] = (reported[c] or 0) + 1
      all = call('HDEL', K .. 'jobs:' .. s, ARGV[j]) == 1 and all
      if tonumber(c) % 2 == 0 then call('HDEL', K .. 'claimed:' .. s, ARGV[j]) end
      if forgets then forget_traces(s, j, j) end
      if slots.known[c] then free_slots(c, j, j) end
    end
  end
  return all
end
-- Ids that may be enqueued anew: that they left the claim is said by name, unless it is closed now.
local function finish_chosen(c, s, from, to, till, traces)
  local all, indexed = true, tonumber(c) % 2 == 0
  for j = from, to do
    local id = ARGV[j]
    if call('HDEL', K .. 'jobs:' .. s, id) == 1 then
      gather(leaving, c, id)
      if indexed then call('HDEL', K .. 'claimed:' .. s, id) end
      if till then
        traces[#traces + 1] = till
        traces[#traces + 1] = id
      end
    else
      all = false
    end
  end
  return all
end
-- From that place in ARGV on; where the words go on, and how it was taken.
local function finished(i)
  local c, known, forgets, parts = ARGV[i + 1], ARGV[i + 2], ARGV[i + 3] == '1', ARGV[i + 4]
  local v, code, indexed = lease_valid(c), 'k', tonumber(c) % 2 == 0
  local chosen_ms, traces = tonumber(known), {}
  local till = chosen_ms and chosen_ms > 0 and int(now + chosen_ms)
  i = i + 5
  for _ = 1, tonumber(parts) do
    local s, first, last = ARGV[i], i + 2, i + 1 + tonumber(ARGV[i + 1])
    if not v then
      code = 'l'
    elseif v.left then
      if not finish_each(c, s, first, last, chosen_ms, forgets) then code = 'p' end
    else
      if chosen_ms then
        if not finish_chosen(c, s, first, last, till, traces) then code = 'p' end
      else
        reported[c] = (reported[c] or 0) + last - first + 1
        for from = first, last, 4000 do
          local to = math.min(from + 3999, last)
          if call('HDEL', K .. 'jobs:' .. s, unpack(ARGV, from, to)) < to - from + 1 then
            code = 'p'
          end
          if indexed then call('HDEL', K .. 'claimed:' .. s, unpack(ARGV, from, to)) end
        end
        if slots.known[c] then free_slots(c, first, last) end
      end
      if forgets then forget_traces(s, first, last) end
    end
    i = last + 1
  end
  in_steps(#traces, function(a, b) call('ZADD', K .. 'traces', unpack(traces, a, b)) end)
  return i, code
end
