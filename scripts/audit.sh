#!/usr/bin/env bash
# Looks the pinned packages up in the databases of known vulnerabilities: Go's, with what is really called, and OSV for the
# Python packages; GOVULNDB and PIP_AUDIT_OSV_URL name others. Needs the network and is no part of test.sh: a new entry is not a fault of a commit. Exit code 1 if
# a vulnerability is known; a database that cannot be reached is said, and is no failure.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
"$root/scripts/setup.sh"
cd "$root"
environment audit pip-audit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
reached=0 found=0

# looked_up WHAT CODE UNREACHABLE: counts what a program, whose output is in $work/said, has found.
looked_up() {
	if grep -q "$3" "$work/said"; then
		say "skipped: the database of $1 cannot be reached"
		return
	fi
	reached=1
	cat "$work/said"
	[ "$2" -eq 0 ] && say "ok    $1" || { found=1 && say "FAIL  $1"; }
}

# go_modules FOLDER WHAT PATTERN...
go_modules() {
	local code=0 folder=$1 what=$2
	shift 2
	govulncheck ${GOVULNDB:+-db "$GOVULNDB"} -C "$folder" "$@" >"$work/said" 2>&1 || code=$?
	looked_up "$what" $code '^govulncheck: fetching vulnerabilities'
}

# python_packages FILE: those that a file pins.
python_packages() {
	local code=0
	"$root/build/audit/bin/pip-audit" -s osv --progress-spinner off --disable-pip --no-deps -r "$1" >"$work/said" 2>&1 || code=$?
	looked_up "$(basename "$1")" $code 'requests.exceptions.Connect\|ServiceError'
}

go_modules . 'Go modules' ./... github.com/janpfeifer/gonb
go_modules scripts/tools 'Go tools' golang.org/x/tools/gopls golang.org/x/tools/cmd/goimports golang.org/x/vuln/cmd/govulncheck
for file in scripts/requirements*.txt; do python_packages "$file"; done
[ $reached = 1 ] || say 'skipped: no vulnerability database reachable'
[ $found = 0 ]
