"""Exported pages as readers open them."""

import subprocess
import sys

import nbformat
import pytest
from conftest import ROOT, SCREENS

import browser

TITLES = ['model\'s "loss"', r"a\nb", r"C:\x", r"$\alpha$", "<b>bold</b> & </script>"]
CELL = """import "seemore/pkg/show"

%%
line := show.Line{Label: "a run", X: []float64{0, 1, 2}, Y: []float64{3, 2, 1}}
for _, title := range []string{TITLES} {
	show.LineChart(title, "step", "loss", line).Display()
}
""".replace("TITLES", ", ".join(f"`{title}`" for title in TITLES))
FORMULA = r"""# A formula

$$\mathrm{softmax}\left(\frac{QK^\top}{\sqrt{d}}\right)V$$ and $\alpha$ in a line"""
JUPYTER = ROOT / "scripts" / "jupyter"


def python(script, *arguments):
    return subprocess.run([sys.executable, JUPYTER / script, *map(str, arguments)], capture_output=True, text=True)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A folder with the page and the site of a small notebook that was executed."""
    folder = tmp_path_factory.mktemp("titles")
    cells = [nbformat.v4.new_markdown_cell(FORMULA), nbformat.v4.new_code_cell(CELL)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": {"name": "gonb", "display_name": "Go"}}), folder / "titles.ipynb")
    done = python("execute.py", folder / "titles.ipynb", folder / "done" / "titles.ipynb")
    assert done.returncode == 0, done.stderr
    done = python("export.py", "--html", "--site", "--markdown", "--pdf", "--out", folder, folder / "done" / "titles.ipynb")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("page", ["titles.html", "site/titles.html"])
def test_a_page_with_awkward_titles(exported, chromium, page):
    checked = python("check_pages.py", exported / page)
    assert checked.returncode == 0, checked.stdout
    context = chromium.new_context(offline=True)
    opened = context.new_page()
    opened.goto((exported / page).as_uri())
    browser.wait_until_drawn(opened)
    opened.wait_for_timeout(500)
    assert opened.locator(".main-svg .scatterlayer .trace").count() == len(TITLES)
    shown = opened.locator(".plotly-figure").evaluate_all("figures => figures.map(figure => figure.querySelector('.gtitle')?.textContent ?? '')")
    assert shown[:3] == TITLES[:3] and shown[4] == TITLES[4], shown
    assert opened.locator("img.formula").count() == 2
    opened.screenshot(path=SCREENS / f"{page.replace('/', '_')}.png", full_page=True)
    context.close()


def test_the_pdf_and_the_markdown_have_their_pictures(exported):
    pdf = (exported / "titles.pdf").read_bytes()
    assert pdf.startswith(b"%PDF") and pdf.count(b"/Subtype /Image") >= len(TITLES)
    text = (exported / "markdown" / "titles.md").read_text(encoding="utf-8")
    assert "```go\n" in text and text.count("](titles_files/") == len(TITLES) and "$\\alpha$" in text
    assert len(list((exported / "markdown" / "titles_files").glob("*.png"))) == len(TITLES)


def test_a_site_finds_words_without_a_server(exported, chromium):
    context = chromium.new_context(offline=True)
    page = context.new_page()
    failed = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.goto((exported / "site" / "search.html").as_uri() + "?q=formula")
    page.wait_for_selector("#search-results a", timeout=10_000)
    assert page.locator("#search-results a").first.get_attribute("href").startswith("titles.html")
    assert failed == []
    context.close()
