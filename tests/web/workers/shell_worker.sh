#!/bin/sh
# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#
# shell_worker.sh URL JOURNAL NAME: runs jobs of that name, a line of the journal for what it did.
if [ "${4:-}" != run ]; then
    export WORK_URL="$1" WORK_LEASE_MS=6000
    exec sh examples/clients/shell/work.sh run "$3" sh "$0" "$1" "$2" "$3" run
fi
read -r args
of() { printf %s "$args" | jq -r "$1"; }
say() { printf 'sh %s\n' "$1" >>"$journal"; }
journal=$2
case $3 in
shared) say "$(of '.[0]')" ;;
sh-echo) say echoed && jq -cn --arg text "$args" '{$text}' ;;
sh-ends)
    say "$(of '.[0]')"
    case $(of '.[0]') in
    snooze) echo '{"outcome":"snooze","in_ms":3600000}' >"$WORK_OUTCOME" ;;
    discard) echo '{"outcome":"discard","why":"not wanted"}' >"$WORK_OUTCOME" ;;
    fatal) echo '{"outcome":"fail","type":"fatal","message":"for good","fatal":true}' \
        >"$WORK_OUTCOME" ;;
    free) echo '{"outcome":"fail","message":"not today","counts":false,"retry_in_ms":3600000}' \
        >"$WORK_OUTCOME" ;;
    large) head -c 1100000 /dev/zero | tr '\0' x ;;
    text) echo '{"outcome":"snooze","in_ms":"soon"}' >"$WORK_OUTCOME" ;;
    esac
    ;;
sh-stage)
    # shellcheck disable=SC2016
    of '(.[1] + ["sh"]) as $path | (if .[0] == [] then {outcome: "complete", result: ($path | tojson)}
        else {outcome: "next", name: (.[0][0] + "-stage"), args: [.[0][1:], $path]} end)
        + {then: [{name: "after", args: ["sh", .[1]]}]} | tojson' >"$WORK_OUTCOME"
    ;;
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
