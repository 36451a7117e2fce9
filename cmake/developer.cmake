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

# Most of what a small file costs is what it includes, so files are compiled some at a time. OFF
# compiles each alone: quicker for who changes one test and no header. g++ takes coroutines of a file
# that is included for those of a header, and warns of their local types.
option(WORK_UNITY "Compile the files of tests and of the program some at a time" ON)
function(work_unity target)
    set_target_properties(${target} PROPERTIES
        UNITY_BUILD ${WORK_UNITY} UNITY_BUILD_BATCH_SIZE 8)
    if(WORK_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
    endif()
endfunction()

# tidy: what the preset of that name compiles under clang-tidy.
add_custom_target(tidy)
add_dependencies(tidy work_compiled)
