#!/usr/bin/env bash
# Opens JupyterLab on the notebooks: with a token, and on this machine only unless --ServerApp.ip says
# otherwise. Arguments go to JupyterLab.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
"$root/scripts/setup.sh"
options=()
[ "$(id -u)" != 0 ] || options+=(--allow-root)
case " $* " in *--ServerApp.ip=*) ;; *) options+=(--ServerApp.ip=127.0.0.1) ;; esac
cd "$root/notebooks"
exec "$venv/bin/jupyter" lab "${options[@]}" "$@"
