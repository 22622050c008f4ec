#!/usr/bin/env bash
# Times the full-size models on this machine.
#
#   scripts/bench.sh [step] [generate] [grow]
#
# step compares training steps of both models with PyTorch, in turn in the same run; generate compares
# writing 64 characters about a picture, and about 64 pictures; grow compares 64 experts with 8.
# The first use installs PyTorch into build/peers (several GB). A JSON line for each comparison goes to
# standard output, a table to standard error.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
[ $# -gt 0 ] || set -- step
for what in "$@"; do
	case $what in step | generate | grow) ;; *) die "bench.sh: '$what' is unknown: step, generate or grow" ;; esac
done
"$root/scripts/setup.sh" >&2
peers=$root/build/peers
if [ ! -f "$peers/ready" ]; then
	say 'installing PyTorch for the comparison' >&2
	python3 -m venv --clear "$peers"
	"$peers/bin/python" -m pip install -q torch==2.15.0 numpy
	touch "$peers/ready"
fi
cd "$root"
exec go run ./scripts/bench --python "$peers/bin/python" "$@"
