# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

# Defines work::compiled: link it instead of work::work, and what need not be a template is
# compiled once instead of in every file that includes it. An installed work has this file too, so
# the library is built by the program that uses it, with that program's compiler and flags: there
# is no binary to mismatch. It costs nothing to a program that does not link it.
#
# WORK_COMPILED_BY_ROOM (set for work's own builds) makes one file of each room of src.hpp instead
# of one of all: a change to one room then compiles that room.
if(NOT TARGET work_compiled)
    set(work_compiled_sources "${CMAKE_CURRENT_LIST_DIR}/compiled.cpp")
    if(WORK_COMPILED_BY_ROOM)
        set(work_src "${CMAKE_CURRENT_LIST_DIR}/../include/work/src.hpp")
        set_property(
            DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${work_src}")
        file(STRINGS "${work_src}" work_bodies REGEX "^#include <work/.*[.]ipp>")
        set(work_compiled_sources "")
        foreach(room broker client cron pool redis values web front)
            set(work_room_bodies ${work_bodies})
            if(room STREQUAL "front")
                list(FILTER work_room_bodies INCLUDE REGEX "<work/impl/")
            else()
                list(FILTER work_room_bodies INCLUDE REGEX "<work/${room}/")
            endif()
            list(JOIN work_room_bodies "\n" text)
            set(file "${CMAKE_CURRENT_BINARY_DIR}/compiled/${room}.cpp")
            file(CONFIGURE OUTPUT "${file}" CONTENT "${text}\n" @ONLY)
            list(APPEND work_compiled_sources "${file}")
        endforeach()
    endif()
    add_library(work_compiled STATIC EXCLUDE_FROM_ALL ${work_compiled_sources})
    add_library(work::compiled ALIAS work_compiled)
    target_compile_definitions(work_compiled PUBLIC WORK_SEPARATE_COMPILATION)
    target_link_libraries(work_compiled PUBLIC work::work)
endif()
