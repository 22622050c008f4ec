"""Runs one training of an experiment on the node of a Databricks job: databricks.py VOLUME NUMBER [FOLDER]

VOLUME holds checkout.tar, a checkout that is set up (see experiment.sh) on a machine with the runtime's Ubuntu:
    tar -chf checkout.tar --exclude=./runs .
The run folders are copied to VOLUME/runs/NUMBER at the end, and from there at the start, so that a training
continues. FOLDER, on the node's own disk, is where it works meanwhile.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

volume, number = pathlib.Path(sys.argv[1]), sys.argv[2]
scratch = sys.argv[3] if len(sys.argv) > 3 else "/local_disk0/tmp"
kept = volume / "runs" / number
with tempfile.TemporaryDirectory(dir=scratch) as folder:
    checkout = pathlib.Path(folder)
    subprocess.run(["tar", "-xf", volume / "checkout.tar", "-C", checkout], check=True)
    if kept.exists():
        shutil.copytree(kept, checkout / "runs")
    code = subprocess.run([checkout / "scripts/jobs/experiment.sh", number]).returncode
    if (checkout / "runs").exists():
        shutil.copytree(checkout / "runs", kept, dirs_exist_ok=True)
if code != 0:
    sys.exit(f"experiment {number} ended with exit code {code}")
