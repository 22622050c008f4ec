"""README's pictures, taken of the real thing. scripts/pictures.sh runs this; it is no test."""

import subprocess
import sys

from conftest import ROOT
from test_lab import COMPARE, OTHER_PART, PART, train

import browser

IMAGES = ROOT / "notebooks" / "images"


def tools():
    """A cell that trains on demand: the cell of the test as a function, with the part that another cell replaces."""
    imports, training = train("hack", 200).split(")\n", 1)
    part_imports, part = PART.split("\n\n", 1)
    return f"{part_imports}\n{imports})\n\n{part}\n{training}".replace("%%\n", "// learn trains a model of such blocks.\nfunc learn() {\n") + "}\n"


def test_lab_after_a_change(open_notebook):
    notebook = open_notebook("hack", [tools(), "# Change a part, run again, see what it did", PART, "%%\nlearn()", COMPARE])
    notebook.run_all()
    notebook.write(2, OTHER_PART)
    notebook.run_all()
    page = notebook.page
    page.locator('.jp-SideBar [data-id="filebrowser"]').click()  # closes it
    page.set_viewport_size({"width": 1100, "height": 1880})
    notebook.cell(1).evaluate("heading => heading.scrollIntoView()")
    page.wait_for_timeout(1500)
    page.screenshot(path=IMAGES / "readme_lab.png")


def test_page_on_a_desk_and_on_a_phone(chromium, tmp_path):
    notebook = ROOT / "notebooks" / "seemore_from_scratch.ipynb"
    subprocess.run([sys.executable, ROOT / "scripts/jupyter/export.py", "--html", "--out", tmp_path, notebook], check=True)
    for name, width, height, dark in (("page", 1000, 900, False), ("phone", 390, 844, True)):
        context = chromium.new_context(viewport={"width": width, "height": height}, offline=True, color_scheme="dark" if dark else "light")
        page = context.new_page()
        page.goto((tmp_path / "seemore_from_scratch.html").as_uri())
        browser.wait_until_drawn(page)
        page.locator(".plotly-figure").first.evaluate("figure => window.scrollTo(0, figure.getBoundingClientRect().top + scrollY - 200)")
        page.wait_for_timeout(500)
        page.screenshot(path=IMAGES / f"readme_{name}.png")
        context.close()
