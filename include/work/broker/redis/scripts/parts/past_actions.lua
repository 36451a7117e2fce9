-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- What people did to a job: lines among those of its log, which live as long as they do. The flag
--- 08 says that there are some, so that a job which somebody touched leaves the fast path.
local function keep_history(id, line)
  local env = call('HGET', record_key(id), id)
  local h = env and header(env)
  if h and not bit(h.flags, 8) then
    call('HSET', record_key(id), id, envelope.with_failures(env, h, h.attempts))
  end
  -- Of what is cancelled the ending is kept, and what belongs to it.
  if not h and call('HEXISTS', K .. 'kept', id) == 0 then return end
  call('RPUSH', K .. 'log:' .. id, line)
  call('LTRIM', K .. 'log:' .. id, -policy.max_log_lines, -1)
end
