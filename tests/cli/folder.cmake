# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

# Pictures of `work top` are drawn without the program.
set(libraries work_tool_parts)
