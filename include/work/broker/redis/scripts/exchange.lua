#!lua
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- One numbered exchange of a pool. A server at maxmemory refuses it before it does anything.
--@ exchange
