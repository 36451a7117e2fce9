# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

# headers_alone: compiles each header alone, without bodies (with them one of the front takes a
# minute; tests/consumer has the whole with its bodies). What users include gets no help, and is
# part of `make test`. The headers of the rooms behind have Boost.Asio and Boost.JSON precompiled,
# which is most of what each costs: they are checked for what they need of each other, in
# continuous integration by clang, which takes a third of the time.
set(front ${headers})
list(FILTER front INCLUDE REGEX "/include/work/[^/]+\\.hpp$")
set(behind ${headers} ${rooms})
list(REMOVE_ITEM behind ${front})

add_custom_target(headers_alone)
function(work_headers_alone name)
    set(sources "")
    foreach(header ${ARGN})
        cmake_path(RELATIVE_PATH header BASE_DIRECTORY ${PROJECT_SOURCE_DIR}/include)
        set(source ${CMAKE_CURRENT_BINARY_DIR}/headers_alone/${header}.cpp)
        file(CONFIGURE OUTPUT ${source} CONTENT "#include <${header}>\n")
        list(APPEND sources ${source})
    endforeach()
    add_library(${name} OBJECT EXCLUDE_FROM_ALL ${sources})
    target_link_libraries(${name} PRIVATE work)
    target_compile_definitions(${name} PRIVATE WORK_SEPARATE_COMPILATION)
    work_warnings(${name})
    add_dependencies(headers_alone ${name})
endfunction()

work_headers_alone(work_front_alone ${front})
work_headers_alone(work_rooms_alone ${behind})
target_precompile_headers(work_rooms_alone PRIVATE
    <boost/asio.hpp> <boost/describe.hpp> <boost/json.hpp>)
