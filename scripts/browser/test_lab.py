"""JupyterLab as scripts/lab.sh delivers it, used as a learner uses it."""

import nbformat
from conftest import ROOT

MIME_PLOTLY = "application/vnd.plotly.v1+json"

PART = """import "github.com/gomlx/gomlx/ml/layers/activation"
import . "github.com/gomlx/gomlx/core/graph"

// bend is the nonlinearity of the feed-forwards.
func bend(x *Node) *Node { return activation.Gelu(x) }
"""
OTHER_PART = PART.replace("activation.Gelu(x)", "Square(activation.Relu(x))")

TRAIN = """import (
	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/backend"
	"seemore/pkg/captions"
	"seemore/pkg/show"
	"seemore/pkg/training"
	"seemore/pkg/vlm"
)

func block(heads int, causal bool) func(scope *model.Scope, x *Node) *Node {
	return func(scope *model.Scope, x *Node) *Node { return vlm.Block(scope, x, heads, causal, 0, vlm.MLP(bend, 0)) }
}

%%
config := training.MustPreset("tiny")
set := captions.MustOpen("inputs.csv")
config = config.For("inputs.csv", set)
config.BatchSize = 3
m := vlm.VisionLanguageModel(config.Model, block(config.Model.Vision.NumHeads, false), block(config.Model.Decoder.NumHeads, true))
live := show.NewLive(show.CurveOptions{Title: "training loss"}, "this run")
training.MustTrain(training.Options{
	Folder: training.NewFolder("NAME"), Config: config, Model: &m, Backend: backend.MustOpen(""), Plotter: live,
	Train: captions.MustEncode(set, config.MustEncoding()), Steps: STEPS,
})
live.Done()
"""

COMPARE = """import (
	"path/filepath"

	"seemore/pkg/show"
	"seemore/pkg/training"
)

%%
var runs []show.Run
for _, folder := range training.Folders("hack") {
	runs = append(runs, show.MustLoadRun(filepath.Base(folder)+":", folder))
}
show.Curves(show.CurveOptions{Title: "what the change did"}, runs...).Display()
"""


def train(name, steps):
    return TRAIN.replace("NAME", name).replace("STEPS", str(steps))


def figures(cell):
    return [output["data"][MIME_PLOTLY] for output in cell.get("outputs", []) if MIME_PLOTLY in output.get("data", {})]


def drawn_pictures(cell):
    """Widths of the pictures that a cell shows."""
    return cell.locator(".jp-OutputArea-output img").evaluate_all("pictures => pictures.map(p => p.naturalWidth * (p.offsetHeight > 0))")


def test_run_edit_rerun_and_see_two_curves(open_notebook):
    notebook = open_notebook("hack", ["# Hack it", PART, train("hack", 40), COMPARE])
    notebook.run_all()
    assert all(width > 300 for width in drawn_pictures(notebook.cell(3))), notebook.text(3)
    assert len(figures(notebook.save().cells[3])[0]["data"]) == 1

    notebook.write(1, OTHER_PART)
    notebook.run_all()
    saved = notebook.save()
    first, second = figures(saved.cells[3])[0]["data"]
    assert len(first["y"]) == len(second["y"]) == 40
    assert first["y"] != second["y"], "the change did nothing"
    for cell in (2, 3):
        widths = drawn_pictures(notebook.cell(cell))
        assert widths and all(width > 300 for width in widths), f"cell {cell}: {widths}"
    # The figure becomes interactive where the mouse is.
    notebook.cell(3).locator(".jp-OutputArea-output").last.hover()
    notebook.page.wait_for_selector(".jp-Notebook .main-svg .trace", timeout=10_000)
    assert notebook.cell(3).locator(".scatterlayer .trace").count() == 2
    notebook.screenshot("two_curves")
    assert notebook.errors == []


def test_closed_and_opened_again_the_curve_is_there(open_notebook):
    notebook = open_notebook("reopened", ["# Again", PART, train("reopened", 20)])
    notebook.run_all()
    notebook.page.wait_for_timeout(12_000)  # JupyterLab saves by itself every ten seconds
    notebook.close()
    again = open_notebook("reopened")
    widths = drawn_pictures(again.cell(2))
    assert widths and widths[0] > 300, again.text(2)
    assert "step 19 of 20" in " ".join(again.text(2))
    again.screenshot("curve")


