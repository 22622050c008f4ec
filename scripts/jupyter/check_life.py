"""What happens to a notebook in use: cells in any order, edits that do not compile, restarts, two kernels at once,
a tab that is closed, a plugin that does not fit.

usage: check_life.py [refused FOLDER MESSAGE]

Prints a line for each check; exit code 1 if one failed. With "refused" there is one check: a training whose run
folder is FOLDER ends with one line with MESSAGE; scripts/torture.sh makes such folders.
"""

import json
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

import nbformat

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "torture"))
from kernel import DECLARATIONS, Kernel, check, until  # noqa: E402

LONGEST_MESSAGE = 400  # characters


def learn(folder, steps):
    """A cell that trains in a folder."""
    return f'%%\nlearnIn({json.dumps(str(folder))}, "go", "tiny", 3, {steps})'


def begin(kernel, steps):
    """A training of so many steps, which has done five of them."""
    kernel.run(DECLARATIONS)
    kernel.start(learn(kernel.runs / "run", steps))
    until(lambda: kernel.points() >= 5, 60, "five steps")


def says(kernel, code, *wanted):
    """Runs a cell, which must say all that is wanted."""
    said = kernel.run(code)
    for want in wanted:
        check(want in said, f"the cell said {said!r}, not {want!r}: {code!r}")
    return said


def refuses(kernel, code, *wanted):
    """Runs a cell, which must fail with a short message."""
    said = says(kernel, code, *wanted)
    check("goroutine" not in said and len(said) < LONGEST_MESSAGE, f"not a short message: {said!r}")


def any_order():
    """The first cells of a walkthrough, run again in another order."""
    notebook = nbformat.read(ROOT / "notebooks/seemore_from_scratch.ipynb", as_version=4)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"][:5]
    with Kernel(GOMLX_BACKEND="go") as kernel:
        first = [(kernel.run(cell), kernel.pictures) for cell in cells]
        for i in random.Random(1).sample(range(len(cells)), len(cells)):
            again = kernel.run(cells[i]), kernel.pictures
            check(again == first[i], f"cell {i + 1} first gave {first[i]!r:.300}, then {again!r:.300}")


AREA = "func area(width, height int) int { return width * height }"
CALLER = 'import "fmt"\n\nfunc double(side int) int { return 2 * area(side, side) }\n\n%%\nfmt.Println("double", double(3))'


def broken_edit():
    """An edit that does not compile leaves the former definition in force."""
    with Kernel() as kernel:
        kernel.run(AREA)
        says(kernel, CALLER, "double 18")
        refuses(kernel, AREA.replace("height }", "}"), "Line 1", "expected operand, found '}'")
        says(kernel, CALLER, "double 18")
        refuses(kernel, AREA.replace("* height", "* depth"), "Line 1", "undefined: depth")
        says(kernel, CALLER, "double 18")


def other_signature():
    """Other parameters than a function of another cell passes: the message names that cell, which is to go first."""
    with Kernel() as kernel:
        kernel.run(AREA)
        says(kernel, CALLER, "double 18")
        square = "func area(side int) int { return side * side }"
        refuses(kernel, square, "Cell[2]: Line 3", "too many arguments in call to area", "want (int)")
        says(kernel, CALLER, "double 18")
        kernel.run("%rm double")
        kernel.run(square)
        refuses(kernel, CALLER, "Line 3", "too many arguments in call to area", "want (int)")
        says(kernel, CALLER.replace("side, side", "side"), "double 18")


def renamed():
    """A function that has another name now, or none, is still there until %rm."""
    with Kernel() as kernel:
        kernel.run(AREA)
        kernel.run(AREA.replace("area", "surface"))
        says(kernel, CALLER, "double 18")
        kernel.run("%rm area")
        refuses(kernel, CALLER, "Line 3", "undefined: area")


