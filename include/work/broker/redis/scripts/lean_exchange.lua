#!lua flags=allow-oom
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- The same program for what only frees, moves or reads: it may run over maxmemory.
--@ exchange
