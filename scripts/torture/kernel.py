"""What a notebook's kernel has to stand: interruptions, its own death, and hundreds of trainings.

usage: kernel.py interrupt | death | reruns COUNT | steps TRAIN DATA COUNT

Prints what was found; exit code 1 with one line where it is not as it should be.
"""

import html
import json
import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile
import time

import psutil
from jupyter_client.manager import KernelManager

ROOT = pathlib.Path(__file__).resolve().parents[2]
DECLARATIONS = """
import (
	"fmt"

	"seemore/pkg/backend"
	"seemore/pkg/captions"
	"seemore/pkg/show"
	"seemore/pkg/training"
)

func learn(device, size string, batch, steps int) {
	learnIn(training.NewFolder("run"), device, size, batch, steps)
}

func learnIn(folder, device, size string, batch, steps int) {
	set := captions.MustOpen("data/inputs.csv").Repeat((batch + 2) / 3)
	config := training.MustPreset(size).For("data/inputs.csv", set)
	config.BatchSize = batch
	live := show.NewLive(show.CurveOptions{}, "")
	run := training.MustTrain(training.Options{
		Folder: folder, Config: config, Backend: backend.MustOpen(device),
		Train: captions.MustEncode(set, config.MustEncoding()), Steps: steps, Plotter: live,
	})
	live.Done()
	fmt.Println("the cell goes on with step", run.Step)
}
"""


class Kernel:
    """A fresh kernel of this checkout, with a folder of run folders of its own."""

    def __init__(self, **environment):
        self.environment = environment

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.runs = pathlib.Path(self.folder.name) / "runs"
        temporary = pathlib.Path(self.folder.name) / "tmp"
        temporary.mkdir()
        self.manager = KernelManager(kernel_name="gonb")
        self.manager.kernel_spec.argv[0] = str(ROOT / "scripts/jupyter/gonb-kernel")
        self.manager.start_kernel(cwd=str(ROOT / "notebooks"), env=os.environ | {"SEEMORE_RUNS": str(self.runs), "TMPDIR": str(temporary)} | self.environment)
        self.connect()
        return self

    def connect(self):
        """A client of its own, as a tab is, of the kernel's process."""
        self.process = psutil.Process(self.manager.provisioner.pid)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def __exit__(self, *_):
        self.client.stop_channels()
        left = self.children() if self.process.is_running() else []
        self.manager.shutdown_kernel(now=True)
        end(left)
        self.folder.cleanup()

    def start(self, code):
        self.message = self.client.execute(code)

    def wait(self, timeout=300):
        """All that the cell wrote, until it ends; its pictures are left in self.pictures."""
        said, self.pictures, end = [], [], time.monotonic() + timeout
        while True:
            message = self.client.get_iopub_msg(timeout=max(0.1, end - time.monotonic()))
            if message["parent_header"].get("msg_id") != self.message:
                continue
            content = message["content"]
            if message["msg_type"] == "stream":
                said.append(content["text"])
            if message["msg_type"] == "display_data":
                said.append(text(content["data"].get("text/html", "")))
                self.pictures.append(content["data"].get("image/png"))
            if message["msg_type"] == "error":
                said.append(content["evalue"])
            if message["msg_type"] == "status" and content["execution_state"] == "idle":
                return "".join(said)

    def run(self, code):
        self.start(code)
        return self.wait()

    def children(self):
        return self.process.children(recursive=True)

    def cell(self):
        """The process of the cell that runs, or None."""
        for child in self.children():
            try:
                if "gonb" in child.name() and child.pid != self.process.pid and child.status() != psutil.STATUS_ZOMBIE:
                    return child
            except psutil.NoSuchProcess:
                pass
        return None

    def points(self, run="run"):
        try:
            lines = (self.runs / run / "training_plot_points.json").read_text().splitlines()
        except FileNotFoundError:
            return 0
        return max((int(json.loads(line)["Step"]) + 1 for line in lines), default=0)

    def saved(self, run="run"):
        steps = (self.runs / run / "checkpoints").glob("step-*")
        return max((int(path.name.split("-")[1]) for path in steps), default=0)


def text(markup):
    """The words of GoNB's HTML, without the lines of code that it shows under the pointer."""
    under_the_pointer = r'<div class="gonb-err-context">.*?<div class="gonb-err-line">.*?</div>.*?</div>'
    return html.unescape(re.sub(rf"<(style|script)\b.*?</\1>|{under_the_pointer}|<[^>]*>", "", markup, flags=re.S))


def end(processes):
    """GoNB's gopls outlives a kernel that is killed."""
    for process in processes:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            pass


def until(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"{what}: not within {seconds} s")
        time.sleep(0.05)


def check(condition, message):
    if not condition:
        sys.exit(message)


