"""Turns executed notebooks into tutorials. Executes nothing.

usage: export.py [--html] [--pdf] [--markdown] [--site] --out FOLDER NOTEBOOK...

FOLDER gets NAME.html, one self-contained page each; NAME.pdf; markdown/; site/; and an index.html that
leads to all of them.
"""

import argparse
import base64
import html
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import nbformat
import plotly
import ziamath
from nbconvert import HTMLExporter, MarkdownExporter
from nbconvert.writers import FilesWriter
from traitlets.config import Config

import browser
import provenance

HERE = pathlib.Path(__file__).resolve().parent
PLOTLY = pathlib.Path(plotly.__file__).parent / "package_data"
MIME_PLOTLY = "application/vnd.plotly.v1+json"

LINK = re.compile(r"\[([^\]]*)\]\((\w+)\.ipynb\)")
# Code, or a formula: displayed between $$ and $$, in the line between $ and $.
FORMULA = re.compile(r"(```.*?```|`[^`]*`)|\$\$(.+?)\$\$|\$([^$\s][^$\n]*)\$", re.S)

MARGINS = {"top": "15mm", "bottom": "18mm", "left": "14mm", "right": "14mm"}
PAGE_NUMBER = '<div style="font-size: 8px; width: 100%; text-align: center"><span class="pageNumber"></span></div>'

