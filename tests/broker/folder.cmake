# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

# A mutant is met by chance: on a slow machine some take more than a minute.
set(timeout 600)
