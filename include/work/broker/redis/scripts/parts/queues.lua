-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- The middle of `exchange_claim`: from which lists jobs are taken.
---
--- A fetch_order's entry, and what a pool serves, is a list, or `*` and a name: that name in all
--- queues. A name's own list is known; the ready ones in other queues are drawn by lot from
--- `queues:<name>`, at most 256 in a call, so that 20 000 of them cost what 256 cost.
    -- Up to k jobs of lists of one name without priorities and ghosts, up to `part` of each: all
    -- ids, then the records of many in one read. Which of the lists hold more; those that are empty
    -- now are added to `gone`.
    local function pop_many(name, lists, part, k, gone)
      local all, of, keys, n, prefix, pcall = {}, {}, {}, 0, K .. 'list:', redis.pcall
      for i = 1, #lists do
        if n >= k then break end
        local list = lists[i]
        local key = prefix .. list
        keys[i] = key
        -- One alone needs no list of replies.
        if part == 1 then
          local id = pcall('LPOP', key)
          if type(id) == 'table' then id = call('LPOP', key) end
          if id then
            n = n + 1
            all[n], of[n] = id, list
          end
        else
          local some = call('LPOP', key, int(math.min(part, k - n)))
          for j = 1, some and #some or 0 do
            n = n + 1
            all[n], of[n] = some[j], list
          end
        end
      end
      local j, step, last = 1, 4, 0
      local dead = next(dead_on_crash) and (dead_on_crash['*' .. name] and lists or dead_on_crash)
      while j <= n and not full() do
        local to = math.min(j + step - 1, n)
        local envs = records(all, j, to)
        for m = 1, to - j + 1 do
          if bytes >= max_bytes then break end
          last = j + m - 1
          local id, env = all[last], envs[m]
          if not env then
            notes[#notes + 1] = 'lost by the store: ' .. id
          elseif take(id, env) and dead and (dead == lists or dead[of[last]]) then
            dead_lists[of[last]] = true
          end
        end
        j, step = to + 1, step * 4
      end
      -- Too many bytes: the rest goes back to where it was.
      for i = n, last + 1, -1 do call('LPUSH', prefix .. of[i], all[i]) end
      local rest, waking = {}, next(woken)
      local none = #keys == 0 or redis.call('EXISTS', unpack(keys)) == 0
      for i = 1, #keys do
        if none or call('LLEN', keys[i]) == 0 then
          gone[#gone + 1] = lists[i]
          if waking then woken[lists[i]] = nil end
        else
          rest[#rest + 1] = lists[i]
        end
      end
      return rest
    end
    -- The same of lists of a name in other queues than its own; how many hold jobs then.
    local function pop_queues(name, k)
      flush_emptied()
      local queues, ready = K .. 'queues:' .. name, K .. 'ready'
      local waiting = call('SCARD', queues)
      k = math.min(k, want - #ids)
      if k <= 0 or waiting == 0 or full() then return waiting end
      local drawn, gone = draw(queues, math.min(k, policy.drawn_lists), waiting), {}
      -- With the chores all are looked at, should `ready` be wrong.
      local plain = call('SISMEMBER', ready, '!' .. name) == 0
      if not plain or string.find(modes, 'c', 1, true) then
        local beside = {}
        for _, list in ipairs(drawn) do
          beside[#beside + 1] = K .. 'side:' .. list
          beside[#beside + 1] = K .. 'prio:' .. list
        end
        local found = redis.call('EXISTS', unpack(beside)) > 0
        if plain and found then call('SADD', ready, '!' .. name) end
        plain = not found
      end
      -- As many of each; then what room is left for those that hold more.
      local part = math.ceil(k / #drawn)
      local rest
      for _ = 1, 2 do
        rest = {}
        local before, empty = #ids, 0
        if plain and k > 0 and not full() then
          rest = pop_many(name, drawn, part, k, gone)
        else
          for _, list in ipairs(drawn) do
            local room = k - (#ids - before)
            if room <= 0 or full() then break end
            if pop(list, math.min(part, room)) > 0 then
              rest[#rest + 1] = list
            else
              empty = empty + 1
            end
          end
        end
        k, waiting = k - (#ids - before), waiting - empty
        drawn, part = rest, k
      end
      if #gone > 0 then
        waiting = waiting - #gone
        call('SREM', queues, unpack(gone))
        if redis.call('EXISTS', queues) == 0 then
          gone[#gone + 1] = '*' .. name
          gone[#gone + 1] = '!' .. name
        end
        call('SREM', ready, unpack(gone))
      end
      return waiting
    end
    if suspects == 0 then
      local seen = {}
      -- What a fetch_order names: a list, or `*` and a name: that name in all queues. Where jobs
      -- are left those who wait as this pool does hear of it.
      local function claim_from(served, k)
        local name = string.match(served, '^%*(.+)$')
        local length
        seen[served] = true
        if not name then
          length = pop(served, k)
        elseif redis.call('EXISTS', K .. 'side:' .. name, K .. 'prio:' .. name,
            K .. 'queues:' .. name) == 0 then
          length = pop(name, k, true)
        else
          -- Half of it is for the name's own queue, half for the others: neither waits for ever.
          k = math.min(k, want - #ids)
          local before = #ids
          length = pop(name, math.floor((k + number % 2) / 2))
          local waiting = pop_queues(name, k - (#ids - before))
          if length > 0 then length = pop(name, k - (#ids - before)) end
          length = length + waiting
        end
        if length == 0 then
          drained[served] = true
        else
          left[#left + 1] = served
          left[#left + 1] = length
          give_wakeup(K .. 'wake:' .. served)
        end
      end
      -- Which of them hold jobs; with the chores all are looked at, should `ready` be wrong.
      local ready
      if #fetch_order > 1 and not string.find(modes, 'c', 1, true) then
        local names, at = {}, {}
        for j, l in ipairs(fetch_order) do
          at[j] = #names + 1
          names[#names + 1] = l[1]
          local name = string.match(l[1], '^%*(.+)$')
          if name then names[#names + 1] = name end
        end
        at[#at + 1] = #names + 1
        ready = {}
        in_steps(#names, function(a, b)
          for j, is in ipairs(call('SMISMEMBER', K .. 'ready', unpack(names, a, b))) do
            names[a + j - 1] = is
          end
        end)
        for j = 1, #fetch_order do
          ready[j] = names[at[j]] == 1 or names[at[j + 1] - 1] == 1
        end
      end
      for j, l in ipairs(fetch_order) do
        if full() and want > 0 then break end
        if (l[2] > 0 or want == 0) and not (ready and not ready[j]) and not drained[l[1]] then
          claim_from(l[1], l[2])
        end
      end
      if string.find(modes, '[dD]') then
        local key, serves = K .. 'ready', K .. 'serves:' .. pool
        -- A pool serves either names or lists.
        local names = fetch_order[1] and string.byte(fetch_order[1][1]) == 42
        local function claim_found(found)
          if not fetch_order[1] and found[1] then
            names = call('ZSCORE', serves, '*' .. string.gsub(found[1], '^%*', ''))
          end
          for _, what in ipairs(found) do
            local served = names and '*' .. string.gsub(what, '^%*', '') or what
            if not seen[served] then
              if full() then
                seen[served] = true
                left[#left + 1] = served
                left[#left + 1] = 1
              else
                claim_from(served, want)
              end
            end
          end
        end
        -- Of thousands that are served some are looked at first. Where many are ready that will do,
        -- and where few are, to find all of them costs little.
        if string.find(modes, 'D', 1, true) then
          local some, found = call('ZRANDMEMBER', serves, '512'), {}
          local is = some[1] and call('SMISMEMBER', key, unpack(some)) or {}
          for j, what in ipairs(some) do
            if is[j] == 1 then found[#found + 1] = what end
          end
          claim_found(found)
        end
        if not full() or string.find(modes, 'd', 1, true) then
          local found = redis.pcall('ZINTER', 2, key, serves, 'WEIGHTS', 0, 1)
          if found.err then
            call('SCARD', key)
            call('ZCARD', serves)
            found = call('ZINTER', 2, key, serves, 'WEIGHTS', 0, 1)
          end
          claim_found(found)
        end
      end
    end
  end
