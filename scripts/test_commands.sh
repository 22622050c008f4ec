#!/usr/bin/env bash
# The commands as a user types them: train, resume, caption, and bad input, which must end with one
# line on standard error and exit code 1.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
cd "$root"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/" ./scripts/train ./scripts/caption ./scripts/weights ./scripts/evaluate ./scripts/nbclean
data=notebooks/data/inputs.csv
wrong=0

fail() {
	say "$*"
	wrong=1
}

# refuses WANT COMMAND...: the command must fail with one line that contains WANT.
refuses() {
	local want=$1 code=0
	shift
	"$@" >/dev/null 2>"$work/error" || code=$?
	[ $code -eq 1 ] || fail "exit code $code, expected 1: $*"
	[ "$(wc -l <"$work/error")" -eq 1 ] || fail "not one line: $* said $(cat "$work/error")"
	grep -qF -- "$want" "$work/error" || fail "expected '$want': $* said $(cat "$work/error")"
}

tiny=("$work/train" --size tiny --backend go --data "$data" --run "$work/run")
"${tiny[@]}" --steps 6 --checkpoint-every 2 >/dev/null || fail 'training failed'
"${tiny[@]}" --steps 10 >/dev/null || fail 'resuming failed'
[ "$(wc -l <"$work/run/training_plot_points.json")" -eq 10 ] || fail 'ten steps are not ten points'
# An uninterrupted run of the same seed has the same losses.
"$work/train" --size tiny --backend go --data "$data" --run "$work/whole" --steps 10 >/dev/null || fail 'training failed'
cmp -s "$work/run/training_plot_points.json" "$work/whole/training_plot_points.json" || fail 'a resumed run differs from an uninterrupted one'

"$venv/bin/python" - "$data" "$work/a picture.png" <<'PY'
import base64, csv, sys
row = next(csv.DictReader(open(sys.argv[1])))
open(sys.argv[2], "wb").write(base64.b64decode(row["b64string_images"]))
PY
"$work/caption" --run "$work/run" --backend go "$work/a picture.png" 2>/dev/null | grep -qP '^.*a picture\.png\t' || fail 'no caption'

refuses '--top-k is -1: at least 0' "$work/caption" --run "$work/run" --top-k -1 "$work/a picture.png"
refuses 'unknown option --docx' scripts/export.sh --docx
refuses 'nothing.ipynb does not exist' scripts/export.sh --all nothing.ipynb
printf '{}' >"$work/empty.ipynb"
refuses 'empty.ipynb is not a notebook' scripts/export.sh --html --out "$work/pages" "$work/empty.ipynb"
printf '{"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [{"cell_type": "markdown", "metadata": {}, "source": "%s"}]}' \
	'text and no title' >"$work/plain.ipynb"
refuses 'plain.ipynb has no title' scripts/export.sh --site --out "$work/pages" "$work/plain.ipynb"
refuses 'empty.ipynb: is not a notebook' "$work/nbclean" "$work/empty.ipynb"

# Weights go to Python's safetensors and come back without a changed bit.
"$work/weights" to-pytorch --run "$work/run" "$work/ours.safetensors" >/dev/null || fail 'to-pytorch failed'
"$venv/bin/python" - "$work/ours.safetensors" "$work/theirs.safetensors" <<'PY' || fail 'safetensors does not read it'
import sys
from safetensors.numpy import load_file, save_file
weights = load_file(sys.argv[1])
assert weights["decoder.lm_head.weight"].shape == (66, 32), weights.keys()
save_file(weights, sys.argv[2])
PY
"$work/weights" from-pytorch "$work/theirs.safetensors" --run "$work/back" >/dev/null || fail 'from-pytorch failed'
"$work/weights" to-pytorch --run "$work/back" "$work/again.safetensors" >/dev/null || fail 'to-pytorch failed'
"$venv/bin/python" - "$work/ours.safetensors" "$work/again.safetensors" <<'PY' || fail 'weights change on the way'
import sys
from safetensors.numpy import load_file
ours, again = (load_file(path) for path in sys.argv[1:])
assert {n: a.tobytes() for n, a in ours.items()} == {n: a.tobytes() for n, a in again.items()}
PY

# Scores of a run that learned five names, as a table and as the last line.
"$work/train" --size tiny --backend go --data data/emoji --names 5 --own-characters --run "$work/five" --steps 3 >/dev/null || fail 'training failed'
"$work/evaluate" --run "$work/five" --backend go --split new_drawing --json >"$work/scores" 2>/dev/null || fail 'evaluate failed'
"$venv/bin/python" - "$work/scores" <<'PY' || fail 'evaluate did not end with its scores'
import json, sys
scores = json.loads(open(sys.argv[1]).read().splitlines()[-1])
assert scores["n"] == 5 and scores["split"] == "new_drawing", scores
assert set(scores) == {"split", "n", "exact", "cer", "chrf", "nearest_exact", "nearest_chrf"}, scores
PY

