"""Executes a notebook from a fresh kernel and saves the executed copy.

usage: execute.py NOTEBOOK OUTPUT

Prints a line per cell. Where one fails, says which notebook, which cell and why; what ran so far is
saved, and the exit code is 1. The kernel's working folder is the notebook's.
"""

import os
import pathlib
import re
import sys
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

import provenance

CELL_SECONDS = 1800


def first_line(cell):
    """What the cell defines, or the first line that it runs, for messages."""
    found = re.search(r"^(?:func|type|var|const) .*", cell.source, re.M) or re.search(r"^%%.*\n(.+)", cell.source, re.M)
    return found.group(found.lastindex or 0).strip()[:70] if found else ""


def main(source, target):
    source, target = pathlib.Path(source), pathlib.Path(target)
    os.environ["SEEMORE_HEADLESS"] = "1"  # nobody is there to use a control
    since = time.time()
    notebook = nbformat.read(source, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    started, numbers = {}, {id(cell): i + 1 for i, cell in enumerate(code)}

    def begin(cell, cell_index):
        started[id(cell)] = time.monotonic()

    def end(cell, cell_index, execute_reply):
        if execute_reply["content"]["status"] == "error":
            return
        seconds = time.monotonic() - started.get(id(cell), time.monotonic())
        print(f"{source.name}: cell {numbers[id(cell)]} of {len(code)}, {seconds:.1f} s  {first_line(cell)}", flush=True)

    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="gonb",
        resources={"metadata": {"path": str(source.parent)}},
        on_cell_start=lambda cell, cell_index: begin(cell, cell_index) if cell.cell_type == "code" else None,
        on_cell_executed=end,
    )
    failure = None
    try:
        client.execute()
    except CellExecutionError:
        cell = next(c for c in code if any(o.output_type == "error" for o in c.outputs))
        text = "\n".join(o.get("text", "") for o in cell.outputs if o.output_type == "stream")
        error = next(o for o in cell.outputs if o.output_type == "error")
        said = re.sub(r"\x1b\[[0-9;]*m", "", (text + "\n" + error.evalue).strip())
        failure = f"{source.name}: cell {numbers[id(cell)]} failed: {first_line(cell)}\n{said}"
    except (CellTimeoutError, DeadKernelError) as error:
        # Neither leaves an output in the cell: it is the last one that began.
        cell = next((c for c in reversed(code) if id(c) in started), code[0])
        why = f"ran longer than {CELL_SECONDS} s" if isinstance(error, CellTimeoutError) else f"ended its kernel: {error}"
        failure = f"{source.name}: cell {numbers[id(cell)]} {why}: {first_line(cell)}"
    finally:
        provenance.record(notebook, os.environ.get("SEEMORE_RUNS") or provenance.ROOT / "runs", since)
        notebook.metadata.setdefault("language_info", {})["pygments_lexer"] = "go"  # the kernel names none
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, target)
    if failure:
        print(failure, file=sys.stderr)
        sys.exit(1)


main(*sys.argv[1:])
