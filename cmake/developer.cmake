# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

# What only people who work on work itself need: warnings, ccache, programs that are tests.
include_guard(GLOBAL)

include(${CMAKE_CURRENT_LIST_DIR}/warnings.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/program.cmake)

if(NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
    find_program(WORK_CCACHE ccache DOC "Compiler cache; used when found")
    if(WORK_CCACHE)
        # The sloppiness is what ccache asks for when precompiled headers are in use.
        set(CMAKE_CXX_COMPILER_LAUNCHER
            ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${WORK_CCACHE})
    endif()
endif()

set(WORK_COMPILED_BY_ROOM ON)

# tidy: what the preset of that name compiles under clang-tidy.
add_custom_target(tidy)
add_dependencies(tidy work_compiled)
