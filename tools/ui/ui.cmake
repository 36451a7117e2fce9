# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

# The web UI within the program. AUTO builds it where node and npm are, and goes without it where
# they are not, or where nothing can be fetched; ON fails then; OFF goes without; a folder has the
# files that were built elsewhere.
set(WORK_UI AUTO CACHE STRING "The web UI of `work server`: AUTO, ON, OFF, or a folder of built files")
set_property(CACHE WORK_UI PROPERTY STRINGS AUTO ON OFF)

set(ui_source ${PROJECT_SOURCE_DIR}/ui)
set(ui_cpp ${CMAKE_CURRENT_BINARY_DIR}/ui_files.cpp)
file(GLOB_RECURSE ui_inputs CONFIGURE_DEPENDS ${ui_source}/src/*)
list(APPEND ui_inputs ${ui_source}/build.mjs ${ui_source}/package.json
    ${ui_source}/package-lock.json ${CMAKE_CURRENT_LIST_DIR}/bundle.cmake
    ${CMAKE_CURRENT_LIST_DIR}/embed.cmake)
if(IS_DIRECTORY "${WORK_UI}")
    file(GLOB ui_built CONFIGURE_DEPENDS ${WORK_UI}/*)
    list(APPEND ui_inputs ${ui_built})
endif()
# A program that was built without it is to have it now: what failed before is tried again.
if(NOT "$ENV{WORK_UI_REQUIRED}" STREQUAL "" AND EXISTS ${ui_cpp})
    file(STRINGS ${ui_cpp} ui_none REGEX "return {};" LIMIT_COUNT 1)
    if(ui_none)
        file(REMOVE ${ui_cpp})
    endif()
endif()
find_program(WORK_NODE NAMES node nodejs)
find_program(WORK_NPM NAMES npm)
mark_as_advanced(WORK_NODE WORK_NPM)
add_custom_command(
    OUTPUT ${ui_cpp}
    COMMAND ${CMAKE_COMMAND} -DMODE=${WORK_UI} -DSOURCE=${ui_source} -DCPP=${ui_cpp}
        -DWHERE=${CMAKE_CURRENT_BINARY_DIR}/ui -DNODE=${WORK_NODE} -DNPM=${WORK_NPM}
        -P ${CMAKE_CURRENT_LIST_DIR}/bundle.cmake
    DEPENDS ${ui_inputs}
    COMMENT "Bundling the web UI"
    VERBATIM)
add_library(work_ui STATIC EXCLUDE_FROM_ALL ${ui_cpp})
target_include_directories(work_ui PUBLIC ${CMAKE_CURRENT_LIST_DIR}/..)
target_link_libraries(work_ui PUBLIC work::compiled)
