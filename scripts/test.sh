#!/usr/bin/env bash
# Every check, as CI runs it: setup, format, vet, tests, notebooks against packages, the notebooks
# run with few steps, and the pages that come out of them.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
"$root/scripts/setup.sh"
cd "$root"

passed=0 failed=0

# check NAME COMMAND...: runs one check and counts it.
check() {
	local name=$1 start=$SECONDS
	shift
	if "$@"; then
		passed=$((passed + 1))
		say "ok    $name, $((SECONDS - start)) s"
	else
		failed=$((failed + 1))
		say "FAIL  $name, $((SECONDS - start)) s"
	fi
}

formatted() {
	local wrong
	wrong=$(git ls-files -co --exclude-standard '*.go' | xargs gofmt -l)
	[ -z "$wrong" ] || { say "not gofmt-ed: $wrong"; return 1; }
}

scripts_parse() {
	local file
	for file in scripts/*.sh scripts/*/*.sh docker/*.sh scripts/jupyter/gonb-kernel .ci/run; do bash -n "$file" || return 1; done
	"$venv/bin/python" - scripts/*/*.py <<'PY'
import ast, pathlib, sys
for path in sys.argv[1:]:
    ast.parse(pathlib.Path(path).read_text(), path)
PY
}

second_setup_is_quick() {
	local start=$SECONDS
	"$root/scripts/setup.sh" || return 1
	[ $((SECONDS - start)) -lt 10 ] || { say "a second setup took $((SECONDS - start)) s"; return 1; }
}

check format formatted
check scripts scripts_parse
check vet go vet ./...
check 'setup again' second_setup_is_quick
check 'what is fetched is pinned' "$venv/bin/python" scripts/audit/check_supply.py
check 'licences of others' go run ./scripts/licences --check
check 'unit tests' go test -timeout 40m ./...
check 'notebooks and packages agree' go run ./scripts/nbsync
check 'notebooks without noise' go run ./scripts/nbclean --check
check 'commands' scripts/test_commands.sh
check 'notebook life' "$venv/bin/python" scripts/jupyter/check_life.py
check 'MLflow' scripts/test_mlflow.sh
check 'browser' scripts/test_browser.sh
check 'notebooks with few steps' scripts/run.sh --steps 3 --out build/test
pages=()
for notebook in notebooks/*.ipynb; do pages+=("build/test/$(basename "$notebook" .ipynb).html"); done
check 'exported pages' "$venv/bin/python" scripts/jupyter/check_pages.py "${pages[@]}"
say "$passed passed, $failed failed"
[ $failed -eq 0 ]
