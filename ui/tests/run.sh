#!/usr/bin/env bash
# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#
# All tests of the web UI, for a program that was built: types, units, and in a browser the walk
# through all pages, the press of all buttons, tabs, roles, what goes wrong, and how much there may
# be. PICTURES=FOLDER keeps pictures; UI_JOBS=1000000 is the scale of the last.
# usage: ui/tests/run.sh PROGRAM
set -euo pipefail
program=$(realpath "$1")
export WORK_PROGRAM=$program
cd "$(dirname "$0")/.."
stamp=node_modules/.fetched-$(sha256sum package-lock.json | cut -c1-16)
if [ ! -e "$stamp" ]; then
    npm ci --ignore-scripts --no-audit --no-fund
    touch "$stamp"
fi
npx --no-install tsc -p .
node build.mjs
node --test tests/unit.test.mjs
# These wait most of the time, for what goes wrong to be noticed.
node tests/healing.mjs &
waits=$!
node tests/tabs.mjs
node tests/roles.mjs
node tests/pages.mjs
wait "$waits"
UI_PORT=${UI_PORT:-15040} ../tools/ui/show.sh "$program" "$PWD/tests/browser.sh"
node tests/scale.mjs
