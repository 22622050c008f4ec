"""Checks exported pages as readers open them: offline, on a phone, in the dark, without scripts.

usage: check_pages.py PAGE...

Where Chromium is installed each page is opened in it. Without Chromium that part is skipped, and said to
be. Exit code 1 if a check fails.
"""

import pathlib
import re
import sys

import browser

ADDRESS = r"(?:https?:)?//[^\"')\s>]+"
OUTSIDE_TAG = re.compile(rf"""<(?:script|link|img|iframe|source|video|audio|embed|object)\b[^>]*?\s(?:src|href|data)\s*=\s*["']?{ADDRESS}""", re.I)
OUTSIDE_STYLE = re.compile(rf"""(?:url\(\s*["']?|@import\s+["']){ADDRESS}""", re.I)
SCRIPT = re.compile(r"(<script\b[^>]*>).*?</script>", re.S | re.I)
MOST_BYTES = 8_000_000
VIEWS = {
    "on a desk": {"viewport": {"width": 1200, "height": 900}},
    "in the dark": {"viewport": {"width": 1200, "height": 900}, "color_scheme": "dark"},
    "on a phone": {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2},
    "without scripts": {"viewport": {"width": 1200, "height": 900}, "java_script_enabled": False},
}
# What a reader would see, read off the page.
SEEN = r"""() => {
  const shown = element => element.offsetHeight > 0 && element.offsetWidth > 0;
  const pictures = [...document.querySelectorAll('img')].filter(shown);
  const figures = [...document.querySelectorAll('.plotly-figure')];
  const wide = element => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1;
  const scrolls = element => ['auto', 'scroll'].includes(getComputedStyle(element).overflowX);
  return {
    broken: pictures.filter(picture => picture.naturalWidth === 0).length,
    stand_ins: figures.filter(figure => [...figure.querySelectorAll(':scope > img')].some(shown)).length,
    drawn: figures.filter(figure => figure.querySelector('.main-svg .trace')).length,
    formulas: [...document.querySelectorAll('img.formula')].filter(formula => shown(formula) && formula.naturalWidth > 5).length,
    raw: (document.body.innerText.match(/\$\$|\\(frac|mathrm)/g) || []).length,
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    wide: [...document.querySelectorAll('pre, table, img, svg')].filter(
      element => shown(element) && wide(element) && !scrolls(element) && !element.closest('pre, .jp-InputArea-editor, .jp-OutputArea-output, .cell_input, .table-wrapper')).length,
    brightness: (getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g) || [255]).slice(0, 3).map(Number)[0],
    empty: [...document.querySelectorAll('.jp-OutputArea-output, .cell_output > .output')].filter(output => !shown(output) && output.textContent.trim()).length,
  };
}"""


def look(chromium, address, view):
    """What is seen on a page, and what went wrong while it opened."""
    context = chromium.new_context(offline=True, **view)
    page, wrong = context.new_page(), []
    page.on("console", lambda message: wrong.append(f"console: {message.text}") if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("requestfailed", lambda request: wrong.append(f"request failed: {request.url[:80]}"))
    page.goto(address)
    if view.get("java_script_enabled", True):
        browser.wait_until_drawn(page)
    seen = page.evaluate(SEEN)
    context.close()
    return seen, wrong


def check_in_browser(page, figures, formulas, chromium):
    for name, view in VIEWS.items():
        seen, wrong = look(chromium, page.as_uri(), view)
        scripts = view.get("java_script_enabled", True)
        expected = {
            "broken": 0, "overflow": 0, "wide": 0, "empty": 0, "raw": 0, "formulas": formulas,
            "drawn": figures if scripts else 0, "stand_ins": 0 if scripts else figures,
        }  # fmt: skip
        wrong += [f"{key} {seen[key]}, expected {value}" for key, value in expected.items() if seen[key] != value]
        if name == "in the dark" and seen["brightness"] > 60:
            wrong.append("is bright")
        yield from (f"{name}: {what}" for what in wrong)


def check(page, chromium):
    """The list of what is wrong with a page."""
    if not page.is_file():
        print(f"{page.name}: is not there")
        return ["missing"]
    text = page.read_text(encoding="utf-8")
    static = SCRIPT.sub(r"\1", text)  # tags stay: their addresses are fetched; their text is not markup
    wrong = [f"asks for {found[0][-80:]}" for pattern in (OUTSIDE_TAG, OUTSIDE_STYLE) for found in pattern.finditer(static)]
    wrong += [f"leads to {to}, which is not there" for to in re.findall(r'<a [^>]*href="((?![a-z]+:)[^"#?]+)', static) if not (page.parent / to).exists()]
    figures, formulas = static.count('class="plotly-figure"'), len(re.findall(r'<img [^>]*class="formula"', static))
    if figures == 0:
        wrong.append("has no figure")
    if len(text.encode()) > MOST_BYTES:
        wrong.append(f"is larger than {MOST_BYTES / 1e6:.0f} MB")
    if not re.search(r"Made with Go [\d.]+, .*GoMLX [\d.]+", static):
        wrong.append("does not say what it was made with")
    if chromium:
        wrong += check_in_browser(page, figures, formulas, chromium)
    print(f"{page.name}: {figures} figures, {len(text) / 1e6:.1f} MB, {'ok' if not wrong else '; '.join(wrong)}", flush=True)
    return wrong


def main(paths):
    pages = [pathlib.Path(path).resolve() for path in paths]
    if browser.path():
        with browser.launch() as chromium:
            results = [check(page, chromium) for page in pages]
    else:
        print("skipped: the check in a browser, Chromium is not installed")
        results = [check(page, None) for page in pages]
    sys.exit(any(results))


main(sys.argv[1:])
