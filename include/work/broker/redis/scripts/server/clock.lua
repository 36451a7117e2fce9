-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- The one place where scripts learn the time, and the one where they cast lots. Tests replace them
--- by `test_clock` and `test_draw`.
local T = redis.call('TIME') local us = T[1] * 1000000 + T[2]
