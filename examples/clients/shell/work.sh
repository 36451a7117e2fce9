#!/bin/sh
# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#
# Enqueue and run jobs through a `work server`, with curl and jq.
#   work.sh enqueue NAME ARGS_JSON      stores a job, and prints its id
#   work.sh run NAME COMMAND...         runs it for each job: arguments on stdin, result on stdout,
#                                       the job is in the file $WORK_JOB; SIGTERM: it is cancelled;
#                                       what it writes to $WORK_OUTCOME is another outcome, or `then`
# WORK_URL is http://127.0.0.1:5040 where it is not set; WORK_TOKEN; WORK_LEASE_MS: 60000; WORK_KEY:
# the key of `enqueue`, so that a repetition stores nothing more.
set -u
base=${WORK_URL:-http://127.0.0.1:5040}/api/v1 lease=${WORK_LEASE_MS:-60000}
# Between attempts at most 2 s, of which many fit into a lease: a few lost answers don't cost it.
pause=$((lease / 20 < 2000 ? lease / 20 : 2000))
pause=$((pause / 1000)).$(printf %03d $((pause % 1000)))

# call METHOD PATH BODY [HEADER]: asks until there is an answer, and prints it. Every request has a
# number or a key, so that asking again changes nothing. 1: the server refuses it.
call() {
    tries=0
    while :; do
        case $tries in 0) ;; 1) sleep 0.1 ;; *) sleep "$pause" ;; esac
        tries=$((tries + 1))
        answer=$(printf %s "$3" | curl -sS -m 60 -w '\n%{http_code}' -X "$1" --data-binary @- \
            -H 'Content-Type: application/json' ${4:+-H "$4"} \
            ${WORK_TOKEN:+-H "Authorization: Bearer $WORK_TOKEN"} "$base$2") \
            || continue
        code=${answer##*
} answer=${answer%
*}
        case $code in
        2??) printf '%s\n' "$answer" && return 0 ;;
        408 | 429 | 502 | 503 | 504 | 507) ;;
        *) printf '%s\n' "$answer" && return 1 ;;
        esac
    done
}
random() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }
of() { printf %s "$1" | jq -c "$2"; }

# refused ANSWER: a pool that is not known, or numbers that are too old, are mended; else it ends.
refused() {
    case $(of "$1" '.type // ""') in
    *:no-such-pool\" | *:stale-number\") register ;;
    *:in-flight\") sleep 0.5 ;; # the server still has the socket that was lost
    *) of "$1" '.detail // .' >&2; rm -rf "$tmp"; exit 1 ;;
    esac
}

register() {
    a=$(call PUT "$pool" "$(jq -cn --arg name "$name" --argjson lease "$lease" --argjson pid $$ \
        '{language: "shell", $pid, lease_ms: $lease, job_types: [{$name}]}')") || refused "$a"
    n=$(of "$a" .next_claim) r=$(of "$a" .next_report)
}

tmp=$(mktemp -d)
if [ "$1" = enqueue ]; then
    body=$(jq -cn --arg name "$2" --arg args "$3" '{$name, $args}')
    a=$(call POST /jobs "$body" "Idempotency-Key: ${WORK_KEY:-$(random 16)}") || refused "$a"
    rm -r "$tmp"
    printf %s "$a" | jq -r .id
    exit
fi

# keep JOB PID: extends the lease; the command is ended when the job is cancelled, or was lost.
keep() {
    extend=$(of "$1" '{extend: [{fence, ids: [.id]}]}')
    while sleep "$((lease / 4000)).$((lease / 4 % 1000 / 100))"; do
        r=$((r + 1)) && echo $r >"$tmp/r"
        a=$(call POST "$pool/report" "$(of "$extend" ". + {number: $((r - 1))}")") || continue
        [ "$(of "$a" "(any(.cancels[]; {id, fence} == $ours) | not) and
            .extended[0].code == \"ok\" and .extended[0].timed_out == []")" = true ] ||
            kill "$2" 2>/dev/null
    done
}

shift && name=$1 && shift
pool=/pools/sh-$$-$(random 6)
trap 'stop=1' TERM INT
register
while [ -z "${stop:-}" ]; do
    a=$(call POST "$pool/claim" "{\"number\":$n,\"wait_ms\":5000}") || { refused "$a"; continue; }
    n=$((n + 1)) job=$(of "$a" '.jobs[0] // empty')
    case $(of "$a" .state) in *stopping*) stop=1 ;; *quiet*) sleep 5 ;; esac
    [ "$job" ] || continue
    printf %s "$job" | jq -r .args >"$tmp/in"
    printf %s "$job" >"$tmp/job"
    : >"$tmp/outcome"
    ours=$(of "$job" '{id, fence}')
    WORK_OUTCOME=$tmp/outcome WORK_JOB=$tmp/job "$@" <"$tmp/in" >"$tmp/out" 2>"$tmp/err" & run=$!
    keep "$job" $run >/dev/null & beat=$!
    wait $run; code=$?
    while kill -0 $run 2>/dev/null; do wait $run; code=$?; done # a signal came between
    kill $beat 2>/dev/null; wait $beat 2>/dev/null
    [ -s "$tmp/r" ] && r=$(cat "$tmp/r") && rm "$tmp/r"
    [ $code = 0 ] && kind=complete || kind=fail
    o=$(printf %s "$job" | jq -c --arg k "$kind" --rawfile out "$tmp/out" --rawfile err "$tmp/err" \
        --rawfile said "$tmp/outcome" '
        def no($why): {outcome: "fail", type: "refused", message: $why, fatal: true};
        ($out | try (fromjson | tojson) catch ($out | tojson)) as $result |
        {id, fence} + if $k == "fail" then {outcome: $k, type: "exit", message: $err[0:2000]} else
            ($said | if . == "" then {} else try (fromjson | objects // error) catch
                no("WORK_OUTCOME holds no JSON object") end | del(.id, .fence)) as $other |
            {outcome: $k} + $other | if .outcome != "complete" or $out == "" then .
            elif ($result | utf8bytelength) <= 1048576 then . + {$result}
            else no("it printed over 1 MiB") end end')
    until a=$(call POST "$pool/report" \
        "{\"number\":$r,\"outcomes\":[$o],\"cancels_seen\":[$ours]}"); do
        case $(of "$a" .status) in
        400 | 413 | 422) # what it wrote is no outcome: another one takes its place
            o=$(of "$job" '{id, fence, outcome: "fail", type: "refused", fatal: true}' |
                jq -c --argjson a "$a" '. + {message: $a.detail}') ;;
        *) refused "$a" ;;
        esac
    done
    r=$((r + 1))
done
call DELETE "$pool" '' >/dev/null; rm -r "$tmp"
