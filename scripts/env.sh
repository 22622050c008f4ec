# Sourced by the other scripts: where things are in this checkout. Nothing outside it is written to
# but the Go caches.
root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
venv=$root/.venv
export PATH="$venv/bin:$PATH"
export SEEMORE_ROOT=$root GOMLX_NO_AUTO_INSTALL=1 GOFLAGS="${GOFLAGS:-}" GOWORK=off
export JUPYTER_CONFIG_DIR=$venv/jupyter/config JUPYTER_DATA_DIR=$venv/jupyter/data
export JUPYTER_RUNTIME_DIR=$venv/jupyter/runtime IPYTHONDIR=$venv/jupyter/ipython
# Large pages for XLA's buffers (GNU C library): a training step takes about 15 % less time.
export GLIBC_TUNABLES="${GLIBC_TUNABLES:-glibc.malloc.hugetlb=1}"
export PIP_CACHE_DIR=$venv/pip-cache PIP_DISABLE_PIP_VERSION_CHECK=1

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }
