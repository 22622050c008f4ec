#!/usr/bin/env bash
# Builds data/stamps, captioned pictures from Debian's package of Tux Paint's stamps (161 MB to fetch).
# Nothing is installed. Needs apt-get and dpkg-deb, so Debian or a relative of it. Does nothing if what is there was
# built by the same program. DEB names the package's file where it has been fetched already.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"

package=tuxpaint-stamps-default version=2022.06.04-1
sum=6db6c1bfc870a47f1499d6203b083522eacb57c5f9c87d468f2e92eb6d9d5f34
out=$root/data/stamps
key=$({
	for file in "$root"/scripts/stamps/*.go "$root/scripts/stamps.sh"; do
		case $file in *_test.go) ;; *) cat "$file" ;; esac
	done
} | cksum)
if [ -f "$out/metadata.csv" ] && [ "$(cat "$out/.built-from" 2>/dev/null)" = "$key" ]; then exit 0; fi

say 'building the captioned stamps in data/stamps'
for tool in apt-get dpkg-deb go; do
	command -v "$tool" >/dev/null || die "stamps.sh: $tool is missing; Debian or a relative of it is needed, with Go"
done

begin_folder "$out"
mkdir -p "$unfinished/fetched" "$new/licences"
deb=${DEB:-}
if [ -z "$deb" ]; then
	# The option only avoids a warning where root calls.
	(cd "$unfinished/fetched" && apt-get download -qq -o APT::Sandbox::User=root "$package=$version") ||
		die "stamps.sh: $package $version is not to be had; on Debian 12: sudo apt-get update"
	deb=$(echo "$unfinished/fetched"/*.deb)
fi
printf '%s  %s\n' "$sum" "$deb" | sha256sum --check --status || die "stamps.sh: $deb is not $package $version, or damaged"
dpkg-deb -x "$deb" "$unfinished/unpacked"
(cd "$root" && go run ./scripts/stamps -stamps "$unfinished/unpacked/usr/share/tuxpaint/stamps" -out "$new")
cp "$unfinished/unpacked/usr/share/doc/$package/copyright" "$new/licences/tuxpaint-stamps_copyright.txt"
cat >"$new/NOTICE" <<'NOTICE'
The pictures and captions in this folder are Tux Paint's stamps, copyright 2002-2022 Bill Kendrick and the
contributors, tuxpaint.org. GNU General Public License version 2, see licences/; these pictures made from them are under
the same licence.
Changed: laid on white, padded to a square and scaled to 96x96 pixels; captions with straight quotes.
NOTICE
end_folder "$out" "$key"
