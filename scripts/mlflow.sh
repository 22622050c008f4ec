#!/usr/bin/env bash
# Runs an MLflow server on this machine only, for scripts/train --mlflow http://127.0.0.1:PORT.
#
#   scripts/mlflow.sh [--port N] [--dir DIR]
#
# Runs and their files are kept in DIR, build/mlflow if it is not given. The first use installs MLflow
# (pinned with hashes) into build/mlflow; run again it only starts the server.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
place=$root/build/mlflow
port=5000 dir=$place
while [ $# -gt 0 ]; do
	[ $# -gt 1 ] || die "mlflow.sh: $1 needs a value"
	case $1 in
	--port) port=$2 ;;
	--dir) dir=$2 ;;
	*) die "mlflow.sh: unknown option $1: --port or --dir" ;;
	esac
	shift 2
done

mkdir -p "$place/tmp" "$dir/artifacts"
dir=$(CDPATH='' cd -- "$dir" && pwd)
export TMPDIR=$place/tmp MPLCONFIGDIR=$place/tmp PIP_CACHE_DIR=$place/tmp/pip-cache

# The runs lie beside the environment, so only the environment is made anew: after a changed pin, a
# moved checkout or an installation that was cut short.
key=$({ printf '%s\n' "$root"; cat "$root/scripts/requirements-mlflow.txt"; } | cksum | tr ' ' -)
if [ "$(cat "$place/ready" 2>/dev/null)" != "$key" ]; then
	say 'installing MLflow into build/mlflow' >&2
	rm -rf "$place"/{bin,etc,include,lib,lib64,share,pyvenv.cfg}
	PATH=${PATH#"$venv/bin:"} python3 -m venv "$place"
	"$place/bin/python" -m pip install -q --require-hashes -r "$root/scripts/requirements-mlflow.txt"
	rm -rf "$PIP_CACHE_DIR"
	printf '%s\n' "$key" >"$place/ready"
fi

# It reports to nobody and runs no jobs of its own.
export MLFLOW_DISABLE_TELEMETRY=true DO_NOT_TRACK=true MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false
cd "$dir"
exec "$place/bin/mlflow" server --host 127.0.0.1 --port "$port" --workers 1 \
	--backend-store-uri "sqlite:///$dir/mlflow.db" --artifacts-destination "$dir/artifacts"
