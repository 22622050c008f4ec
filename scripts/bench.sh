#!/usr/bin/env bash
# Times our full-size training step against PyTorch's on this machine, in turn in the same run.
#
#   scripts/bench.sh [step]
#
# The first use installs PyTorch into build/peers (several GB). A JSON line goes to standard output.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
[ $# -eq 0 ] || [ "$*" = step ] || die "bench.sh: '$*' is unknown: step"
"$root/scripts/setup.sh" >&2
peers=$root/build/peers
if [ ! -f "$peers/ready" ]; then
	say 'installing PyTorch for the comparison' >&2
	python3 -m venv --clear "$peers"
	"$peers/bin/python" -m pip install -q torch==2.15.0 numpy
	touch "$peers/ready"
fi
cd "$root"
exec go run ./scripts/bench -python "$peers/bin/python"
