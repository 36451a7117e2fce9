-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- What lists need that got their first jobs, or lost their last ones.
---
--- `ready` has the lists that hold jobs, and `*<name>` where some of them are in other queues than
--- the name's own; those are in `queues:<name>`, too. While there are such lists it has `!<name>`
--- as well if jobs with priorities, or ghosts, came to one of them: else nobody looks for those
--- beside each list. `lists` has when a list was used last, to the hour; `!<list>` those that
--- some pool waits for by `wake:<list>`.
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
note_ready = function()
  if #became_ready == 0 then return end
  local lists, by_name, marks, used = became_ready, {}, {}, {}
  local ready = with_names(lists, by_name)
  for name, queues in pairs(by_name) do
    ready[#ready + 1] = '*' .. name
    if mixed[name] then ready[#ready + 1] = '!' .. name end
    for_all('SADD', K .. 'queues:' .. name, queues)
  end
  became_ready, mixed = {}, {}
  for_all('SADD', K .. 'ready', ready)
  for _, list in ipairs(lists) do
    marks[#marks + 1] = list
    marks[#marks + 1] = '!' .. list
  end
  in_steps(#marks, function(i, j)
    local at = call('ZMSCORE', K .. 'lists', unpack(marks, i, j))
    for m = 1, j - i, 2 do
      local list = marks[i + m - 1]
      if math.abs(num(at[m]) - now) > policy.ms_per_hour then
        used[#used + 1] = int(now)
        used[#used + 1] = list
      end
      if at[m + 1] then listened[list] = true end
    end
  end)
  for_all('ZADD', K .. 'lists', used)
end
wake_woken = function()
  local names = {}
  for list in pairs(woken) do
    names[name_of(list)] = true
    if listened[list] then give_wakeup(K .. 'wake:' .. list) end
  end
  for name in pairs(names) do give_wakeup(K .. 'wake:*' .. name) end
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
