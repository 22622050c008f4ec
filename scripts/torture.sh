#!/usr/bin/env bash
# The slow checks of what must not break, by name; all of them without one.
#
#   scripts/torture.sh [kill] [interrupt] [death] [long] [full-disk] [read-only] [missing] [offline] [configurations] [fuzz]
#
# SEEMORE_KILLS (200), SEEMORE_RERUNS (500), SEEMORE_LONG_STEPS (20000) and SEEMORE_FUZZ_TIME (10m, for each
# target) say how much. Each check prints a line with its time; exit code 1 if one failed. They need what
# scripts/setup.sh installs; full-disk and read-only also mount and offline cuts the network off, which on Linux takes root
# or user namespaces.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
cd "$root"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
as_root=()
[ "$(id -u)" = 0 ] || as_root=(-r)
train=$work/train data=$root/notebooks/data/own
go build -o "$work/" ./scripts/train ./scripts/caption

# Random moments, a training that goes on each time, and the weights of one that was left alone.
kill_() { SEEMORE_KILLS=${SEEMORE_KILLS:-200} go test -count 1 -timeout 2h -v -run '^TestKilled$' ./scripts/train; }

# The stop button in a short step, while XLA compiles, and in a long step.
interrupt() { "$venv/bin/python" scripts/torture/kernel.py interrupt; }

# A kernel that is killed.
death() { "$venv/bin/python" scripts/torture/kernel.py death; }

# Memory, file descriptors, threads and disk stay flat.
long() {
	"$venv/bin/python" scripts/torture/kernel.py steps "$train" "$data" "${SEEMORE_LONG_STEPS:-20000}" &&
		"$venv/bin/python" scripts/torture/kernel.py reruns "${SEEMORE_RERUNS:-500}"
}

# A disk on which two checkpoints fit and a third does not.
full_disk() {
	mounted size=2200k <<-'EOF2'
		refuses 'no space left on device' "$train" --size tiny --batch 4 --backend go --data "$data" --run "$disk/run" --steps 40 --checkpoint-every 5
		ls "$disk/run/checkpoints"
		test "$(ls "$disk/run/checkpoints")" = "step-00000005
		step-00000010"
		test -z "$(find "$disk" -name '.unfinished-*')"
		"$caption" --run "$disk/run" --backend go "$data/"*.png
		rm -r "$disk/run" && head -c 1800k /dev/zero >"$disk/filler"
		"$python" scripts/jupyter/check_life.py refused "$disk/cell" 'no space left on device'
	EOF2
}

# A run folder, and a checkout, that nobody may write to.
read_only() {
	mounted size=10m <<-'EOF2'
		"$train" --size tiny --batch 4 --backend go --data "$data" --run "$disk/run" --steps 4 >/dev/null
		mount -o remount,ro "$disk"
		refuses '/run cannot be written to: read-only file system' "$train" --size tiny --batch 4 --backend go --data "$data" --run "$disk/run" --steps 8
		refuses 'read-only file system' "$train" --size tiny --batch 4 --backend go --data "$data" --run "$disk/new" --steps 8
		"$python" scripts/jupyter/check_life.py refused "$disk/cell" 'read-only file system'
		"$caption" --run "$disk/run" --backend go "$data/"*.png
		mount --bind . . && mount -o remount,bind,ro . && cd "$PWD"
		refuses 'read-only file system' "$train" --size tiny --batch 4 --data "$data" --run runs/new --steps 2
		"$train" --size tiny --batch 4 --data "$data" --run "$work/elsewhere" --steps 2
	EOF2
}

