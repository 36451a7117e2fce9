# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

# Defines work::compiled: link it instead of work::work, and what need not be a template is
# compiled once instead of in every file that includes it. An installed work has this file too, so
# the library is built by the program that uses it, with that program's compiler and flags: there
# is no binary to mismatch. It costs nothing to a program that does not link it.
if(NOT TARGET work_compiled)
    add_library(work_compiled STATIC EXCLUDE_FROM_ALL "${CMAKE_CURRENT_LIST_DIR}/compiled.cpp")
    add_library(work::compiled ALIAS work_compiled)
    target_compile_definitions(work_compiled PUBLIC WORK_SEPARATE_COMPILATION)
    target_link_libraries(work_compiled PUBLIC work::work)
endif()
