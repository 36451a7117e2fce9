-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Records of cron entries.
local crons = {}
-- What is compared with what a caller saw, then the rest. One that somebody wrote by hand has '0'.
function crons.seen(record)
  local revision, at, paused, fired, job, text =
    string.match(record or '', '^(%d+) (%d+) (%d+) (%d+) ([^\n]*)\n(.*)$')
  if not revision then return '0', '0', '0', '', '0', record or '' end
  return revision, at, fired, job, paused, text
end
function crons.store(name, revision, at, paused, fired, job, text)
  local record = table.concat({revision, at, paused, fired, job}, ' ') .. '\n' .. text
  call('HSET', K .. 'crons', name, record)
  if at == '0' then
    call('ZREM', K .. 'crons_due', name)
  else
    call('ZADD', K .. 'crons_due', at, name)
  end
  return record
end
