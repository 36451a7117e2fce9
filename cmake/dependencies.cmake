# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

# Stops with one sentence that names the package to install.
function(work_missing what debian12 elsewhere)
    set(package ${elsewhere})
    if(EXISTS /etc/os-release)
        file(STRINGS /etc/os-release release REGEX "^(ID|VERSION_ID)=")
        if(release MATCHES "ID=debian" AND release MATCHES "VERSION_ID=\"12\"")
            set(package ${debian12})
        endif()
    endif()
    message(FATAL_ERROR "work needs ${what}. Install it with: apt-get install ${package}")
endfunction()

# Boost 1.81 or newer with its compiled JSON library. Boost's own CMake files are asked first;
# CMake's FindBoost serves installations that lack them.
macro(work_find_boost)
    find_package(Boost 1.81 QUIET CONFIG COMPONENTS json)
    if(NOT Boost_FOUND AND CMAKE_VERSION VERSION_LESS 3.30)
        find_package(Boost 1.81 QUIET COMPONENTS json)
    endif()
    if(NOT Boost_FOUND)
        work_missing("Boost 1.81 or newer (headers and the compiled JSON library)"
            "libboost1.81-dev libboost-json1.81-dev" "libboost-dev libboost-json-dev")
    endif()
endmacro()
