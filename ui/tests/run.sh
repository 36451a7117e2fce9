#!/usr/bin/env bash
# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#
# All tests of the web UI, for a program that was built: types, units, and in a browser the walk
# through all pages, the press of all buttons, tabs, roles, numbers, what people ask, what goes wrong,
# and how much there may be. The last lines say how long each took, which failed, and why.
# PICTURES=FOLDER keeps pictures; UI_JOBS=1000000 is the scale of the last.
# usage: ui/tests/run.sh PROGRAM
set -euo pipefail
program=$(realpath "$1")
export WORK_PROGRAM=$program
cd "$(dirname "$0")/.."
stamp=node_modules/.fetched-$(sha256sum package-lock.json | cut -c1-16)
if [ ! -e "$stamp" ]; then
    said=$(mktemp)
    if ! npm ci --ignore-scripts --no-audit --no-fund --fetch-retries=2 >"$said" 2>&1; then
        tail -20 "$said"
        if grep -qE "ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|EIDLETIMEOUT" "$said"; then
            echo "ui: FAILED: npm's registry can't be reached, from where the tests have their packages"
        fi
        rm -f "$said"
        exit 1
    fi
    rm -f "$said"
    touch "$stamp"
fi

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
# What drives a browser meets moments that it does not know yet: a part that fails is done once more, and
# both are said.
part() # name, command...: what it says, how long it took, and whether it failed
{
    local name=$1 begun=$SECONDS verdict=ok said=$results/$1.complaints
    shift
    for attempt in $attempts; do
        verdict=ok
        # What hangs ends, and is said.
        timeout 900 "$@" 2>"$said" || verdict=FAILED
        cat "$said" >&2
        [ $verdict = FAILED ] || break
        head -20 "$said" | sed "s/^/ui: $name said the $attempt time: /" >>"$results/$name.verdict"
    done
    [ "$attempt" = first ] || [ $verdict = FAILED ] || verdict="ok the second time"
    echo "ui: $name: $verdict after $((SECONDS - begun)) s" >>"$results/$name.verdict"
}
attempts=first
part types npx --no-install tsc -p .
part bundle node build.mjs
part units node --test tests/unit.test.mjs tests/bundle.test.mjs
attempts="first second"
# The first two wait most of the time: for what goes wrong to be noticed, for a minute to be over.
{
    part healing node tests/healing.mjs
    part recount node tests/recount.mjs
} &
waits=$!
for name in tabs roles questions pages tracked crons faraway; do part $name node tests/$name.mjs; done
wait "$waits"
export UI_PORT=${UI_PORT:-15040}
part buttons ../tools/ui/show.sh "$program" node tests/acts.mjs
part walk ../tools/ui/show.sh "$program" node tests/walk.mjs
part scale node tests/scale.mjs
cat "$results"/*.verdict
if grep -q ': FAILED after' "$results"/*.verdict; then exit 1; fi
echo "ui: all of it in $SECONDS s"
