"""Writes index.html for a folder of exported notebooks: title, first sentence, link.

usage: index_page.py FOLDER
"""

import html
import pathlib
import re
import sys

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>seemore, in Go</title><style>
body {{ font: 1.05rem/1.55 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #181818; color: #eee; }} a {{ color: #8cf; }} }}
</style></head><body>
<h1>seemore, in Go</h1>
<p>A vision language model built from nothing, step by step.</p>
<ul>
{items}
</ul></body></html>
"""


def title(page):
    """The text of the page's first heading, or its file name."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page.read_text(encoding="utf-8"), re.S)
    return re.sub(r"<[^>]+>|¶", "", found.group(1)).strip() if found else page.stem


folder = pathlib.Path(sys.argv[1])
# seemore comes before seeMoE, which builds on it.
pages = [page for page in sorted(folder.glob("*.html"), key=lambda page: page.name.swapcase()) if page.name != "index.html"]
items = "\n".join(f'<li><a href="{html.escape(page.name)}">{title(page)}</a></li>' for page in pages)
(folder / "index.html").write_text(PAGE.format(items=items), encoding="utf-8")
