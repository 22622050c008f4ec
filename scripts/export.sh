#!/usr/bin/env bash
# Turns executed notebooks into self-contained pages with an index. Executes nothing.
#
#   scripts/export.sh [--html] [--out DIR] [NOTEBOOK...]     default: build/tutorials, notebooks/*.ipynb
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
"$root/scripts/setup.sh"

out=$root/build/tutorials
while [ $# -gt 0 ]; do
	case "$1" in
	--html) shift ;; # the only format so far
	--out)
		[ $# -ge 2 ] || die 'export.sh: --out needs a folder'
		out=$2
		shift 2
		;;
	-*) die "export.sh: unknown option $1: --html, --out DIR or notebooks" ;;
	*) break ;;
	esac
done
[ $# -gt 0 ] || set -- "$root"/notebooks/*.ipynb
mkdir -p "$out"
for notebook; do
	[ -f "$notebook" ] || die "export.sh: $notebook does not exist"
	"$venv/bin/jupyter" nbconvert --log-level=ERROR --config "$root/scripts/jupyter/offline_config.py" \
		--to html --output-dir "$out" "$notebook"
done
"$venv/bin/python" "$root/scripts/jupyter/index_page.py" "$out"
say "tutorials: $out/index.html"
