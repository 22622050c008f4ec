"""What a notebook's outputs were made with: recorded when it is executed, said when it is exported."""

import json
import pathlib
import re
import subprocess
from importlib.metadata import PackageNotFoundError, version

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODULES = {"GoNB": "github.com/janpfeifer/gonb", "GoMLX": "github.com/gomlx/gomlx", "go-xla": "github.com/gomlx/go-xla"}


def ask(*command):
    """The first line that a command prints, or '' if it cannot."""
    try:
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
    return said.strip().splitlines()[0] if said.strip() else ""


def versions():
    """Versions by name, of Go, the modules and XLA's plugin."""
    found = {"Go": ask("go", "env", "GOVERSION").removeprefix("go")}
    for name, module in MODULES.items():
        found[name] = ask("go", "list", "-m", "-f", "{{.Version}}", module).removeprefix("v")
    try:
        found["XLA's CPU plugin"] = version("lammps-jax-pjrt-cpu")
    except PackageNotFoundError:
        pass  # another machine's plugin has no version of its own
    return {name: number for name, number in found.items() if number}


def backends(notebook):
    """The backends that the cells named when they opened one."""
    texts = [output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", [])]
    return sorted({found for text in texts for found in re.findall(r"^backend (\S+) \(", text, re.M)})


def seeds(runs, since):
    """The seeds of the runs that were trained since a time."""
    configs = [path for path in pathlib.Path(runs).glob("**/config.json") if path.stat().st_mtime >= since]
    return sorted({json.loads(path.read_text(encoding="utf-8"))["seed"] for path in configs})


def commit(path=None):
    """The commit that a file was last changed in, or the checkout's; a + says that there are changes on top."""
    paths = ["--", str(path)] if path else []
    found = ask("git", "log", "-1", "--format=%h", *paths)
    return found + "+" if found and ask("git", "status", "--porcelain", "--untracked-files=no", *paths) else found


def record(notebook, runs, since):
    """Notes in an executed notebook what it was made with."""
    made = {"versions": versions(), "backends": backends(notebook), "seeds": seeds(runs, since), "commit": commit()}
    notebook.metadata["seemore"] = made


def sentence(notebook, path):
    """One sentence of Markdown for the reader of an export."""
    made = notebook.metadata.get("seemore")
    if not made:
        return "It is not recorded what these outputs were made with."
    parts = [f"{name} {number}" for name, number in sorted(made["versions"].items(), key=lambda item: item[0].lower())]
    if made["backends"]:
        parts.append("backend " + " and ".join(made["backends"]))
    if made["seeds"]:
        parts.append(f"seed{'s' * (len(made['seeds']) > 1)} " + ", ".join(map(str, made["seeds"])))
    if at := made.get("commit") or commit(path):
        parts.append(f"commit {at}")
    return "Made with " + ", ".join(parts) + "."
