# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

set(WORK_TEST_TIMEOUT_SCALE 1 CACHE STRING "Multiplies every test's time limit (sanitizers)")

# Programs that link work::compiled and reuse this have <work/work.hpp> compiled once for all of them.
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/precompiled/front.cpp CONTENT "")
add_library(work_precompiled OBJECT EXCLUDE_FROM_ALL ${PROJECT_BINARY_DIR}/precompiled/front.cpp)
target_link_libraries(work_precompiled PRIVATE work::compiled)
target_precompile_headers(work_precompiled PRIVATE <work/work.hpp>)
work_warnings(work_precompiled)

# work_add_program(<target> <test name> <label> <source>)
# Builds a program from one file against work::compiled, and runs it as a test: without arguments,
# or as a line near its top says: "// test: <arguments>", "// test: none" (only built).
function(work_add_program target name label source)
    add_executable(${target} ${source})
    target_link_libraries(${target} PRIVATE work::compiled)
    target_precompile_headers(${target} REUSE_FROM work_precompiled)
    work_warnings(${target})
    file(STRINGS ${source} directive REGEX "^// test: " LIMIT_COUNT 1)
    string(REGEX REPLACE "^// test: *" "" arguments "${directive}")
    if(NOT WORK_BUILD_TESTS OR arguments STREQUAL "none")
        return()
    endif()
    separate_arguments(arguments UNIX_COMMAND "${arguments}")
    add_test(NAME ${name} COMMAND ${target} ${arguments})
    math(EXPR timeout "60 * ${WORK_TEST_TIMEOUT_SCALE}")
    set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT ${timeout})
    # The line is read while configuring.
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
endfunction()
