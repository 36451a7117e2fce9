#!lua flags=allow-oom
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Frees memory: drops the oldest of what is kept of completed jobs, at most 256.
---
--- KEYS[1] prefix
--- Reply   how many were dropped
--@ clock
--@ prelude
--@ transitions
local oldest = call('ZRANGE', K .. 'completed', '0', '255')
for _, id in ipairs(oldest) do keeping.drop(id) end
return #oldest