def test_colours_help_completion_contents_and_launcher(open_notebook):
    notebook = open_notebook("help", ["# A heading", "import \"seemore/pkg/captions\"\n\n%%\nset := captions.MustOpen(\"x\") // a comment", "## Another", "import \"seemore/pkg/captions\"\n\n%%\nset := captions.Must"])
    page = notebook.page
    colours = notebook.cell(1).locator(".cm-line span").evaluate_all("spans => [...new Set(spans.map(span => getComputedStyle(span).color))]")
    assert len(colours) >= 3, f"Go is not coloured: {colours}"

    notebook.cell(3).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Tab")
    page.wait_for_selector(".jp-Completer .jp-Completer-item", timeout=30_000)
    offered = page.locator(".jp-Completer-item").all_inner_texts()
    assert any("MustOpen" in item for item in offered), offered
    notebook.screenshot("completion")
    page.keyboard.press("Escape")

    notebook.cell(1).locator(".cm-line", has_text="MustOpen").click()
    page.keyboard.press("Home")
    for _ in "set := captions.Must":
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+Tab")
    page.wait_for_selector(".jp-Tooltip", timeout=30_000)
    help_text = page.locator(".jp-Tooltip").inner_text()
    assert "func captions.MustOpen(path string" in help_text and "panics on an error" in help_text, help_text
    notebook.screenshot("hover_help")
    page.keyboard.press("Escape")

    page.locator('.jp-SideBar [data-id="table-of-contents"]').click()
    page.wait_for_selector(".jp-TableOfContents-content .jp-tocItem", timeout=10_000)
    assert page.locator(".jp-tocItem-content").all_inner_texts() == ["A heading", "Another"]
    page.get_by_role("menuitem", name="File", exact=True).click()
    page.get_by_role("menuitem", name="New Launcher").click()
    card = page.locator('.jp-LauncherCard[title="Go (seemore)"]').first
    card.wait_for()
    assert card.locator("img").evaluate("logo => logo.naturalWidth") > 0
    notebook.screenshot("launcher")
    assert notebook.errors == []


def test_errors_can_be_read(open_notebook):
    broken = "%%\nx := 1\ny := x + \"a\""
    panics = "%%\nvar list []int\nprintln(list[3])"
    shapes = PART.replace("activation.Gelu(x)", "activation.Gelu(Reshape(x, 7, 5))")
    notebook = open_notebook("errors", ["# Errors", broken, panics, shapes, train("errors", 5)])
    notebook.run(1)
    said = "\n".join(notebook.text(1))
    assert "Cell[1]: Line 3" in said and "mismatched types" in said, said
    notebook.run(2)
    said = "\n".join(notebook.text(2))
    assert "index out of range [3] with length 0" in said and "Line 3" in said, said
    notebook.run(3)
    notebook.run(4)
    said = "\n".join(notebook.text(4))
    assert "Line 5" in said and "bend" in said, said  # the line of the part that does not fit
    assert len(said.splitlines()) < 30, said
    notebook.screenshot("messages")


def test_interrupt_stops_saves_and_goes_on(open_notebook):
    notebook = open_notebook("interrupted", ["# Stop", PART, train("interrupted", 100_000), "%%\nprintln(\"still here\")"])
    notebook.run(1)
    notebook.run(2, wait=False)
    notebook.page.wait_for_selector(".jp-OutputArea-output img", timeout=60_000)
    notebook.page.wait_for_timeout(2000)
    notebook.page.locator('.jp-Toolbar [data-command="notebook:interrupt-kernel"], .jp-Toolbar jp-button[title^="Interrupt"]').first.click()
    notebook.wait_until_idle()
    said = "\n".join(notebook.text(2))
    # The kernel kills a cell that does not end within seconds, which would say "signal".
    assert "interrupted" in said and "exit status" not in said and "signal" not in said, said
    checkpoints = list(notebook.path.parent.glob("runs/interrupted*/checkpoints/*"))
    assert checkpoints, "nothing was saved"
    notebook.run(3)
    assert "still here" in "\n".join(notebook.text(3))
    notebook.screenshot("after")


def test_an_untrusted_notebook_shows_its_pictures(lab, open_notebook):
    notebook = nbformat.read(ROOT / "notebooks" / "seemore_concise.ipynb", as_version=4)
    pictures = sum("image/png" in output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", []))
    nbformat.write(notebook, lab[1] / "untrusted.ipynb")
    opened = open_notebook("untrusted")
    page = opened.page
    page.wait_for_selector(".jp-NotebookTrustedStatus, [title*='rust']", state="attached")
    # Cells are made when they come into view.
    for _ in range(40):
        page.mouse.move(700, 1000)
        page.mouse.wheel(0, 1500)
        page.wait_for_timeout(100)
    shown = page.evaluate("() => [...document.querySelectorAll('.jp-OutputArea-output img')].filter(p => p.naturalWidth > 300).length")
    assert shown > 0.5 * pictures, f"{shown} of {pictures} pictures"
    opened.screenshot("pictures")
    assert opened.errors == []
