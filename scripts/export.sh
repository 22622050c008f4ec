#!/usr/bin/env bash
# Turns executed notebooks into tutorials that open anywhere. Executes nothing.
#
#   scripts/export.sh [--html|--pdf|--markdown|--site|--all] [--out DIR] [NOTEBOOK...]
#
# Default: --html, build/tutorials, notebooks/*.ipynb. Several formats may be named. --html makes one
# self-contained page of each notebook; --site makes a folder with navigation and search of all of them.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"

out=$root/build/tutorials formats=()
while [ $# -gt 0 ]; do
	case "$1" in
	--html | --pdf | --markdown | --site) formats+=("$1") ;;
	--all) formats+=(--html --pdf --markdown --site) ;;
	--out)
		[ $# -ge 2 ] || die 'export.sh: --out needs a folder'
		out=$2
		shift
		;;
	-*) die "export.sh: unknown option $1: --html, --pdf, --markdown, --site, --all, --out DIR or notebooks" ;;
	*) break ;;
	esac
	shift
done
[ ${#formats[@]} -gt 0 ] || formats=(--html)
[ $# -gt 0 ] || set -- "$root"/notebooks/*.ipynb
for notebook; do
	[ -f "$notebook" ] || die "export.sh: $notebook does not exist"
done
"$root/scripts/setup.sh"
case " ${formats[*]} " in *' --pdf '*) need_chromium ;; esac
"$venv/bin/python" "$root/scripts/jupyter/export.py" "${formats[@]}" --out "$out" "$@"
say "tutorials: $out/index.html"