# No plugin, a file that is none, and another library of that name: a line with the reason, and pure Go unless
# XLA was asked for.
missing() {
	helpers >"$work/helpers"
	. "$work/helpers"
	mkdir -p "$work/no_plugin" "$work/broken" "$work/other"
	printf 'not a plugin' >"$work/broken/pjrt_c_api_cpu_plugin.so"
	printf 'int another_library;' | "$(go env CC)" -shared -x c -o "$work/other/pjrt_c_api_cpu_plugin.so" - || return 1
	local folder
	for folder in "$work/no_plugin" "$work/broken" "$work/other"; do
		PJRT_PLUGIN_LIBRARY_PATH=$folder refuses 'backend "xla:cpu" (asked for) does not open: ' \
			"$train" --size tiny --batch 4 --backend xla:cpu --data "$data" --run "$work/none" --steps 2 || return 1
		PJRT_PLUGIN_LIBRARY_PATH=$folder "$train" --size tiny --batch 4 --data "$data" --run "$folder/run" --steps 2 |
			grep '^backend go:ops_sequential (.*xla:cpu: .*; pure Go always works)$' || return 1
	done
}

# Without a network Go builds the commands, and they train and caption: nothing is missed.
offline() {
	work=$work data=$data unshare "${as_root[@]}" -n bash -euo pipefail <<-'EOF2'
		export GOPROXY=off
		go run ./scripts/train --size tiny --batch 4 --data "$data" --run "$work/offline" --steps 2
		go run ./scripts/caption --run "$work/offline" "$data/"*.png
	EOF2
}

# 200 configurations drawn from all that are allowed: each trains, is saved, opened and writes.
configurations() { SEEMORE_TORTURE=1 go test -count 1 ./pkg/training; }

# Every fuzz target of every package.
fuzz() {
	local package target
	for package in $(go list ./...); do
		for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz'); do
			say "$package $target"
			go test -run '^$' -fuzz "^$target\$" -fuzztime "${SEEMORE_FUZZ_TIME:-10m}" "$package" | tee "$work/fuzz" ||
				only_time_is_up || return 1
		done
	done
}

# only_time_is_up: Go sometimes calls the end of the fuzzing time itself a failure, one without an input.
only_time_is_up() { grep -qx '    context deadline exceeded' "$work/fuzz" && ! grep -q 'Failing input written' "$work/fuzz"; }

# mounted OPTIONS: runs the commands on standard input in a mount namespace with a small disk at $disk.
mounted() {
	local disk=$work/disk
	mkdir -p "$disk"
	{
		say 'set -euo pipefail'
		helpers
		say "mount -t tmpfs -o $1 tmpfs \"\$disk\""
		cat
	} | work=$work data=$data disk=$disk train=$train caption=$work/caption python=$venv/bin/python unshare "${as_root[@]}" -m bash
}

# helpers prints refuses WANT COMMAND..., which fails unless the command says one line with WANT and exits with 1.
helpers() {
	cat <<-'EOF2'
		refuses() {
			local want=$1 code=0 said
			shift
			said=$("$@" 2>&1 >/dev/null) || code=$?
			printf '%s\n' "$said"
			[ "$code" -eq 1 ] && [ "$(printf '%s\n' "$said" | wc -l)" -eq 1 ] && printf '%s' "$said" | grep -qF -- "$want" ||
				{ echo "exit code $code, expected 1 and a line with '$want': $*"; return 1; }
		}
	EOF2
}

passed=0 failed=0
[ $# -gt 0 ] || set -- kill interrupt death long full-disk read-only missing offline configurations fuzz
for name in "$@"; do
	case $name in
	kill) run=kill_ ;;
	interrupt | death | long | missing | offline | configurations | fuzz) run=$name ;;
	full-disk | read-only) run=${name/-/_} ;;
	*) die "torture.sh: unknown check $name: kill, interrupt, death, long, full-disk, read-only, missing, offline, configurations, fuzz" ;;
	esac
done
for name in "$@"; do
	run=${name/-/_}
	[ "$name" != kill ] || run=kill_
	start=$SECONDS
	if $run; then
		passed=$((passed + 1))
		say "ok    $name, $((SECONDS - start)) s"
	else
		failed=$((failed + 1))
		say "FAIL  $name, $((SECONDS - start)) s"
	fi
done
say "torture: $passed passed, $failed failed"
[ $failed -eq 0 ]
