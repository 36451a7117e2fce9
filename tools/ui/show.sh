#!/usr/bin/env bash
# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#
# Starts what there is to see in the web UI: a private Redis, `work server`, and `work fake`: jobs of
# which some fail. Prints the address and stays; with a command runs that, with the address in
# UI_ADDRESS and that of Redis in UI_REDIS, and ends with it.
# usage: tools/ui/show.sh PROGRAM [COMMAND...]
#        UI_PORT=5040: where; UI_RATE=20/s: how many jobs; REDIS=redis://host:port: on that server, in the namespace work_ui
set -euo pipefail
program=$1
shift
scratch=$(mktemp -d)
started=()
end() {
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$scratch"
}
trap end EXIT
trap 'exit 130' INT TERM

answers() { for _ in $(seq 100); do "$@" >/dev/null 2>&1 && return 0; sleep 0.1; done; return 1; }

redis=${REDIS:-}
if [ -z "$redis" ]; then
    # A port that is taken ends the server at once: then another one.
    for port in $(shuf -i 20000-32000 -n 20); do
        redis-server --port "$port" --bind 127.0.0.1 --save "" --appendonly yes --maxmemory 512mb \
            --dir "$scratch" --loglevel warning >"$scratch/redis.log" 2>&1 &
        pid=$!
        if answers redis-cli -p "$port" ping && kill -0 "$pid" 2>/dev/null; then
            started+=("$pid")
            redis=redis://127.0.0.1:$port
            break
        fi
    done
    [ -n "$redis" ] || { echo "ui: no Redis could be started" >&2; exit 1; }
fi

listen=127.0.0.1:${UI_PORT:-5040}
"$program" server --redis "$redis" --ns work_ui --listen "$listen" >"$scratch/server.log" 2>&1 &
server=$!
started+=("$server")
ready() { node -e "fetch('http://$listen/healthz/live').then(a => process.exit(a.ok ? 0 : 1), () => process.exit(1))"; }
answers ready || true
if ! kill -0 "$server" 2>/dev/null; then
    cat "$scratch/server.log" >&2
    echo "ui: UI_PORT=5041 make ui takes another port" >&2
    exit 1
fi
"$program" fake --redis "$redis" --ns work_ui --rate "${UI_RATE:-20/s}" --fail 5% --for 7d \
    >"$scratch/fake.log" 2>&1 &
started+=($!)

if [ $# -gt 0 ]; then
    UI_ADDRESS=http://$listen/ UI_REDIS=$redis "$@"
    exit
fi
echo "ui: http://$listen/   (Ctrl-C ends it; Redis is at $redis, namespace work_ui)"
wait "$server"
