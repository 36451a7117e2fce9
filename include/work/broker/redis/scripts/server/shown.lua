-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- How many ms the status of a pool is still shown; nil: it is gone. It expires by the server's
--- clock.
local function shown_for(p)
  local left = redis.call('PTTL', status_key(p))
  if left == -1 then return math.huge end
  return left >= 0 and left or nil
end
