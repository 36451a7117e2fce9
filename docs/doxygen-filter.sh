#!/bin/sh
# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#
# Links to headings of the same page, which Doxygen does not know by the names that browsers of the
# repository give them, are their text.
exec sed -E 's/\[([^]]*)\]\(#[^)]*\)/\1/g' "$1"
