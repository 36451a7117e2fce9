# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

# The promises are measured against the clock: nothing else runs meanwhile, but for those that wait
# most of their time and measure none, or count commands.
set(timeout 300)
set(serial ON)
set(beside "idle.*:idle_client.*:trouble.*:strays.*:*regressed.*:full.*:unique.*:flows.*\
:awaited.*:crons.*:limited.jobs*:cancels.of_jobs*")
