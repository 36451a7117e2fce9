-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Flows: jobs that were enqueued together, and need each other.
---
--- Each has the flag 20 and ` f=<flow>`. `flow:<flow>` has
---   <id>          its list, and whom it needs: `list parent,parent`
---   {<id>         the letter of its end, if it has ended; of one that is dead 'd'
---   {jobs, {left  how many there are, and how many of them have neither ended nor are dead
---   {created {committed {aborted   when; {name  as it was given
--- Jobs of a flow that need none of its others need its gate, `{<flow>`, which opens when all of it
--- is stored. Until then it is in `uncommitted`, and has a timer in `scheduled`: `{flow <flow>`.
--- Jobs that are added beside one that runs have a gate of their own if they are more than one
--- batch: `flow:<gate>` has {gate, how many wait at it in {jobs, and goes as it opens.
--- `flows` has when each was begun, `flows_ended` when the last of its jobs ended.
holdings.flow_of = function(env)
  return string.match(env, '^%d %x%x[2367ABEF]%x[^\n]* f=([^ \n]+)')
end
-- A job of that flow waits at a gate, before it joins.
holdings.wait_at = function(gate, flow)
  local key = K .. 'flow:' .. gate
  if call('HSETNX', key, '{created', int(now)) == 1 then
    local till = now + policy.commit_ms
    call('ZADD', K .. 'uncommitted', int(till), gate)
    call('ZADD', K .. 'scheduled', int(till), '{flow ' .. gate)
    soonest = math.min(soonest or till, till)
    if gate == flow then
      call('ZADD', K .. 'flows', int(now), flow)
    else
      call('HSET', key, '{gate', '1')
    end
  end
  if gate ~= flow then call('HINCRBY', key, '{jobs', '1') end
end
-- A job of it is stored.
holdings.join = function(flow, id, env, b)
  local key = K .. 'flow:' .. flow
  if call('HSETNX', key, '{created', int(now)) == 1 then
    call('ZADD', K .. 'flows', int(now), flow)
    call('HSET', key, '{committed', int(now))
  end
  local parents = table.concat(b.parents, ',', 1, math.min(#b.parents, policy.shown_parents))
  call('HSET', key, id, list_of(env) .. (parents ~= '' and ' ' .. parents or ''))
  call('HINCRBY', key, '{jobs', '1')
  call('HINCRBY', key, '{left', '1')
  call('ZREM', K .. 'flows_ended', flow)
end
-- One of its jobs ended, or is dead.
holdings.member_ended = function(flow, id, outcome)
  local key = K .. 'flow:' .. flow
  if redis.call('EXISTS', key) == 0 then return end
  local letter = holdings.letter_of(outcome)
  if call('HSET', key, '{' .. id, letter) == 0 then return end
  if call('HINCRBY', key, '{left', '-1') <= 0 then
    call('ZADD', K .. 'flows_ended', int(now), flow)
  end
end
-- One that was dead is to run again.
holdings.member_again = function(flow, id)
  local key = K .. 'flow:' .. flow
  if call('HDEL', key, '{' .. id) == 1 then
    call('HINCRBY', key, '{left', '1')
    call('ZREM', K .. 'flows_ended', flow)
  end
end
local function close(flow)
  call('ZREM', K .. 'uncommitted', flow)
  call('ZREM', K .. 'scheduled', '{flow ' .. flow)
end
-- Its jobs are not to run: those that wait for the gate, and all that wait for them.
holdings.abort = function(flow)
  local key = K .. 'flow:' .. flow
  close(flow)
  if call('HEXISTS', key, '{gate') == 1 then
    redis.call('DEL', key)
  elseif redis.call('EXISTS', key) == 1 then
    call('HSET', key, '{aborted', int(now))
  end
  holdings.ended('{' .. flow, 'aborted')
end
-- All of it is stored, so many jobs: returns 's', or 'n', its gate and a comma, if that is not so.
holdings.commit = function(flow, jobs, name)
  local key = K .. 'flow:' .. flow
  local has, at, aborted, alone =
    unpack(call('HMGET', key, '{jobs', '{committed', '{aborted', '{gate'))
  if at then return 's' end
  if aborted or not has or num(has) ~= jobs then
    if has and not aborted then holdings.abort(flow) end
    return 'n{' .. flow .. ','
  end
  if alone then
    redis.call('DEL', key)
  else
    call('HSET', key, '{committed', int(now))
    if name ~= '' then call('HSET', key, '{name', name) end
  end
  close(flow)
  holdings.ended('{' .. flow, 'completed')
  return 's'
end
-- A timer: it was not committed in time.
holdings.commit_late = function(flow)
  if not call('HGET', K .. 'flow:' .. flow, '{committed') then holdings.abort(flow) end
end
-- Chores: those that ended long ago go, and the oldest of too many.
holdings.trim_flows = function()
  for _ = 1, policy.trimmed_flows do
    local first = call('ZRANGE', K .. 'flows_ended', '0', '0', 'WITHSCORES')
    if not first[1] or num(first[2]) > now - policy.flow_kept_ms
        and call('ZCARD', K .. 'flows_ended') <= policy.flows_kept then
      return
    end
    call('ZREM', K .. 'flows_ended', first[1])
    call('ZREM', K .. 'flows', first[1])
    redis.call('UNLINK', K .. 'flow:' .. first[1])
  end
end