def interrupt():
    """The stop button: in a step, while XLA compiles, and in a step that takes seconds."""
    for name, call, ready, want in [
        ("a short step", 'learn("go", "tiny", 3, 100000)', lambda k: k.points() >= 5, "the cell goes on with step"),
        ("compiling", 'learn("xla:cpu", "full", 16, 100)', lambda k: (k.runs / "run/config.json").exists(), "with nothing learned since the start"),
        ("a long step", 'learn("xla:cpu", "full", 128, 100)', lambda k: k.points() >= 2, "the cell goes on with step"),
    ]:
        with Kernel() as kernel:
            kernel.run(DECLARATIONS)
            kernel.start("%%\n" + call)
            until(lambda: ready(kernel), 240, name)
            time.sleep(2)
            started = time.monotonic()
            kernel.manager.interrupt_kernel()
            said = kernel.wait(60)
            seconds = time.monotonic() - started
            check(want in said, f"{name}: the cell said {said!r}")
            check(seconds < 3, f"{name}: the cell ended after {seconds:.1f} s, want less than 3 s")
            check(kernel.saved() == kernel.points(), f"{name}: {kernel.points()} steps and {kernel.saved()} saved")
            print(f"interrupted in {name}: ended after {seconds:.1f} s, all {kernel.saved()} steps saved", flush=True)


def death():
    """A kernel that is killed takes the training with it, which saves first."""
    with Kernel() as kernel:
        kernel.run(DECLARATIONS)
        kernel.start('%%\nlearn("go", "tiny", 3, 100000)')
        until(lambda: kernel.points() >= 5, 120, "five steps")
        cell, children = kernel.cell(), kernel.children()
        check(cell is not None, f"no cell's process among {children}")
        started = time.monotonic()
        kernel.process.send_signal(signal.SIGKILL)
        until(lambda: not cell.is_running() or cell.status() == psutil.STATUS_ZOMBIE, 10, "the training's end after its kernel's")
        check(kernel.saved() == kernel.points() > 0, f"{kernel.points()} steps were done, {kernel.saved()} are saved")
        print(f"the kernel was killed: the training ended {time.monotonic() - started:.1f} s later, all {kernel.saved()} steps saved")
        end(child for child in children if child.pid != cell.pid)


def size(folder):
    """The bytes of the files below a folder, while they come and go."""
    total = 0
    for path in pathlib.Path(folder).rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            pass
    return total


def measure(process, *folders):
    """What a process and its children hold: MB of memory, file descriptors, threads; MB on the disk."""
    memory = files = threads = 0
    for one in [process, *process.children(recursive=True)]:
        try:
            memory, files, threads = memory + one.memory_info().rss, files + one.num_fds(), threads + one.num_threads()
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            pass
    return {"memory MB": memory / 1e6, "files": files, "threads": threads, "disk MB": sum(map(size, folders)) / 1e6}


def flat(name, samples):
    """Compares the last sample with the first one, which comes after everything was warm."""
    for what in samples[0]:
        first, last = samples[0][what], samples[-1][what]
        print(f"{name}: {what:9} first {first:.1f}, highest {max(s[what] for s in samples):.1f}, last {last:.1f}", flush=True)
    for what, share, more in [("memory MB", 1.25, 50), ("files", 1, 4), ("threads", 1, 8), ("disk MB", 1, 1)]:
        first, last = samples[0][what], samples[-1][what]
        check(last <= share * first + more, f"{name}: {what} grew from {first:.1f} to {last:.1f}")


def reruns(count):
    """So many trainings in one kernel; each has its folder removed, as disk that it may use."""
    with Kernel() as kernel:
        kernel.run(DECLARATIONS)
        samples, started = [], time.monotonic()
        for i in range(int(count)):
            said = kernel.run('%%\nlearn("go", "tiny", 3, 3)')
            check("the cell goes on with step 3" in said, f"rerun {i}: the cell said {said!r}")
            shutil.rmtree(kernel.runs / "run")
            if i in (20, int(count) - 1) or i % 50 == 49:
                samples.append(measure(kernel.process, kernel.folder.name))
        print(f"{count} trainings in one kernel, {(time.monotonic() - started) / int(count):.1f} s each")
        flat("kernel", samples[1:] if int(count) > 100 else samples)


def steps(command, data, count):
    """One tiny training of so many steps; the curve grows by design and is not counted."""
    with tempfile.TemporaryDirectory() as work:
        run = pathlib.Path(work) / "run"
        process = psutil.Popen([command, "--data", data, "--size", "tiny", "--batch", "4", "--run", str(run), "--steps", count], stdout=-3)
        samples, started = [], time.monotonic()
        while process.poll() is None:
            time.sleep(2)
            checkpoints = list((run / "checkpoints").glob("step-*"))
            if len(checkpoints) >= 2 and process.poll() is None:
                samples.append(measure(process, run / "checkpoints"))
        check(process.returncode == 0, f"the training ended with {process.returncode}")
        lines = (run / "training_plot_points.json").read_text().count("\n")
        check(lines == int(count), f"{lines} points of {count} steps")
        print(f"{count} steps, {1000 * (time.monotonic() - started) / int(count):.1f} ms each; the curve has {(run / 'training_plot_points.json').stat().st_size / 1e6:.1f} MB")
        flat("trainer", samples[len(samples) // 10 :])


if __name__ == "__main__":
    {"interrupt": interrupt, "death": death, "reruns": reruns, "steps": steps}[sys.argv[1]](*sys.argv[2:])