INDEX = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>seemore, in Go</title><style>
body {{ font: 1.05rem/1.55 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #181818; color: #eee; }} a {{ color: #8cf; }} }}
</style></head><body>
<h1>seemore, in Go</h1>
<p>A vision language model built from nothing, step by step.</p>
{items}
</body></html>
"""


def read(path, ending, together):
    """A notebook, with its title and the sentence that says what it was made with.

    Links to the notebooks that are exported together get another ending; of links to others only the words stay.
    """
    names = {other.stem for other in together}
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = LINK.sub(lambda link: f"[{link[1]}]({link[2]}{ending})" if link[2] in names else link[1], cell.source)
    notebook.metadata["title"] = heading(notebook) or path.stem
    made = nbformat.v4.new_markdown_cell("---\n*" + provenance.sentence(notebook, path) + "*")
    if notebook.nbformat_minor < 5:
        del made["id"]
    notebook.cells.append(made)
    return notebook


def heading(notebook):
    """The first heading of the highest level, or None."""
    found = (re.search(r"^# (.+)", cell.source, re.M) for cell in notebook.cells if cell.cell_type == "markdown")
    return next((one.group(1).strip() for one in found if one), None)


def pictures(notebook):
    """The data of every output that has a picture."""
    every = (output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", []))
    return (data for data in every if "image/png" in data)


def alternative(data):
    """What a picture shows, in words."""
    return " ".join(data.get("text/plain", "picture").split())


def draw_formula(found):
    """A formula of Markdown as a picture, which needs no script and no font; code stays as it is."""
    code, display, inline = found.groups()
    if code:
        return code
    tex = (display or inline).strip()
    formula = ziamath.Latex(tex, size=18, inline=bool(inline))
    encoded = base64.b64encode(formula.svg().encode()).decode()
    style = f"vertical-align: {formula.getyofst():.1f}px"
    picture = f'<img class="formula" alt="{html.escape(tex)}" style="{style}" src="data:image/svg+xml;base64,{encoded}">'
    return f'<div class="display-formula">{picture}</div>' if display else picture


def for_browsers(notebook):
    """The notebook with formulas and pictures as HTML; a figure's picture stands until figures.js has drawn over it."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = FORMULA.sub(draw_formula, cell.source)
    for data in pictures(notebook):
        encoded = data["image/png"].replace("\n", "")
        shown = f'<img alt="{html.escape(alternative(data))}" src="data:image/png;base64,{encoded}">'
        if MIME_PLOTLY in data:
            figure = json.dumps(data[MIME_PLOTLY], separators=(",", ":")).replace("</", "<\\/")
            shown = f'<div class="plotly-figure">{shown}<script type="application/json">{figure}</script></div>'
        data.clear()
        data["text/html"] = shown
    return notebook


def export_html(path, out, together):
    exporter = HTMLExporter(config=Config({
        "TemplateExporter": {
            "extra_template_basedirs": [str(HERE / "templates")],
            "extra_template_paths": [str(PLOTLY)],
        },
        "HTMLExporter": {"template_name": "offline", "embed_images": True},
    }))  # fmt: skip
    resources = {"metadata": {"path": str(path.parent), "name": path.stem}}
    text, _ = exporter.from_notebook_node(for_browsers(read(path, ".html", together)), resources)
    (out / f"{path.stem}.html").write_text(text, encoding="utf-8")


def export_pdf(path, out, _):
    with tempfile.TemporaryDirectory() as folder, browser.launch() as chromium:
        export_html(path, pathlib.Path(folder), [])
        page = chromium.new_page(color_scheme="light", viewport={"width": 1000, "height": 1400})
        page.goto((pathlib.Path(folder) / f"{path.stem}.html").as_uri())
        page.emulate_media(media="print")
        browser.wait_until_drawn(page)
        page.pdf(path=out / f"{path.stem}.pdf", format="A4", print_background=True, margin=MARGINS,
                 display_header_footer=True, header_template="<span></span>", footer_template=PAGE_NUMBER)  # fmt: skip


def export_markdown(path, out, together):
    exporter = MarkdownExporter()
    notebook = read(path, ".md", together)
    text, resources = exporter.from_notebook_node(notebook, {"output_files_dir": f"{path.stem}_files"})
    words = map(alternative, pictures(notebook))
    text = re.sub(r"(?<=^!\[)png(?=\]\()", lambda _: next(words), text, flags=re.M)
    writer = FilesWriter(build_directory=str(out / "markdown"))
    writer.write(text, resources, notebook_name=path.stem)
    if (path.parent / "images").is_dir():
        shutil.copytree(path.parent / "images", out / "markdown" / "images", dirs_exist_ok=True)


def export_site(paths, out):
    """A folder of pages with navigation and search; it needs no server."""
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder).resolve()
        static = source / "_static"
        static.mkdir()
        for file in (PLOTLY / "plotly.min.js", *(HERE / "templates/offline").glob("figures.*"), HERE / "site/site.css"):
            shutil.copy(file, static)
        shutil.copy(HERE / "site/conf.py", source)
        for path in paths:
            nbformat.write(for_browsers(read(path, ".ipynb", paths)), source / path.name)
            if (path.parent / "images").is_dir():
                shutil.copytree(path.parent / "images", source / "images", dirs_exist_ok=True)
        index = (HERE / "site/index.md").read_text(encoding="utf-8")
        (source / "index.md").write_text(index.format(pages="\n".join(path.stem for path in paths)), encoding="utf-8")
        built = source / "_build" / "html"
        sphinx = subprocess.run([sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", folder, str(built)], stderr=subprocess.PIPE, text=True)
        if sphinx.returncode:
            said = sphinx.stderr.replace(f"{source}/", "").strip().splitlines() or [f"exit code {sphinx.returncode}"]
            sys.exit(f"export.sh: Sphinx makes no site of it: {said[0][:300]}")
        shutil.rmtree(out / "site", ignore_errors=True)
        shutil.copytree(built, out / "site", ignore=shutil.ignore_patterns(".*", "objects.inv"))


def write_index(out):
    """One list of all that is in the folder, whoever put it there."""
    items = ['<p><a href="site/index.html">All of it as a site</a>, with search.</p>'] if (out / "site/index.html").exists() else []
    for page in reading_order(path for path in out.glob("*.html") if path.name != "index.html"):
        others = [out / f"{page.stem}.pdf", out / "markdown" / f"{page.stem}.md"]
        links = [f'<a href="{html.escape(str(file.relative_to(out)))}">{file.suffix[1:].upper()}</a>' for file in others if file.exists()]
        found = re.search(r"<title>(.*?)</title>", page.read_text(encoding="utf-8"), re.S)
        items.append(f'<p><a href="{html.escape(page.name)}">{found.group(1) if found else page.stem}</a> {" ".join(links)}</p>')
    (out / "index.html").write_text(INDEX.format(items="\n".join(items)), encoding="utf-8")


def reading_order(paths):
    """seemore from scratch first, then seeMoE, which builds on it, then the others."""
    known = ["seemore_from_scratch", "seeMoE_from_scratch", "seemore_concise", "stages"]
    return sorted(paths, key=lambda path: (known.index(path.stem) if path.stem in known else len(known), path.name))


def notebook_path(text):
    """The path of a notebook that can be read; else one line says what is wrong."""
    path = pathlib.Path(text).resolve()
    try:
        nbformat.read(path, as_version=4)
    except Exception as error:  # whatever the parser stumbles over
        sys.exit(f"export.sh: {path.name} is not a notebook: {str(error).splitlines()[0][:200]}")
    return path


def main():
    parser = argparse.ArgumentParser()
    for kind in ("html", "pdf", "markdown", "site"):
        parser.add_argument(f"--{kind}", action="store_true")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("notebooks", nargs="+", type=notebook_path)
    wanted = parser.parse_args()
    out, notebooks = wanted.out.resolve(), reading_order(wanted.notebooks)
    for path in notebooks if wanted.site else []:
        if not heading(nbformat.read(path, as_version=4)):
            sys.exit(f"export.sh: {path.name} has no title: a site needs a line '# Title' in a text cell")
    out.mkdir(parents=True, exist_ok=True)
    for kind, export in (("html", export_html), ("pdf", export_pdf), ("markdown", export_markdown)):
        for path in notebooks if getattr(wanted, kind) else []:
            export(path, out, notebooks)
            print(f"{path.stem}: {kind}", flush=True)
    if wanted.site:
        export_site(notebooks, out)
        print("site", flush=True)
    write_index(out)


main()
