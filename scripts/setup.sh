#!/usr/bin/env bash
# Makes everything that the notebooks and the tests need, inside this checkout:
#   .venv        Python with JupyterLab and XLA's plugin (pinned with hashes), the Go tools, the kernel
#   data/emoji   captioned drawings
# Run again it does nothing. With --cuda it adds XLA's plugin for NVIDIA GPUs (about 2.4 GB).
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"

cuda=no
case "${1:-}" in
'') ;;
--cuda) cuda=yes ;;
*) die "setup.sh: unknown option $1: --cuda or nothing" ;;
esac

# once NAME KEY COMMAND...: runs the command unless it succeeded before with the same key.
once() {
	local stamp=$venv/stamps/$1 key=$2
	shift 2
	if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$key" ]; then return; fi
	"$@"
	mkdir -p "$venv/stamps"
	printf '%s\n' "$key" >"$stamp"
}

# fingerprint FILE...: a hash of the files' contents and of where the checkout is.
fingerprint() { { printf '%s\n' "$root"; cat "$@"; } | cksum | tr ' ' -; }

check_machine() {
	command -v go >/dev/null || die 'setup.sh: Go is missing. Install Go 1.26.5 or newer from your system or from the Go project, and put it on the PATH'
	local have
	have=$(cd "$root" && go env GOVERSION 2>/dev/null) || have=$(go env GOVERSION)
	[ "$(printf '%s\n' go1.26.5 "${have%% *}" | sort -V | head -n 1)" = go1.26.5 ] ||
		die "setup.sh: Go is ${have#go}, needed is 1.26.5 or newer"
	command -v python3 >/dev/null || need python3 python3
	python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
		die "setup.sh: python3 is $(python3 -V | cut -d' ' -f2), needed is 3.11 or newer"
	python3 -c 'import ensurepip, venv' 2>/dev/null || need 'the venv module of python3' python3-venv
	command -v "$(go env CC)" >/dev/null || need 'a C compiler' gcc
}

# A virtual environment holds absolute paths, so a moved checkout gets a new one. One that fits is
# kept: a changed pin must not pull the kernel away from under a notebook that runs.
python_packages() {
	say 'installing the Python packages'
	if [ ! -x "$venv/bin/python" ] || ! grep -qF -- " $venv" "$venv/pyvenv.cfg"; then
		PATH=${PATH#"$venv/bin:"} python3 -m venv --clear "$venv"
	fi
	"$venv/bin/python" -m pip install -q --require-hashes -r "$root/scripts/requirements.txt"
	rm -rf "$PIP_CACHE_DIR"
}

# What allocates XLA's buffers, see env.sh; all works without it.
allocator() {
	[ -n "$jemalloc" ] || debian libjemalloc2 ||
		say 'XLA compiles and trains faster with jemalloc (README.md, "Fast"), on Debian: sudo apt-get install libjemalloc2'
}

# The plugin goes where pkg/backend looks for it.
xla_plugin() {
	local folder=$venv/lib/pjrt site
	mkdir -p "$folder"
	site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
	if [ -f "$site/lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so" ]; then
		ln -sfn "$site/lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so" "$folder/pjrt_c_api_cpu_plugin.so"
		return
	fi
	say "XLA's CPU plugin has no wheel that could be pinned for this machine; the pure-Go backend will be used, it is slower."
	say "go-xla's own build, whose hash nobody checks: GOMLX_NO_AUTO_INSTALL= go run ./scripts/xlainstall"
}

# xla_cuda lays the CUDA plugin and NVIDIA's libraries out so that the plugin's relative library
# paths and go-xla's search for ptxas both find them.
xla_cuda() {
	local folder=$venv/lib/pjrt site
	say "installing XLA's CUDA plugin and NVIDIA's libraries"
	"$venv/bin/python" -m pip install -q --require-hashes -r "$root/scripts/requirements-cuda.txt"
	rm -rf "$PIP_CACHE_DIR"
	site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
	mkdir -p "$folder/cuda"
	ln -sfn "$site/nvidia" "$folder/nvidia"
	ln -sfn "$site/jax_plugins/xla_cuda13/xla_cuda_plugin.so" "$folder/cuda/pjrt_c_api_cuda_plugin.so"
	ln -sfn cu13/bin "$site/nvidia/bin"
	ln -sfn cu13/nvvm "$site/nvidia/nvvm"
	ls /dev/nvidia[0-9]* >/dev/null 2>&1 || say 'no NVIDIA GPU on this machine: the CUDA plugin will not be used'
}

go_tools() {
	say 'building the Go tools (a few minutes the first time)'
	cd "$root"
	go mod download
	GOBIN=$venv/bin go install tool
	cd "$root/scripts/tools"
	GOBIN=$venv/bin go install tool
}

# The kernel with its card in the launcher, and JupyterLab's settings.
kernel() {
	"$venv/bin/python" -m jupyter kernelspec install --sys-prefix --replace --name gonb "$root/scripts/jupyter/kernel" 2>/dev/null
	install -D -m 644 "$root/scripts/jupyter/lab/overrides.json" "$venv/share/jupyter/lab/settings/overrides.json"
}

check_machine
[ -x "$venv/bin/python" ] || rm -rf "$venv/stamps" # never made, or its Python is gone
once python "$(fingerprint "$root/scripts/requirements.txt")" python_packages
once allocator libjemalloc2 allocator
once plugin "$(fingerprint "$root/scripts/requirements.txt" "$root/go.sum")" xla_plugin
[ $cuda = no ] || once cuda "$(fingerprint "$root/scripts/requirements-cuda.txt")" xla_cuda
once tools "$(fingerprint "$root"/go.{mod,sum} "$root"/scripts/tools/go.{mod,sum})" go_tools
once kernel "$(fingerprint "$root"/scripts/jupyter/kernel/* "$root"/scripts/jupyter/lab/*)" kernel
"$root/scripts/data.sh"
"$root/scripts/encoder.sh"
# What a cell needs is compiled once, so that the first one answers quickly.
(cd "$root" && go build ./pkg/...)
