#!/usr/bin/env bash
# Opens JupyterLab on the notebooks: on this machine only, with a token. Arguments go to JupyterLab.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
"$root/scripts/setup.sh"
root_allowed=()
[ "$(id -u)" != 0 ] || root_allowed=(--allow-root)
cd "$root/notebooks"
exec "$venv/bin/jupyter" lab --ServerApp.ip=127.0.0.1 "${root_allowed[@]}" "$@"