def restart():
    """A restart in the middle of a training: the next kernel continues it where it was."""
    with Kernel() as kernel:
        begin(kernel, 100_000)
        kernel.manager.restart_kernel()
        kernel.connect()
        until(lambda: kernel.saved() == kernel.points() > 0, 30, "a checkpoint of the last step")
        saved = kernel.saved()
        kernel.run(DECLARATIONS)
        said = says(kernel, learn(kernel.runs / "run", saved + 5), f"step {saved} of {saved + 5}", f"goes on with step {saved + 5}")
        check(f"step {saved - 1} of" not in said and kernel.points() == saved + 5, f"it did not continue: {said!r}")


def two_signals():
    """GoNB may pass on two interruptions at once, as of a restart: the second one does not kill what is being saved."""
    with Kernel() as kernel:
        begin(kernel, 100_000)
        cell = kernel.cell()
        for _ in range(2):
            cell.send_signal(signal.SIGINT)
            time.sleep(0.003)
        said = kernel.wait(60)
        check(kernel.saved() == kernel.points() > 0, f"{kernel.points()} steps were done, {kernel.saved()} are saved: {said!r}")


def two_kernels():
    """Two trainings at once, each in its folder; in the same folder the second one is refused."""
    with Kernel() as one, Kernel() as other:
        for kernel in (one, other):
            kernel.run(DECLARATIONS)
        for kernel in (one, other):
            kernel.start(learn(one.runs / kernel.manager.kernel_id, 20))
        for kernel in (one, other):
            said = kernel.wait()
            check("goes on with step 20" in said, f"of two at once, one said {said!r}")
        one.start(learn(one.runs / "run", 100_000))
        until(lambda: one.points() >= 1, 60, "a step")
        refuses(other, learn(one.runs / "run", 20), f"{one.runs / 'run'} is being trained already: one training at a time")


def closed_tab():
    """A training whose client is gone ends and is saved; another client finds the kernel as it was."""
    with Kernel() as kernel:
        begin(kernel, 60)
        kernel.client.stop_channels()
        until(lambda: kernel.saved() == 60, 60, "the end of a training that nobody watches")
        kernel.connect()
        says(kernel, learn(kernel.runs / "run", 62), "goes on with step 62")


def plugins():
    """Without XLA's plugin, and with one of another version, a line says so and pure Go computes."""
    with tempfile.TemporaryDirectory() as none, tempfile.TemporaryDirectory() as future:
        plugin = pathlib.Path(future) / "pjrt_c_api_cpu_plugin.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", plugin, ROOT / "pkg/backend/testdata/future_plugin.c"], check=True)
        for folder, why in ((none, "xla:cpu: "), (future, f"{plugin} speaks version 1.2 of XLA's plugin interface")):
            with Kernel(PJRT_PLUGIN_LIBRARY_PATH=folder) as kernel:
                code = 'import "seemore/pkg/backend"\n\n%%\nbackend.MustOpen('
                said = says(kernel, code + '"")', "backend go:ops_sequential (", why, "pure Go always works)")
                check(said.count("\n") == 1, f"not one line: {said!r}")
                says(kernel, code + '"xla:cpu")', 'backend "xla:cpu" (asked for) does not open: ')


def refused(folder, message):
    with Kernel() as kernel:
        kernel.run(DECLARATIONS)
        refuses(kernel, learn(folder, 5), message)


def attempt(name, function, *arguments):
    """Whether a check passes, and a line that says so."""
    started, why = time.monotonic(), None
    try:
        function(*arguments)
    except (SystemExit, Exception) as error:
        why = f"{type(error).__name__}: {error}" if isinstance(error, Exception) else error
    seconds = time.monotonic() - started
    print(f"ok    {name}, {seconds:.0f} s" if why is None else f"FAIL  {name}, {seconds:.0f} s: {why}", flush=True)
    return why is None


if __name__ == "__main__":
    if sys.argv[1:]:
        checks = [("a run folder that cannot be written to", refused, *sys.argv[2:])]
    else:
        checks = [
            ("cells in any order", any_order),
            ("an edit that does not compile", broken_edit),
            ("other parameters", other_signature),
            ("a renamed function", renamed),
            ("a restart while it trains", restart),
            ("two signals at once", two_signals),
            ("two kernels at once", two_kernels),
            ("a closed tab", closed_tab),
            ("no plugin, another version's plugin", plugins),
        ]
    sys.exit(not all([attempt(*one) for one in checks]))
