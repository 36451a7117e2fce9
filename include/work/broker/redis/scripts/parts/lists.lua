-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- What lists need that got their first jobs, or lost their last ones.
---
--- `ready` has the lists that hold jobs, and `*<name>` where some of them are in other queues than
--- the name's own; those are in `queues:<name>`, too. While there are such lists it has `!<name>`
--- as well if jobs with priorities, or ghosts, came to one of them: else nobody looks for those
--- beside each list. `lists` has when a list was used last, to the hour; `!<list>` those that
--- some pool waits for by `wake:<list>`; `!{<list>` those that are paused, which are in neither
--- `ready` nor `queues:` whatever they hold; `!|<list>` those to which limits apply.
local listened = {}
local function with_names(lists, by_name)
  local all = {}
  for _, list in ipairs(lists) do
    all[#all + 1] = list
    local name = string.match(list, ':(.+)$')
    if name then
      if not by_name[name] then by_name[name] = {} end
      table.insert(by_name[name], list)
    end
  end
  return all
end
local function for_all(cmd, key, members)
  in_steps(#members, function(i, j) call(cmd, key, unpack(members, i, j)) end)
end
-- Beside the list, and in `lists`, where what gets its first job is looked up.
local function shut_list(list)
  call('HSET', K .. 'side:' .. list, '{paused', '1')
  call('ZADD', K .. 'lists', policy.paused_score, '!{' .. list)
end
local function open_list(list)
  call('HDEL', K .. 'side:' .. list, '{paused')
  call('ZREM', K .. 'lists', '!{' .. list)
end
-- The limits of a list, by what is set for its queue and its name; '': none.
slots.names = function(list)
  local queue = string.match(list, '^([^:]+):.') or list
  local found = call('HMGET', K .. 'limited', 'queue:' .. queue, 'name:' .. name_of(list))
  local names, all = {}, (found[1] or '') .. ' ' .. (found[2] or '')
  for name in string.gmatch(all, '%S+') do
    if not names[name] then
      names[name] = true
      names[#names + 1] = name
    end
  end
  return table.concat(names, ' ')
end
-- The bound of the queue of a list, if it has one: which queue, how many, how.
gate.bounds.of = function(list)
  local text = gate.bounds.text or call('GET', K .. 'bounds') or ''
  gate.bounds.text = text
  if text == '' then return nil end
  local queue = string.match(list, '^([^:]+):.') or list
  local _, last = string.find(text, '\n' .. queue .. ' ', 1, true)
  if not last then return nil end
  local most, how = string.match(text, '^(%d+) (%a)', last + 1)
  return queue, tonumber(most), how
end
-- What waits in this list counts for the bound of its queue.
gate.bounds.meet = function(list)
  local queue = gate.bounds.of(list)
  if queue then call('SADD', K .. 'bounded:' .. queue, list) end
end
-- A list that is new takes after what is set. Whether limits apply to it.
local function takes_limits(list)
  gate.bounds.meet(list)
  local names = slots.names(list)
  if names == '' then return false end
  call('HSET', K .. 'side:' .. list, '{limits', names)
  call('ZADD', K .. 'lists', policy.paused_score, '!|' .. list)
  return true
end
-- One that is known from now on, though it holds no job.
gate.met = function(list)
  if gate.is_paused(list) then shut_list(list) end
  takes_limits(list)
end
local function is_parked(list)
  return call('HEXISTS', K .. 'side:' .. list, '{parked') == 1
end
note_ready = function()
  if #became_ready == 0 then return end
  local lists, open, by_name, used = became_ready, {}, {}, {}
  became_ready = {}
  for from = 1, #lists, policy.forgotten_lists do
    local marks = {}
    for i = from, math.min(from + policy.forgotten_lists - 1, #lists) do
      local list = lists[i]
      marks[#marks + 1] = list
      marks[#marks + 1] = '!' .. list
      marks[#marks + 1] = '!{' .. list
      marks[#marks + 1] = '!|' .. list
    end
    local at = call('ZMSCORE', K .. 'lists', unpack(marks))
    for m = 1, #marks, 4 do
      local list = marks[m]
      if math.abs(num(at[m]) - now) > policy.ms_per_hour then
        used[#used + 1] = int(now)
        used[#used + 1] = list
      end
      listened[list] = at[m + 1] and true
      -- One that is new takes after what is set for its queue and its name.
      gate.shut[list] = (at[m + 2] or not at[m]) and gate.is_paused(list) or false
      local limited = at[m + 3]
      if not at[m] and not limited then limited = takes_limits(list) end
      if limited then mixed[list] = true end
      if not gate.shut[list] then
        gate.shut[list] = limited and is_parked(list) or false
        if not gate.shut[list] then open[#open + 1] = list end
        if at[m + 2] then
          open_list(list)
          mixed[list] = mixed[list]
            or redis.call('EXISTS', K .. 'side:' .. list, K .. 'prio:' .. list) > 0
        end
      elseif not at[m + 2] then
        shut_list(list)
      end
    end
  end
  for_all('ZADD', K .. 'lists', used)
  local ready = with_names(open, by_name)
  for name, queues in pairs(by_name) do
    ready[#ready + 1] = '*' .. name
    for _, list in ipairs(queues) do
      if mixed[list] then ready[#ready + 1] = '!' .. name end
    end
    for_all('SADD', K .. 'queues:' .. name, queues)
  end
  mixed = {}
  for_all('SADD', K .. 'ready', ready)
end
-- Whether one of these lists may be claimed from. Of those that held jobs before nobody asked yet.
local function any_open(lists)
  local marks = {}
  for _, list in ipairs(lists) do
    if gate.shut[list] == false then return true end
    marks[#marks + 1] = '!{' .. list
    marks[#marks + 1] = '!|' .. list
  end
  local open = false
  in_steps(#marks, function(i, j)
    local at = open and {} or call('ZMSCORE', K .. 'lists', unpack(marks, i, j))
    for m = 1, #at, 2 do
      open = open or not at[m]
        and not (at[m + 1] and is_parked(string.sub(marks[i + m], 3)))
    end
  end)
  return open
end
wake_woken = function()
  local names = {}
  for list in pairs(woken) do
    if not gate.shut[list] then
      local name = name_of(list)
      if not names[name] then names[name] = {} end
      table.insert(names[name], list)
      if listened[list] then give_wakeup(K .. 'wake:' .. list) end
    end
  end
  for name, lists in pairs(names) do
    local key = K .. 'wake:*' .. name
    if call('LLEN', key) == 0 and any_open(lists) then redis.call('RPUSH', key, '1') end
  end
  woken = {}
end
note_emptied = function(lists)
  local by_name = {}
  local ready = with_names(lists, by_name)
  for name, queues in pairs(by_name) do
    for_all('SREM', K .. 'queues:' .. name, queues)
    if redis.call('EXISTS', K .. 'queues:' .. name) == 0 then
      ready[#ready + 1] = '*' .. name
      ready[#ready + 1] = '!' .. name
    end
  end
  for_all('SREM', K .. 'ready', ready)
end
