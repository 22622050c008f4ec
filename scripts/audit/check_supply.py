"""Checks that all that is fetched is pinned, by whom it may be fetched, and that nobody else can slip in.

usage: check_supply.py

Reads the files that git knows; fetches nothing. Prints a line for each check; exit code 1 if one failed.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODULES = (ROOT, ROOT / "scripts/tools")
FETCHES = re.compile(r"pip install|\bgo (install|get|mod download)\b|apt-get|\b(curl|wget|npm|npx|debootstrap)\b|git clone|urlopen|urlretrieve|requests\.get|http\.(Get|Client|NewRequest)|AutoInstallPlugin")
# Who may fetch, or talk to a server, and what.
MAY_FETCH = {
    "scripts/setup.sh": "all that is pinned",
    "scripts/env.sh": "Debian's packages that are missing, the environments of mlflow.sh, bench.sh and audit.sh",
    "scripts/mlflow.sh": "its environment",
    "scripts/data.sh": "a Go module with a font",
    "scripts/stamps.sh": "Tux Paint's stamps from Debian, by their hash",
    "scripts/xlainstall/main.go": "XLA's plugin where there is no wheel; only the user calls it",
    "docker/Dockerfile": "Debian's packages",
    "docker/prove.sh": "Debian, as a stand-in for the base image",
    "pkg/tracking/request.go": "talks to the MLflow server that the user names",
    "scripts/browser/conftest.py": "asks the JupyterLab that it started",
    "scripts/browser/test_exposure.py": "asks the same one",
}  # fmt: skip
failed = False


def result(name, problems, good):
    """Prints what a check found."""
    global failed
    failed = failed or bool(problems)
    print(f"FAIL  {name}: {'; '.join(problems)}" if problems else f"ok    {name}: {good}")


def lines(path):
    """The lines of a file that are no comments, those that a backslash breaks joined, with their numbers."""
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    return [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip() and not line.lstrip().startswith(("#", "//"))]


def tracked():
    """The files that may run something."""
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    for name in names:
        path = ROOT / name
        program = path.suffix in (".go", ".sh", ".py", ".yaml", ".json") or path.suffix == ""
        if program and path.is_file() and "testdata" not in name and path != pathlib.Path(__file__).resolve() and not name.endswith("_test.go"):
            yield name, path


def python_pins():
    pins, wrong = 0, []
    for path in sorted((ROOT / "scripts").glob("requirements*.txt")):
        for number, line in lines(path):
            pins += 1
            if not re.fullmatch(r"[a-z0-9-]+==[^\s;]+( ;[^\\]*?)?( +--hash=sha256:[0-9a-f]{64})+\s*", line):
                wrong.append(f"{path.name} line {number}: {line[:60]!r} is no name==version with hashes")
    for name, path in tracked():
        wrong += [f"{name} line {n}: pip without --require-hashes" for n, line in lines(path) if re.search(r"pip install", line) and "--require-hashes" not in line and path.suffix == ".sh"]
    result("Python", wrong, f"{pins} pins, each with hashes, and pip insists on them")


def go_pins():
    wrong = []
    for folder in MODULES:
        where, text = folder.relative_to(ROOT) / "go.mod", (folder / "go.mod").read_text()
        if re.search(r"^\s*replace\b", text, re.M):
            wrong.append(f"{where} replaces a module")
        for command in (["list", "-mod=readonly", "-tags=modules", "-deps", "./...", "tool"], ["mod", "verify"]):
            if folder != ROOT and "./..." in command:
                command.remove("./...")  # it has tools only
            said = subprocess.run(["go", *command], cwd=folder, capture_output=True, text=True)
            if said.returncode:
                wrong.append(f"{where}: go {' '.join(command)}: {said.stderr.strip()[:300]}")
    result("Go", wrong, "go.sum has all that is built, and what is in the module cache has its hashes")


def module_paths():
    paths = [re.search(r"^module (\S+)", (folder / "go.mod").read_text(), re.M)[1] for folder in MODULES]
    wrong = [f"module {path}: a stranger might register {path.split('/')[0]}" for path in paths if "." in path.split("/")[0]]
    result("module paths", wrong, f"{' and '.join(paths)} have no dot in their first element, so that Go asks no server for them and nobody can publish them")


def docker():
    wrong, users, seen = [], {}, {}
    text = (ROOT / "docker/Dockerfile").read_text().replace("\\\n", " ")
    for line in text.splitlines():
        if found := re.match(r"FROM (\S+) AS (\S+)", line):
            base, stage = found.groups()
            seen[stage] = base
            users[stage] = users.get(base, "root")
            if base not in seen and not re.search(r":[\d.]+-[a-z]+@sha256:[0-9a-f]{64}$", base):
                wrong.append(f"{base} has no version and digest")
        elif line.startswith("FROM"):
            wrong.append(f"{line}: a stage without a name")
        elif found := re.match(r"USER (\S+)", line):
            users[stage] = found[1]
    wrong += [f"stage {stage} ends as {user}" for stage, user in users.items() if re.match(r"(root|0)\b", user)]
    result("Docker", wrong, f"base image by digest; {', '.join(f'{stage} as {user}' for stage, user in users.items())}")


def no_shortcuts():
    wrong = []
    for name, path in tracked():
        for number, line in lines(path):
            if re.search(r"@latest\b|\b(curl|wget)\b[^|]*\|\s*(sudo )?(ba|z|da)?sh\b|\bgo (run|install) \S+@", line):
                wrong.append(f"{name} line {number}: {line.strip()[:80]!r}")
    result("shortcuts", wrong, "no @latest, no go install of a version, no download piped into a shell")


def downloads():
    found = {name for name, path in tracked() for _, line in lines(path) if FETCHES.search(line)}
    wrong = [f"{name} fetches: not among those that may" for name in sorted(found - MAY_FETCH.keys())]
    wrong += [f"{name} no longer fetches" for name in sorted(MAY_FETCH.keys() - found)]
    result("downloads", wrong, f"in {len(found)} files that may, and nowhere else")


for one in (python_pins, go_pins, module_paths, docker, no_shortcuts, downloads):
    one()
sys.exit(failed)
