# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

# The bytes of a file as the C++ array `name`.
function(array_of name file out)
    file(READ ${file} hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
    # Sixteen a line.
    string(REPEAT "0x[0-9a-f][0-9a-f]," 16 line)
    string(REGEX REPLACE "(${line})" "\\1\n" hex "${hex}")
    set(${out} "static unsigned char const ${name}[] = {${hex}};\n" PARENT_SCOPE)
endfunction()

# Writes the files of the web UI, those that ui/build.mjs made in FOLDER, as the C++ file CPP; ERROR
# says why not. Each is given out gzipped, too, where NAME.gz lies beside it.
function(embed folder cpp error)
    set(${error} "" PARENT_SCOPE)
    if(NOT EXISTS ${folder}/index.html)
        set(${error} "${folder} has no index.html" PARENT_SCOPE)
        return()
    endif()
    set(html "text/html; charset=utf-8")
    set(css "text/css; charset=utf-8")
    set(js "text/javascript; charset=utf-8")
    set(svg "image/svg+xml")
    set(json "application/json")
    set(arrays "")
    set(entries "")
    set(number 0)
    file(GLOB files RELATIVE ${folder} ${folder}/*)
    list(SORT files)
    foreach(name IN LISTS files)
        string(REGEX REPLACE ".*\\." "" kind "${name}")
        if(NOT kind MATCHES "^(html|css|js|svg|json)$")
            continue()
        endif()
        array_of(plain${number} ${folder}/${name} plain)
        string(APPEND arrays "${plain}")
        set(gzipped "\"\"")
        if(EXISTS ${folder}/${name}.gz)
            array_of(gzipped${number} ${folder}/${name}.gz gzipped_bytes)
            string(APPEND arrays "${gzipped_bytes}")
            set(gzipped "text(gzipped${number})")
        endif()
        file(SHA256 ${folder}/${name} hash)
        string(SUBSTRING ${hash} 0 16 hash)
        if(name STREQUAL "index.html")
            set(name "")
        endif()
        string(APPEND entries "        {\"${name}\", \"${${kind}}\",\n"
            "         text(plain${number}), ${gzipped}, \"\\\"${hash}\\\"\"},\n")
        math(EXPR number "${number} + 1")
    endforeach()
    file(WRITE ${cpp} "// Made by tools/ui/embed.cmake.
#include \"ui/files.hpp\"

#include <cstddef>
#include <string>

namespace {

${arrays}
template<std::size_t Size>
std::string text(unsigned char const (&bytes)[Size])
{
    return std::string(bytes, bytes + Size);
}

}  // namespace

std::vector<work::web_file> work::tool::ui_files()
{
    return {
${entries}    };
}
")
endfunction()
