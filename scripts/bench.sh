#!/usr/bin/env bash
# Times the full-size models on this machine, in turn with PyTorch (eager and compiled) and JAX.
#
#   scripts/bench.sh [OPTION...] step|generate|first-loss|grow|memory|all...
#
# step compares training steps, generate writing 64 characters about a picture, first-loss the time from a
# process's start to its first loss, memory what a training run of 30 steps takes at most; grow shows how
# ours grows with the text, the batch, the blocks, the experts and the pictures. Options are those of
# scripts/bench: --device cpu|cuda, --peers torch,torch.compile,jax, --torch-original DIR, --rounds N,
# --steps N, --out FILE.
#
# The first use installs the peers (pinned with hashes, several GB) into build/peers. A JSON line for each
# comparison goes to standard output, a table to standard error. All run with the memory settings of env.sh.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
[ $# -gt 0 ] || set -- step
"$root/scripts/setup.sh" >&2
environment peers 'PyTorch and JAX for the comparison'
cd "$root"
exec go run ./scripts/bench --python "$root/build/peers/bin/python" "$@"
