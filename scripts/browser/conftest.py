"""What the browser tests share: JupyterLab as scripts/lab.sh starts it, and Chromium."""

import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "jupyter"))
import browser  # noqa: E402

SCREENS = ROOT / "build" / "screens"
TOKEN = "a-token-of-the-test"


@pytest.fixture(scope="session")
def chromium():
    SCREENS.mkdir(parents=True, exist_ok=True)
    with browser.launch() as opened:
        yield opened


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """The address of a JupyterLab on a folder with three captioned drawings in it, and that folder."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copy(ROOT / "notebooks" / "data" / "inputs.csv", folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        str(ROOT / "scripts" / "lab.sh"), "--no-browser", f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}",
        f"--ServerApp.root_dir={folder}", "--ServerApp.port_retries=0", "--LabApp.app_settings_dir=" + str(ROOT / ".venv/share/jupyter/lab/settings"),
    ]  # fmt: skip
    with open(folder / "server.log", "wb") as log:
        environment = os.environ | {"SEEMORE_RUNS": str(folder / "runs")}
        server = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            urllib.request.urlopen(address + "/login", timeout=1)
            break
        except OSError:
            assert server.poll() is None, (folder / "server.log").read_text()
            time.sleep(0.2)
    yield address, folder
    os.killpg(server.pid, signal.SIGTERM)
    server.wait(30)


class Notebook:
    """A notebook that is open in JupyterLab, used as a person would."""

    def __init__(self, lab, chromium, name, cells=None):
        address, folder = lab
        self.path = folder / f"{name}.ipynb"
        if cells is not None:
            notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "gonb", "display_name": "Go (seemore)"}})
            kinds = {"#": nbformat.v4.new_markdown_cell}
            notebook.cells = [kinds.get(text[0], nbformat.v4.new_code_cell)(text) for text in cells]
            nbformat.write(notebook, self.path)
        self.name, self.errors = name, []
        self.context = chromium.new_context(viewport={"width": 1400, "height": 3000})
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(f"{address}/lab/workspaces/{name}/tree/{self.path.name}?reset&token={TOKEN}")
        # Colours come when the kernel has said which language it speaks.
        self.page.wait_for_selector(".jp-Notebook .jp-CodeCell .cm-line span", timeout=60_000)
        self.page.get_by_text(re.compile(r"Go \(seemore\) \| (Idle|Unknown)")).wait_for(timeout=20_000)

    def wait_until_idle(self, seconds=60):
        """Waits until no cell runs or waits."""
        self.page.get_by_text("Go (seemore) | Idle").wait_for(timeout=seconds * 1000)
        self.page.wait_for_function(
            "() => ![...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].some(e => e.textContent.includes('*'))",
            timeout=seconds * 1000,
        )

    def run_all(self, seconds=60):
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name=re.compile("^Run All Cells")).click()
        self.page.wait_for_timeout(500)
        self.wait_until_idle(seconds)

    def cell(self, number):
        """A cell of the page, counted from 0."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(number)

    def write(self, number, source):
        """Replaces the source of a cell by typing."""
        self.cell(number).locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.press("Delete")
        self.page.keyboard.insert_text(source)

    def run(self, number, seconds=60, wait=True):
        self.cell(number).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        if wait:
            self.page.wait_for_timeout(500)
            self.wait_until_idle(seconds)

    def text(self, number):
        """What a cell has printed, and its error."""
        return self.cell(number).locator(".jp-OutputArea-output").all_inner_texts()

    def save(self):
        self.page.keyboard.press("Control+S")
        self.page.wait_for_timeout(1000)
        return nbformat.read(self.path, as_version=4)

    def screenshot(self, what):
        self.page.screenshot(path=SCREENS / f"{self.name}_{what}.png")

    def close(self):
        self.context.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    item.failed = getattr(item, "failed", False) or report.failed
    return report


@pytest.fixture
def open_notebook(lab, chromium, request):
    opened = []

    def open_one(name, cells=None):
        opened.append(Notebook(lab, chromium, name, cells))
        return opened[-1]

    yield open_one
    for notebook in opened:
        if request.node.failed and not notebook.page.is_closed():
            notebook.screenshot("failed")
        notebook.close()
