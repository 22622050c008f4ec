#!/usr/bin/env bash
# Builds the image and tries it where there is no Docker engine and no image registry: with buildah, which reads the same
# Dockerfile, and podman. As root, with Debian's packages debootstrap, buildah, podman and crun.
#   docker/prove.sh [cpu] [cuda]     both are built, cpu is also run
# The base image is replaced by a stand-in: Debian with the packages that it has, and this machine's Go.
set -euo pipefail
# Mounts stay in here; and crun does not want both kinds of cgroups beside each other, as some machines have them.
[ -n "${PROVE_INSIDE:-}" ] || exec env PROVE_INSIDE=1 unshare --mount "$0" "$@"
umount /sys/fs/cgroup/unified 2>/dev/null || true
cd "$(dirname -- "${BASH_SOURCE[0]}")/.."

work=$(mktemp -d)
storage=(--root "$work/storage" --runroot "$work/run" --storage-driver overlay)
limits=(--ulimit nofile=4096:4096 --ulimit nproc=4096:4096) # the defaults are more than some machines allow
podman() { command podman "${storage[@]}" --log-level fatal --cgroup-manager cgroupfs --events-backend file "$@"; }
trap 'podman rm --all --force >/dev/null; podman rmi --all --force >/dev/null; rm -rf "$work"' EXIT
say() { printf -- '--- %s s: %s\n' "$SECONDS" "$*"; }
die() { printf '%s\n' "prove.sh: $*" >&2; exit 1; }

sed 's/@sha256:[0-9a-f]*//' docker/Dockerfile >"$work/Dockerfile" # the stand-in is another image
base=$(sed -n 's/^FROM \(golang:[^ ]*\) AS .*/\1/p' "$work/Dockerfile")
[[ $base = golang:$(go env GOVERSION | tr -d go)-* ]] || die "$base has another Go than this machine, $(go env GOVERSION)"
say "a stand-in for $base"
debootstrap --variant=minbase --include=ca-certificates,curl,g++,gcc,git,libc6-dev,make,netbase,pkg-config,procps \
	"${base##*-}" "$work/base" >"$work/debootstrap.log" || die "$(tail "$work/debootstrap.log")"
cp -a "$(go env GOROOT)" "$work/base/usr/local/go"
mkdir -p "$work/base/go"
for file in /etc/pip.conf /etc/ssl/certs/ca-certificates.crt; do # how this machine reaches the package registries
	[ ! -e $file ] || cp -L $file "$work/base$file"
done
tar -C "$work/base" -c . | podman import -q -c 'ENV GOTOOLCHAIN=local' -c 'ENV GOPATH=/go' -c 'WORKDIR /go' \
	-c 'ENV PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' - "$base"
rm -rf "$work/base"

for target in "${@:-cpu}"; do
	say "building $target"
	buildah "${storage[@]}" bud --layers --isolation chroot --network host --pull-never --format docker "${limits[@]}" \
		--ignorefile docker/Dockerfile.dockerignore -f "$work/Dockerfile" --target "$target" -t "seemore:$target" .
	say "$target: $(podman images --format '{{.Size}}' "seemore:$target")"
done

run() { podman run --cgroups disabled --network none "${limits[@]}" -v seemore_runs:/home/learner/seemore/runs "$@"; }
inside() { podman exec lab "$@"; }
answer() { inside curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:8888/api/contents$1"; }

say 'running cpu, without a network'
run -d --name lab -e JUPYTER_TOKEN=a-token seemore:cpu >/dev/null
started=$SECONDS
until podman healthcheck run lab >/dev/null 2>&1; do
	[ $((SECONDS - started)) -lt 60 ] || die "not healthy: $(podman logs lab 2>&1)"
	sleep 1
done
say "healthy after $((SECONDS - started)) s, as $(inside id -un), below $(inside cat /proc/1/comm)"
[ "$(answer '')/$(answer '?token=wrong')/$(answer '?token=a-token')" = 403/403/200 ] || die 'the token does not guard it'
say 'answers with the token, refuses without it and with another'
podman exec -i lab tee /tmp/cell.ipynb >/dev/null <<'CELL'
{"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [{"cell_type": "code", "metadata": {}, "execution_count": null,
 "outputs": [], "source": "import \"seemore/pkg/backend\"\n\n%%\nbackend.MustOpen(\"\")"}]}
CELL
inside .venv/bin/python scripts/jupyter/execute.py /tmp/cell.ipynb /tmp/done.ipynb
inside grep -o 'backend xla:cpu[^\\"]*' /tmp/done.ipynb
inside go run ./scripts/train --data notebooks/data/inputs.csv --steps 3 --run runs/three
podman stop --time 20 lab >/dev/null
[ "$(podman inspect --format '{{.State.ExitCode}}' lab)" = 0 ] || die 'does not stop when asked to'
podman rm lab >/dev/null
run --rm seemore:cpu test -s runs/three/training_plot_points.json || die 'the volume has lost the run'
say 'stopped cleanly; another container finds the run in the volume'
run --rm seemore:cpu du -sh . /home/learner/go /home/learner/.cache
say proved
