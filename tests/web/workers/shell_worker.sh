#!/bin/sh
# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#
# shell_worker.sh URL JOURNAL NAME: runs jobs of that name, a line of the journal for what it did.
if [ "${4:-}" != run ]; then
    export WORK_URL="$1" WORK_LEASE_MS=2000
    exec sh examples/clients/shell/work.sh run "$3" sh "$0" "$1" "$2" "$3" run
fi
read -r args
of() { printf %s "$args" | jq -r "$1"; }
say() { printf 'sh %s\n' "$1" >>"$journal"; }
journal=$2
case $3 in
shared) say "$(of '.[0]')" ;;
sh-echo) jq -cn --arg text "$args" '{$text}' ;;
sh-broken) of '.[0]' >&2 && exit 3 ;;
sh-again) say "attempt-$(jq .attempt "$WORK_JOB")" && exit 3 ;;
sh-hold)
    trap 'say "cancelled-$(of ".[0]")"; kill $!; exit 1' TERM
    sleep 30 & say "began-$(of '.[0]')"
    wait
    ;;
sh-slow)
    say "began-$(of '.[0]')"
    sleep "$(of '.[1] / 1000')"
    say "ended-$(of '.[0]')"
    ;;
esac
