#!/usr/bin/env bash
# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#
# Builds and runs the programs in tests/consumer the way a user would. All of the library takes a
# minute to compile: `plain` does it header-only, `installed` in work::compiled, and the others
# build light.cpp, which needs what they are here for: paths, definitions, libraries.
# usage: run.sh installed|subdirectory|fetched|plain|pkg_config <source folder> <folder to build in>
set -euo pipefail
way=$1 source=$2 build=$3
: "${CMAKE:=cmake}" "${CXX:=c++}" "${NM:=nm}" "${WARNINGS:=}"
rm -rf "$build"
mkdir -p "$build"

configure() { "$CMAKE" "$@" -DCMAKE_CXX_COMPILER="$CXX" --log-level=WARNING; }

install_work()  # into $build/prefix; nothing needs to be compiled for that
{
    configure -S "$source" -B "$build/work" -DCMAKE_INSTALL_PREFIX="$build/prefix" \
        -DWORK_BUILD_TESTS=OFF -DWORK_BUILD_EXAMPLES=OFF -DWORK_BUILD_BENCHMARKS=OFF \
        -DWORK_BUILD_TOOLS=OFF
    "$CMAKE" --install "$build/work" >/dev/null
}

case $way in
installed | subdirectory | fetched)
    [ "$way" != installed ] || install_work
    configure -S "$source/tests/consumer" -B "$build/consumer" -DWAY="$way" \
        -DWORK_SOURCE="$source" -DCMAKE_PREFIX_PATH="$build/prefix"
    "$CMAKE" --build "$build/consumer" --target light
    "$build/consumer/light"
    if [ "$way" = installed ]; then
        "$CMAKE" --build "$build/consumer" --target consumer
        "$build/consumer/consumer"
    fi
    ;;
plain)
    set -x
    # The words of the warnings are meant to be split.
    # shellcheck disable=SC2086
    "$CXX" -std=c++20 $WARNINGS -I "$source/include" -c "$source/tests/consumer/main.cpp" \
        -o "$build/consumer.o"
    # shellcheck disable=SC2086
    "$CXX" -std=c++20 $WARNINGS -I "$source/include" "$build/consumer.o" \
        "$source/tests/consumer/other.cpp" -o "$build/consumer" -lboost_json -pthread
    "$build/consumer"
    set +x
    # Two files of a program that include the headers link only when each definition is inline.
    if "$NM" --defined-only "$build/consumer.o" | grep -E '^[0-9a-f]+ [TDBRC] ' |
        grep -v ' T main$'; then
        echo "run.sh: these are defined in headers and not inline" >&2
        exit 1
    fi
    ;;
pkg_config)
    command -v pkg-config >/dev/null || { echo "skipped: no pkg-config"; exit 77; }
    install_work
    export PKG_CONFIG_PATH=$build/prefix/share/pkgconfig
    # The words of pkg-config's answer are meant to be split.
    # shellcheck disable=SC2046
    "$CXX" -std=c++20 "$source/tests/consumer/light.cpp" -o "$build/consumer" \
        $(pkg-config --cflags --libs work)
    "$build/consumer"
    ;;
*)
    echo "run.sh: no such way to build: $way" >&2
    exit 2
    ;;
esac
