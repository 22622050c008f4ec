"""Checks an exported page: nothing from outside, every figure there with and without scripts.

usage: check_page.py PAGE...

Where Chromium is installed the page is opened in it, once as it is and once with scripts blocked.
Without Chromium that part is skipped, and said to be. Exit code 1 if a check fails.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

OUTSIDE = re.compile(r"""(?:<(?:script|link|img|iframe)[^>]+(?:src|href)\s*=\s*["']?|url\(["']?)(https?:)?//[^"')\s>]+""", re.I)
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--virtual-time-budget=20000",
]


def without_scripts(text):
    """The page as a viewer that removes scripts sees it."""
    return re.sub(r"<script\b.*?</script>", "", text, flags=re.S | re.I)


def dom(chromium, page):
    """The page's elements after its scripts have run, with the network cut."""
    with tempfile.TemporaryDirectory() as profile:
        command = [chromium, *FLAGS, "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={profile}", "--dump-dom", page.as_uri()]
        return subprocess.run(command, capture_output=True, text=True, timeout=180, check=True).stdout


def check(page, chromium):
    """The list of what is wrong with a page."""
    text = page.read_text(encoding="utf-8")
    figures = text.count('class="plotly-figure"')
    wrong = [f"asks for {found.group(0)[:80]}" for found in OUTSIDE.finditer(without_scripts(text))]
    if figures == 0:
        wrong.append("has no figure")
    static = without_scripts(text)
    pictures = len(re.findall(r'<div class="plotly-figure"><img alt="[^"]+" src="data:image/png;base64,[A-Za-z0-9+/=]{1000,}"', static))
    if pictures != figures:
        wrong.append(f"{figures} figures but {pictures} static pictures of them")
    if chromium:
        drawn = without_scripts(dom(chromium, page))
        traces = len(re.findall(r'class="trace scatter|class="trace bars', drawn))
        plots = len(re.findall(r'class="main-svg"', drawn))
        if plots < figures or traces < figures:
            wrong.append(f"with scripts: {plots} plots and {traces} traces for {figures} figures")
    print(f"{page.name}: {figures} figures, {len(text) / 1e6:.1f} MB, {'ok' if not wrong else '; '.join(wrong)}")
    return wrong


def main(paths):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        print("skipped: the check in a browser, Chromium is not installed")
    results = [check(pathlib.Path(path).resolve(), chromium) for path in paths]
    sys.exit(any(results))


main(sys.argv[1:])
