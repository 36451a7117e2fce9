#!/usr/bin/env bash
# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#
# What run.sh does with the server at UI_ADDRESS. PICTURES=FOLDER keeps a picture of each view.
set -euo pipefail
cd "$(dirname "$0")/.."
node tests/acts.mjs "$UI_ADDRESS" "$UI_REDIS"
node tests/walk.mjs "$UI_ADDRESS" "${PICTURES:-}"
