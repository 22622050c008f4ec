# Sourced by the other scripts: where things are in this checkout. Nothing outside it is written to
# but the Go caches.
root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
venv=$root/.venv
export PATH="$venv/bin:$PATH"
export SEEMORE_ROOT=$root GOMLX_NO_AUTO_INSTALL=1 GOFLAGS="${GOFLAGS:-}" GOWORK=off
export JUPYTER_CONFIG_DIR=$venv/jupyter/config JUPYTER_DATA_DIR=$venv/jupyter/data
export JUPYTER_RUNTIME_DIR=$venv/jupyter/runtime IPYTHONDIR=$venv/jupyter/ipython
# XLA takes and gives back thousands of buffers in a training step and many more when it compiles. jemalloc does that faster
# and in less memory than the GNU C library, README.md says by how much. (Not with dirty_decay_ms:-1: memory grows without end.)
jemalloc=$(PATH=$PATH:/sbin:/usr/sbin; ldconfig -p 2>/dev/null | awk '$1 == "libjemalloc.so.2" && !found++ { print $NF }') || jemalloc=
if [ -n "$jemalloc" ]; then
	case ${LD_PRELOAD:-} in *jemalloc*) ;; *) export LD_PRELOAD="${LD_PRELOAD:+$LD_PRELOAD:}$jemalloc" ;; esac
	export MALLOC_CONF="${MALLOC_CONF:-thp:always,narenas:1,oversize_threshold:0}"
fi
# The GNU one keeps what a step frees for the next one, a tenth of a step faster than giving it back.
keep=8589934592 # bytes
export GLIBC_TUNABLES="${GLIBC_TUNABLES:-glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=$keep:glibc.malloc.trim_threshold=$keep:glibc.malloc.arena_max=1}"
export PIP_CACHE_DIR=$venv/pip-cache PIP_DISABLE_PIP_VERSION_CHECK=1

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# debian PACKAGE: installs a Debian package if it can.
debian() {
	[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return
	say "installing $1"
	{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$1"; } >/dev/null 2>&1
}

# need WHAT PACKAGE: installs a Debian package when it can, else says what to type.
need() { debian "$2" || die "$1 is missing: install it, on Debian with: sudo apt-get install $2"; }

need_chromium() {
	command -v chromium chromium-browser google-chrome google-chrome-stable >/dev/null || need Chromium chromium
}

# begin_folder DIR: makes $new, where the content of DIR is built beside its place, so that an interruption
# leaves no half folder there.
begin_folder() {
	local left
	unfinished=$1.unfinished.$$ new=$1.unfinished.$$/new
	trap 'rm -rf "$unfinished"' EXIT
	trap 'exit 130' INT TERM HUP
	for left in "$1".unfinished.*; do
		kill -0 "${left##*.}" 2>/dev/null || rm -rf "$left" # of a build that was killed
	done
	mkdir -p "$new"
}

# end_folder DIR KEY: puts what was built in its place, with the key of what it was built from.
end_folder() {
	printf '%s\n' "$2" >"$new/.built-from"
	chmod -R u+w "$new"
	if [ -e "$1" ]; then mv "$1" "$unfinished/old"; fi
	mv "$new" "$1"
	cat "$1/NOTICE"
}

# environment NAME WHAT: a Python environment of its own in build/NAME, with scripts/requirements-NAME.txt, which WHAT
# needs; made when it is not there or was made from other pins.
environment() {
	local folder=$root/build/$1 pins=$root/scripts/requirements-$1.txt key
	key=$({ printf '%s\n' "$root"; cat "$pins"; } | cksum | tr ' ' -)
	[ "$(cat "$folder/ready" 2>/dev/null)" != "$key" ] || return 0
	say "installing $2 into build/$1" >&2
	PATH=${PATH#"$venv/bin:"} python3 -m venv --clear "$folder"
	"$folder/bin/python" -m pip install -q --require-hashes -r "$pins"
	rm -rf "$PIP_CACHE_DIR"
	printf '%s\n' "$key" >"$folder/ready"
}
