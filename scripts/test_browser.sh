#!/usr/bin/env bash
# What a reader and a learner do in a browser, done by Chromium: JupyterLab, exported pages. Screenshots
# go to build/screens/. Arguments go to pytest. Where Chromium cannot be had this is skipped, and said to be.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
"$root/scripts/setup.sh"
(need_chromium) || { say 'skipped: the tests in a browser'; exit 0; }
"$venv/bin/python" -m pytest -q -p no:cacheprovider "$root/scripts/browser" "$@"
