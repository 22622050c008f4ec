#!/usr/bin/env bash
# Trains with --mlflow and reads the run back with MLflow's own client; then again with the server gone.
# Not part of test.sh: the first use installs MLflow into build/mlflow.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
cd "$root"
work=$(mktemp -d) server=
stop() {
	[ -z "$server" ] || { kill -- "-$server" && wait "$server"; } 2>/dev/null || true
	server=
}
trap 'stop; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

train() {
	"$work/train" --size tiny --backend go --data notebooks/data/inputs.csv --run "$work/$1" --steps 12 --mlflow "$uri" >/dev/null 2>"$work/error" ||
		die "training failed: $(cat "$work/error")"
}

go build -o "$work/" ./scripts/train
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
uri=http://127.0.0.1:$port
set -m # the server and its processes are a group of their own
scripts/mlflow.sh --port "$port" --dir "$work/server" >"$work/log" 2>&1 &
server=$!
set +m
until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
	kill -0 "$server" 2>/dev/null || die "the server does not start: $(cat "$work/log")"
	sleep 0.5
done

train run
[ ! -s "$work/error" ] || die "training said: $(cat "$work/error")"
MLFLOW_DISABLE_TELEMETRY=true build/mlflow/bin/python - "$uri" "$work/run" <<'PY'
import json, pathlib, sys, tempfile
from mlflow import MlflowClient

client, folder = MlflowClient(sys.argv[1]), pathlib.Path(sys.argv[2])
[run] = client.search_runs([client.get_experiment_by_name("seemore").experiment_id])
assert (run.info.run_name, run.info.status) == ("run", "FINISHED"), run.info
parameters = run.data.params
assert float(parameters["learning_rate"]) == 1e-3 and int(parameters["batch_size"]) == 16, parameters
assert parameters["variant"] == "seemore" and int(parameters["model.vision.embed_dim"]) > 0, parameters
lines = (folder / "training_plot_points.json").read_text().splitlines()
written = [(p["Step"], p["Value"]) for p in map(json.loads, lines) if p["MetricName"] == "train loss"]
logged = sorted((m.step, m.value) for m in client.get_metric_history(run.info.run_id, "train loss"))
assert len(logged) == 12 and logged == written, (logged, written)
with tempfile.TemporaryDirectory() as place:
    curve, captions = (pathlib.Path(client.download_artifacts(run.info.run_id, name, place)).read_bytes()
                       for name in ("curve.png", "captions.txt"))
assert curve.startswith(b"\x89PNG\r\n\x1a\n"), curve[:20]
assert [line.count("\t") for line in captions.decode().splitlines()] == [1, 1, 1], captions
PY
say 'ok    the run is on the server'

stop
train again
[ "$(wc -l <"$work/error")" -eq 1 ] && grep -q '^mlflow:' "$work/error" || die "expected one warning, got: $(cat "$work/error")"
[ "$(wc -l <"$work/again/training_plot_points.json")" -eq 12 ] || die 'twelve steps are not twelve points'
say 'ok    without the server one line says so'
