// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string_view>

namespace work::scripts {

/// The middle of `exchange_claim`: from which lists jobs are taken.
///
/// A plan's entry, and what a pool serves, is a list, or `*` and a name: that name in all queues. A
/// name's own list is known; the ready ones in other queues are drawn by lot from `queues:<name>`,
/// at most 256 in a call, so that 20 000 of them cost what 256 cost.
inline constexpr std::string_view claim_queues = R"lua(
    -- The same of lists of a name in other queues than its own; how many hold jobs then.
    local function pop_queues(name, k)
      flush_emptied()
      local queues = K .. 'queues:' .. name
      local waiting = call('SCARD', queues)
      k = math.min(k, want - #ids)
      if k <= 0 or waiting == 0 or full() then return waiting end
      local drawn, beside = draw(queues, math.min(k, 256)), {}
      for _, list in ipairs(drawn) do
        beside[#beside + 1] = K .. 'ghosts:' .. list
        beside[#beside + 1] = K .. 'prio:' .. list
      end
      local plain = redis.call('EXISTS', unpack(beside)) == 0
      -- As many of each; then what room is left for those that hold more.
      local part, rest = math.ceil(k / #drawn), nil
      for _ = 1, 2 do
        rest = {}
        for _, list in ipairs(drawn) do
          if k <= 0 or full() then break end
          local before, was = #ids, drained[list]
          if pop(list, math.min(part, k), plain) > 0 then
            rest[#rest + 1] = list
          elseif not was then
            waiting = waiting - 1
          end
          k = k - (#ids - before)
        end
        drawn, part = rest, k
      end
      return waiting
    end
    if suspects == 0 then
      local seen = {}
      -- What a plan names: a list, or `*` and a name: that name in all queues. Where jobs are left
      -- those who wait as this pool does hear of it.
      local function claim_from(served, k)
        local name, length = string.match(served, '^%*(.+)$'), nil
        seen[served] = true
        if not name then
          length = pop(served, k)
        elseif redis.call('EXISTS', K .. 'ghosts:' .. name, K .. 'prio:' .. name,
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
          hint(K .. 'wake:' .. served)
        end
      end
      -- Which of them hold jobs; with the chores all are looked at, should `ready` be wrong.
      local ready
      if #plan > 1 and not string.find(modes, 'c', 1, true) then
        local names, at = {}, {}
        for j, l in ipairs(plan) do
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
        for j = 1, #plan do
          ready[j] = names[at[j]] == 1 or names[at[j + 1] - 1] == 1
        end
      end
      for j, l in ipairs(plan) do
        if full() and want > 0 then break end
        if (l[2] > 0 or want == 0) and not (ready and not ready[j]) and not drained[l[1]] then
          claim_from(l[1], l[2])
        end
      end
      if string.find(modes, 'd', 1, true) then
        local ready, serves = K .. 'ready', K .. 'serves:' .. pool
        local found = redis.pcall('ZINTER', 2, ready, serves, 'WEIGHTS', 0, 1)
        if found.err then
          call('SCARD', ready)
          call('ZCARD', serves)
          found = call('ZINTER', 2, ready, serves, 'WEIGHTS', 0, 1)
        end
        -- A pool serves either names or lists.
        local names = plan[1] and string.byte(plan[1][1]) == 42
        if not plan[1] and found[1] then
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
    end
  end
)lua";

}  // namespace work::scripts