refuses '--data and --run are required' "$work/train"
for experts in '0 2 num_experts' '8 0 top_k' '8 9 top_k' '-1 1 num_experts'; do
	read -r count top want <<<"$experts"
	refuses "$want is" "$work/train" --size tiny --data "$data" --run "$work/x" --model seemoe --experts "$count" --top-k "$top"
done
refuses 'no such file' "$work/train" --data "$work/missing.csv" --run "$work/x"
refuses 'learning_rate is 0.001 in the run and 0.5 now' "${tiny[@]}" --steps 20 --learning-rate 0.5
refuses 'batch size 32 is larger than the set' "$work/train" --size tiny --data "$data" --run "$work/x" --batch 32 --repeat 1
refuses 'is not a run folder' "$work/caption" --run "$work" "$work/a picture.png"
# The recipe that starts from nothing trains.
"$work/train" --data data/emoji --recipe learns --names 60 --steps 2 --run "$work/learns" >"$work/said" || fail 'the recipe failed'
grep -q '^pictures   PNG' "$work/said" || fail 'train does not say what it read'
# The recipe with a ready-made encoder trains, and its run can be scored.
"$work/train" --data data/emoji --recipe frozen --names 70 --steps 2 --run "$work/frozen" >/dev/null || fail 'the recipe failed'
"$work/evaluate" --run "$work/frozen" --split new_drawing >"$work/scores" 2>/dev/null || fail 'evaluate failed'
grep -q '^70 pictures of new_drawing' "$work/scores" || fail "evaluate said $(cat "$work/scores")"
grep -q "^nearest by the encoder's features  0\\.[5-9]" "$work/scores" || fail "the encoder's bar is missing: $(cat "$work/scores")"
refuses 'recipe "learnt" is unknown: learns or frozen' "$work/train" --data "$data" --run "$work/x" --recipe learnt
refuses '--batch: the recipe frozen decides that itself' "$work/train" --data "$data" --run "$work/x" --recipe frozen --batch 8
refuses 'has no split "test": it has new_concept, new_drawing, train' "$work/evaluate" --run "$work/five" --split test
refuses 'score another split' "$work/evaluate" --run "$work/five" --split train
refuses 'has none of them in new_concept' "$work/evaluate" --run "$work/five" --split new_concept
refuses 'is not a run folder' "$work/evaluate" --run "$work" --split new_drawing
refuses 'is not a picture' "$work/caption" --run "$work/run" "$data"
refuses 'does not open' "$work/train" --size tiny --data "$data" --run "$work/x" --backend xla:abacus
mkdir "$work/plugins"
printf 'not a plugin' >"$work/plugins/pjrt_c_api_cpu_plugin.so"
PJRT_PLUGIN_LIBRARY_PATH=$work/plugins refuses 'file too short' "$work/train" --size tiny --data "$data" --run "$work/x" --backend xla:cpu
head -n 3 "$data" >"$work/two.csv"
refuses 'it learned from other captions and pictures: notebooks/data/inputs.csv (sha256 ' \
	"$work/train" --size tiny --backend go --data "$work/two.csv" --run "$work/run" --steps 20
printf 'b64string_images,caption\nAAAA,x\n' >"$work/bad.csv"
refuses 'bad.csv row 1: is not a picture' "$work/train" --data "$work/bad.csv" --run "$work/x"
# One bad row among good ones is named, or left out and said.
{ head -n 1 "$data" && printf 'AAAA,x\n' && tail -n +2 "$data"; } >"$work/mixed.csv"
refuses 'mixed.csv row 1: is not a picture' "$work/train" --size tiny --data "$work/mixed.csv" --run "$work/x"
"$work/train" --size tiny --backend go --data "$work/mixed.csv" --run "$work/mixed" --steps 1 --skip-bad >"$work/said" || fail 'a bad row is not left out'
grep -q '^left out .*mixed.csv row 1: is not a picture' "$work/said" || fail 'train does not say what it left out'
refuses '--repeat is -1: at least 0' "$work/train" --size tiny --data "$data" --run "$work/x" --repeat -1
refuses '--repeat is 1000000000: at most' "$work/train" --size tiny --data "$data" --run "$work/x" --repeat 1000000000
refuses 'batch_size is 1000000000: at least 1 and at most' "$work/train" --size tiny --data "$data" --run "$work/x" --batch 1000000000
printf 'not a folder' >"$work/file"
refuses 'the run folder cannot be made' "$work/train" --size tiny --data "$data" --run "$work/file/run" --backend go
[ ! -e "$work/x" ] || fail 'a refused training left a run folder'
exit $wrong
