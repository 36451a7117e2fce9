-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- The order in which an exchange acts: see `broker/exchange.hpp`.
--@ clock
--@ lone_claim
--@ prelude
local function rare()
if bury then return end
--@ transitions
end
local function make_store()
if store then return end
rare()
--@ store
end
local function make_cancelling()
if end_cancelled then return end
rare()
--@ cancelling
end
--@ records
--@ report
--@ trim
--@ draw
--@ shown
--@ reap
--@ claim
--@ queues
--@ appoint
local sweep_step
if clock[5] and string.find(modes, 'c', 1, true) then
--@ groups
--@ sweep
end
--@ answer
