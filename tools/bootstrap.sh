#!/usr/bin/env bash
# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#
# Installs what is missing to build work on Debian 12, Debian 13 or Ubuntu 24.04. Says what, and
# why; says nothing when nothing is missing. Elsewhere it says what is needed.
# usage: tools/bootstrap.sh demo|ui|test|test-ui|clients|bench|docs|ci
set -euo pipefail

case ${1:-} in
demo) purpose="build and run the demonstration" ;;
ui) purpose="build and show the web UI" ;;
test) purpose="build and test work" ;;
test-ui) purpose="test the web UI" ;;
clients) purpose="test the clients in other languages" ;;
bench) purpose="build and run the benchmarks" ;;
docs) purpose="make the reference" ;;
ci) purpose="run every check of work" ;;
*) echo "usage: tools/bootstrap.sh demo|ui|test|test-ui|clients|bench|docs|ci" >&2; exit 2 ;;
esac

release() { sed -n "s/^$1=\"\?\([^\"]*\)\"\?$/\1/p" /etc/os-release 2>/dev/null || true; }

# Debian 12's default Boost is 1.74; it has 1.81 beside it. Later systems default to 1.83.
boost=libboost-dev json=libboost-json-dev
if [ "$(release ID) $(release VERSION_ID)" = "debian 12" ]; then
    boost=libboost1.81-dev json=libboost-json1.81-dev
fi

# Each line: package, and the command that proves it is there (- when it is a library).
needs="
g++ g++
make make
cmake cmake
ninja-build ninja
redis-server redis-server
libcli11-dev -
libtomlplusplus-dev -
$boost -
$json -"
case $1 in
test | test-ui | clients | ci) needs+="
ccache ccache
pkg-config pkg-config
python3 python3
libgtest-dev -
libgmock-dev -
libssl-dev -
openssl openssl
tzdata -
libbenchmark-dev -" ;;
bench) needs+="
ccache ccache
libbenchmark-dev -" ;;
esac
[ "$1" != clients ] || needs+="
ruby ruby
nodejs node
curl curl
jq jq
prometheus promtool"
case $1 in ui | test-ui) needs+="
nodejs node
npm npm" ;; esac
[ "$1" != test-ui ] || needs+="
chromium chromium"
[ "$1" != ci ] || needs+="
clang clang++
clang-tidy clang-tidy"

# The reference needs nothing else.
[ "$1" != docs ] || needs=""
case $1 in docs | ci) needs+="
doxygen doxygen" ;; esac
[ "$1" != ci ] || needs+="
lua-check luacheck"

# The formatter is of one version, which not every system has; where it is missing, the check of
# the format says so.
formatter=clang-format-19
if [ "$1" = ci ] && apt-cache show "$formatter" >/dev/null 2>&1; then
    needs+="
$formatter $formatter"
fi

installed() # package
{
    local state
    state=$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) && [ "$state" = installed ]
}

has_dpkg=
! command -v dpkg-query >/dev/null || has_dpkg=yes
missing=()
while read -r package command; do
    [ -n "$package" ] || continue
    if [ "$command" != - ]; then
        command -v "$command" >/dev/null || missing+=("$package")
    elif [ -n "$has_dpkg" ]; then
        installed "$package" || missing+=("$package")
    else
        missing+=("$package")
    fi
done <<<"$needs"
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
    # Without dpkg libraries can't be looked up: CMake finds them, or names them.
    echo "bootstrap: to $purpose you need what Debian calls: ${missing[*]}" >&2
    echo "bootstrap: no apt-get here to install them with; continuing with what is found" >&2
    exit 0
fi

echo "bootstrap: installing ${missing[*]} (missing, needed to $purpose)"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "bootstrap: run this as root: apt-get install ${missing[*]}" >&2
        exit 1
    }
    as_root=(sudo)
fi

# Installing redis-server would start it, and again at each boot. Tests and demo start private
# servers of their own, so: none is started now (policy-rc.d), and none at boot (disable).
policy=/usr/sbin/policy-rc.d
quiet_redis() { [[ " ${missing[*]} " == *" redis-server "* ]]; }
made_policy=
restore() { [ -z "$made_policy" ] || "${as_root[@]}" rm -f "$policy"; }
trap restore EXIT
if quiet_redis && [ ! -e "$policy" ]; then
    echo "bootstrap: the system's redis service is not started; tests and demo start their own"
    made_policy=yes
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod +x "$policy"
fi

apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@"; }
# --no-remove: rather stop than take away another Boost that someone uses.
install() { apt install -y --no-install-recommends --no-remove "${missing[@]}" >/dev/null; }

# The package lists are fetched only when what is there does not do.
if ! install 2>/dev/null; then
    apt update
    install || {
        echo "bootstrap: apt-get could not install: ${missing[*]}" >&2
        [[ " ${missing[*]} " != *libboost1.81-dev* ]] || ! installed libboost1.74-dev ||
            echo "bootstrap: Boost 1.81 replaces 1.74: apt-get remove libboost1.74-dev first" >&2
        exit 1
    }
fi
if quiet_redis && [ -d /run/systemd/system ]; then
    "${as_root[@]}" systemctl disable --quiet redis-server
fi
