# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

# cmake -DMODE=AUTO|ON|OFF|<folder> -DSOURCE=ui -DWHERE=<build folder> -DCPP=<out> -DNODE= -DNPM=
#       -P bundle.cmake
# Writes CPP: the files of the web UI as C++, or that there are none. With AUTO it goes without them
# where they can't be built, but where the environment has WORK_UI_REQUIRED, as for `make ui`. What is
# wrong with them fails in any case: sources that can't be bundled, and more of them than there may be.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/embed.cmake)
if(NOT "$ENV{WORK_UI_REQUIRED}" STREQUAL "" AND MODE MATCHES "^(AUTO|OFF)$")
    set(MODE ON)
endif()

set(none "// Made by tools/ui/bundle.cmake.\n#include \"ui/files.hpp\"\n
std::vector<work::web_file> work::tool::ui_files()\n{\n    return {};\n}\n")

# Goes without the UI, or fails where it was asked for.
macro(without why)
    if(NOT MODE STREQUAL "AUTO")
        message(FATAL_ERROR "work: the web UI can't be built (${why}); -DWORK_UI=OFF goes without it")
    endif()
    message("work: the web UI is not built (${why}); the API, CLI and plain page are. make ui")
    file(WRITE ${CPP} "${none}")
    return()
endmacro()

# Output of what failed, where it was asked for or is not to go unseen: build.mjs ends with 3.
macro(run why)
    execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${WHERE} RESULT_VARIABLE failed
        OUTPUT_VARIABLE out ERROR_VARIABLE out TIMEOUT 300)
    if(failed EQUAL 3)
        message("${out}")
        message(FATAL_ERROR "work: the web UI is not as it is to be; -DWORK_UI=OFF goes without it")
    elseif(NOT failed EQUAL 0)
        if(NOT MODE STREQUAL "AUTO")
            message("${out}")
        endif()
        if(out MATCHES "ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|EIDLETIMEOUT")
            without("npm's registry can't be reached")
        endif()
        without("${why}")
    endif()
endmacro()

if(MODE STREQUAL "OFF")
    file(WRITE ${CPP} "${none}")
    return()
endif()
set(built ${WHERE}/dist)
if(IS_DIRECTORY "${MODE}")
    set(built ${MODE})
else()
    if(NOT NODE)
        without("no node")
    endif()
    file(MAKE_DIRECTORY ${WHERE})
    execute_process(COMMAND ${NODE} -p "process.versions.node.split('.')[0] >= 18"
        OUTPUT_VARIABLE new_enough OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(NOT new_enough STREQUAL "true")
        without("node is older than 18")
    endif()
    if(NOT NPM)
        without("no npm")
    endif()
    file(COPY ${SOURCE}/src ${SOURCE}/build.mjs ${SOURCE}/package.json
        ${SOURCE}/package-lock.json DESTINATION ${WHERE})
    # Packages are fetched once per lock file.
    file(SHA256 ${WHERE}/package-lock.json lock)
    if(NOT EXISTS ${WHERE}/fetched-${lock})
        run("its packages can't be fetched" ${NPM} ci --ignore-scripts --omit=dev --no-audit
            --no-fund --fetch-retries=1 --fetch-timeout=60000)
        file(TOUCH ${WHERE}/fetched-${lock})
    endif()
    run("bundling failed" ${NODE} build.mjs ${built})
endif()
embed(${built} ${CPP} trouble)
if(trouble)
    without("${trouble}")
endif()
