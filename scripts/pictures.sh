#!/usr/bin/env bash
# Takes README's pictures of the real thing: notebooks/images/readme_*.png.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
"$root/scripts/setup.sh"
need_chromium
"$venv/bin/python" -m pytest -q -p no:cacheprovider "$root/scripts/browser/pictures.py"
