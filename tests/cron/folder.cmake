# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

# Some ten seconds of calculation without optimisation.
set(timeout 600)
