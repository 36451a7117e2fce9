-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
local function shown_for(p)
  local text = redis.call('GET', status_key(p))
  return text and (tonumber(text) or math.huge) - now or nil
end
