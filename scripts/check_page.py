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

ADDRESS = r"(?:https?:)?//[^\"')\s>]+"
OUTSIDE_TAG = re.compile(rf"""<(?:script|link|img|iframe|source|video|audio|embed|object)\b[^>]*?\s(?:src|href|data)\s*=\s*["']?{ADDRESS}""", re.I)
OUTSIDE_STYLE = re.compile(rf"""(?:url\(\s*["']?|@import\s+["']){ADDRESS}""", re.I)
SCRIPT = re.compile(r"(<script\b[^>]*>).*?</script>", re.S | re.I)
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--allow-file-access-from-files", "--virtual-time-budget=20000", "--host-resolver-rules=MAP * ~NOTFOUND",
]
# A sandboxed frame runs no script of the page; the frame's owner may look at what is shown in it.
WITHOUT_SCRIPTS = """<!DOCTYPE html><iframe sandbox="allow-same-origin" src="{page}" width="1000" height="800"></iframe>
<output></output><script>onload = () => {{
  const pictures = [...document.querySelector('iframe').contentDocument.querySelectorAll('.plotly-figure img')];
  document.querySelector('output').textContent = 'shown ' + pictures.filter(p => p.naturalWidth > 0 && p.offsetHeight > 0).length;
}};</script>"""


def dom(chromium, address):
    """The page's elements after its scripts have run, with the network cut, and no text of scripts."""
    with tempfile.TemporaryDirectory() as profile:
        command = [chromium, *FLAGS, f"--user-data-dir={profile}", "--dump-dom", address]
        text = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True).stdout
    return SCRIPT.sub("", text)


def check_in_browser(page, figures, chromium):
    drawn = dom(chromium, page.as_uri())
    traces = len(re.findall(r'class="trace (?:scatter|bars)', drawn))
    plots = len(re.findall(r'class="main-svg"', drawn))
    if plots < figures or traces < figures:
        yield f"with scripts: {plots} plots and {traces} traces for {figures} figures"
    with tempfile.TemporaryDirectory() as folder:
        frame = pathlib.Path(folder) / "frame.html"
        frame.write_text(WITHOUT_SCRIPTS.format(page=page.as_uri()), encoding="utf-8")
        shown = re.search(r"<output>shown (\d+)", dom(chromium, frame.as_uri()))
    if not shown or int(shown[1]) != figures:
        yield f"without scripts: {shown[1] if shown else 'no'} pictures for {figures} figures"


def check(page, chromium):
    """The list of what is wrong with a page."""
    if not page.is_file():
        print(f"{page.name}: is not there")
        return ["missing"]
    text = page.read_text(encoding="utf-8")
    static = SCRIPT.sub(r"\1", text)  # tags stay: their addresses are fetched; their text is not markup
    wrong = [f"asks for {found[0][-80:]}" for pattern in (OUTSIDE_TAG, OUTSIDE_STYLE) for found in pattern.finditer(static)]
    figures = static.count('class="plotly-figure"')
    if figures == 0:
        wrong.append("has no figure")
    pictures = len(re.findall(r'<div class="plotly-figure"><img alt="[^"]+" src="data:image/png;base64,[A-Za-z0-9+/=]{1000,}"', static))
    if pictures != figures:
        wrong.append(f"{figures} figures but {pictures} static pictures of them")
    if chromium:
        wrong += check_in_browser(page, figures, chromium)
    print(f"{page.name}: {figures} figures, {len(text) / 1e6:.1f} MB, {'ok' if not wrong else '; '.join(wrong)}")
    return wrong


def main(paths):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        print("skipped: the check in a browser, Chromium is not installed")
    results = [check(pathlib.Path(path).resolve(), chromium) for path in paths]
    sys.exit(any(results))


main(sys.argv[1:])
