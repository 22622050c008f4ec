#!/usr/bin/env bash
# One training of an experiment of ten: two recipes with five seeds each. The jobs beside this file start one for each
# number from 0 to 9; a number that is started again continues where it was interrupted (exit code 75).
#
#   go build -o build/train ./scripts/train     # once, after scripts/setup.sh [--cuda]
#   scripts/jobs/experiment.sh NUMBER
#
# MLFLOW_TRACKING_URI names an MLflow server, if there is one.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/../env.sh"
cd "$root"
recipes=('learns --names 100' frozen) seeds=5

number=${1-}
case $number in
'' | *[!0-9]*) die "experiment.sh: a number is needed" ;;
esac
[ "$number" -lt $((${#recipes[@]} * seeds)) ] || die "experiment.sh: $number: at most $((${#recipes[@]} * seeds - 1))"
read -ra recipe <<<"${recipes[number / seeds]}"
seed=$((number % seeds))
exec build/train --data data/emoji --recipe "${recipe[@]}" --seed "$seed" --run "runs/${recipe[0]}-$seed" \
	--mlflow "${MLFLOW_TRACKING_URI:-}" --interrupted-code 75
