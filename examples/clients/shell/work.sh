#!/bin/sh
# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#
# Enqueue and run jobs through a `work server`, with curl and jq.
#   work.sh enqueue NAME ARGS_JSON      stores a job, and prints its id
#   work.sh run NAME COMMAND...         runs it for each job: arguments on stdin, result on stdout
# WORK_URL is http://127.0.0.1:5040 where it is not set; WORK_TOKEN; WORK_LEASE_MS: 60000.
set -u
base=${WORK_URL:-http://127.0.0.1:5040}/api/v1 lease=${WORK_LEASE_MS:-60000}

# call METHOD PATH BODY [HEADER]: asks until there is an answer. Every request has a number or a key,
# so that asking again changes nothing. 1: the server refuses it.
call() {
    while :; do
        answer=$(curl -sS -m 60 -w '\n%{http_code}' -X "$1" -H 'Content-Type: application/json' \
            ${WORK_TOKEN:+-H "Authorization: Bearer $WORK_TOKEN"} ${4:+-H "$4"} -d "$3" "$base$2") \
            || { sleep 0.2; continue; }
        code=${answer##*
} answer=${answer%
*}
        case $code in
        2??) printf '%s\n' "$answer" && return 0 ;;
        408 | 429 | 502 | 503 | 504 | 507) sleep 0.5 ;;
        *) printf '%s\n' "$answer" >&2 && return 1 ;;
        esac
    done
}

if [ "$1" = enqueue ]; then
    key=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    body=$(jq -cn --arg name "$2" --arg args "$3" '{$name, $args}')
    call POST /jobs "$body" "Idempotency-Key: $key" | jq -r .id
    exit
fi
shift && name=$1 && shift
pool=/pools/sh-$$-$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n') n=0 r=0 out=$(mktemp) err=$(mktemp)
trap 'stop=1' TERM INT
call PUT "$pool" "$(jq -cn --arg name "$name" --argjson lease "$lease" --argjson pid $$ \
    '{language: "shell", $pid, lease_ms: $lease, job_types: [{$name}]}')" >/dev/null || exit 1
while [ -z "${stop:-}" ]; do
    n=$((n + 1))
    job=$(call POST "$pool/claim" "{\"number\":$n,\"wait_ms\":5000}" | jq -c '.jobs[0] // empty')
    [ "$job" ] || continue
    extend=$(printf %s "$job" | jq -c '{extend: [{fence, ids: [.id]}]}')
    (while sleep $((lease / 4000 + 1)); do # keeps the lease
        r=$((r + 1)) && call POST "$pool/report" \
            "$(printf %s "$extend" | jq -c --argjson r $r '. + {number: $r}')" >/dev/null
        echo $r >"$out.r"
    done) & beat=$!
    if printf %s "$job" | jq -r .args | "$@" >"$out" 2>"$err"; then kind=complete; else kind=fail; fi
    kill $beat 2>/dev/null; wait $beat 2>/dev/null
    [ -s "$out.r" ] && r=$(cat "$out.r") && rm "$out.r"
    r=$((r + 2)) # one more may be under way
    body=$(printf %s "$job" | jq -c --arg k $kind --rawfile out "$out" --rawfile err "$err" \
        --argjson r $r '{number: $r, outcomes: [{id, fence, outcome: $k} + if $k == "fail" then
        {type: "exit", message: $err[0:2000]} elif $out == "" then {} else
        {result: ($out | try (fromjson | tojson) catch ($out | tojson))} end]}')
    call POST "$pool/report" "$body" >/dev/null
done
call DELETE "$pool" '' >/dev/null; rm -f "$out" "$err"
