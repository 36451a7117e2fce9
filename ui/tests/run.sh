#!/usr/bin/env bash
# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#
# All tests of the web UI, for a program that was built: types, units, the walk through all pages
# and the press of all buttons in a browser.
# usage: ui/tests/run.sh PROGRAM
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "$0")/.."
stamp=node_modules/.fetched-$(sha256sum package-lock.json | cut -c1-16)
if [ ! -e "$stamp" ]; then
    npm ci --ignore-scripts --no-audit --no-fund
    touch "$stamp"
fi
npx --no-install tsc -p .
node build.mjs
node --test tests/unit.test.mjs
UI_PORT=${UI_PORT:-15040} ../tools/ui/show.sh "$program" "$PWD/tests/browser.sh"
export WORK_PROGRAM=$program
node tests/tabs.mjs
