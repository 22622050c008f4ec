#!/usr/bin/env bash
# The main job: runs the notebooks from fresh kernels and turns them into tutorials.
#
#   scripts/run.sh [--steps N] [--out DIR] [NOTEBOOK...]
#
# Executed copies, self-contained HTML pages and an index go to --out (default build/tutorials).
# --steps shortens every training to N steps. Exit code 1 names the notebook, the cell and the error.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"

out=$root/build/tutorials steps='' notebooks=()
while [ $# -gt 0 ]; do
	case "$1" in
	--steps | --out) [ $# -ge 2 ] || die "run.sh: $1 needs a value" ;;&
	--steps)
		[[ $2 =~ ^[1-9][0-9]*$ ]] || die "run.sh: --steps is '$2': a whole number from 1 on"
		steps=$2
		shift 2
		;;
	--out)
		out=$2
		shift 2
		;;
	-*) die "run.sh: unknown option $1: --steps N, --out DIR or notebooks" ;;
	*)
		[ -f "$1" ] || die "run.sh: $1 does not exist"
		notebooks+=("$(cd "$(dirname "$1")" && pwd)/$(basename "$1")")
		shift
		;;
	esac
done
"$root/scripts/setup.sh"
[ ${#notebooks[@]} -gt 0 ] || notebooks=("$root"/notebooks/*.ipynb)
[ -f "${notebooks[0]}" ] || die 'run.sh: there is no notebook in notebooks/'

for notebook in "${notebooks[@]}"; do
	case $notebook in
	*/stages.ipynb) "$root/scripts/stamps.sh" >/dev/null || say 'stages.ipynb goes on without the stamps' ;;
	esac
done

mkdir -p "$out"
out=$(cd "$out" && pwd)
# The runs of this job start from nothing, whatever earlier jobs left. The folder's name is one that
# nobody else uses: --out . must not remove the learner's own runs/.
rm -rf "$out/tutorial_runs"
export SEEMORE_RUNS=$out/tutorial_runs SEEMORE_STEPS=$steps GONB_RAW_ERROR=true
[ "$out" = "$root/notebooks" ] || cp -r "$root/notebooks/images" "$out/"
for notebook in "${notebooks[@]}"; do
	"$venv/bin/python" "$root/scripts/jupyter/execute.py" "$notebook" "$out/$(basename "$notebook")"
done
executed=()
for notebook in "${notebooks[@]}"; do executed+=("$out/$(basename "$notebook")"); done
"$root/scripts/export.sh" --out "$out" "${executed[@]}"
