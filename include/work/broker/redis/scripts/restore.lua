#!lua flags=allow-oom
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Brings a set-aside record back, mended.
---
--- KEYS[1] prefix
--- ARGV    cursor (not used), id, envelope, of a large one its body
--- Reply   { code, notes* } — as for requeue
--@ clock
--@ prelude
--@ transitions
--@ find_job
local code = bring_back(ARGV[2], ARGV[3], ARGV[4])
note_ready()
wake_woken()
return {code, notes}
