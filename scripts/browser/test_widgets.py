"""The controls of show.Explore in JupyterLab."""

import time

CELL = """import (
	"fmt"

	"seemore/pkg/show"
)

%%
fmt.Println("begins")
show.Explore(func(values []int) show.Showable {
	return show.BarChart(fmt.Sprintf("%d and %d", values[0], values[1]), "value", []string{"slider", "choice"}, []float64{float64(values[0]), float64(values[1])})
}, show.Slider("height", 0, 100, 30), show.Choice("which <one>", "first", "second & last"))
fmt.Println("ended")
"""


def start_controls(notebook):
    """Runs the cell until its controls are there, again if GoNB's channel to the page has not come up in time."""
    for _ in range(3):
        notebook.run(1, wait=False)
        started = notebook.cell(1).locator("button:has-text('Done'), pre:has-text('ended')").first
        started.wait_for(timeout=60_000)
        button = notebook.cell(1).locator("button", has_text="Done")
        if button.count():
            return button
    raise AssertionError("no controls: " + " ".join(notebook.text(1)))


def source_of_picture(notebook):
    return notebook.cell(1).locator(".jp-OutputArea-output img").first.get_attribute("src")


def wait_for_change(notebook, before):
    started = time.monotonic()
    while source_of_picture(notebook) == before:
        assert time.monotonic() - started < 10, "the picture did not change"
        notebook.page.wait_for_timeout(20)
    return source_of_picture(notebook)


def test_controls_redraw_until_done(open_notebook):
    notebook = open_notebook("widgets", ["# Controls", CELL, "%%\nprintln(\"next\")"])
    button = start_controls(notebook)
    first = source_of_picture(notebook)
    notebook.cell(1).locator("input[type=range]").fill("80")
    second = wait_for_change(notebook, first)
    notebook.cell(1).locator("select").last.select_option("1")
    wait_for_change(notebook, second)
    notebook.screenshot("controls")
    button.click()
    notebook.wait_until_idle()
    assert notebook.cell(1).locator("input[type=range], button:has-text('Done')").count() == 0
    said = "\n".join(notebook.text(1))
    assert "begins" in said and "ended" in said, said
    saved = notebook.save().cells[1]
    figures = [output for output in saved.outputs if "image/png" in output.get("data", {})]
    assert len(figures) == 1 and figures[0]["data"]["text/plain"].startswith("80 and 1"), saved.outputs
    assert "input" not in str([output.get("data", {}).get("text/html", "") for output in saved.outputs])
    assert notebook.errors == []


def test_interrupt_ends_controls(open_notebook):
    notebook = open_notebook("widgets_interrupted", ["# Controls", CELL])
    start_controls(notebook)
    notebook.page.locator('.jp-Toolbar [data-command="notebook:interrupt-kernel"], .jp-Toolbar jp-button[title^="Interrupt"]').first.click()
    notebook.wait_until_idle()
    said = "\n".join(notebook.text(1))
    assert "ended" in said and "exit status" not in said, said
