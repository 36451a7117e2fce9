#!lua
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Fires a cron entry: stores its jobs and puts it due again, unless somebody else did so, or
--- changed it.
---
--- KEYS[1] prefix
--- ARGV    name, revision, next, new next, '1': not while its last job is live, id of the last job
---         or '', text, then sections as `store` reads them
---   text  the end of the JSON that is kept in `fires:<name>`
--- Reply   { now, code, the record as it is now or '' }
---   code  'm' fired, 'p' its jobs had been stored before, 'o' the last one is live, 'v' it is not
---         of that revision and due at that time: nothing was changed
--- The jobs come first: should the script die, who comes next fires the same instant, whose ids
--- are known then.
--- Cost    about ten calls, and those of the jobs
--@ clock
--@ prelude
--@ lists
local function rare()
if bury then return end
--@ registries
--@ moves
--@ doors
--@ keeping
--@ holdings
--@ needs
--@ flows
end
--@ store
--@ crons
local name, key = ARGV[1], K .. 'crons'
local before = call('HGET', key, name)
local revision, at, fired, job, paused, text = crons.seen(before)
if not before or revision ~= ARGV[2] or at ~= ARGV[3] then return {now, 'v', before or ''} end
local code = 'm'
if ARGV[5] == '1' and job ~= '' and call('HEXISTS', record_key(job), job) == 1
    and not call('ZSCORE', K .. 'dead', job) then
  code = 'o'
elseif #ARGV > 7 then
  local codes = store(8, #ARGV)
  if #codes > 0 then
    code = 'p'
    for _, one in ipairs(codes) do
      if one == 's' then code = 'm' end
    end
  end
  note_ready()
  wake_woken()
  if soonest then due_at(soonest) end
  fired, job = int(now), ARGV[6]
end
local record = crons.store(name, revision, ARGV[4], paused, fired, job, text)
call('LPUSH', K .. 'fires:' .. name,
  '{"at_ms":' .. int(now) .. ',"code":"' .. code .. '"' .. ARGV[7])
call('LTRIM', K .. 'fires:' .. name, '0', int(policy.fires_kept - 1))
return {now, code, record}
