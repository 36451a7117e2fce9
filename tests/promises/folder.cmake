# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

# The promises are measured against the clock: nothing else runs meanwhile.
set(timeout 300)
set(serial ON)
