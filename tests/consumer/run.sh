#!/usr/bin/env bash
# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#
# Builds and runs tests/consumer/main.cpp the way a user would.
# usage: run.sh installed|subdirectory|fetched|plain|pkg_config <source folder> <folder to build in>
set -euo pipefail
way=$1 source=$2 build=$3
: "${CMAKE:=cmake}" "${CXX:=c++}"
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
    targets=(consumer consumer_compiled)
    # The same targets as above from the same files: that they are found and link is enough.
    [ "$way" != fetched ] || targets=(work_compiled)
    "$CMAKE" --build "$build/consumer" --target "${targets[@]}"
    [ "$way" = fetched ] || { "$build/consumer/consumer" && "$build/consumer/consumer_compiled"; }
    ;;
plain)
    set -x
    "$CXX" -std=c++20 -I "$source/include" "$source/tests/consumer/main.cpp" \
        -o "$build/consumer" -lboost_json -pthread
    "$build/consumer"
    ;;
pkg_config)
    command -v pkg-config >/dev/null || { echo "skipped: no pkg-config"; exit 77; }
    install_work
    export PKG_CONFIG_PATH=$build/prefix/share/pkgconfig
    # The words of pkg-config's answer are meant to be split.
    # shellcheck disable=SC2046
    "$CXX" -std=c++20 "$source/tests/consumer/main.cpp" -o "$build/consumer" \
        $(pkg-config --cflags --libs work)
    "$build/consumer"
    ;;
*)
    echo "run.sh: no such way to build: $way" >&2
    exit 2
    ;;
esac
