# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

# Warnings are errors with the compilers the project is checked with. A newer compiler knows new
# warnings: it shows them, and still builds.
set(known_compiler OFF)
if((CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13) OR
   (CMAKE_CXX_COMPILER_ID STREQUAL Clang AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 15))
    set(known_compiler ON)
endif()
option(WORK_WERROR "Treat warnings as errors" ${known_compiler})

set(WORK_WARNINGS -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
if(WORK_WERROR)
    list(APPEND WORK_WARNINGS -Werror)
endif()

# For our own targets only, never for work::work.
function(work_warnings target)
    set(wrong -Wno-mismatched-new-delete -Wno-maybe-uninitialized -Wno-array-bounds)
    target_compile_options(${target} PRIVATE ${WORK_WARNINGS}
        # What g++ 12 says wrongly once it optimises: operator new of Asio's coroutine frames is
        # inlined and operator delete is not (https://gcc.gnu.org/PR109224); std::regex and
        # std::optional look uninitialised, and string concatenation out of bounds.
        "$<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:${wrong}>")
endfunction()
